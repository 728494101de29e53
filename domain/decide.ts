/**
 * The one way to change an incident. `decide` takes what a person decided or a machine reports, and answers with the
 * incident as it is then, what was written down, and whether it was accepted. It never throws, and it forgets nothing: a
 * refusal is an answer with its reasons, and an entry.
 */
import { addAsked, findAsked, MOST_ASKED, withoutAsked } from './asked';
import { describeAttempt } from './attempts';
import { blockerOfSender } from './authority';
import { blockersOfStep, markDoubts } from './blockers';
import { numberOfTask, taskOf, tasksOfStep, TASK_IDS } from './checklist';
import type { Company } from './company';
import type { Decision } from './decisions';
import { MACHINE, UNKNOWN, type NewEntry } from './entries';
import type { Blocker } from './gates';
import { hasEnded, newIncident, type Declaration, type Incident } from './incident';
import { updateMachineTasks } from './machine-tasks';
import { countRefusal, tellCounted } from './refusals';
import { applyReport, type Report } from './reports';
import { addressIn, isExcluded } from './people';
import { servicesWithoutRepresentative } from './roles';
import { clocksLeftOpen } from './clock-reports';
import { approve, breakGlass, refuse as refuseRequest, withhold } from './rules/approvals';
import { giveUp, orderStop } from './rules/containment';
import {
  addContact,
  dropSend,
  logContact,
  reachCustomer,
  retrySend,
  send,
  sendSms,
  submitNote,
} from './rules/communication';
import { meetClock, reopenClock, setAwareness } from './rules/clocks';
import { releaseStatement, submitStatement } from './rules/statement';
import { close } from './rules/ending';
import { determine, recordFinding, widenScope, withdrawFinding } from './rules/findings';
import { accept, refuse, type Ruling } from './rules/ruling';
import { acknowledge, moveRoom, setPace } from './rules/assembly';
import { acceptCommand, exclude, giveRole, lookWho, offerCommand, readmit, takeRole } from './rules/people';
import { assignTask, completeTasks, failTask, markNotNeeded, retryTask, startTask } from './rules/tasks';
import { addRotations } from './rotations';
import { handOver, lockForGood, release, settleRotation } from './rules/evidence';
import { askAnew, requestIdOf, requestOfStatement, type RequestId } from './requests';
import { customersAreReached, stopWhatIsClosed } from './dispatch-reports';
import { addContainment, targetsOf } from './targets';
import { STEP_IDS, stepOf, type StepId } from './steps';
import { keysOf } from './trust/keys';
import type { Untrusted } from './trust/intake';

export interface Outcome {
  readonly accepted: boolean;
  /** One sentence: what was done, or what was attempted. */
  readonly text: string;
  /** Of a refusal: every reason. */
  readonly reasons: readonly Blocker[];
  /** The number of its entry. */
  readonly seq: number;
}

export interface Decided {
  readonly incident: Incident;
  readonly outcome: Outcome;
}

/** The first entry: somebody declared. What the authority level allows is set going. */
export function declare(declaration: Declaration, company: Company): Incident {
  const { by, at, door, scope, finding, summary, proof, unproven } = declaration;
  const isProven = unproven === undefined;
  let incident = newIncident(declaration, company);
  for (const target of targetsOf(scope)) incident = addContainment(incident, target, at, { isProven });
  for (const user of scope.users) incident = addRotations(incident, user, at);
  incident = write(incident, at, {
    kind: 'declared',
    by,
    door,
    text: `declared: ${summary}`,
    details: { summary, scope, ...(finding && { finding }), ...keysOf(company) },
    ...(proof && { proof }),
  });
  if (!isProven)
    incident = warn(
      incident,
      at,
      `nothing proves who declared this (${unproven}): what it names is contained only once somebody has approved it`,
    );
  for (const service of servicesWithoutRepresentative(company.roster, scope.services))
    incident = warn(incident, at, `nobody on the roster speaks for the affected service ${service}`);
  for (const [id, { status }] of Object.entries(incident.containments))
    if (status === 'awaitingApproval')
      incident = warn(incident, at, `containment of ${id} waits for approval (request contain:${id})`, {
        request: `contain:${id}`,
      });
  return incident;
}

