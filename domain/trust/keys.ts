/** Whose signatures count in an incident, as the ledger keeps it: whoever checks it later needs no configuration. */
import type { Company } from '../company';
import type { Door } from '../decisions';

export type EnrolledKeys = {
  /** By e-mail address; nobody without a key is in it. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly doors?: Readonly<Partial<Record<Door, readonly string[]>>>;
};

export function keysOf({ roster, doors }: Pick<Company, 'roster' | 'doors'>): EnrolledKeys {
  const enrolled = roster.flatMap(({ email, keys = [] }) =>
    keys.length === 0 ? [] : [[email, keys] as const],
  );
  return { keys: Object.fromEntries(enrolled), ...(doors && { doors }) };
}

/** As OpenSSH writes public keys, less what is only for people to read. */
export function withoutComment(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}
