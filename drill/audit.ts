/**
 * The judgement of a drill: did anything break a rule? It asks the stand-ins' own records and replays the rules over the
 * entries by itself, so that it does not believe the code that it judges.
 */
import { CONTACT_IDS } from '../domain/contacts';
import type { Entry } from '../domain/entries';
import { containment } from './audit-containment';
import { people } from './audit-people';
import type { Records } from './records';

/** Every violation, as a sentence; none for a clean drill. */
export function auditDrill(records: Records): string[] {
  return [
    ...outcome(records),
    ...refusals(records),
    ...ledger(records),
    ...order(records.entries),
    ...paging(records),
    ...room(records),
    ...people(records),
    ...containment(records),
    ...evidence(records),
  ];
}

function outcome({ expected, outcome: ended, checklist }: Records): string[] {
  const found: string[] = [];
  if (ended !== expected.outcome) found.push(`the incident ended as ${ended}, not as ${expected.outcome}`);
  if (expected.outcome !== 'closed') return found;
  for (const { id, number, state } of checklist.steps) {
    const wanted = expected.steps[id] ?? 'done';
    if (state !== wanted) found.push(`step ${number} ended ${state}, not ${wanted}`);
  }
  return found;
}

function refusals({ expected, entries }: Records): string[] {
  const left = entries.filter(({ kind }) => kind === 'refusal');
  return expected.refusals.flatMap((wanted) => {
    const index = left.findIndex(
      ({ by, decision, reasons }) =>
        by === wanted.by &&
        decision === wanted.does &&
        wanted.refused?.every((gate) => reasons?.some((reason) => reason.gate === gate)),
    );
    if (index === -1)
      return [
        `${wanted.by} should have been refused ${wanted.does} by ${wanted.refused?.join(', ')}, and was not`,
      ];
    left.splice(index, 1);
    return [];
  });
}

function ledger({ entries }: Records): string[] {
  return entries.flatMap(({ seq }, index) =>
    seq === index + 1 ? [] : [`entry ${index + 1} has the number ${seq}`],
  );
}

/** The hard rules, read again from the entries alone. */
function order(entries: readonly Entry[]): string[] {
  const found: string[] = [];
  const findings = new Map<string, unknown>();
  const approved = new Map<string, Set<string>>();
  const done = new Set<string>();
  let determined = false;
  let version = 0;
  const forensic = ['combThroughEvidence', 'identifyWhatHappened'];
  const need = (holds: boolean, seq: number, what: string) => {
    if (!holds) found.push(`entry ${seq}: ${what}`);
  };
  for (const { seq, kind, decision, by, details = {} } of entries) {
    if (kind !== 'decision') continue;
    const text = (key: string) => (typeof details[key] === 'string' ? details[key] : '');
    switch (decision) {
      case 'determine':
        determined = details['determination'] === 'respond';
        break;
      case 'recordFinding':
        findings.set(text('finding'), details['value'] ?? true);
        break;
      case 'withdrawFinding':
        findings.delete(text('finding'));
        break;
      case 'submitStatement':
        version += 1;
        need(haveFiveFacts(findings), seq, 'a statement was submitted before the five facts');
        break;
      case 'approve':
        approved.set(text('request'), (approved.get(text('request')) ?? new Set()).add(by));
        break;
      case 'breakGlass':
        approved.set(
          `${text('request')} (glass)`,
          (approved.get(`${text('request')} (glass)`) ?? new Set()).add(by),
        );
        break;
      case 'completeTasks':
        for (const task of details['tasks'] as string[]) {
          const forensicsDone = forensic.every((one) => done.has(one));
          need(determined || STEP_3.has(task), seq, `${task} was done before the determination`);
          if (FORENSIC.has(task))
            need(
              findings.has('systemsSecured') && findings.has('monitoringInPlace'),
              seq,
              `${task} was done before the systems were secured and monitored`,
            );
          if (INTERNAL.has(task))
            need(
              forensicsDone && findings.get('attackSource') === 'external',
              seq,
              `${task} was done before forensics confirmed an external source`,
            );
          const contact = CONTACT_OF[task];
          if (contact !== undefined) {
            const glass = (approved.get(`contact:${contact} (glass)`)?.size ?? 0) === 2;
            need(
              glass || (forensicsDone && approved.has(`contact:${contact}`)),
              seq,
              `${task} was done without forensics and approval`,
            );
          }
          if (PUBLIC.has(task)) need(haveFiveFacts(findings), seq, `${task} was done before the five facts`);
          if (task === 'releaseStatement')
            need(
              approved.get(`statement@${version}`)?.size === 3,
              seq,
              'the statement was released without three approvals of that version',
            );
          done.add(task);
        }
        break;
      default:
      // What else people decide opens no gate.
    }
  }
  return found;
}

