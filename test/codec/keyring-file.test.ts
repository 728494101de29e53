/** `firebreak keyring`. */
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyringFile, rotateKeyringFile, showKeyringFile } from '../../client/cli/keyring';
import { FileUnreadable, InvalidInput } from '../../client/errors';
import { ringOf } from './support';

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1b6f1a0e-0000-4000-8000-000000000001';
const now = () => new Date('2026-11-26T10:00:00Z');

let folder: string;
let file: string;
let printed: string[];
const print = (text: string) => void printed.push(text);
const modeOf = (path: string) => statSync(path).mode & 0o777;
const textOf = () => readFileSync(file, 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyring-'));
  file = join(folder, 'keyring.yaml');
  printed = [];
});

afterEach(() => {
  for (const secret of printed.join('\n').match(/[\w+/]{43}=/g) ?? [])
    throw new Error(`${secret.length} were printed`);
  rmSync(folder, { recursive: true });
});

test('new makes a file that its owner alone reads, named after the day, and never overwrites', async () => {
  const mask = process.umask(0o277);
  try {
    expect(await createKeyringFile(file, { now }, print)).toBe(0);
  } finally {
    process.umask(mask);
  }
  expect([modeOf(file), ringOf(textOf()).currentId]).toEqual([0o600, '2026-11-26']);
  const before = textOf();
  await expect(createKeyringFile(file, { id: 'other' }, print)).rejects.toThrow(
    /is there already, and a keyring is never overwritten; to add a key: firebreak keyring rotate/,
  );
  expect(textOf()).toBe(before);
});

test('rotate adds a current key, and keeps the old ones, the mode and the link', async () => {
  await createKeyringFile(file, { id: '2026-05' }, print);
  chmodSync(file, 0o640);
  const link = join(folder, 'link.yaml');
  symlinkSync(file, link);
  expect(await rotateKeyringFile(link, { now }, print)).toBe(0);
  expect([ringOf(textOf()).ids, ringOf(textOf()).currentId]).toEqual([
    ['2026-05', '2026-11-26'],
    '2026-11-26',
  ]);
  expect(modeOf(file)).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(['keyring.yaml', 'link.yaml']);
  expect(statSync(link).ino).toBe(statSync(file).ino);
  await expect(rotateKeyringFile(file, { now }, print)).rejects.toThrow(
    /2026-11-26 already; name another id/,
  );
  await rotateKeyringFile(file, { id: 'in-kms', kms: ARN }, print);
  expect(textOf()).toContain(`in-kms: { kms: ${ARN} }`);
});

test('show lists the ids and the current one, and says who else can read the file', async () => {
  await createKeyringFile(file, { id: '2026-05' }, print);
  await rotateKeyringFile(file, { id: 'in-kms', kms: ARN }, print);
  chmodSync(file, 0o644);
  printed = [];
  expect(await showKeyringFile(file, print)).toBe(0);
  expect(printed.join('\n')).toBe(
    `  2026-05\n* in-kms  in a key service\n! others can read it; run: chmod 600 ${file}`,
  );
});

test.each([
  ['a file that is not there', () => showKeyringFile(join(folder, 'none'), print), FileUnreadable],
  [
    'a file that is not there, to rotate',
    () => rotateKeyringFile(join(folder, 'none'), {}, print),
    FileUnreadable,
  ],
  ['a folder that is not there', () => createKeyringFile(join(folder, 'a', 'b'), {}, print), InvalidInput],
  ['an id that can not be', () => createKeyringFile(file, { id: 'a b' }, print), InvalidInput],
  ['an alias', () => createKeyringFile(file, { kms: 'alias/a' }, print), InvalidInput],
])('%s is refused with what to do', async (_, run, kind) => {
  await expect(run()).rejects.toThrow(kind);
  expect(readdirSync(folder)).toEqual([]);
});

test('what is no keyring is left alone', async () => {
  writeFileSync(file, 'ring: none\n');
  await expect(rotateKeyringFile(file, {}, print)).rejects.toThrow(`${file}: ring: a secret is needed`);
  await expect(showKeyringFile(file, print)).rejects.toThrow(InvalidInput);
  expect([textOf(), readdirSync(folder)]).toEqual(['ring: none\n', ['keyring.yaml']]);
});