/** A person's decision. `at` is in milliseconds since the epoch. Who it was is proven, or not, before this. */
export function decide(before: Incident, sent: Decision, at: number): Decided {
  const decision = { ...sent, by: addressIn(before, sent.by) };
  const { by, name, door, proof } = decision;
  const sender = blockerOfSender(meantBy(decision, before), before);
  const ruling = rule(before, decision, at);
  const about = {
    by,
    decision: name,
    ...(door && { door }),
    details: contentOf(decision),
    ...(proof && { proof }),
  };
  if (sender || !ruling.accepted) {
    const reasons = [...(sender ? [sender] : []), ...(ruling.accepted ? [] : ruling.reasons)];
    const text = describeAttempt(decision);
    const key = JSON.stringify([by, name, about.details, ...reasons.map(({ reason }) => reason)]);
    return writeRefusal(before, at, key, { ...about, text, reasons });
  }
  const after = write(ruling.incident, at, { kind: 'decision', ...about, text: ruling.text });
  const seq = after.entries.length;
  return {
    incident: settle(before, after, at),
    outcome: { accepted: true, text: ruling.text, reasons: [], seq: after.entries[seq - 1]?.seq ?? seq },
  };
}

/** What arrived proves nothing of who sent it. It is written down as a refusal. */
export function refuseUntrusted(before: Incident, { key, ...why }: Untrusted, at: number): Decided {
  return writeRefusal(before, at, key, { by: UNKNOWN, ...why });
}

/** A request from the Web UI: it decides nothing before a responder confirms it. */
export function ask(before: Incident, by: string, decision: Decision, at: number): Decided {
  const text = describeAttempt(decision);
  const about = { by, decision: decision.name, door: 'temporal' } as const;
  const reasons = [
    ...(hasEnded(before) ? [{ gate: 'incidentRuns', reason: 'the incident has ended' }] : []),
    ...(isExcluded(by, before)
      ? [{ gate: 'senderIsNotExcluded', reason: 'this person is excluded from the incident' }]
      : []),
    ...(Object.keys(before.asked).length < MOST_ASKED
      ? []
      : [{ gate: 'requestsAreFew', reason: `${MOST_ASKED} requests wait to be confirmed already` }]),
  ];
  if (reasons.length > 0)
    return writeRefusal(before, at, JSON.stringify(['asked', by]), { ...about, text, reasons });
  const added = addAsked(before, by, decision, at);
  const told = `asks through the Temporal UI to ${text}: it counts once a responder confirms asked-${added.askedSoFar}`;
  const incident = write(added, at, { kind: 'asked', ...about, text: told, details: contentOf(decision) });
  return {
    incident,
    outcome: {
      accepted: false,
      text,
      reasons: [
        {
          gate: 'isSigned',
          reason: `it was kept as a request: a responder confirms it with "firebreak confirm ${before.declaration.codename} asked-${added.askedSoFar}"`,
        },
      ],
      seq: incident.entries.at(-1)?.seq ?? 0,
    },
  };
}

/** Writes down the refusals that were counted: of the last minute, or with `all` up to now. */
export function tellRefusals(before: Incident, at: number, all: boolean): Incident {
  return tellCounted(before, at, all, write);
}

/** What a machine did, or failed to do. */
export function report(before: Incident, told: Report, at: number): Incident {
  const { incident, entries } = applyReport(before, told, at);
  const after = entries.reduce((next, entry) => write(next, at, entry), incident);
  return settle(before, after, at);
}

