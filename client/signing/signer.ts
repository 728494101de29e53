/** Signs with a person's own SSH key, from a file or from the agent. */
import { sign as signByNode, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf } from '../../domain/trust/check';
import {
  encodeSshsig,
  parsePublicKey,
  parseSshsig,
  problemOfSshsig,
  publicKeyText,
  signatureBlobOf,
  signedData,
} from '../../domain/trust/sshsig';
import { FileUnreadable, InvalidInput } from '../errors';
import { agentAt, type Agent, type Identity } from './agent';
import { NODE_CRYPTO } from './crypto';
import { readPrivateKey } from './private-key';

export interface Signer {
  /** As OpenSSH writes it, without a comment. */
  readonly publicKey: string;
  /** An SSHSIG blob over the text, base64 in one line. */
  sign(namespace: string, text: string): Promise<string>;
}

export interface SignerOptions {
  /** A private key, or a public one whose private half the agent holds. Left out: ~/.ssh/id_ed25519, then the agent's only key. */
  readonly keyFile?: string;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
  /** Where ~/.ssh is. */
  readonly home?: string;
}

/** Far above any key, in bytes. */
const LARGEST_KEY_FILE = 64 * 1024;

const NAME_ONE =
  'name the file of one that is enrolled, with --key or in FIREBREAK_KEY (its ".pub" is enough where the agent holds it)';

/**
 * @throws InvalidInput, which says what to do, where no key can be used
 * @throws FileUnreadable where the file that was named can't be read
 */
export async function loadSigner({ keyFile, agentSocket, home }: SignerOptions): Promise<Signer> {
  const agent = agentSocket === undefined || agentSocket === '' ? undefined : agentAt(agentSocket);
  if (keyFile !== undefined && keyFile !== '') return signerOfFile(keyFile, agent);
  const problems: string[] = [];
  if (home !== undefined && home !== '') {
    const usual = join(home, '.ssh', 'id_ed25519');
    try {
      return await signerOfFile(usual, agent);
    } catch (error) {
      if (error instanceof InvalidInput) problems.push(...error.problems);
      else if (error instanceof FileUnreadable) problems.push(`${usual}: can't be read`);
      else throw error;
    }
  }
  if (agent) {
    try {
      return await signerOfOnly(agent);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems);
    }
  } else problems.push('SSH_AUTH_SOCK: not set, so that no SSH agent can be asked');
  throw new InvalidInput([
    ...problems,
    `No SSH key to sign with: ${NAME_ONE}, or make one with "ssh-keygen -t ed25519" and have it enrolled ("firebreak keys enrol")`,
  ]);
}

async function signerOfFile(file: string, agent: Agent | undefined): Promise<Signer> {
  const { text, isOpen } = readKeyFile(file);
  if (!/PRIVATE KEY-----/.test(text)) {
    const read = parsePublicKey(text.trim());
    if (!read.ok) throw new InvalidInput([`${file}: ${read.problem}`]);
    return signerOfHeld(publicKeyText(read.key), agent, `${file}: its private half`);
  }
  if (isOpen)
    throw new InvalidInput([
      `${file}: others can read this private key, so it is not used. Run: chmod 600 ${file}; and make a new key if anybody may have copied it`,
    ]);
  const key = readPrivateKey(text);
  switch (key.kind) {
    case 'usable':
      return signerOfKey(key.publicKey, key.key);
    case 'agentOnly': {
      const publicKey = key.publicKey ?? publicKeyBeside(file);
      const what = `${file}: ${key.because}, and`;
      if (publicKey !== undefined) return signerOfHeld(publicKey, agent, `${what} this key`, file);
      throw new InvalidInput([`${what} has no ".pub" beside it. Run: ssh-add ${file}; then ${NAME_ONE}`]);
    }
    case 'unusable':
      throw new InvalidInput([`${file}: ${key.problem}`]);
  }
}

/** `isOpen` as ssh sees it: a file of one's own that group or others can touch. */
function readKeyFile(file: string): { text: string; isOpen: boolean } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { mode, uid, size } = fstatSync(descriptor);
    if (size > LARGEST_KEY_FILE)
      throw new InvalidInput([`${file}: too large for an SSH key; name another file`]);
    // Windows has no such bits, and no such id.
    const isOpen = process.getuid?.() === uid && (mode & 0o077) !== 0;
    return { text: readFileSync(descriptor, 'utf8'), isOpen };
  } catch (error) {
    throw error instanceof InvalidInput ? error : new FileUnreadable(file, 'SSH key');
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function publicKeyBeside(file: string): string | undefined {
  try {
    const read = parsePublicKey(readKeyFile(`${file}.pub`).text.trim());
    return read.ok ? publicKeyText(read.key) : undefined;
  } catch {
    return undefined;
  }
}

async function signerOfOnly(agent: Agent): Promise<Signer> {
  const identities = await agent.identities();
  const [only] = identities;
  if (!only)
    throw new InvalidInput(['The SSH agent holds no Ed25519 key. Run: ssh-add FILE; then try again']);
  if (identities.length === 1) return signerOfIdentity(only, agent);
  const fingerprints = identities.map(({ publicKey }) => fingerprintOf(publicKey, NODE_CRYPTO));
  throw new InvalidInput([
    `The SSH agent holds ${identities.length} keys (${fingerprints.join(', ')}): ${NAME_ONE}`,
  ]);
}

async function signerOfHeld(
  publicKey: string,
  agent: Agent | undefined,
  what: string,
  file = 'FILE',
): Promise<Signer> {
  const advice = `Run: ssh-add ${file}; then try again`;
  if (!agent) throw new InvalidInput([`${what} is in no SSH agent, as SSH_AUTH_SOCK is not set. ${advice}`]);
  const held = (await agent.identities()).find((identity) => identity.publicKey === publicKey);
  if (!held) throw new InvalidInput([`${what} is not in the SSH agent. ${advice}`]);
  return signerOfIdentity(held, agent);
}

function signerOfKey(publicKey: string, key: KeyObject): Signer {
  return signerBy(publicKey, async (data) => signatureBlobOf(signByNode(null, data, key)));
}

function signerOfIdentity({ publicKey, blob }: Identity, agent: Agent): Signer {
  return signerBy(publicKey, (data) => agent.sign(blob, data));
}

function signerBy(publicKey: string, signatureOf: (data: Uint8Array) => Promise<Uint8Array>): Signer {
  const read = parsePublicKey(publicKey);
  if (!read.ok) throw new InvalidInput([read.problem]);
  const { blob } = read.key;
  return {
    publicKey,
    async sign(namespace, text) {
      const signature = await signatureOf(signedData(namespace, text, NODE_CRYPTO));
      const encoded = encodeSshsig({ publicKey: blob, namespace, signature });
      // What would be refused elsewhere is told here, where it can be mended: a token that asks for no touch.
      const signed = parseSshsig(encoded);
      const problem = signed.ok
        ? problemOfSshsig(signed.sshsig, { namespace, text }, NODE_CRYPTO)
        : signed.problem;
      if (problem !== undefined)
        throw new InvalidInput([
          `The signature that was made does not hold (${problem}). Sign with another key, one that wants a touch where it is in a token`,
        ]);
      return encoded;
    },
  };
}
