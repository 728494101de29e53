/** Checks of what is read from a file that somebody may have changed. */

/** What is wrong with the value, to be read after its name; nothing where it is right. */
export type Check = (value: unknown) => string | undefined;

const that = (is: (value: unknown) => boolean, problem: string): Check => {
  return (value) => (is(value) ? undefined : problem);
};

const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

export const aText = that((value) => typeof value === 'string' && value !== '', 'is no text');
export const anAmount = that((value) => typeof value === 'number' && value >= 0, 'is no amount');
export const aCount = that(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  'is no whole number',
);
export const aHash = that(
  (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  'is no SHA-256 in hexadecimal',
);
export const aTime = that(
  (value) => typeof value === 'string' && RFC3339_UTC.test(value) && !Number.isNaN(Date.parse(value)),
  'is no time of RFC 3339 in UTC',
);

export function oneOf(values: readonly string[]): Check {
  return that(
    (value) => typeof value === 'string' && values.includes(value),
    `is none of ${values.join(', ')}`,
  );
}

export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return 'is no list';
    for (const [index, one] of value.entries()) {
      const problem = check(one);
      if (problem !== undefined) return within(`[${index}]`, problem);
    }
    return undefined;
  };
}

/** These fields and no others: what is not known is not checked, and must not look as if it were. */
export function recordOf(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no record';
    const given = value as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) return `has a field that is not known: ${JSON.stringify(unknown)}`;
    for (const [name, check] of Object.entries(fields)) {
      const problem = check(Object.hasOwn(given, name) ? given[name] : undefined);
      if (problem !== undefined) return within(`.${name}`, problem);
    }
    return undefined;
  };
}

/** `files[3].sha256 is no SHA-256` */
function within(name: string, problem: string): string {
  return /^[.[]/.test(problem) ? `${name}${problem}` : `${name} ${problem}`;
}
