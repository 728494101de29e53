/** What a workflow starts with is sealed by this company, or it is none of its workflows. */
import { unreadableReasonOf } from '../domain/trust/unreadable';

/**
 * A worker that was given another company's keyring, or a wrong file, can read nothing at all. It must not end what it can't
 * read: the workflow task fails and is tried again, until a worker with the right keys comes.
 *
 * @throws Error, which fails the workflow task and not the workflow
 */
export function waitForOurKey(...input: unknown[]): void {
  if (input.some((one) => unreadableReasonOf(one) === 'unknownKey'))
    throw new Error(
      'This was sealed with a key that is not on the keyring of this worker: give it the right keyring.',
    );
}
