/** Reads the body of a request, and not more of it than is allowed. */
import type { IncomingMessage } from 'node:http';

export type ReadBody =
  | { readonly ok: true; readonly text: string }
  /** 413: more than `most` bytes. 408: it ended before it was whole. 400: no UTF-8. */
  | { readonly ok: false; readonly status: 400 | 408 | 413 };

export const BODY_PROBLEMS = {
  400: 'The body is no text in UTF-8: send JSON.',
  408: 'The body ended too early: send it whole.',
  413: 'The body is too large: send fewer payloads at once.',
} as const;

export function readBody(request: IncomingMessage, most: number): Promise<ReadBody> {
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
    request.on('end', () => resolve(decoded(chunks)));
    request.on('error', () => resolve({ ok: false, status: 408 }));
    request.on('close', () => resolve({ ok: false, status: 408 }));
  });
}

function decoded(chunks: readonly Buffer[]): ReadBody {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { ok: false, status: 400 };
  }
}
