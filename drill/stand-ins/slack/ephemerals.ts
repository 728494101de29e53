/** Messages that one person alone sees. Slack keeps them nowhere but on that person's screen. */
import type { Fields } from './answers';

export interface Ephemeral {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Fields[];
}

export interface Ephemerals {
  /** In the order of arrival. */
  of(user: string): readonly Ephemeral[];
  /** @param ts given where the message has one already. */
  show(user: string, message: Omit<Ephemeral, 'ts'> & { readonly ts?: string }): void;
  replace(user: string, ts: string, message: Pick<Ephemeral, 'text' | 'blocks'>): void;
  remove(user: string, ts: string): void;
}

export function createEphemerals(): Ephemerals {
  const shown = new Map<string, Ephemeral[]>();
  let count = 0;
  const of = (user: string) => shown.get(user) ?? [];
  return {
    of,
    show(user, message) {
      // Apart from the emulator's, which count from nought.
      const ts = message.ts ?? `${Math.floor(Date.now() / 1000)}.9${String((count += 1)).padStart(5, '0')}`;
      shown.set(user, [...of(user), { ...message, ts }]);
    },
    replace(user, ts, message) {
      shown.set(
        user,
        of(user).map((old) => (old.ts === ts ? { ...old, ...message } : old)),
      );
    },
    remove(user, ts) {
      shown.set(
        user,
        of(user).filter((old) => old.ts !== ts),
      );
    },
  };
}
