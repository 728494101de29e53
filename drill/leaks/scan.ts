/** Looks for every canary in every place. */
import { createHash } from 'node:crypto';
import { isAllowed, type PlaceKind } from './allowances';
import type { Canaries } from './canaries';
import { createSearch, type Found } from './search';

export interface Place {
  readonly name: string;
  readonly kind: PlaceKind;
  readonly content: Uint8Array | string;
  /** Stands there for certain: where it is not found, the scan is blind, and finding nothing proves nothing. */
  readonly knows?: string;
  /** What whoever reads it has just typed. */
  readonly typed?: readonly string[];
}

export interface LeakScan {
  readonly words: number;
  readonly places: number;
  /** A sentence each. */
  readonly hits: readonly string[];
}

export function scan(canaries: Canaries, places: readonly Place[]): LeakScan {
  const search = createSearch(canaries.keys());
  // The history comes by several ways.
  const searched = new Map<string, Found[]>();
  const foundIn = (bytes: Uint8Array) => {
    const hash = createHash('sha256').update(bytes).digest('base64');
    const found = searched.get(hash) ?? search.in(bytes);
    searched.set(hash, found);
    return found;
  };
  return {
    words: search.words.length,
    places: places.length,
    hits: places.flatMap((place) => {
      const bytes = typeof place.content === 'string' ? Buffer.from(place.content.trim()) : place.content;
      const found = foundIn(bytes).filter(
        (one) => !isAllowed(one, place.kind, canaries) && !isTyped(one.word, place),
      );
      const { knows } = place;
      const isBlind = knows !== undefined && createSearch([knows]).in(bytes).length === 0;
      return [
        ...(isBlind
          ? [`the leak scan can't read ${place.name}: it has no "${knows}", which stands there`]
          : []),
        ...byWord(found).map(
          ({ word, read, within }) =>
            `"${word}" stands in ${place.name}${read === '' ? '' : ` (in ${read})`}${within === word ? '' : `, as ${JSON.stringify(within)}`}`,
        ),
      ];
    }),
  };
}

/** The first place within the place is enough to look. */
function byWord<T extends { readonly word: string }>(found: readonly T[]): T[] {
  return [...new Map([...found].reverse().map((one) => [one.word, one])).values()].reverse();
}

function isTyped(word: string, { typed = [] }: Place): boolean {
  return typed.some((text) => text.toLowerCase().includes(word.toLowerCase()));
}
