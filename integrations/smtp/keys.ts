/**
 * Public keys of people outside: what a text holds, and the company's folder of them, ADDRESS.pem (an S/MIME certificate) or
 * ADDRESS.asc (an armored OpenPGP key).
 *
 * Texts are judged and never quoted: somebody may have put a private key in the place of a public one.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailKey } from '../../domain/communication';
import { readAddress } from '../../domain/mail/addresses';
import type { ReadKey } from './key-problem';
import { type PgpKey, PRIVATE_KEY, readPgpKey } from './openpgp';
import { readCertificate, type SmimeKey } from './smime';

export interface MailKeyOnFile extends MailKey {
  /** PEM or armored, as it is in the file. */
  readonly text: string;
}

/** By address in its normal form. */
export type MailKeys = ReadonlyMap<string, MailKeyOnFile>;

export type ReadMailKeys =
  | { readonly ok: true; readonly keys: MailKeys }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Far more than a key with many signatures has. */
const LONGEST_KEY = 1_000_000;

const OTHER_KINDS: Readonly<Record<string, string>> = {
  'CERTIFICATE REQUEST': 'a request for a certificate, and not the certificate',
  'NEW CERTIFICATE REQUEST': 'a request for a certificate, and not the certificate',
  'PUBLIC KEY': 'a bare public key, which says neither whose it is nor until when: ask for a certificate',
  'RSA PUBLIC KEY': 'a bare public key, which says neither whose it is nor until when: ask for a certificate',
  'SSH2 PUBLIC KEY': 'an SSH key, which can’t encrypt mail',
  PKCS7: 'a PKCS#7 bundle: take the certificate out of it (openssl pkcs7 -print_certs)',
  CMS: 'a PKCS#7 bundle: take the certificate out of it (openssl pkcs7 -print_certs)',
  'PGP MESSAGE': 'an OpenPGP message, and not a key',
  'PGP SIGNATURE': 'an OpenPGP signature, and not a key',
  'PGP SIGNED MESSAGE': 'an OpenPGP message, and not a key',
};

/** One public key, whatever else is said around it. */
export async function readPublicKey(text: string): Promise<ReadKey<SmimeKey | PgpKey>> {
  if (text.length > LONGEST_KEY) return { ok: false, problem: 'too long for a key' };
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text)) return { ok: false, problem: PRIVATE_KEY };
  const blocks = blocksOf(text);
  const keys = blocks.filter(({ label }) => label === 'CERTIFICATE' || label === 'PGP PUBLIC KEY BLOCK');
  if (keys.length > 1)
    return { ok: false, problem: `${keys.length} keys in one: leave the one that is theirs` };
  const [key] = keys;
  if (key !== undefined)
    return key.label === 'CERTIFICATE' ? readCertificate(key.block) : readPgpKey(key.block);
  const other = blocks.map(({ label }) => OTHER_KINDS[label]).find((says) => says !== undefined);
  if (other !== undefined) return { ok: false, problem: other };
  if (/^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ AAAA/m.test(text))
    return { ok: false, problem: 'an SSH key, which can’t encrypt mail' };
  return { ok: false, problem: 'neither a certificate in PEM nor an OpenPGP key in armor' };
}

/** What stands between a BEGIN and its END, line by line: a text of a thousand beginnings is read once too. */
function blocksOf(text: string): { block: string; label: string }[] {
  const blocks = [];
  let lines: string[] = [];
  let open: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, edge, label] = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/.exec(line) ?? [];
    if (edge === 'BEGIN') [open, lines] = [label, []];
    lines.push(line);
    if (edge !== 'END' || open === undefined || label !== open) continue;
    blocks.push({ block: `${lines.join('\n')}\n`, label: open });
    open = undefined;
  }
  return blocks;
}

/**
 * The folder as the worker finds it at its start. A key that has expired is no problem here: a partner's calendar must not keep
 * the worker from starting. It is one as soon as a mail is to go there, and `notAfter` says it before.
 *
 * @param now milliseconds since the epoch
 */
export async function readMailKeys(folder: string, now: number = Date.now()): Promise<ReadMailKeys> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !/^readme/i.test(name)).sort();
  } catch {
    return {
      ok: false,
      problems: ['The folder of keys for mail can’t be read: make it, and let the worker’s user read it.'],
    };
  }
  const keys = new Map<string, MailKeyOnFile>();
  const problems: string[] = [];
  for (const name of names) {
    const read = await readFileOf(folder, name, now);
    if (!read.ok) problems.push(...read.problems.map((says) => `${JSON.stringify(name)}: ${says}.`));
    else if (keys.has(read.address)) problems.push(`${JSON.stringify(name)}: a second key for this address.`);
    else keys.set(read.address, read.key);
  }
  return problems.length === 0 ? { ok: true, keys } : { ok: false, problems };
}

type ReadFile =
  | { readonly ok: true; readonly address: string; readonly key: MailKeyOnFile }
  | { readonly ok: false; readonly problems: readonly string[] };

async function readFileOf(folder: string, name: string, now: number): Promise<ReadFile> {
  const text = await readText(join(folder, name));
  if (text === undefined) return { ok: false, problems: ['can’t be read as a text of reasonable length'] };
  // Before anything of its name: this one has to leave, whatever it is called.
  const read = await readPublicKey(text);
  if (!read.ok && read.problem === PRIVATE_KEY) return { ok: false, problems: [PRIVATE_KEY] };
  const [, typed = '', ending = ''] = /^(.*)\.(pem|asc)$/.exec(name) ?? [];
  if (ending === '') return { ok: false, problems: ['has to be called ADDRESS.pem or ADDRESS.asc'] };
  const named = readAddress(typed);
  if (!named.ok || named.address.display !== undefined)
    return { ok: false, problems: ['is not called by one e-mail address and its ending'] };
  if (!read.ok) return { ok: false, problems: [read.problem] };
  const { kind, fingerprint, notAfter, problemsFor } = read.key;
  const { normal: address } = named.address;
  const problems = (await problemsFor(address, now)).filter((one) => !one.ofTime).map(({ says }) => says);
  if ((kind === 'smime') !== (ending === 'pem'))
    problems.push(
      kind === 'smime' ? 'a certificate: call it ADDRESS.pem' : 'an OpenPGP key: call it ADDRESS.asc',
    );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, address, key: { kind, fingerprint, text, ...(notAfter !== undefined && { notAfter }) } };
}

async function readText(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    return size > LONGEST_KEY ? undefined : await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
