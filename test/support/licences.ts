/** SPDX licence expressions, as far as packages use them: ids, AND, OR, WITH, brackets. AND binds closer than OR. */

/** Whether the expression can be met by licences of the list alone. An expression that is none can't. */
export function isMet(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;

  const either = (): boolean => {
    let met = both();
    while (tokens[at] === 'OR') {
      at += 1;
      // Not `met || both()`: the second has to be read in any case.
      const other = both();
      met ||= other;
    }
    return met;
  };
  const both = (): boolean => {
    let met = one();
    while (tokens[at] === 'AND') {
      at += 1;
      const other = one();
      met &&= other;
    }
    return met;
  };
  const one = (): boolean => {
    const token = tokens[at];
    at += 1;
    if (token === '(') {
      const met = either();
      at += 1;
      return tokens[at - 1] === ')' && met;
    }
    if (token === undefined || /^(?:\)|AND|OR|WITH)$/.test(token)) return false;
    // What an exception adds, nobody has read here.
    if (tokens[at] === 'WITH') {
      at += 2;
      return false;
    }
    return allowed.has(token);
  };

  const met = either();
  return met && at === tokens.length;
}
