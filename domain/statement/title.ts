/** The title, and the date in it. */
import { datesIn, inWords, type WrittenDate } from './dates';
import { readDocument, type Block, type StatementDocument } from './document';
import { SEED, type Found } from './finding';
import { headsSection } from './headings';

/** The first heading that is marked as one. Where it heads a section, and is not alone on its level or below, there is no title. */
export function titleBlock({ blocks }: Pick<StatementDocument, 'blocks'>): Block | undefined {
  const [first, ...others] = blocks.filter(
    ({ kind, level }) => kind === 'heading' && level !== undefined && level <= 6,
  );
  if (!first || !headsSection(first) || datesIn(first.text).length > 0) return first;
  const isSection = (first.level ?? 1) > 1 || others.some(({ level }) => level === first.level);
  return isSection ? undefined : first;
}

/** The title as its readers see it, in one line. */
export function titleOf(text: string): string | undefined {
  const title = titleBlock(readDocument(text));
  return title?.text.replace(/\s+/g, ' ').trim();
}

/** Every day that the dates in the title can mean, as YYYY-MM-DD. */
export function titleDates(text: string): string[] {
  const title = titleBlock(readDocument(text));
  return title ? [...new Set(datesIn(title.text).flatMap(({ readings }) => readings))] : [];
}

export function titleFindings(document: StatementDocument, release: string | undefined): Found[] {
  const title = titleBlock(document);
  if (!title)
    return [
      {
        rule: 'title',
        message: 'the statement has no title: begin it with a line "# Title, DATE"',
        source: SEED.date,
        at: 0,
      },
    ];
  const at = (index: number) => title.at[index] ?? title.at[0] ?? 0;
  const begin = title.text.length - title.text.trimStart().length;
  const dates = datesIn(title.text);
  const report = (message: string, index: number): Found => ({
    rule: 'date',
    message,
    source: SEED.date,
    at: at(index),
  });
  const [first, ...others] = dates;
  if (!first) {
    const wanted = release === undefined ? 'the day of release' : `the day of release, ${inWords(release)}`;
    return [report(`the title carries no date: add ${wanted}`, begin)];
  }
  const impossible = dates.filter(({ readings }) => readings.length === 0);
  if (impossible.length > 0)
    return impossible.map(({ text, from }) =>
      report(`the title says "${text}", and there is no such day`, from),
    );
  const differing = others.find((one) => !isSameDay(one, first));
  if (differing)
    return [
      report(
        `the title carries several different dates, "${first.text}" and "${differing.text}": leave the day of release alone`,
        differing.from,
      ),
    ];
  if (release !== undefined && !dates.every(({ readings }) => readings.includes(release)))
    return [
      report(`the title says "${first.text}", and the day of release is ${inWords(release)}`, first.from),
    ];
  return [];
}

function isSameDay(one: WrittenDate, other: WrittenDate): boolean {
  return one.readings.some((day) => other.readings.includes(day));
}