function rule(incident: Incident, decision: Decision, at: number): Ruling {
  switch (decision.name) {
    case 'completeTasks':
      return completeTasks(incident, decision, at);
    case 'failTask':
      return failTask(incident, decision, at);
    case 'retryTask':
      return retryTask(incident, decision, at);
    case 'markNotNeeded':
      return markNotNeeded(incident, decision, at);
    case 'assignTask':
      return assignTask(incident, decision, at);
    case 'startTask':
      return startTask(incident, decision, at);
    case 'recordFinding':
      return recordFinding(incident, decision, at);
    case 'withdrawFinding':
      return withdrawFinding(incident, decision);
    case 'widenScope':
      return widenScope(incident, decision, at);
    case 'determine':
      return determine(incident, decision, at);
    case 'approve':
      return approve(incident, decision, at);
    case 'refuse':
      return findAsked(incident, decision.request)
        ? dismiss(incident, decision.request)
        : refuseRequest(incident, decision, at);
    case 'withhold':
      return withhold(incident, decision, at);
    case 'breakGlass':
      return breakGlass(incident, decision, at);
    case 'orderStop':
      return orderStop(incident, decision, at);
    case 'giveUp':
      return giveUp(incident, decision, at);
    case 'release':
      return release(incident, decision, at);
    case 'handOver':
      return handOver(incident, decision, at);
    case 'lockForGood':
      return lockForGood(incident, decision, at);
    case 'settleRotation':
      return settleRotation(incident, decision, at);
    case 'submitNote':
      return submitNote(incident, decision, at);
    case 'send':
      return send(incident, decision, at);
    case 'sendSms':
      return sendSms(incident, decision, at);
    case 'addContact':
      return addContact(incident, decision, at);
    case 'logContact':
      return logContact(incident, decision, at);
    case 'reachCustomer':
      return reachCustomer(incident, decision, at);
    case 'submitStatement':
      return submitStatement(incident, decision, at);
    case 'releaseStatement':
      return releaseStatement(incident, decision, at);
    case 'retrySend':
      return retrySend(incident, decision, at);
    case 'dropSend':
      return dropSend(incident, decision, at);
    case 'meetClock':
      return meetClock(incident, decision, at);
    case 'reopenClock':
      return reopenClock(incident, decision, at);
    case 'setAwareness':
      return setAwareness(incident, decision, at);
    case 'confirm':
      return confirm(incident, decision, at);
    case 'renewKeys':
      return renewKeys(incident, at);
    case 'acknowledge':
      return acknowledge(incident, decision, at);
    case 'giveRole':
      return giveRole(incident, decision);
    case 'takeRole':
      return takeRole(incident, decision);
    case 'offerCommand':
      return offerCommand(incident, decision, at);
    case 'acceptCommand':
      return acceptCommand(incident, decision);
    case 'exclude':
      return exclude(incident, decision, at);
    case 'readmit':
      return readmit(incident, decision);
    case 'moveRoom':
      return moveRoom(incident, decision);
    case 'setPace':
      return setPace(incident, decision);
    case 'lookWho':
      return lookWho(incident, at);
    case 'close':
      return close(incident, decision, at);
  }
}

/** The request becomes the decision of whoever confirms it. */
function confirm(
  incident: Incident,
  { request, by }: Extract<Decision, { name: 'confirm' }>,
  at: number,
): Ruling {
  const found = findAsked(incident, request);
  if (!found)
    return refuse([{ gate: 'requestExists', reason: `no request ${request} waits to be confirmed` }]);
  // Whoever confirms it would be asked for no role of the other's.
  if (found.decision.name === 'confirm')
    return refuse([
      {
        gate: 'requestIsADecision',
        reason: `${request} only asks to confirm another request: confirm that one`,
      },
    ]);
  const ruling = rule(incident, { ...found.decision, by }, at);
  return ruling.accepted
    ? accept(withoutAsked(ruling.incident, request), `confirmed ${request} of ${found.by}: ${ruling.text}`)
    : ruling;
}

function dismiss(incident: Incident, request: string): Ruling {
  const by = findAsked(incident, request)?.by ?? UNKNOWN;
  return accept(withoutAsked(incident, request), `dismissed ${request} of ${by}`);
}

/** Of a confirmation: the decision that it makes one's own. */
function meantBy(decision: Decision, incident: Incident): Decision {
  const found = decision.name === 'confirm' ? findAsked(incident, decision.request) : undefined;
  return found ? { ...found.decision, by: decision.by } : decision;
}

function renewKeys(incident: Incident, at: number): Ruling {
  return accept({ ...incident, keysWantedSince: at }, "ordered that the responders' keys be read anew");
}

