/**
 * `keys`: whose signatures count. Edits the company's configuration file on this machine; no server is asked. Who may change
 * that file may enrol: it is reviewed and rolled out as the rest of it.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fingerprintOf } from '../../domain/trust/check';
import { parsePublicKey, parseSshsig, problemOfSshsig, publicKeyText } from '../../domain/trust/sshsig';
import { areEqual } from '../../domain/trust/bytes';
import { FileUnreadable, InvalidInput } from '../errors';
import { readArmor } from '../signing/armor';
import { NODE_CRYPTO } from '../signing/crypto';
import { holderOf, isSame, peopleIn, withKey, withoutKey, type Person } from '../signing/roster-file';
import { loadSigner, type SignerOptions } from '../signing/signer';
import { readText } from '../read-text';
import type { Options } from './declaration';
import { EXIT, type ExitStatus } from './exit';
import { personAt } from '../../domain/roles';

/** What a proof of possession is signed for, and good for nothing else. */
export const ENROLMENT = 'enrol@firebreak';

/** What is signed: short enough to be typed. The signature itself binds the key. */
export function enrolmentText(email: string): string {
  return `enrol ${email.toLowerCase()}`;
}

/** Where the private half may be, and the file that is edited where `--config` does not say. */
export interface KeysAround {
  readonly signer: Pick<SignerOptions, 'agentSocket'>;
  readonly config?: string;
}

const LARGEST_PROOF = 16 * 1024;

/**
 * Enrols a key, once its owner has shown that the private half is at hand. A key that the person has already is left as it is.
 * `--proof FILE`: made elsewhere, with `ssh-keygen -Y sign -n enrol@firebreak`.
 *
 * @throws InvalidInput where person, key or proof are none, or the key is somebody else's
 * @throws FileUnreadable
 */
export async function enrolKey(
  email: string,
  keyFile: string,
  options: Options,
  { signer, config }: KeysAround,
  print: (text: string) => void,
): Promise<ExitStatus> {
  const file = configFile(options, config);
  const text = readText(file, "company's configuration");
  const { email: known } = personIn(text, file, email);
  const read = parsePublicKey(readText(keyFile, 'public key').trim());
  if (!read.ok) throw new InvalidInput([`${keyFile}: ${read.problem}`]);
  const key = publicKeyText(read.key);
  const fingerprint = fingerprintOf(key, NODE_CRYPTO);
  const holder = holderOf(text, file, key);
  if (holder !== undefined && holder !== known)
    throw new InvalidInput([
      `${keyFile}: this key (${fingerprint}) is enrolled for ${holder} already; a key belongs to one person: use another, or remove it there first`,
    ]);
  if (holder === undefined) {
    const proof = await proofOf(known, keyFile, options['proof'], signer);
    const problem = problemOfPossession(proof, known, read.key.blob);
    if (problem !== undefined) throw new InvalidInput([`${problem}. ${howToProve(known, keyFile)}`]);
    replaceFile(file, text, withKey(text, file, known, key));
  }
  const said = holder === undefined ? 'enrolled' : 'was enrolled already';
  print(
    options['json']
      ? JSON.stringify({ email: known, fingerprint, enrolled: holder === undefined, file })
      : `${known}: ${fingerprint} ${said} in ${file}.${holder === undefined ? ` ${ROLL_OUT}` : ''}`,
  );
  return EXIT.done;
}

/** @throws InvalidInput where the file is no configuration; @throws FileUnreadable */
export function listKeys(
  options: Options,
  { config }: Pick<KeysAround, 'config'>,
  print: (text: string) => void,
): ExitStatus {
  const file = configFile(options, config);
  const people = peopleIn(readText(file, "company's configuration"), file);
  print(options['json'] ? JSON.stringify(people.map(documentOf)) : formatPeople(people));
  return EXIT.done;
}

/** @throws InvalidInput where this person has no such key; @throws FileUnreadable */
export function removeKey(
  email: string,
  fingerprint: string,
  options: Options,
  { config }: Pick<KeysAround, 'config'>,
  print: (text: string) => void,
): ExitStatus {
  const file = configFile(options, config);
  const text = readText(file, "company's configuration");
  const { email: known, keys } = personIn(text, file, email);
  const prints = keys.map((one) => fingerprintOf(one.trim(), NODE_CRYPTO));
  const key = keys[prints.indexOf(fingerprint)];
  if (key === undefined || !isSame(key, key))
    throw new InvalidInput([
      `${fingerprint}: not a key of ${known}, who has ${prints.length > 0 ? prints.join(', ') : 'none'}`,
    ]);
  replaceFile(file, text, withoutKey(text, file, known, key));
  const left = keys.length - 1;
  const note = left === 0 ? ` ${known} has no key now and can't sign decisions.` : '';
  print(
    options['json']
      ? JSON.stringify({ email: known, fingerprint, removed: true, left, file })
      : `${known}: ${fingerprint} removed from ${file}.${note} ${ROLL_OUT}`,
  );
  return EXIT.done;
}

