/** How tables are drawn. */
import Table from 'cli-table3';

/** @param widths of the columns, where long texts are to be broken; each as wide as its longest text otherwise */
export function table(head: string[], rows: string[][], widths?: number[]): string {
  const drawn = new Table({
    head,
    style: { head: [], border: [] },
    ...(widths && { colWidths: widths, wordWrap: true }),
  });
  drawn.push(...rows);
  return drawn.toString();
}
