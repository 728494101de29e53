/**
 * One spelling for each JSON value, so that equal values have equal hashes: RFC 8785. Keys are sorted by their UTF-16 code
 * units, there is no whitespace, and texts and numbers are spelt as ECMAScript does.
 *
 * It differs from RFC 8785 in one point: half of a surrogate pair is escaped instead of refused. What a host wrote to its
 * console may be cut off anywhere, and is evidence all the same.
 */

/** @throws TypeError where the value can't be written as JSON without a loss */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} can't be written as JSON`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((one) => canonical(one)).join(',')}]`;
      return canonicalObject(value);
    default:
      throw new TypeError(`${typeof value} can't be written as JSON`);
  }
}

/** A field that is undefined is no field, as in JSON.stringify. */
function canonicalObject(value: object): string {
  // A date, a map or a buffer would be written as "{}".
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new TypeError(`${Object.prototype.toString.call(value)} can't be written as JSON`);
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}
