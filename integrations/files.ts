/** Files that are written once: whole under their name or not at all, and nothing that is there is ever replaced. */
import { constants } from 'node:fs';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A link is made or fails: there is nothing in between, and unlike a renaming it fails where the name is taken.
 *
 * @param unfinished where it is until it is whole: a free name on the same disk
 * @param mode of the file, whatever the process's mask is
 * @returns whether it was written; not where the name is taken
 */
export async function writeWhole(
  place: string,
  content: Uint8Array,
  { unfinished, mode }: { readonly unfinished: string; readonly mode: number },
): Promise<boolean> {
  try {
    const file = await open(unfinished, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(unfinished, place);
    await keepNames(dirname(place));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(unfinished).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
}

/** Names in a folder outlast a loss of power only once the folder is on the disk itself. */
export async function keepNames(folder: string): Promise<void> {
  const names = await open(folder, 'r');
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

/** A link in the place of a file leads elsewhere, and is not followed. */
export function readPlain(place: string): Promise<Buffer> {
  return readFile(place, { flag: constants.O_RDONLY | constants.O_NOFOLLOW });
}

/** Whether the system has answered with one of these: `ENOENT`, `EEXIST` … */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && codes.includes(code);
}
