/**
 * A folder, from which a website is built or a person publishes by hand: the statement as Markdown and as a page of HTML.
 *
 * Once for the same statement: its id is in the names. A file appears whole under its name or not at all, and one that is
 * there is never replaced: the same content is adopted, other content is a `Conflict`.
 */
import { randomUUID } from 'node:crypto';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { conflict, unauthorized, unavailable } from '../../activities/failures';
import { hasCode, readPlain, writeWhole } from '../files';
import type { Channel } from './channel';
import { pageOf } from './html';

const SLUG_AT_MOST = 80;

export function createFolder(settings: { name: string; folder: string }): Channel {
  const what = `The folder of "${settings.name}"`;
  if (!isAbsolute(settings.folder)) throw new TypeError(`${what} has to be given by its whole path.`);

  return async ({ id, title, markdown, html }) => {
    try {
      const folder = await folderAt(settings.folder, what);
      const stem = `${slugOf(title)}-${id.slice(0, 16)}`;
      // Under another title it would be another file's name.
      const others = (await readdir(folder)).filter(
        (name) => name.endsWith(`-${id.slice(0, 16)}.md`) && name !== `${stem}.md`,
      );
      if (others.length > 0) throw isOther(what);
      await writeOnce(folder, `${stem}.md`, Buffer.from(markdown), what);
      await writeOnce(folder, `${stem}.html`, Buffer.from(pageOf(title, html)), what);
      return {};
    } catch (error) {
      throw translated(error, what);
    }
  };
}

/** Letters and digits of ASCII and hyphens alone: nothing in a title is part of a path. */
function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  const slug = (words ?? []).join('-').slice(0, SLUG_AT_MOST).replace(/-$/, '');
  return slug === '' ? 'statement' : slug;
}

/** It has to be there: one that is made in the place of a disk that is not mounted would publish nothing. */
async function folderAt(path: string, what: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory())
    throw unavailable(`${what} is not there. Make or mount it; Firebreak tries again.`);
  return real;
}

async function writeOnce(folder: string, name: string, content: Buffer, what: string): Promise<void> {
  const place = join(folder, name);
  if (await isThere(place, content, what)) return;
  const unfinished = join(folder, `.unfinished-${randomUUID()}`);
  // It is for everybody to read.
  if (await writeWhole(place, content, { unfinished, mode: 0o644 })) return;
  // Somebody was quicker; what is gone again by now is written at the next try.
  if (!(await isThere(place, content, what))) throw unavailable(`${what} changes. Firebreak tries again.`);
}

/** Whether a file with that content is there. `Conflict` where the name is something else's. */
async function isThere(place: string, content: Buffer, what: string): Promise<boolean> {
  const found = await lstat(place).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!found) return false;
  // A pipe would never end.
  if (!found.isFile() || found.size !== content.byteLength) throw isOther(what);
  const kept = await readPlain(place);
  if (!kept.equals(content)) throw isOther(what);
  return true;
}

function isOther(what: string): ApplicationFailure {
  return conflict(
    `${what} holds another file for this statement, and it is not replaced. Find out who put it there, move it away, and publish again.`,
  );
}

/** Without what the system says of paths: the name of the file is made of the title. */
function translated(error: unknown, what: string): unknown {
  if (error instanceof ApplicationFailure) return error;
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS'))
    return unauthorized(`${what} can't be written (${code}). Let the worker's user read and write it.`);
  if (hasCode(error, 'ELOOP', 'EISDIR', 'ENOTDIR')) return isOther(what);
  return unavailable(`${what} can't be written (${code ?? 'unknown error'}). Firebreak tries again.`);
}
