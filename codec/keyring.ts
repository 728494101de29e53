/**
 * The keys that payloads are sealed with. A ring has one current key and any number of old ones, which stay readable. Each
 * payload has a data key of its own kind, wrapped by a key of the ring.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { createLocalKey } from './local-key';

/** Wraps and unwraps data keys: a local secret, or a key service that never gives its key away. */
export interface WrappingKey {
  wrap(dataKey: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /**
   * Nothing where the wrapped key is not one of this key and context.
   *
   * @throws where the key can't be used just now; the message says what to do
   */
  unwrap(wrapped: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array | undefined>;
}

/** How an entry of the ring that names a key service is opened; the composition root gives it. */
export type OpenKeyService = (arn: string) => WrappingKey;

export interface Keyring {
  readonly currentId: string;
  readonly ids: readonly string[];
  /** The key of this id, where the ring holds it. */
  key(id: string): WrappingKey | undefined;
  /** Proves that an id was given by this ring, also where its key is not there (any more). Bytes, 16. */
  tagOf(id: string): Uint8Array;
  /**
   * Proves that this was sealed by this ring, also where the key is not there: without it, whoever saw the tag of a lost key
   * could make every incident wait for that key. Bytes, 32.
   */
  proofOf(...parts: readonly Uint8Array[]): Uint8Array;
}

export type KeyringResult =
  | { readonly ok: true; readonly keyring: Keyring }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What a key of the ring is called. Others can see it: it says nothing but which key it is. */
export const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const SECRET_BYTES = 32;
const TAG_BYTES = 16;
/** More text than this is no keyring. */
const MOST_CHARACTERS = 256 * 1024;

const secret = z
  .string(`a secret is needed: ${SECRET_BYTES} random bytes in base64`)
  .refine((text) => bytesOf(text) !== undefined, {
    error: `a secret is needed: ${SECRET_BYTES} random bytes in base64`,
  });

// Of an alias it can be changed which key it names: what was sealed before would not open any more.
const kms = z
  .string('the ARN of a KMS key is needed')
  .regex(
    /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'the ARN of a KMS key is needed, not of an alias',
  );

const entry = z
  .strictObject({ secret: secret.optional(), kms: kms.optional() }, { error: only('secret or kms') })
  .refine((one) => (one.secret === undefined) !== (one.kms === undefined), {
    error: 'either secret or kms is needed',
  });

const RING = z
  .strictObject(
    {
      ring: secret,
      current: z.string('the id of the current key is needed'),
      keys: z.record(z.string(), entry, 'a list of keys by their ids is needed'),
    },
    { error: only('ring, current and keys') },
  )
  .refine(({ current, keys }) => Object.hasOwn(keys, current), {
    path: ['current'],
    error: 'it is no id under keys',
    when: ({ issues }) => issues.length === 0,
  });

/** zod's own words quote the field that is too much, which may be a secret in the wrong place. */
function only(fields: string) {
  return ({ code }: { readonly code: string }) =>
    code === 'unrecognized_keys' ? `nothing but ${fields} belongs here` : `${fields} are needed here`;
}

/** The 32 bytes; nothing where it isn't that in base64. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === SECRET_BYTES && bytes.toString('base64') === text ? bytes : undefined;
}

/** Reads a ring (YAML: `ring`, `current`, `keys`). Lists all that is wrong; never quotes a secret. */
export function readKeyring(text: string, openKeyService?: OpenKeyService): KeyringResult {
  if (text.length > MOST_CHARACTERS) return bad('too long for a keyring');
  // Every value is a text: an id like 2026 would be a number otherwise.
  const document = parseDocument(text, { schema: 'failsafe' });
  const [mistake] = document.errors;
  if (mistake) return bad(`not valid YAML${mistake.linePos ? ` at line ${mistake.linePos[0].line}` : ''}`);
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch {
    return bad('not valid YAML: it refers to itself too often');
  }
  const parsed = RING.safeParse(raw);
  const problems = parsed.success ? [] : parsed.error.issues.map(problemOf);
  const ids = parsed.success ? Object.keys(parsed.data.keys) : [];
  ids.forEach((id, index) => {
    // Not quoted: it may be a secret in the wrong place.
    if (!KEY_ID.test(id))
      problems.push(
        `keys: the id of key ${index + 1} has other characters than letters, digits, ".", "_" and "-", or more than 64`,
      );
  });
  if (!openKeyService && parsed.success)
    for (const id of ids)
      if (parsed.data.keys[id]?.kms !== undefined)
        problems.push(`keys.${id}: there is no key service here; use a secret`);
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, keyring: createKeyring(parsed.data, openKeyService) };
}

function bad(problem: string): KeyringResult {
  return { ok: false, problems: [problem] };
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  const named = path.map((part) => (KEY_ID.test(String(part)) ? String(part) : 'a key')).join('.');
  return named === '' ? message : `${named}: ${message}`;
}

function createKeyring(
  { ring, current, keys }: z.infer<typeof RING>,
  openKeyService?: OpenKeyService,
): Keyring {
  const ringSecret = Buffer.from(ring, 'base64');
  // No id has a "/" in it: what proves a payload can't be taken for what proves an id.
  const proving = createHmac('sha256', ringSecret).update('proof/1').digest();
  const opened = new Map(
    Object.entries(keys).map(([id, { secret: own, kms: arn }]): [string, WrappingKey] => [
      id,
      own === undefined ? openedBy(openKeyService, arn) : createLocalKey(Buffer.from(own, 'base64')),
    ]),
  );
  const tagOf = (id: string) => createHmac('sha256', ringSecret).update(id).digest().subarray(0, TAG_BYTES);
  const tags = new Map([...opened.keys()].map((id) => [id, tagOf(id)]));
  return {
    currentId: current,
    ids: [...opened.keys()],
    key: (id) => opened.get(id),
    tagOf: (id) => tags.get(id) ?? tagOf(id),
    proofOf(...parts) {
      const hash = createHmac('sha256', proving);
      for (const part of parts) hash.update(part);
      return hash.digest();
    },
  };
}

function openedBy(openKeyService: OpenKeyService | undefined, arn: string | undefined): WrappingKey {
  if (!openKeyService || arn === undefined)
    throw new Error('the entry was checked before: it has a key service');
  return openKeyService(arn);
}

/** A new ring with one key, as YAML: a secret, or the key with this ARN. @throws Error as `withNewKey` */
export function newKeyring(keyId: string, arn?: string): string {
  checkEntry(keyId, arn);
  const [field, value] = Object.entries(newEntry(arn))[0] ?? [];
  return [
    '# Seals what Firebreak gives to Temporal. Whoever has it can read every incident: keep it as you keep passwords.',
    '# A key that is not the current one any more still opens what was sealed with it: never take one away.',
    '#',
    '# What proves which keys are ours. It never changes.',
    `ring: ${newSecret()}`,
    `current: ${keyId}`,
    'keys:',
    `  ${keyId}: { ${field}: ${value} }`,
    '',
  ].join('\n');
}

/**
 * The ring with a new current key in it, the old ones kept, with its comments and its order.
 *
 * @throws Error where the text is no keyring, or the id is taken or can't be one
 */
export function withNewKey(text: string, keyId: string, arn?: string): string {
  checkEntry(keyId, arn);
  const read = readKeyring(text, () => createLocalKey(Buffer.alloc(SECRET_BYTES)));
  if (!read.ok) throw new Error(`this is no keyring: ${read.problems.join('; ')}`);
  if (read.keyring.ids.includes(keyId))
    throw new Error(`the keyring has a key ${keyId} already; name another id`);
  const document = parseDocument(text, { schema: 'failsafe' });
  document.setIn(['keys', keyId], document.createNode(newEntry(arn), { flow: true }));
  document.set('current', keyId);
  return document.toString({ lineWidth: 0 });
}

function checkEntry(keyId: string, arn: string | undefined): void {
  if (!KEY_ID.test(keyId))
    throw new Error(
      'the id of a key has letters, digits, ".", "_" and "-", at most 64, and begins with a letter or a digit',
    );
  const checked = kms.optional().safeParse(arn);
  if (!checked.success) throw new Error(checked.error.issues.map(({ message }) => message).join('; '));
}

function newEntry(arn: string | undefined): { secret: string } | { kms: string } {
  return arn === undefined ? { secret: newSecret() } : { kms: arn };
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64');
}
