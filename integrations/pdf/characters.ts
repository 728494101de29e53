/**
 * Which characters a font has, as its file says it (TrueType's table `cmap`). What it lacks would be drawn as nothing, or as an
 * empty box that stands for anything.
 */

/** @throws RangeError where the file is no font that this can read */
export function charactersOf(font: Buffer): (code: number) => boolean {
  const cmap = tableOf(font, 'cmap');
  const count = font.readUInt16BE(cmap + 2);
  const tables = Array.from({ length: count }, (_, n) => cmap + font.readUInt32BE(cmap + 4 + 8 * n + 4));
  const ranges = tables.flatMap((at) => {
    switch (font.readUInt16BE(at)) {
      case 4:
        return segments(font, at);
      case 12:
        return groups(font, at);
      default:
        return [];
    }
  });
  if (ranges.length === 0) throw new RangeError('the font names no characters');
  return (code) => ranges.some(([first, last]) => code >= first && code <= last);
}

type CodeRange = readonly [first: number, last: number];

function tableOf(font: Buffer, name: string): number {
  const count = font.readUInt16BE(4);
  for (let n = 0; n < count; n += 1) {
    const at = 12 + 16 * n;
    if (font.toString('latin1', at, at + 4) === name) return font.readUInt32BE(at + 8);
  }
  throw new RangeError(`the font has no table ${name}`);
}

/** Format 4. A segment may have holes: what leads to glyph 0 is not there. */
function segments(font: Buffer, at: number): CodeRange[] {
  const count = font.readUInt16BE(at + 6) / 2;
  const ends = at + 14;
  const starts = ends + 2 * count + 2;
  const deltas = starts + 2 * count;
  const offsets = deltas + 2 * count;
  const found: CodeRange[] = [];
  for (let n = 0; n < count; n += 1) {
    const [start, end] = [font.readUInt16BE(starts + 2 * n), font.readUInt16BE(ends + 2 * n)];
    const delta = font.readUInt16BE(deltas + 2 * n);
    const offset = font.readUInt16BE(offsets + 2 * n);
    for (let code = start; code <= end && code < 0xffff; code += 1) {
      const glyph =
        offset === 0
          ? (code + delta) & 0xffff
          : font.readUInt16BE(offsets + 2 * n + offset + 2 * (code - start));
      if (glyph !== 0) found.push([code, code]);
    }
  }
  return joined(found);
}

/** Format 12. */
function groups(font: Buffer, at: number): CodeRange[] {
  const count = font.readUInt32BE(at + 12);
  return Array.from({ length: count }, (_, n) => {
    const group = at + 16 + 12 * n;
    return [font.readUInt32BE(group), font.readUInt32BE(group + 4)] as const;
  });
}

function joined(ranges: readonly CodeRange[]): CodeRange[] {
  const all: [number, number][] = [];
  for (const [first, last] of ranges) {
    const before = all.at(-1);
    if (before && before[1] + 1 === first) before[1] = last;
    else all.push([first, last]);
  }
  return all;
}
