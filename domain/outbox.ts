/** The outbox: what people ordered to be sent, and how far each of it has come. */
import type { ContactId } from './contacts';
import { backOffMs } from './effects';
import type { Incident } from './incident';
import { SMS_TEXTS, type SmsTextId } from './sms';

/** What is to be sent, in the terms of whoever ordered it. Who gets what in the end is `outgoing`'s to say, at the moment of sending. */
export type Content =
  | { readonly kind: 'note'; readonly version: number; readonly channel: string }
  | {
      readonly kind: 'mail';
      /** Addresses, or the ids of parties. */
      readonly to: readonly string[];
      readonly cc: readonly string[];
      readonly bcc: readonly string[];
      readonly text: string;
      /** With the hand-off pack for contacts of that kind. */
      readonly pack?: ContactId;
    }
  | { readonly kind: 'sms'; readonly person: string; readonly text: SmsTextId }
  /** The approved statement, to a customer's security team. */
  | { readonly kind: 'customer'; readonly party: string; readonly version: number }
  | { readonly kind: 'public'; readonly channel: string; readonly version: number };

export interface Dispatch {
  /** `message-3` */
  readonly id: string;
  readonly content: Content;
  readonly by: string;
  readonly at: number;
  /**
   * `failed` without `nextTryAt` waits for a person, as `stopped` does: its gates have closed since it was ordered. `dropped`: a
   * person said that it is not to go out any more.
   */
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed' | 'stopped' | 'dropped';
  /** How often it was tried since it was last ordered. */
  readonly attempt: number;
  readonly cause?: string;
  readonly nextTryAt?: number;
  readonly sentAt?: number;
}

export function enqueue(incident: Incident, contents: readonly Content[], by: string, at: number): Incident {
  const outbox = { ...incident.outbox };
  let { messagesSoFar } = incident;
  for (const content of contents) {
    messagesSoFar += 1;
    const id = `message-${messagesSoFar}`;
    outbox[id] = { id, content, by, at, state: 'waiting', attempt: 0 };
  }
  return { ...incident, outbox, messagesSoFar };
}

export function dispatchesOf({ outbox }: Pick<Incident, 'outbox'>): Dispatch[] {
  return Object.values(outbox);
}

export function findDispatch(id: string, { outbox }: Pick<Incident, 'outbox'>): Dispatch | undefined {
  return Object.hasOwn(outbox, id) ? outbox[id] : undefined;
}

/** It may go out still. */
export function isPending({ state }: Dispatch): boolean {
  return state !== 'sent' && state !== 'dropped';
}

/** Nothing more becomes of it by itself. */
export function waitsForSomebody({ state, nextTryAt }: Dispatch): boolean {
  return state === 'stopped' || (state === 'failed' && nextTryAt === undefined);
}

export function withDispatch(incident: Incident, dispatch: Dispatch): Incident {
  return { ...incident, outbox: { ...incident.outbox, [dispatch.id]: dispatch } };
}

/** When the machine takes it up; undefined where it does not. */
export function dueOf({ state, at, nextTryAt }: Dispatch): number | undefined {
  if (state === 'waiting') return at;
  return state === 'failed' ? nextTryAt : undefined;
}

export function afterFailure(
  { nextTryAt: _before, ...dispatch }: Dispatch,
  cause: string,
  isFinal: boolean,
  at: number,
): Dispatch {
  return {
    ...dispatch,
    state: 'failed',
    cause,
    ...(!isFinal && { nextTryAt: at + backOffMs(Math.max(1, dispatch.attempt)) }),
  };
}

/** "the statement, version 2, to customer-one": what of it may be read by whoever takes part. */
export function nameContent(content: Content): string {
  switch (content.kind) {
    case 'note':
      return `the internal note, version ${content.version}, to ${content.channel}`;
    case 'mail':
      return `mail to ${[...content.to, ...content.cc, ...content.bcc].join(', ')}`;
    case 'sms':
      return `SMS "${SMS_TEXTS[content.text]}" to ${content.person}`;
    case 'customer':
      return `the statement, version ${content.version}, to ${content.party}`;
    case 'public':
      return `the statement, version ${content.version}, to the public (${content.channel})`;
  }
}
