/** What is exhaustive waits for `npm run test:long`; what shows that a thing works, and its main failures, is in every run. */

export const isThorough = Boolean(process.env['FIREBREAK_LONG']);

/** A test of the long suite alone. */
export const thorough = isThorough ? test : test.skip;

/** Tests of the long suite alone. */
export const describeThorough = isThorough ? describe : describe.skip;

/** Of a table the first row, the last, and what lies between them at even distances; in the long suite every row. */
export function someOf<Row>(rows: readonly Row[], count: number): Row[] {
  if (isThorough || rows.length <= count) return [...rows];
  if (count === 1) return rows.slice(0, 1);
  return Array.from(
    { length: count },
    (_, index) => rows[Math.round((index * (rows.length - 1)) / (count - 1))]!,
  );
}
