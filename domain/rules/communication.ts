/** Words to people inside and outside: what may be prepared and sent. What may go out is `outgoing`'s to say. */
import { blockersOfStep, blockersOfTask, isSettled } from '../blockers';
import { numberOfTask, taskOf, taskOfContact, type TaskId } from '../checklist';
import { nameChannel, NO_COMMUNICATION } from '../communication';
import { findParty, type Party } from '../contacts';
import type { DecisionInput } from '../decisions';
import { followDrop } from '../dispatch-reports';
import {
  blockersOf,
  forensicsOrBrokenGlassFor,
  partyIsApproved,
  statementIsApproved,
  type Blocker,
} from '../gates';
import type { Incident, TaskState } from '../incident';
import { lintNote, momentOf, promiseOf } from '../note';
import {
  dispatchesOf,
  enqueue,
  findDispatch,
  isPending,
  nameContent,
  withDispatch,
  type Content,
} from '../outbox';
import { pass } from '../outgoing';
import { raiseRequest, requestIdOf } from '../requests';
import { textHash } from '../statement/hash';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** A note that promises more promises it for a day that people still remember. */
const LATEST_FOLLOW_UP_MS = 90 * 24 * 60 * 60 * 1_000;

/** "Communicate internally only once you are confident …": even a draft waits for step 11's gates. */
export function submitNote(
  incident: Incident,
  { text, followUp, by }: DecisionInput<'submitNote'>,
  at: number,
): Ruling {
  const reasons = blockersOfStep('internalCommunication', incident);
  const followUpAt = momentOf(followUp);
  if (reasons.length === 0) {
    reasons.push(...lintNote(text, followUp, incident));
    if (followUpAt <= at || followUpAt > at + LATEST_FOLLOW_UP_MS)
      reasons.push({
        gate: 'followUpIsAhead',
        reason: `${followUp} is not a day ahead, within 90 days`,
        source: 'Follow up with more information once it is known.',
      });
    if (insideChannels(incident).length === 0)
      reasons.push(
        notSo(
          'wayIsConfigured',
          'no channel inside the company is configured (communication.inside): tell them another way, and complete step 11',
        ),
      );
  }
  if (reasons.length > 0) return refuse(reasons);
  const version = (incident.note?.version ?? 0) + 1;
  const promised = promiseOf(incident.note);
  const sha256 = textHash(text);
  const subject = { kind: 'note', version, sha256 } as const;
  return accept(
    {
      ...incident,
      note: { version, text, sha256, by, at, followUp, followUpAt, ...(promised && { promised }) },
      requests: { ...incident.requests, [requestIdOf(subject)]: raiseRequest(subject, at) },
    },
    `submitted version ${version} of the internal note, which promises more on ${followUp} (request ${requestIdOf(subject)})`,
  );
}

/** The incident commander has approved it: it goes to every channel, once. */
export function sendNote(incident: Incident, at: number): Incident {
  const { note } = incident;
  if (!note) return incident;
  const contents = insideChannels(incident).map(
    (channel) => ({ kind: 'note', version: note.version, channel }) as const,
  );
  return enqueue(incident, contents.filter(isNew(incident)), note.by, at);
}

function insideChannels({ company }: Incident): string[] {
  return (company.communication ?? NO_COMMUNICATION).inside.map(nameChannel);
}

/** Nothing goes out twice because somebody approved or released twice. */
export function isNew(incident: Incident): (content: Content) => boolean {
  const known = dispatchesOf(incident)
    .filter(({ state }) => state !== 'dropped')
    .map(({ content }) => JSON.stringify(content));
  return (content) => !known.includes(JSON.stringify(content));
}

export function send(
  incident: Incident,
  { to, cc = [], bcc = [], text, pack, by }: DecisionInput<'send'>,
  at: number,
): Ruling {
  const content: Content = { kind: 'mail', to, cc, bcc, text, ...(pack !== undefined && { pack }) };
  return order(incident, content, by, at);
}

export function sendSms(
  incident: Incident,
  { person, text, by }: DecisionInput<'sendSms'>,
  at: number,
): Ruling {
  return order(incident, { kind: 'sms', person, text }, by, at);
}

/** Refused where it could not go out now; what closes in between stops it. */
function order(incident: Incident, content: Content, by: string, at: number): Ruling {
  const passed = pass(content, incident, at);
  if (!passed.ok) return refuse(passed.blockers);
  const after = enqueue(incident, [content], by, at);
  return accept(after, `ordered ${nameContent(content)} (message-${after.messagesSoFar})`);
}

export function addContact(
  incident: Incident,
  { id, kind, called, email, phone, how, key, disclosure }: DecisionInput<'addContact'>,
  at: number,
): Ruling {
  const known = findParty(id, incident);
  if (known) return refuse([notSo('contactIsNew', `${known.id} is known already: ${known.name}`)]);
  const party: Party = {
    id: id.toLowerCase(),
    kind,
    name: called,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(how !== undefined && { how }),
    ...(key !== undefined && { key }),
    ...(disclosure !== undefined && { disclosure }),
  };
  const added = { ...incident, parties: { ...incident.parties, [party.id]: party } };
  if (kind === 'customer') return accept(added, `named ${party.id} (${called}), a customer's security team`);
  const subject = { kind: 'contact', contact: kind, party: party.id } as const;
  const request = requestIdOf(subject);
  return accept(
    { ...added, requests: { ...added.requests, [request]: raiseRequest(subject, at) } },
    `named ${party.id} (${called}) as somebody outside (request ${request})`,
  );
}

