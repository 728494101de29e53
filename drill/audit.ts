/**
 * The judgement of a drill: did anything break a rule? It asks the stand-ins' own records and replays the rules over the
 * entries by itself, so that it does not believe the code that it judges.
 */
import type { Entry } from '../domain/entries';
import { containment } from './audit-containment';
import { messages } from './audit-messages';
import { order } from './audit-order';
import { people } from './audit-people';
import { twice } from './audit-words';
import type { Records } from './records';
import type { ScenarioDecision } from './scenario';

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
    ...messages(records),
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
  const came = entries.filter(({ kind }) => kind === 'refusal');
  return withoutOne(expected.refusals, came, isWanted).map(
    (wanted) =>
      `${senderOf(wanted)} should have been refused ${wanted.does} by ${wanted.refused?.join(', ')}${(wanted.quoting ?? []).map((words) => `, quoting "${words}"`).join('')}, and was not`,
  );
}

/** What is no decision is nobody's. */
function senderOf({ by, raw }: ScenarioDecision): string {
  return raw ? 'unknown' : by;
}

function isWanted(wanted: ScenarioDecision, { by, decision, reasons = [] }: Entry): boolean {
  const { does, refused = [], quoting = [] } = wanted;
  return (
    by === senderOf(wanted) &&
    decision === does &&
    refused.every((gate) => reasons.some((reason) => reason.gate === gate)) &&
    quoting.every((words) =>
      reasons.some(({ source = '', reason }) => source.includes(words) || reason.includes(words)),
    )
  );
}

/** Those that are left when as many as can be have one each: one that fits several leaves another what only that one has. */
function withoutOne<W, T>(
  wanted: readonly W[],
  there: readonly T[],
  fits: (one: W, other: T) => boolean,
): W[] {
  const takenBy = new Map<T, W>();
  const take = (one: W, seen: Set<T>): boolean =>
    there.some((other) => {
      if (seen.has(other) || !fits(one, other)) return false;
      seen.add(other);
      const holder = takenBy.get(other);
      if (holder !== undefined && !take(holder, seen)) return false;
      takenBy.set(other, one);
      return true;
    });
  return wanted.filter((one) => !take(one, new Set()));
}

function ledger({ entries }: Records): string[] {
  return entries.flatMap(({ seq }, index) =>
    seq === index + 1 ? [] : [`entry ${index + 1} has the number ${seq}`],
  );
}

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
      (note) => `the same note stands twice on the page: ${note.slice(0, 80)}`,
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
  found.push(...twice(keys, (key) => `a message stands twice in the room: ${key}`));
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
  // Whoever was excluded and came back comes last.
  const cameBack = new Set(
    entries.flatMap(({ kind, decision, details }) =>
      kind === 'decision' && decision === 'readmit' ? String(details?.['person']) : [],
    ),
  );
  const lastOperational = Math.max(
    ...expected.operational.filter((email) => !cameBack.has(email)).map(place),
  );
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