const ROLL_OUT =
  'It counts once the worker has started anew with this file; in an incident that runs, after "firebreak renew-keys CODENAME".';

function configFile(options: Options, config = 'firebreak.yaml'): string {
  return typeof options['config'] === 'string' ? options['config'] : config;
}

function personIn(text: string, file: string, email: string): Person {
  const found = personAt(email, peopleIn(text, file));
  if (found) return found;
  throw new InvalidInput([
    `${email}: not on the roster of ${file}; write this person and the roles there first`,
  ]);
}

/** By the private half where it is at hand: in the agent, or in the file without ".pub". */
async function proofOf(
  email: string,
  keyFile: string,
  proofFile: Options[string],
  { agentSocket }: KeysAround['signer'],
): Promise<string> {
  if (typeof proofFile === 'string') {
    const text = readText(proofFile, 'proof');
    const signature = text.length > LARGEST_PROOF ? undefined : readArmor(text);
    if (signature !== undefined) return signature;
    throw new InvalidInput([`--proof ${proofFile}: holds no SSH signature. ${howToProve(email, keyFile)}`]);
  }
  const problems: string[] = [];
  for (const file of [keyFile, ...(keyFile.endsWith('.pub') ? [keyFile.slice(0, -'.pub'.length)] : [])])
    try {
      const held = await loadSigner({ keyFile: file, ...(agentSocket !== undefined && { agentSocket }) });
      return await held.sign(ENROLMENT, enrolmentText(email));
    } catch (error) {
      if (error instanceof InvalidInput) problems.push(...error.problems);
      else if (!(error instanceof FileUnreadable)) throw error;
    }
  throw new InvalidInput([...problems, howToProve(email, keyFile)]);
}

/** A line feed at the end is what `echo` adds. */
function problemOfPossession(proof: string, email: string, blob: Uint8Array): string | undefined {
  const read = parseSshsig(proof);
  if (!read.ok) return `the proof can't be used: ${read.problem}`;
  if (!areEqual(read.sshsig.key.blob, blob)) return 'the proof is signed with another key';
  const [problem, ...others] = ['', '\n'].map((end) =>
    problemOfSshsig(read.sshsig, { namespace: ENROLMENT, text: enrolmentText(email) + end }, NODE_CRYPTO),
  );
  return others.includes(undefined) || problem === undefined
    ? undefined
    : `the proof does not hold: ${problem}`;
}

function howToProve(email: string, keyFile: string): string {
  return `The owner of the key proves it with: printf '${enrolmentText(email)}' | ssh-keygen -Y sign -n ${ENROLMENT} -f ${keyFile} > enrol.sig; then add: --proof enrol.sig`;
}

/** Whole or not at all. @throws InvalidInput where it can't be written, or was changed meanwhile */
function replaceFile(named: string, before: string, after: string): void {
  // A link stays one.
  const file = realpathSync(named);
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const { mode } = statSync(file);
    writeWhole(temporary, after, mode & 0o777);
    if (readFileSync(file, 'utf8') !== before)
      throw new InvalidInput([`${named}: was changed by somebody else meanwhile; try again`]);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput([`${named}: can't be written; see who may write it and its folder`]);
  }
}

function writeWhole(file: string, text: string, mode: number): void {
  const descriptor = openSync(file, 'wx', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  // Whatever the umask left out.
  chmodSync(file, mode);
}

function documentOf({ email, roles, keys }: Person) {
  return {
    email,
    roles,
    keys: keys.map((key) => ({
      fingerprint: fingerprintOf(key.trim(), NODE_CRYPTO),
      type: key.trim().split(/\s/, 1)[0],
    })),
  };
}

function formatPeople(people: readonly Person[]): string {
  const without = people.filter(({ keys }) => keys.length === 0).map(({ email }) => email);
  return [
    ...people.flatMap(({ email, roles, keys }) => [
      `${email} (${roles.join(', ')})`,
      ...(keys.length > 0 ? documentOf({ email, roles, keys }).keys.map(keyLine) : ['  no key']),
    ]),
    '',
    without.length === 0
      ? 'Everybody has a key.'
      : `${without.length} of ${people.length} have no key and can't sign decisions: ${without.join(', ')}. Enrol with: firebreak keys enrol EMAIL FILE.pub`,
  ].join('\n');
}

function keyLine({ fingerprint, type }: { fingerprint: string; type: string | undefined }): string {
  return `  ${fingerprint}${type?.startsWith('sk-') ? ' (hardware token)' : ''}`;
}