/** What follows from a change: machine tasks, doubts, and gates that opened or closed, each with an entry. */
function settle(before: Incident, changed: Incident, at: number): Incident {
  let after = markDoubts(updateMachineTasks(customersAreReached(changed, at), at), at);
  for (const id of STEP_IDS) {
    const was = blockersOfStep(id, before).length === 0;
    const blockers = blockersOfStep(id, after);
    const is = blockers.length === 0;
    if (is && after.openSince[id] === undefined)
      after = { ...after, openSince: { ...after.openSince, [id]: at } };
    if (was === is) continue;
    after = is ? tellOpened(id, after, at) : lockAgain(id, after, blockers, at);
  }
  after = markDoubts(after, at);
  const stopped = stopWhatIsClosed(after, at);
  const isClosing = before.phase.name !== 'closed' && after.phase.name === 'closed';
  const told = [...stopped.entries, ...(isClosing ? clocksLeftOpen(after) : [])];
  after = told.reduce((next, entry) => write(next, at, entry), stopped.incident);
  for (const id of TASK_IDS) {
    const task = after.tasks[id];
    const was = before.tasks[id];
    if (task.state !== 'done' || !task.inDoubt || (was.state === 'done' && was.inDoubt)) continue;
    after = gate(
      after,
      at,
      `${numberOfTask(id)} (${taskOf(id).title}) was done and is in doubt now: ${task.inDoubt.because}`,
    );
  }
  return after;
}

function tellOpened(id: StepId, incident: Incident, at: number): Incident {
  // Where every task has gates of its own, "open" would be read as a licence.
  if (tasksOfStep(id).every((task) => taskOf(task).opensWhen !== undefined)) return incident;
  return gate(incident, at, `step ${stepOf(id).number} (${stepOf(id).title}) is open`);
}

/** What rested on the step falls with it: a source found by analysis of systems that were not secure, a yes to facts that fell. */
function lockAgain(id: StepId, incident: Incident, blockers: readonly Blocker[], at: number): Incident {
  const { [id]: _closed, ...openSince } = incident.openSince;
  const reasons = blockers.map(({ reason }) => reason).join('; ');
  const { number, title } = stepOf(id);
  const locked = gate(
    { ...incident, openSince },
    at,
    `step ${number} (${title}) is locked again: ${reasons}`,
  );
  if (id === 'forensicAnalysis' && locked.findings.attackSource) {
    const { attackSource: _fallen, ...findings } = locked.findings;
    return gate({ ...locked, findings }, at, 'attackSource falls with it: it has to be established again');
  }
  if (id === 'externalCommunication' && locked.statement)
    return askedAnew(requestOfStatement(locked.statement), locked, at);
  if (id === 'internalCommunication' && locked.note)
    return askedAnew(
      requestIdOf({ kind: 'note', version: locked.note.version, sha256: locked.note.sha256 }),
      locked,
      at,
    );
  return locked;
}

function askedAnew(id: RequestId, incident: Incident, at: number): Incident {
  const request = incident.requests[id];
  if (!request || request.approvals.length === 0) return incident;
  return gate(
    { ...incident, requests: { ...incident.requests, [id]: askAnew(request, at) } },
    at,
    `the approvals of ${id} fall with it: it has to be approved again`,
  );
}

function gate(incident: Incident, at: number, text: string): Incident {
  return write(incident, at, { kind: 'gate', by: MACHINE, text });
}

function warn(incident: Incident, at: number, text: string, details?: Record<string, unknown>): Incident {
  return write(incident, at, { kind: 'warning', by: MACHINE, text, ...(details && { details }) });
}

function write(incident: Incident, at: number, entry: NewEntry): Incident {
  const seq = (incident.entries.at(-1)?.seq ?? 0) + 1;
  return { ...incident, entries: [...incident.entries, { seq, at, ...entry }] };
}

function writeRefusal(
  incident: Incident,
  at: number,
  key: string,
  refusal: Omit<NewEntry, 'kind'> & { readonly reasons: readonly Blocker[] },
): Decided {
  const counted = countRefusal(incident, at, key, { kind: 'refusal', ...refusal }, write);
  const { text, reasons } = refusal;
  return { incident: counted.incident, outcome: { accepted: false, text, reasons, seq: counted.seq } };
}

function contentOf(decision: Decision): Record<string, unknown> {
  const { name: _name, by: _by, door: _door, proof: _proof, ...content } = decision;
  return content;
}
