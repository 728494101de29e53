/** The program of the thread in which a document is laid out: `apart.ts` begins it, once for each. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PdfOrder } from './apart';
import { createPdf } from './pdf';

const { markdown, at } = workerData as PdfOrder;

void createPdf(markdown, at).then((pdf) => parentPort?.postMessage(pdf));
