/** Sends what people ordered. Each message passes the gates anew at the moment of each attempt (`domain/outgoing.ts`). */
import { ActivityFailure, ApplicationFailure, condition } from '@temporalio/workflow';
import { dispatchesOf, dueOf, findDispatch, type Dispatch } from '../../domain/outbox';
import { pass, type Message, type Sendable } from '../../domain/outgoing';
import { announcements, mail, publishing, sms } from './activities';
import { causeOf } from './causes';
import { untilDue } from './due';
import type { Store } from './store';

/** Runs until `draining`. One message never waits for another; what is being sent is waited for. */
export async function keepOutbox(store: Store, draining: () => boolean): Promise<void> {
  const underWay = new Set<string>();
  const next = () => {
    const due = dispatchesOf(store.incident).flatMap((dispatch) => {
      const at = dueOf(dispatch);
      return at === undefined || underWay.has(dispatch.id) ? [] : [{ id: dispatch.id, at }];
    });
    return due.sort((a, b) => a.at - b.at)[0];
  };
  for (;;) {
    const due = await untilDue(next, draining, 'Next try: a message');
    if (!due) break;
    underWay.add(due.id);
    void attempt(due.id, store).then(() => underWay.delete(due.id));
  }
  await condition(() => underWay.size === 0);
}

async function attempt(id: string, store: Store): Promise<void> {
  const dispatch = findDispatch(id, store.incident);
  if (!dispatch) return;
  const passed = pass(dispatch.content, store.incident, Date.now());
  if (!passed.ok) {
    // Time alone can close a gate: a key expires, the day in the title is over.
    const cause = passed.blockers.map(({ reason }) => reason).join('; ');
    return store.report({ name: 'dispatchFailed', id, cause, isFinal: true });
  }
  store.report({ name: 'dispatchStarted', id });
  try {
    const note = await send(dispatch, passed.message, store);
    store.report({ name: 'dispatchSent', id, ...(note !== undefined && { note }) });
  } catch (error) {
    const cause = causeOf(error);
    store.report({ name: 'dispatchFailed', id, cause, isFinal: !mayPass(error, passed.message) });
  }
}

/** @returns what is worth telling besides that it was sent */
async function send(
  dispatch: Dispatch,
  message: Sendable<Message>,
  { incident }: Store,
): Promise<string | undefined> {
  const key = `${incident.declaration.codename} ${dispatch.id}`;
  switch (message.way) {
    case 'mail': {
      const { messages } = await mail.sendMail.executeWithOptions({ summary: 'Send mail' }, [key, message]);
      return message.encrypt
        ? `encrypted to each, ${messages === 1 ? 'one message' : `${messages} messages`}`
        : undefined;
    }
    case 'slack':
      await announcements.announce.executeWithOptions({ summary: 'Announce' }, [key, message]);
      return undefined;
    case 'sms':
      await sms.sendSms.executeWithOptions({ summary: 'Send SMS' }, [key, message]);
      return undefined;
    case 'publish': {
      const { url } = await publishing.publishStatement.executeWithOptions({ summary: 'Publish' }, [
        key,
        message,
      ]);
      return url;
    }
  }
}

/**
 * Whether it may be tried again without asking anybody. A mail whose fate nobody knows may not: it can't be looked up, and would
 * arrive twice. The others are made once for their key.
 */
function mayPass(error: unknown, { way }: Message): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  if (cause instanceof ApplicationFailure)
    return cause.type === 'Unavailable' || cause.type === 'RateLimited';
  return way !== 'mail';
}
