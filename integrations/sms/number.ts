/** Telephone numbers as E.164 writes them: `+`, the country's code, the number; at most fifteen digits. */

/** Undefined where it is none: without its country's code a number is another one in every country. */
export function internationalNumber(written: string): string | undefined {
  const digits = written
    // The zero that is dialled inside the country only: +44 (0)20 …
    .replace('(0)', '')
    .replace(/[\s().\u2010-\u2015-]/g, '');
  return /^\+[1-9][0-9]{6,14}$/.test(digits) ? digits : undefined;
}

/** Enough for somebody who knows the number to tell it, and for nobody else; nothing of what is too short for one. */
export function endOf(number: string): string {
  const digits = number.replace(/[^0-9]/g, '');
  return digits.length < 6 ? 'given' : `that ends in ${digits.slice(-2)}`;
}
