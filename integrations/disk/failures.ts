/** What a disk answers, as failures. Paths are left out: they bear the incident's name. */
import { ApplicationFailure } from '@temporalio/common';
import { conflict, unauthorized, unavailable } from '../../activities/failures';
import { hasCode } from '../files';

/** `what` begins the sentence. What is not recognised is passed on, without what it says of paths. */
export function translate(error: unknown, what: string): unknown {
  if (error instanceof ApplicationFailure) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS'))
    return unauthorized(`${what} can't be used (${code}). Let the worker's user read and write it.`);
  if (hasCode(error, 'ENOTDIR', 'EISDIR', 'ELOOP', 'EXDEV'))
    return conflict(`${what} is not as it has to be (${code}). Give the worker an empty folder of one disk.`);
  return unavailable(`${what} can't be used (${code ?? 'unknown error'}). Firebreak tries again.`);
}
