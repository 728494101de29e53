/** Characters as the reader's eye takes them: what looks like a Latin letter becomes that letter. */

/** What Unicode's own decomposition leaves alone. Each letter, and what passes for it. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑᴀɒΑАᎪꭺꓮⲁⲀӕ',
  b: 'ЬВΒʙбƀɓᏴꓐⲂвᏼƃ',
  c: 'сСϲϹᴄᏟꮯꓚⲥⲤƈçⅽ',
  d: 'ԁᴅԀᎠꭰꓓđɖɗÐð',
  e: 'еЕεΕᴇҽєЄᎬꭼꓰɛɘǝəэℯ℮ⲉ',
  f: 'ƒꜰϝẝꓝғ',
  g: 'ɡɢԍᏀꓖɠցǥց',
  h: 'һНΗʜհᎻꮋꓧħнⲎћ',
  i: 'іІιΙıɪⅼӏӀᎥꓲɩɨⲓⲒıﺍا',
  j: 'јЈϳᴊᎫꓙɉյ',
  k: 'кКκΚᴋᏦꓗƙⲔⲕҝķ',
  l: 'ⅼʟᏞꓡłƚɭʅլⳑ',
  m: 'мМΜᴍᎷꓟⲘɱ',
  n: 'пΝɴոռꓠŋηɲƞⲚᥒ',
  o: 'оОοΟσᴏօՕ०০ഠꓳøɵⲟⲞөоⲟߋ',
  p: 'рРρΡᴘᏢꓑⲣⲢƥƿ',
  q: 'ԛԚգզɋ',
  r: 'гᴦʀɾᏒꓣгɼⲅꮁᎡꭱɍ',
  s: 'ѕЅꜱᏚꓢʂֆꮪᏕ',
  t: 'тТτΤᴛᎢꭲꓔŧⲧⲦƭт',
  u: 'υᴜսՍꓴʋцμʉꭎꭒ',
  v: 'νᴠѵѴᏙꮩꓦⱽ',
  w: 'ԝԜᴡᎳꮃꓪшωѡɯщⱳա',
  x: 'хХχΧ×ᕁꓫⲭⲬ',
  y: 'уУγΥʏүҮᎩꓬɣყⲨỿуƴ',
  z: 'ᴢΖᏃꮓꓜȥƶⲌʐ',
};

const LETTER_OF = new Map(
  Object.entries(LOOKALIKES).flatMap(([letter, others]) =>
    Array.from(others, (other) => [other, letter] as const),
  ),
);

/** Letters in black circles and squares, and those that make flags: Unicode decomposes only the white ones. */
const ALPHABETS = [0x1f150, 0x1f170, 0x1f1e6];

/** Digits of other scripts, each from its zero on. */
const ZEROS = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xc66, 0xe50, 0xff10];

/** Drawn as nothing, although Unicode counts it as a letter or a symbol. */
const INVISIBLE = /[\p{M}\p{Cf}\u115f\u1160\u3164\uffa0\ufff0-\ufff8]/gu;

const known = new Map<string, string>();

/** One character in small Latin letters as far as it looks like them, without accents; nothing, where nothing is seen. */
export function bare(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character.toLowerCase();
  let found = known.get(character);
  if (found === undefined) {
    found = unmasked(character, code);
    known.set(character, found);
  }
  return found;
}

function unmasked(character: string, code: number): string {
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  const first = ALPHABETS.find((begin) => code >= begin && code < begin + 26);
  if (first !== undefined) return String.fromCharCode(0x61 + code - first);
  // Hangul would fall apart into its strokes.
  if (code >= 0xac00 && code <= 0xd7a3) return character;
  return Array.from(character.normalize('NFKD').replace(INVISIBLE, ''), (one) => LETTER_OF.get(one) ?? one)
    .join('')
    .toLowerCase()
    .replace(/./gu, (one) => LETTER_OF.get(one) ?? one);
}
