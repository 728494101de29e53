/** How long calls take: the same for the same seed, whatever happens at the same time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Rewrite } from '../recording-proxy';

/**
 * The time of an action's next call. It depends on the seed, the action and how often it was called before, and so not on
 * the order in which other actions arrive.
 */
export function latencies([least, most]: readonly [number, number], seed: number): (name: string) => number {
  const calls = new Map<string, number>();
  return (name) => {
    const count = calls.get(name) ?? 0;
    calls.set(name, count + 1);
    return least + (most - least) * fraction(`${seed} ${name} ${count}`);
  };
}

/** Calls wait side by side, before moto hears of them, for as long as it is switched on. */
export function takeTime(
  range: readonly [number, number],
  seed: number,
  isOn: () => boolean = () => true,
): Rewrite {
  const next = latencies(range, seed);
  return async (call, passOn) => {
    if (isOn()) await pause(next(call.name));
    return passOn();
  };
}

/** From 0 to 1: FNV-1a, with murmur's last stirring, since neighbouring texts should not give neighbouring times. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
