/** Mail as Firebreak builds it, read again: enough for what a drill and tests look at, and not a line more. */

export interface MimePart {
  /** By name in lower case; unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** Decoded; empty where it has parts. */
  readonly content: Buffer;
  readonly parts: readonly MimePart[];
}

/** Each header's name and value, unfolded, in the order of the mail. */
export function headersOf(raw: string): [name: string, value: string][] {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  return head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}

export function readMime(raw: string): MimePart {
  const headers = new Map(headersOf(raw).map(([name, value]) => [name.toLowerCase(), value]));
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/is.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined)
    return { headers, content: decode(body, headers.get('content-transfer-encoding')), parts: [] };
  const between = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1);
  return { headers, content: Buffer.alloc(0), parts: between.map((part) => readMime(part.slice(2))) };
}

/** The text, and the documents with their names. */
export function readContent(mime: string): { text: string; documents: { name: string; content: Buffer }[] } {
  const { headers, content, parts } = readMime(mime);
  const [first, ...others] = headers.get('content-type')?.startsWith('multipart/') ? parts : [];
  return {
    text: (first?.content ?? content).toString('utf8').replaceAll('\r\n', '\n'),
    documents: others.map((part) => ({
      name: /filename="?([^";]+)"?/.exec(part.headers.get('content-disposition') ?? '')?.[1] ?? '',
      content: part.content,
    })),
  };
}

function decode(body: string, encoding = '7bit'): Buffer {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return Buffer.from(
        body
          .replace(/=\r\n/g, '')
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      );
    default:
      return Buffer.from(body, 'utf8');
  }
}
