/**
 * A folder whose files are written once: for a ledger without a cloud. A file appears whole under its name or not at all, and
 * the name of one that is there can't be taken by another. Nothing is ever deleted but what was never finished. Whoever owns the
 * folder can still change it, so docs/ledger.md says how to take that from them.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Vault, WrittenFile } from '../../activities/evidence';
import { invalidRequest, notFound, unavailable } from '../../activities/failures';
import { hasCode, keepNames, readPlain, writeWhole } from '../files';
import { translate } from './failures';

/** Where files are until they are whole; on the same disk, so that they can be linked. */
const UNFINISHED = '.unfinished';

/** Names that no disk reads as anything but a name: as `encodeURIComponent` leaves them, and no dots alone. */
const PART = /^(?!\.+$)[\w!~*'()%.@=+-]{1,200}$/;

/** `folder` has to be there: one that is made in the place of a disk that is not mounted would keep nothing. */
export function createDiskVault(folder: string): Vault {
  return {
    holder: `folder ${folder} on ${hostname()}`,
    writeOnce: (path, content) => translated(() => writeOnce(folder, path, content)),
    read: (path) =>
      translated(async () => {
        const place = await placeOf(folder, path, { isToBeMade: false });
        if (place === undefined) throw noSuchFile();
        return await readPlain(place).catch((error: unknown) => {
          throw hasCode(error, 'ENOENT') ? noSuchFile() : error;
        });
      }),
  };
}

async function writeOnce(folder: string, path: string, content: Uint8Array): Promise<WrittenFile> {
  const place = await placeOf(folder, path, { isToBeMade: true });
  if (place === undefined) throw noSuchFile();
  const existed = !(await linkWhole(folder, place, content));
  const kept = existed ? await readPlain(place) : content;
  return { path, bytes: kept.byteLength, sha256: createHash('sha256').update(kept).digest('hex'), existed };
}

/** Whether it was written; not where the name is taken. */
async function linkWhole(folder: string, place: string, content: Uint8Array): Promise<boolean> {
  await mkdir(join(folder, UNFINISHED), { mode: 0o700, recursive: true });
  return writeWhole(place, content, { unfinished: join(folder, UNFINISHED, randomUUID()), mode: 0o440 });
}

/**
 * The file's own path, whose folders are there; nothing where they are not and are not to be made. No part of a path leads out
 * of the vault's folder: neither by its name, nor by a link that somebody has put there.
 */
async function placeOf(
  folder: string,
  path: string,
  { isToBeMade }: { readonly isToBeMade: boolean },
): Promise<string | undefined> {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  if (![...parts, name].every((part) => PART.test(part)) || parts[0] === UNFINISHED)
    throw invalidRequest('The path of the file can lead out of the folder, so nothing was written or read.');
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory())
    throw unavailable(
      'The folder for files that are written once is not there. Make or mount it; Firebreak tries again.',
    );
  let inside = root;
  for (const part of parts) {
    const next = join(inside, part);
    if (isToBeMade) await makeFolder(next, inside);
    const real = await realpath(next).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (real === undefined) return undefined;
    if (real !== next)
      throw invalidRequest(
        'A folder of the vault is a link, which leads elsewhere. Remove the link, and find out who made it.',
      );
    inside = next;
  }
  return join(inside, name);
}

async function makeFolder(path: string, parent: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o750 });
    await keepNames(parent);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function noSuchFile() {
  return notFound('The folder for files that are written once has no such file.');
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, 'The folder for files that are written once');
  }
}
