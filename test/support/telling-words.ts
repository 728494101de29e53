/** Words that would tell somebody outside the team that there is an incident. */
const TELLING =
  /quarantin|isolat|incident|attack|revok|evidence|forensic|contain|compromis|breach|malicious|intru[ds]|threat|victim|suspect|investigat|emergenc|infect|hack|custody/i;

/** Each of the texts that has such a word, with the word. */
export function tellingAmong(texts: Iterable<string>): string[] {
  return [...new Set(texts)].flatMap((text) => {
    const word = TELLING.exec(text)?.[0];
    return word === undefined ? [] : [`"${word}" in ${text.slice(0, 200)}`];
  });
}

/**
 * The texts of a request's body: values alone, as the names of fields are the vendor's own. A form's (but for its action and
 * version) or JSON's; anything else is one text.
 */
export function valuesIn(body: string, contentType = ''): string[] {
  if (body === '') return [];
  if (contentType.includes('x-www-form-urlencoded'))
    return [...new URLSearchParams(body)].flatMap(([key, value]) =>
      key === 'Action' || key === 'Version' ? [] : leavesOf(value),
    );
  return leavesOf(body);
}

/** A value may be JSON in itself, such as a policy. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') {
    if (!/^\s*[[{]/.test(value)) return [value];
    try {
      return leavesOf(JSON.parse(value));
    } catch {
      return [value];
    }
  }
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(leavesOf);
}
