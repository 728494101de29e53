/** `keyring new|rotate|show FILE`: the file with the keys that payloads are sealed with. No secret is ever printed. */
import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { newKeyring, readKeyring, withNewKey, type Keyring } from '../../codec/keyring';
import { FileUnreadable, InvalidInput } from '../errors';
import { EXIT, type ExitStatus } from './exit';

export interface NewKey {
  /** What the key is called; today's date where it is left out. */
  readonly id?: string;
  /** The ARN of a key in KMS; a new secret where it is left out. */
  readonly kms?: string;
  readonly now?: () => Date;
}

type Print = (text: string) => void;

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * Never overwrites.
 *
 * @throws InvalidInput where the file is there already, or the key can't be made
 */
export async function createKeyringFile(file: string, key: NewKey, print: Print): Promise<ExitStatus> {
  const id = idOf(key);
  await write(
    file,
    attempt(() => newKeyring(id, key.kms)),
    OWNER_ONLY,
  );
  print(
    [
      `${file}: made, with the key ${id}. Only you can read it.`,
      'Give it to the worker and to each command line (FIREBREAK_KEYRING_FILE), on a way that you would send a password.',
      'Keep a copy where no fire reaches it: without it nobody reads the incidents that were sealed with it.',
    ].join('\n'),
  );
  return EXIT.done;
}

/**
 * Adds a key and makes it the current one; the old ones stay. The file is the old one or the new one at any moment.
 *
 * @throws FileUnreadable, or InvalidInput where the file is no keyring or the key can't be made
 */
export async function rotateKeyringFile(file: string, key: NewKey, print: Print): Promise<ExitStatus> {
  const id = idOf(key);
  const { text, mode } = await read(file);
  check(file, text);
  // The file itself, where it is named by a link.
  const target = await realpath(file);
  const beside = `${target}.${randomBytes(6).toString('hex')}`;
  await write(
    beside,
    attempt(() => withNewKey(text, id, key.kms)),
    mode,
  );
  try {
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw new InvalidInput([`${file}: can't be replaced (${codeOf(error)}); nothing was changed`]);
  }
  print(
    [
      `${file}: ${id} is the current key now; the old ones still open what they sealed.`,
      'Give the file to every worker first, and start them again; then to the command lines and doors.',
    ].join('\n'),
  );
  return EXIT.done;
}

/** @throws FileUnreadable, or InvalidInput where the file is no keyring */
export async function showKeyringFile(file: string, print: Print): Promise<ExitStatus> {
  const { text, mode } = await read(file);
  const keyring = check(file, text);
  print(
    [
      ...keyring.ids.map(
        (id) =>
          `${id === keyring.currentId ? '*' : ' '} ${id}${keyring.key(id) === IN_KMS ? '  in a key service' : ''}`,
      ),
      ...((mode & OTHERS) === 0 ? [] : [`! others can read it; run: chmod 600 ${file}`]),
    ].join('\n'),
  );
  return EXIT.done;
}

/** Stands for what only a key service knows: the file alone is looked at. */
const IN_KMS = {
  wrap: () => Promise.reject(new Error('the key service is not asked here')),
  unwrap: () => Promise.reject(new Error('the key service is not asked here')),
};

function check(file: string, text: string): Keyring {
  const result = readKeyring(text, () => IN_KMS);
  if (!result.ok) throw new InvalidInput(result.problems.map((problem) => `${file}: ${problem}`));
  return result.keyring;
}

function idOf({ id, now = () => new Date() }: NewKey): string {
  return id ?? now().toISOString().slice(0, 10);
}

async function read(file: string): Promise<{ text: string; mode: number }> {
  try {
    const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { text, mode: mode & 0o777 };
  } catch {
    throw new FileUnreadable(file, 'keyring');
  }
}

async function write(file: string, text: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, 'wx', mode);
    try {
      // The mask of the process may have taken something away.
      await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    throw new InvalidInput([
      code === 'EEXIST'
        ? `${file}: is there already, and a keyring is never overwritten; to add a key: firebreak keyring rotate ${file}`
        : `${file}: can't be written (${code})`,
    ]);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

function attempt(make: () => string): string {
  try {
    return make();
  } catch (error) {
    throw new InvalidInput([error instanceof Error ? error.message : String(error)]);
  }
}
