/**
 * A document as a PDF, made in a thread of its own. Laying out a long one takes seconds, in which the worker's own thread would
 * neither answer nor say that it lives: what it does meanwhile would be taken for lost, and done again elsewhere.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What is asked of the thread. */
export interface PdfOrder {
  readonly markdown: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Built, it lies beside this file. */
const THREAD = join(__dirname, 'thread.js');

/** In milliseconds. Longer than the longest pack takes on a busy machine, and shorter than the activity that waits for it. */
const PATIENCE_MS = 45_000;

/** Of the thread: what a document takes beyond it fails by itself, and not with the worker. */
const MEMORY_MB = 512;

/**
 * @param at the day that it bears
 * @throws Error where it can't be made, or not in time. It says nothing of the document
 */
export async function createPdfApart(markdown: string, at = Date.now()): Promise<Uint8Array> {
  const thread = new Worker(THREAD, {
    workerData: { markdown, at } satisfies PdfOrder,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const impatience = setTimeout(() => void thread.terminate(), PATIENCE_MS);
  const exit = once(thread, 'exit').then(() => undefined);
  try {
    const answer = (await Promise.race([once(thread, 'message'), exit])) as [Uint8Array] | undefined;
    if (answer) return answer[0];
  } catch {
    // Its words may be the document's.
  } finally {
    clearTimeout(impatience);
    await thread.terminate();
  }
  throw new Error('The document could not be made into a PDF, or not in time.');
}
