/** Events that were taken before. An old one is refused for its age, so that ids need not be kept for ever. */

const MOST_EVENTS = 10_000;

export interface Seen {
  has(id: string): boolean;
  add(id: string): void;
}

export function createSeen(keptForMs: number, now: () => number): Seen {
  const ids = new Map<string, number>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      // The oldest are first.
      for (const [old, at] of ids) {
        if (at >= now() - keptForMs && ids.size < MOST_EVENTS) break;
        ids.delete(old);
      }
      ids.set(id, now());
    },
  };
}
