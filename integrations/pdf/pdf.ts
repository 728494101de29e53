/**
 * A document as a PDF, made on this machine: its fonts come with the library, and it reads no other file and no address. What it
 * says of itself is its title, which is every document's, and the day.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { charactersOf } from './characters';
import { contentOf } from './content';

/** The one that every document has: "Attorney Work Project" and nothing else. */
const TITLE = 'Attorney Work Project';

const FOLDER = join(dirname(require.resolve('pdfmake/package.json')), 'build', 'fonts', 'Roboto');
const FONTS = {
  normal: join(FOLDER, 'Roboto-Regular.ttf'),
  bold: join(FOLDER, 'Roboto-Medium.ttf'),
  italics: join(FOLDER, 'Roboto-Italic.ttf'),
  bolditalics: join(FOLDER, 'Roboto-MediumItalic.ttf'),
} as const;

const DAY_MS = 86_400_000;

let hasCharacter: ((code: number) => boolean) | undefined;

/** @param at the day that it bears; the time of day would tell when somebody was at work */
export async function createPdf(markdown: string, at = Date.now()): Promise<Uint8Array> {
  // Loaded once it is asked for: the command line starts in three quarters of the time.
  const { default: pdfmake } = await import('pdfmake');
  pdfmake.setFonts({ Roboto: { ...FONTS } });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => Object.values<string>(FONTS).includes(path));
  const day = new Date(Math.floor(at / DAY_MS) * DAY_MS);
  const content = contentOf(markdown, drawn);
  return pdfmake
    .createPdf({
      info: { title: TITLE, creationDate: day },
      pageSize: 'A4',
      pageMargins: [48, 56, 48, 56],
      displayTitle: true,
      defaultStyle: { font: 'Roboto', fontSize: 10, lineHeight: 1.15 },
      footer: (page, pages) => ({
        columns: [TITLE, { text: `${page} of ${pages}`, alignment: 'right' }],
        fontSize: 8,
        margin: [48, 20, 48, 0],
      }),
      content: content.length > 0 ? content : [''],
    })
    .getBuffer();
}

/** What the font lacks, and what nobody would see, is written out: a name that vanished would be another name. */
function drawn(text: string): string {
  hasCharacter ??= charactersOf(readFileSync(FONTS.normal));
  const has = hasCharacter;
  return Array.from(text.replace(/\t/g, '    '), (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n' || (has(code) && !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(character)))
      return character;
    const digits = code.toString(16);
    return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`;
  }).join('');
}