/** Also a word that nobody should have had yet would be written down as a refusal, which is a record too. */
export function logContact(
  incident: Incident,
  { party: id, spokeWith, about, next, by }: DecisionInput<'logContact'>,
  at: number,
): Ruling {
  const party = findParty(id, incident);
  if (!party) return refuse([unknownParty(id)]);
  if (party.kind === 'customer')
    return refuse([
      notSo('partyIsAContact', `${party.id} is a customer: say so with "firebreak contacts reached"`),
    ]);
  const reasons = blockersOf([forensicsOrBrokenGlassFor(party), partyIsApproved(party)], incident);
  const nextAt = next === undefined ? undefined : momentOf(next);
  if (nextAt !== undefined && nextAt <= at)
    reasons.push(notSo('nextIsAhead', `the next word is due on a day ahead, and ${next} is not`));
  if (reasons.length > 0) return refuse(reasons);
  const conversation = {
    party: party.id,
    by,
    with: spokeWith,
    about,
    at,
    ...(nextAt !== undefined && { nextAt }),
  };
  const after = { ...incident, conversations: [...incident.conversations, conversation] };
  const task = taskOfContact(party.kind);
  const isToDo = !isSettled(incident.tasks[task]) && blockersOfTask(task, incident).length === 0;
  const told = `spoke with ${spokeWith} (${party.id}) about: ${about}${next === undefined ? '' : `; the next word is due on ${next}`}`;
  if (!isToDo) return accept(after, told);
  return accept(
    withDone(after, [task], { state: 'done', by, at, note: `spoke with ${spokeWith}` }),
    `${told}; ${numberOfTask(task)} (${taskOf(task).title}) is done with it`,
  );
}

/** Why not is recorded at any time; that they know only when they may. */
export function reachCustomer(
  incident: Incident,
  { party: id, outcome, how, by }: DecisionInput<'reachCustomer'>,
  at: number,
): Ruling {
  const party = findParty(id, incident);
  if (party?.kind !== 'customer') return refuse([unknownParty(id)]);
  const reasons =
    outcome === 'notReached'
      ? []
      : [
          ...blockersOfStep('externalCommunication', incident),
          ...blockersOf([statementIsApproved], incident),
        ];
  if (reasons.length > 0) return refuse(reasons);
  return accept(
    { ...incident, reached: { ...incident.reached, [party.id]: { outcome, how, by, at } } },
    `recorded that ${party.id} was ${outcome === 'reached' ? 'reached' : 'not reached'} — ${how}`,
  );
}

function unknownParty(id: string): Blocker {
  return notSo('partyIsKnown', `nobody outside is known as ${id}; see: firebreak contacts CODENAME`);
}

export function withDone(incident: Incident, tasks: readonly TaskId[], done: TaskState): Incident {
  return {
    ...incident,
    tasks: { ...incident.tasks, ...Object.fromEntries(tasks.map((id) => [id, done])) },
  };
}

export function retrySend(incident: Incident, { message }: DecisionInput<'retrySend'>, at: number): Ruling {
  const found = findDispatch(message, incident);
  if (!found) return refuse([noSuchMessage(message, incident)]);
  if (found.state !== 'failed' && found.state !== 'stopped')
    return refuse([notSo('messageIsStuck', `${message} has not failed: it is ${found.state}`)]);
  const passed = pass(found.content, incident, at);
  if (!passed.ok) return refuse(passed.blockers);
  const { nextTryAt: _old, ...rest } = found;
  return accept(
    withDispatch(incident, { ...rest, state: 'waiting', attempt: 0 }),
    `ordered that ${message} be tried again (${nameContent(found.content)})`,
  );
}

export function dropSend(
  incident: Incident,
  { message, reason }: DecisionInput<'dropSend'>,
  at: number,
): Ruling {
  const found = findDispatch(message, incident);
  if (!found) return refuse([noSuchMessage(message, incident)]);
  if (found.state === 'sending')
    return refuse([notSo('messageIsNotOut', `${message} is being sent at this moment`)]);
  if (!isPending(found)) return refuse([notSo('messageIsPending', `${message} is ${found.state} already`)]);
  const { nextTryAt: _old, ...rest } = found;
  return accept(
    followDrop(withDispatch(incident, { ...rest, state: 'dropped', cause: reason }), found, at),
    `dropped ${message} (${nameContent(found.content)}) — ${reason}`,
  );
}

function noSuchMessage(id: string, incident: Incident): Blocker {
  const pending = dispatchesOf(incident)
    .filter(isPending)
    .map((one) => one.id);
  return notSo('messageExists', `there is no ${id}; on their way are: ${pending.join(', ') || 'none'}`);
}
