/** Words to people inside and outside: what may be prepared, sent and released. What may go out is `outgoing`'s to say. */
import { blockersOfStep, blockersOfTask, isSettled } from '../blockers';
import { numberOfTask, taskOf, TASK_IDS, taskOfContact, type TaskId } from '../checklist';
import { nameChannel, NO_COMMUNICATION } from '../communication';
import { customersOf, findParty, vectorsOf, type Party } from '../contacts';
import type { DecisionInput } from '../decisions';
import { followDrop } from '../dispatch-reports';
import { forensicsOrBrokenGlassFor, partyIsApproved, blockersOf, statementIsApproved } from '../gates';
import type { Blocker } from '../gates';
import type { Incident, TaskState } from '../incident';
import { lintNote, momentOf } from '../note';
import {
  dispatchesOf,
  enqueue,
  findDispatch,
  isPending,
  nameContent,
  withDispatch,
  type Content,
} from '../outbox';
import { blockersOfStatement, pass } from '../outgoing';
import { raiseRequest, requestIdOf, requestOfStatement } from '../requests';
import { textHash } from '../statement/hash';
import { factsOf, type StatementFacts } from '../statement/facts';
import type { StatementFinding } from '../statement/finding';
import { lintStatement } from '../statement/lint';
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
  const sha256 = textHash(text);
  const subject = { kind: 'note', version, sha256 } as const;
  return accept(
    {
      ...incident,
      note: { version, text, sha256, by, at, followUp, followUpAt },
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
function isNew(incident: Incident): (content: Content) => boolean {
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

/** "Only then should you prepare and release a public statement": even a draft waits for the five facts. */
export function submitStatement(
  incident: Incident,
  { text, by }: DecisionInput<'submitStatement'>,
  at: number,
): Ruling {
  const reasons = blockersOfStep('externalCommunication', incident);
  if (reasons.length === 0)
    reasons.push(
      ...firstOf(lintStatement(text, factsOfStatement(incident))).map(
        ({ message, source, line, column }) => ({
          gate: 'statementPassesItsLint',
          reason: `line ${line}, column ${column}: ${message}`,
          source,
        }),
      ),
    );
  if (reasons.length > 0) return refuse(reasons);
  const { statement: before } = incident;
  const version = (before?.version ?? 0) + 1;
  const statement = { version, text, sha256: textHash(text), by, at };
  const request = requestOfStatement(statement);
  const subject = { kind: 'statement', version, sha256: statement.sha256 } as const;
  const checked = { state: 'done', by: 'firebreak', at, note: `version ${version} passed its lint` } as const;
  return accept(
    withDone(
      {
        ...incident,
        statement,
        earlierStatements: [...incident.earlierStatements, ...(before ? [withoutText(before)] : [])],
        requests: { ...incident.requests, [request]: raiseRequest(subject, at) },
      },
      TASK_IDS.filter((id) => taskOf(id).by.kind === 'lint'),
      checked,
    ),
    `submitted version ${version} of the public statement; it passed its lint (request ${request})`,
  );
}

/** What a statement is held against. The day of its release is asked for when it is released. */
export function factsOfStatement(incident: Incident): StatementFacts {
  const { domains } = incident.company.communication ?? NO_COMMUNICATION;
  return { ...factsOf(incident, vectorsOf(incident)), domains };
}

/** As many as somebody mends at a time; `firebreak statement lint` tells all of them. */
function firstOf(findings: readonly StatementFinding[]): readonly StatementFinding[] {
  return findings.slice(0, MOST_FINDINGS_TOLD);
}

const MOST_FINDINGS_TOLD = 20;

function withoutText<S extends { readonly text: string }>({ text: _text, ...rest }: S): Omit<S, 'text'> {
  return rest;
}

function withDone(incident: Incident, tasks: readonly TaskId[], done: TaskState): Incident {
  return {
    ...incident,
    tasks: { ...incident.tasks, ...Object.fromEntries(tasks.map((id) => [id, done])) },
  };
}

export function releaseStatement(
  incident: Incident,
  { to, by }: DecisionInput<'releaseStatement'>,
  at: number,
): Ruling {
  return to === 'customers' ? releaseToCustomers(incident, by, at) : releaseToPublic(incident, by, at);
}

/** Whoever can be reached by mail is; who can't is named, and reached by people. */
function releaseToCustomers(incident: Incident, by: string, at: number): Ruling {
  const version = incident.statement?.version ?? 0;
  const customers = customersOf(incident);
  if (customers.length === 0)
    return refuse([
      notSo(
        'customersAreKnown',
        'the register has no customers (communication.customers): reach them another way, and complete tellCustomersSecurityTeams',
      ),
    ]);
  // Why nobody may hear it goes before who is left.
  const closed = blockersOfStatement(incident, at).customers;
  if (closed.length > 0) return refuse(closed);
  const left = customers.filter(({ id }) => incident.reached[id]?.outcome !== 'reached');
  const contents = left
    .map(({ id }): Content => ({ kind: 'customer', party: id, version }))
    .filter(isNew(incident));
  const tried = contents.map((content) => ({ content, passed: pass(content, incident, at) }));
  const open = tried.filter(({ passed }) => passed.ok).map(({ content }) => content);
  const reasons = tried.flatMap(({ passed }) => (passed.ok ? [] : passed.blockers));
  if (open.length === 0)
    return refuse(
      reasons.length > 0
        ? distinct(reasons)
        : [
            notSo(
              'somebodyIsLeft',
              'the statement has gone to every customer of the register, is on its way, or waits for somebody (messages retry)',
            ),
          ],
    );
  const others = reasons.map(({ reason }) => reason);
  const rest =
    others.length === 0
      ? ''
      : `; not by mail, reach them another way or record why not: ${others.join('; ')}`;
  return accept(
    enqueue(incident, open, by, at),
    `released version ${version} of the statement to ${open.length} of ${customers.length} customers' security teams${rest}`,
  );
}

function releaseToPublic(incident: Incident, by: string, at: number): Ruling {
  const { statement, company } = incident;
  const channels = (company.communication ?? NO_COMMUNICATION).public.map(({ name }) => name);
  const version = statement?.version ?? 0;
  const contents = channels.map((channel): Content => ({ kind: 'public', channel, version }));
  const reasons =
    channels.length === 0
      ? [
          notSo(
            'wayIsConfigured',
            'no public channel is configured (communication.public): publish it by hand, and complete releaseStatement',
          ),
        ]
      : contents.flatMap((content) => {
          const passed = pass(content, incident, at);
          return passed.ok ? [] : passed.blockers;
        });
  if (reasons.length > 0) return refuse(distinct(reasons));
  const fresh = contents.filter(isNew(incident));
  if (fresh.length === 0)
    return refuse([
      notSo(
        'isNotReleased',
        `version ${version} is released already, is on its way, or waits for somebody (messages retry)`,
      ),
    ]);
  return accept(
    enqueue(incident, fresh, by, at),
    `released version ${version} of the statement to the public: ${channels.join(', ')}`,
  );
}

function distinct(reasons: readonly Blocker[]): Blocker[] {
  return reasons.filter(
    (one, index) =>
      reasons.findIndex(({ gate, reason }) => gate === one.gate && reason === one.reason) === index,
  );
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