const FIVE = [
  'informationValidated',
  'timelineEstablished',
  'compromisedDataKnown',
  'methodKnown',
  'recurrencePrevented',
];
const haveFiveFacts = (findings: ReadonlyMap<string, unknown>) => FIVE.every((fact) => findings.has(fact));
const STEP_3 = new Set(['appointCommandRoles']);
const FORENSIC = new Set([
  'combThroughEvidence',
  'identifyWhatHappened',
  'trackAttackAddresses',
  'watchForReturn',
]);
const INTERNAL = new Set(['keepDetailsOut', 'overviewTimeline', 'discussMitigation', 'followUp']);
const PUBLIC = new Set([
  'beHonest',
  'detailTimeline',
  'detailImpact',
  'tellCustomersSecurityTeams',
  'releaseStatement',
]);
const CONTACT_OF: Readonly<Record<string, string>> = Object.fromEntries(
  CONTACT_IDS.map((contact) => [`contact${contact[0]?.toUpperCase()}${contact.slice(1)}`, contact]),
);

function paging({ codename, summary, pagerduty }: Records): string[] {
  const found: string[] = [];
  const own = pagerduty.incidents.filter(({ key, title }) => key === codename || title === codename);
  if (own.length !== 1) found.push(`PagerDuty has ${own.length} incidents for it, not one`);
  for (const { title, status } of own) {
    if (title !== codename) found.push('the page has another title than the codename');
    if (status !== 'resolved') found.push(`the page is ${status} at the end, not resolved`);
  }
  if (
    pagerduty.calls.some(
      ({ body, path }) => body.includes(summary) || path.includes(encodeURIComponent(summary)),
    )
  )
    found.push('PagerDuty was told what happened');
  const notes = pagerduty.calls.filter(
    ({ name, effectStatus }) => name === 'notes.create' && succeeded(effectStatus),
  );
  found.push(
    ...twice(
      notes.map(({ path, body }) => `${path} ${body}`),
      'the same note stands twice on the page',
    ),
  );
  return found;
}

function room({ codename, entries, expected, slack, people: seen }: Records): string[] {
  const { room: state, calls } = slack;
  if (!state) return ['there is no room'];
  const found: string[] = [];
  if (!state.isPrivate) found.push('the room is not private');
  if (!state.topic.startsWith('Attorney Work Project'))
    found.push('the topic does not begin with "Attorney Work Project"');
  const created = calls.filter(
    ({ name, answer }) => name === 'conversations.create' && answer.includes('"ok":true'),
  );
  const moves = entries.filter(({ kind, decision }) => kind === 'decision' && decision === 'moveRoom').length;
  if (created.length !== 1 + moves)
    found.push(`${created.length} rooms were made, not ${moves === 0 ? 'one' : 1 + moves}`);
  const keys = state.messages.map(({ key }) => key).filter((key) => key !== undefined);
  found.push(...twice(keys, 'a message stands twice in the room'));
  for (const { seq, text } of entries)
    if (!keys.includes(String(seq))) found.push(`the room was not told entry ${seq}: ${text}`);
  if (!state.messages.some(({ key, pinned }) => key === 'checklist' && pinned))
    found.push('no checklist is pinned');
  // Where people were looked at, that judgement is a finer one.
  const elsewhere = seen
    ? []
    : calls.filter(({ name, body }) => name.startsWith('chat.') && !body.includes(state.id));
  if (elsewhere.length > 0)
    found.push(`${elsewhere.length} messages went elsewhere than into the room of ${codename}`);
  const place = (email: string) => state.members.indexOf(email);
  const lastOperational = Math.max(...expected.operational.map(place));
  for (const email of expected.operational) if (place(email) === -1) found.push(`${email} was not invited`);
  for (const email of expected.later)
    if (place(email) !== -1 && place(email) < lastOperational)
      found.push(`${email} was invited before an operational responder`);
  return found;
}

function succeeded(status: number | undefined): boolean {
  return status !== undefined && status < 300;
}

/** The evidence folder passes its own check, and every copy is locked in cold storage. */
function evidence({ evidence: problems, aws, outcome: ended }: Records): string[] {
  if (ended !== 'closed') return [];
  return [
    ...problems.map((problem) => `evidence: ${problem}`),
    ...Object.entries(aws.coldLocks)
      .filter(([, mode]) => !/^(governance|compliance)/.test(mode))
      .map(([id, mode]) => `the copy ${id} is ${mode}`),
  ];
}

function twice(all: readonly string[], what: string): string[] {
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))].map(
    (one) => `${what}: ${one.slice(0, 80)}`,
  );
}
