/** Calls that go out together. */
import { translate, willBeRetried } from './failures/translate';

/**
 * Waits for all of them, so that one refusal keeps none of the others from being done. Then throws the failure that a
 * retry may mend, if there is one: a permanent one thrown first would end the retries that the others still need.
 */
export async function together(calls: readonly Promise<unknown>[]): Promise<void> {
  const failures = (await Promise.allSettled(calls)).flatMap((result) =>
    result.status === 'rejected' ? [translate(result.reason)] : [],
  );
  if (failures.length > 0) throw failures.find(willBeRetried) ?? failures[0];
}

/** Maps with at most `width` calls at a time, for lists whose length an account decides. */
export async function mapInBatches<Item, Result>(
  items: readonly Item[],
  width: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += width)
    results.push(...(await Promise.all(items.slice(start, start + width).map(map))));
  return results;
}
