/** The letters behind the `xn--` form of a label (RFC 3492, section 6.2): what a mail program shows for it. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const LARGEST = 0x10ffff;

/** Nothing where it is no such form. */
export function decodeLabel(label: string): string | undefined {
  if (!label.startsWith('xn--')) return undefined;
  const encoded = label.slice('xn--'.length);
  const hyphen = encoded.lastIndexOf('-');
  const letters = hyphen > 0 ? [...encoded.slice(0, hyphen)] : [];
  let codePoint = 128;
  let bias = 72;
  let position = 0;
  for (let next = hyphen > 0 ? hyphen + 1 : 0; next < encoded.length;) {
    const before = position;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(encoded[next++] ?? '');
      if (digit === undefined) return undefined;
      position += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const count = letters.length + 1;
    codePoint += Math.floor(position / count);
    if (!(codePoint <= LARGEST)) return undefined;
    bias = adapted(position - before, count, before === 0);
    position %= count;
    letters.splice(position, 0, String.fromCodePoint(codePoint));
    position += 1;
  }
  return letters.join('');
}

function digitOf(character: string): number | undefined {
  if (/^[a-z]$/.test(character)) return character.charCodeAt(0) - 'a'.charCodeAt(0);
  return /^\d$/.test(character) ? Number(character) + 26 : undefined;
}

function adapted(distance: number, count: number, isFirst: boolean): number {
  let delta = isFirst ? Math.floor(distance / DAMP) : Math.floor(distance / 2);
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) delta = Math.floor(delta / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}
