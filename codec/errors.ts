/** What can go wrong with a seal, each with what to do about it. None of them quotes a content or a secret. */
import { UNREADABLE_REASONS, type UnreadableReason } from '../domain/trust/unreadable';

/** A caller was answered with something that can't be read. A worker puts a mark in its place instead. */
export class UnreadablePayload extends Error {
  override readonly name = 'UnreadablePayload';

  constructor(readonly reason: UnreadableReason) {
    super(
      `What Temporal answered can't be read: ${UNREADABLE_REASONS[reason]}. Nothing of it was used. ` +
        'Check that FIREBREAK_KEYRING is the keyring of the worker, then tell the security team.',
    );
  }
}

/**
 * A key of this company that can't be used here just now. In a worker it fails the workflow task, which is tried again until
 * the key is there: the incident waits, and nothing is lost. Never a mark, which would be another one on the next replay.
 */
export class KeyUnusable extends Error {
  override readonly name: string = 'KeyUnusable';
}

export class KeyMissing extends KeyUnusable {
  override readonly name = 'KeyMissing';

  constructor(keyId: string) {
    super(
      `A message was sealed with the key ${keyId}, which is not on this keyring. Add it to the keyring (docs/keys.md) and ` +
        'start again; until then the incident waits, and nothing is lost.',
    );
  }
}

/** The ring sealed this, and its key of that id does not open it: somebody has changed the entry. */
export class KeyReplaced extends KeyUnusable {
  override readonly name = 'KeyReplaced';

  constructor(keyId: string) {
    super(
      `The key ${keyId} of this keyring is not the one that sealed a message under this id. Put the earlier entry back ` +
        '(docs/keys.md) and start again; until then the incident waits, and nothing is lost.',
    );
  }
}
