/** Reads an incident's folder, evidence and ledger, from disk: every file in it, hidden ones too, and nothing that a link points to. */
import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, FolderFile } from '../../domain/evidence/finding';
import { isReadByCheck } from '../../domain/evidence/manifest';
import { isReadByLedgerCheck } from '../../domain/ledger/check';

/** A line has some hundred bytes; more than this is no manifest, no chain of custody and no batch of the ledger. */
const MOST_TEXT_BYTES = 64 * 1024 * 1024;

export interface ReadFolder {
  /** By path, with `/` between its parts; sorted. */
  readonly files: ReadonlyMap<string, FolderFile>;
  /** What is there and belongs to neither. */
  readonly findings: readonly Finding[];
}

/** @throws where the folder itself can't be listed */
export async function readFolder(folder: string): Promise<ReadFolder> {
  const files: [string, FolderFile][] = [];
  const findings: Finding[] = [];
  const waiting = [''];
  for (let under = waiting.pop(); under !== undefined; under = waiting.pop()) {
    let entries: Dirent[];
    try {
      entries = await readdir(join(folder, under), { withFileTypes: true });
    } catch (error) {
      if (under === '') throw error;
      findings.push({ path: under, problem: `can't be read (${codeOf(error)})` });
      continue;
    }
    if (entries.length === 0 && under !== '') findings.push({ path: under, problem: 'is an empty folder' });
    for (const entry of entries) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isSymbolicLink()) findings.push({ path, problem: 'is a link: it was not followed' });
      else if (!entry.isFile()) findings.push({ path, problem: 'is neither a file nor a folder' });
      else {
        const withText = isReadByCheck(path) || isReadByLedgerCheck(path);
        const file = await readFile(join(folder, path), withText);
        if ('problem' in file) findings.push({ path, ...file });
        else files.push([path, file]);
      }
    }
  }
  return { files: new Map(files.sort(([a], [b]) => (a < b ? -1 : 1))), findings };
}

/** Images of memory have gigabytes: only what has to be read is kept. */
async function readFile(file: string, withText: boolean): Promise<FolderFile | { readonly problem: string }> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (withText && bytes <= MOST_TEXT_BYTES) kept.push(chunk);
    }
  } catch (error) {
    return { problem: `can't be read (${codeOf(error)})` };
  }
  const text = withText && bytes <= MOST_TEXT_BYTES ? { text: Buffer.concat(kept).toString('utf8') } : {};
  return { bytes, sha256: hash.digest('hex'), ...text };
}

/** As the system says it, e.g. `EACCES`. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
