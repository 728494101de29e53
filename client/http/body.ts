/** Reads the body of a request, and not more of it than is allowed. */
import type { IncomingMessage } from 'node:http';

export type ReadBytes =
  | { readonly ok: true; readonly bytes: Buffer }
  /** 413: more than `most` bytes. 408: it ended before it was whole. */
  | { readonly ok: false; readonly status: 408 | 413 };

export type ReadBody =
  | { readonly ok: true; readonly text: string }
  /** As for bytes; 400: no UTF-8. */
  | { readonly ok: false; readonly status: 400 | 408 | 413 };

export const BODY_PROBLEMS = {
  400: 'The body is no text in UTF-8: send JSON.',
  408: 'The body ended too early: send it whole.',
  413: 'The body is too large: send fewer payloads at once.',
} as const;

export async function readBody(request: IncomingMessage, most: number): Promise<ReadBody> {
  const read = await readBytes(request, most);
  return read.ok ? decoded(read.bytes) : read;
}

/** As it came, for who signed it signed bytes. */
export function readBytes(request: IncomingMessage, most: number): Promise<ReadBytes> {
  if (Number(request.headers['content-length'] ?? 0) > most)
    return Promise.resolve({ ok: false, status: 413 });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve({ ok: false, status: 413 });
      }
    });
    request.on('end', () => resolve({ ok: true, bytes: Buffer.concat(chunks) }));
    request.on('error', () => resolve({ ok: false, status: 408 }));
    request.on('close', () => resolve({ ok: false, status: 408 }));
  });
}

function decoded(bytes: Buffer): ReadBody {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, status: 400 };
  }
}
