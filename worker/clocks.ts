/** The part `clocks` of firebreak.yaml: which clocks run for the company, and what it means in an incident. */
import ms from 'ms';
import { z } from 'zod';
import { isDay } from '../domain/business-days';
import {
  CLOCK_IDS,
  clockNamed,
  type ClockDefinition,
  type ClockId,
  type Clocks,
  type Period,
} from '../domain/clocks';

const MOST_OF_EACH = 20;
const YEAR_MS = ms('366 days');

/** `48 hours`, `2 business days` or `1 month`. */
const period = z.string().transform((text, context): Period => {
  const [, count, unit] = /^([1-9]\d{0,2}) (business days?|months?)$/.exec(text) ?? [];
  if (unit?.startsWith('b') && Number(count) <= 250) return { businessDays: Number(count) };
  if (unit?.startsWith('m') && Number(count) <= 12) return { months: Number(count) };
  const length = unit === undefined && /^\d/.test(text) ? ms(text as ms.StringValue) : undefined;
  if (length !== undefined && length >= ms('1 minute') && length <= YEAR_MS) return { ms: length };
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a time of at most a year such as "48 hours", "2 business days" or "1 month"`,
  });
  return z.NEVER;
});

const lead = z.string().transform((text, context) => {
  const value = /^\d/.test(text) ? ms(text as ms.StringValue) : undefined;
  if (value !== undefined && value >= ms('1 minute') && value <= ms('31 days')) return value;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a time of 1 minute to 31 days such as "24 hours"`,
  });
  return z.NEVER;
});

const own = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'letters, digits and hyphens are needed, at most 64'),
  title: z.string().trim().min(1, 'a text is needed').max(120, 'at most 120 characters'),
  within: period,
  source: z.string().trim().min(1, 'a text is needed').max(1_000, 'at most 1000 characters'),
});

export const CLOCKS_PART = z
  .strictObject({
    use: z
      .array(z.enum(CLOCK_IDS as [ClockId, ...ClockId[]], `one of ${CLOCK_IDS.join(', ')} is needed`))
      .default(['statement']),
    warn: z
      .array(lead)
      .max(MOST_OF_EACH, `at most ${MOST_OF_EACH}`)
      .default([ms('24 hours'), ms('4 hours')]),
    holidays: z
      .array(z.string().refine(isDay, 'a day is needed, such as 2026-12-25'))
      .max(1_000, 'at most 1000')
      .default([]),
    own: z.array(own).max(MOST_OF_EACH, `at most ${MOST_OF_EACH}`).default([]),
  })
  .superRefine(({ use, own: theirs }, context) => {
    for (const id of use) {
      const { after } = clockNamed(id);
      if (after !== undefined && !use.some((other) => other === after))
        context.addIssue({
          code: 'custom',
          path: ['use'],
          message: `${id} starts with ${after}: use that too`,
        });
    }
    const ids = [...use, ...theirs.map(({ id }) => id)].map((id) => id.toLowerCase());
    for (const twice of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
      context.addIssue({ code: 'custom', message: `the clock ${twice} is there twice` });
    for (const [index, { id }] of theirs.entries())
      if (!ids.slice(0, use.length).includes(id.toLowerCase()) && isOurs(id))
        context.addIssue({
          code: 'custom',
          path: ['own', index, 'id'],
          message: `${id} is a clock of Firebreak's: name it in use, or call yours otherwise`,
        });
  });

function isOurs(id: string): boolean {
  return CLOCK_IDS.some((one) => one.toLowerCase() === id.toLowerCase());
}

/** As an incident takes them. */
export function clocksOfCompany({ use, warn, holidays, own: theirs }: z.infer<typeof CLOCKS_PART>): Clocks {
  return {
    // In the table's order: a clock that another one starts comes before that one.
    use: [
      ...CLOCK_IDS.filter((id) => use.includes(id)).map(clockNamed),
      ...theirs.map((clock): ClockDefinition => ({ ...clock, starts: 'counted from awareness' })),
    ],
    warnMs: [...new Set(warn)].sort((a, b) => b - a),
    holidays,
  };
}
