/**
 * The keys that contents are sealed with. A process has one of its own, wrapped by the ring's current key, and renews it; those
 * of others it unwraps once and remembers. So a key service is asked a few times a day, and not once for each payload.
 */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { KeyMissing, KeyReplaced } from './errors';
import type { Keyring } from './keyring';

export interface DataKey {
  readonly keyId: string;
  readonly wrapped: Uint8Array;
  readonly key: KeyObject;
}

export interface DataKeys {
  /** The key to seal with now. @throws where there is none yet, and the wrapping key can't be used */
  current(): Promise<DataKey>;
  /** @throws KeyUnusable, or what the key service said, where it can't be unwrapped just now */
  unwrap(keyId: string, wrapped: Uint8Array): Promise<KeyObject>;
}

export interface Wear {
  /** How often a data key is used. With random nonces of 96 bits the limit is 2^32 (SP 800-38D); this is far below. */
  readonly uses: number;
  /** How long it is used, in ms. */
  readonly ageMs: number;
  /** How long a failed renewal is left alone, in ms; the worn key goes on. */
  readonly pauseMs: number;
  /** How many data keys of others are remembered: an incident has one for each command that somebody gave. */
  readonly remembered: number;
  readonly now: () => number;
}

const WEAR: Wear = {
  uses: 2 ** 20,
  ageMs: 3_600_000,
  pauseMs: 60_000,
  remembered: 4_096,
  now: Date.now,
};

const DATA_KEY_BYTES = 32;

/** What a wrapped data key is bound to. KMS writes it into the account's audit log: it says nothing of an incident. */
function contextOf(keyId: string): Readonly<Record<string, string>> {
  return { purpose: 'payloads', key: keyId };
}

export function createDataKeys(keyring: Keyring, wear: Partial<Wear> = {}): DataKeys {
  const { uses, ageMs, pauseMs, remembered, now } = { ...WEAR, ...wear };
  const unwrapped = createCache<Promise<KeyObject>>(remembered);
  let own: (DataKey & { readonly madeAt: number }) | undefined;
  let used = 0;
  let renewal: Promise<DataKey> | undefined;
  let notBefore = 0;

  async function make(): Promise<DataKey> {
    const keyId = keyring.currentId;
    const wrapping = keyring.key(keyId);
    if (!wrapping) throw new KeyMissing(keyId);
    const bytes = randomBytes(DATA_KEY_BYTES);
    const made = {
      keyId,
      wrapped: await wrapping.wrap(bytes, contextOf(keyId)),
      key: createSecretKey(bytes),
    };
    bytes.fill(0);
    own = { ...made, madeAt: now() };
    used = 0;
    return made;
  }

  function renew(): Promise<DataKey> {
    renewal ??= make().finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  async function open(keyId: string, wrapped: Uint8Array): Promise<KeyObject> {
    const wrapping = keyring.key(keyId);
    if (!wrapping) throw new KeyMissing(keyId);
    const bytes = await wrapping.unwrap(wrapped, contextOf(keyId));
    // The ring has proven the whole payload by now: not the payload is wrong, but the entry.
    if (bytes?.length !== DATA_KEY_BYTES) throw new KeyReplaced(keyId);
    return createSecretKey(bytes);
  }

  return {
    async current() {
      used += 1;
      if (!own) return renew();
      const isWorn = used > uses || now() - own.madeAt > ageMs;
      // Nobody waits for a renewal, and a key service that is down stops nobody.
      if (isWorn && now() >= notBefore)
        renew().catch(() => {
          notBefore = now() + pauseMs;
        });
      return own;
    },
    async unwrap(keyId, wrapped) {
      const name = `${keyId} ${Buffer.from(wrapped).toString('base64')}`;
      const known = unwrapped.get(name);
      if (known) return known;
      const opening = open(keyId, wrapped);
      unwrapped.set(name, opening);
      try {
        return await opening;
      } catch (error) {
        unwrapped.delete(name);
        throw error;
      }
    },
  };
}

/** The last ones that were asked for. */
function createCache<Value>(most: number) {
  const values = new Map<string, Value>();
  return {
    get(name: string): Value | undefined {
      const value = values.get(name);
      if (value !== undefined) {
        values.delete(name);
        values.set(name, value);
      }
      return value;
    },
    set(name: string, value: Value): void {
      values.set(name, value);
      const oldest = values.keys().next().value;
      if (values.size > most && oldest !== undefined) values.delete(oldest);
    },
    delete(name: string): void {
      values.delete(name);
    },
  };
}
