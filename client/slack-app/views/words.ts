/** The incident in words, as Slack shows them. Pure: what was asked of Temporal, and what time it is. */
import { ago } from '../../cli/format';
import { UNTOLD } from '../../../domain/audience';
import type { Outcome } from '../../../domain/decide';
import type { Entry } from '../../../domain/entries';
import type { Blocker } from '../../../domain/gates';
import { sentenceOf, timeOf } from '../../../domain/markdown';
import { ROLES } from '../../../domain/roles';
import type { ChecklistView, PersonView, StepView, TaskView } from '../../../domain/view';
import { personAt } from '../../../domain/roles';
import { hasEnded } from '../../../domain/incident';

export const STEP_WORD: Record<StepView['state'], string> = {
  locked: 'locked',
  open: 'open',
  done: 'done',
  notNeeded: 'not needed',
  withheld: 'withheld',
};

/** What whoever takes no part is told: the same whether there is such an incident or not. */
export const NO_PART =
  'There is nothing here for you: either there is no such incident, or you take no part in it. If that is a mistake, call the incident commander.';

/** Only those who take part see anything. Whoever is excluded, or has lost every role, does not. */
export function takesPart({ people }: Pick<ChecklistView, 'people'>, email: string): boolean {
  const person = personAt(email, people);
  return person !== undefined && !person.excluded && person.roles.length > 0;
}

export function phaseOf({ phase, declaredAt, declaredBy, codename }: ChecklistView): string {
  const declared = `declared ${timeOf(declaredAt)} by ${declaredBy}`;
  switch (phase.name) {
    case 'assessing':
      return `Waits for the incident commander's determination: respond, or stand down (${declared}).`;
    case 'responding':
      return `Responding since ${timeOf(phase.at)} (${declared}).`;
    case 'stoodDown':
      return `${codename} has ended: stood down ${timeOf(phase.at)} by ${phase.by}. Nothing more can be decided in it.`;
    case 'closed':
      return `${codename} has ended: closed ${timeOf(phase.at)} by ${phase.by}. Nothing more can be decided in it.`;
  }
}

export function isSettled({ state, inDoubt }: TaskView): boolean {
  return (state === 'done' && inDoubt === undefined) || state === 'notNeeded';
}

export function taskInWords(task: TaskView, now: number): string {
  const { number, title, state, who, since, note, inDoubt, blockers, machine } = task;
  const when = since === undefined ? '' : `, ${ago(since, now)}`;
  const head = `${number} ${title}`;
  switch (state) {
    case 'done':
      return `${head}\n${inDoubt === undefined ? 'Done' : `IN DOUBT (${inDoubt}): done`} by ${who}${when}${note === undefined ? '' : `: ${note}`}`;
    case 'notNeeded':
      return `${head}\nNot needed, says ${who}${when}${note === undefined ? '' : `: ${note}`}`;
    case 'failed':
      return `${head}\nFAILED${when}: ${note ?? 'no cause given'}`;
    case 'open':
      return blockers.length > 0
        ? `${head}\nLocked: ${blockers.map(({ reason }) => reason).join('; ')}`
        : `${head}\n${machine ? 'Firebreak is at it' : `Open, waits for ${who}`}${when}${note === undefined ? '' : `: ${note}`}`;
  }
}

/** Every reason, with the seed's own sentence. */
export function reasonsInWords(reasons: readonly Blocker[]): string[] {
  return reasons.map(({ reason, source }) => `• ${reason}${source === undefined ? '' : `\n   “${source}”`}`);
}

/** What came of a decision, for the person who took it. */
export function outcomeInWords({ accepted, text, reasons }: Outcome): string {
  if (accepted) return `Taken: ${text}.`;
  return [`Refused: ${text}. Because:`, ...reasonsInWords(reasons)].join('\n');
}

/** Whoever takes no part learns nothing by trying. */
export function tellsOfNoPart({ reasons }: Outcome): boolean {
  return reasons.some(({ gate }) => gate === 'senderIsNotExcluded' || gate === 'senderIsOnTheRoster');
}

export function statusLines(view: ChecklistView, now: number): string[] {
  const steps = view.steps.map(({ number, title, state, settled, total, blockers }) => {
    const count = state === 'open' ? `, ${settled} of ${total}` : '';
    const why = blockers.length === 0 ? '' : `, because ${blockers.map(({ reason }) => reason).join('; ')}`;
    return `${number}. ${title}: ${STEP_WORD[state]}${count}${why}`;
  });
  const due = view.requests.filter((request) => request.due);
  const failed = view.steps.flatMap(({ tasks }) => tasks).filter(({ state }) => state === 'failed');
  return [
    view.codename,
    phaseOf(view),
    ...(hasEnded(view) ? [] : [pagingInWords(view, now)]),
    '',
    ...steps,
    ...(due.length === 0 ? [] : ['', 'Waiting for approval:']),
    ...due.map(({ id, waitsFor, since }) => `• ${id}: ${waitsFor.join(', and ')}, ${ago(since, now)}`),
    ...(failed.length === 0 ? [] : ['', 'Failed:']),
    ...failed.map(({ number, title, note }) => `• ${number} ${title}: ${note ?? 'no cause given'}`),
    ...(view.asked.length === 0 ? [] : ['', 'Asked for in the Temporal UI, to be confirmed:']),
    ...view.asked.map(({ id, by, what }) => `• ${id}: ${by} asks to ${what}`),
  ];
}

/** One line, and the telephone numbers where nobody has been reached. */
export function pagingInWords({ paging }: Pick<ChecklistView, 'paging'>, now: number): string {
  const { state, acknowledgedBy, acknowledgedAt, calls, cause } = paging;
  switch (state) {
    case 'acknowledged':
      return `The page is acknowledged${acknowledgedBy === undefined ? '' : ` by ${acknowledgedBy}`}${acknowledgedAt === undefined ? '' : `, ${ago(acknowledgedAt, now)}`}.`;
    case 'calling': {
      const last = calls.at(-1);
      return `The incident commander is being paged${last === undefined ? '' : `; called last: ${last.email}, ${ago(last.at, now)}`}.`;
    }
    case 'failed':
      return `PAGING FAILED: ${cause ?? 'no cause given'}. It is being retried. ${phonesInWords(paging.line)}`;
    case 'waiting':
      return `NOBODY HAS BEEN PAGED YET: the pager has not answered. It is being tried. ${phonesInWords(paging.line)}`;
  }
}

/** Whom to ring by hand. */
export function phonesInWords(
  people: readonly { readonly email: string; readonly as: string; readonly phone?: string }[],
): string {
  const known = people.flatMap(({ email, as, phone }) =>
    phone === undefined ? [] : [`${email} (${as}) ${phone}`],
  );
  return known.length === 0
    ? 'No telephone number is known here: look the incident commander up by hand.'
    : `Call by hand: ${known.join('; ')}`;
}

export function personInWords({ email, roles, excluded, onCall }: PersonView): string {
  const named = roles.length === 0 ? 'no role' : roles.map((role) => ROLES[role]).join(', ');
  return [
    `${email}: ${named}`,
    ...(onCall === undefined ? [] : [`on call (${onCall})`]),
    ...(excluded === undefined ? [] : [`EXCLUDED by ${excluded.by}: ${excluded.reason}`]),
  ].join('; ');
}

/** Who can see this, as far as anybody tells. */
export function audienceLines({ audience }: Pick<ChecklistView, 'audience'>, now: number): string[] {
  if (!audience)
    return ['Nobody has asked the vendors yet who can see this.', ...UNTOLD.map((one) => `• ${one}`)];
  const list = (who: string, names: readonly string[]) =>
    `${who}: ${names.length === 0 ? 'nobody is known' : names.join(', ')}`;
  return [
    `As asked ${ago(audience.at, now)}:`,
    list('In the room', audience.members),
    list('Owners and administrators of the workspace, who can get in', audience.owners),
    list('Can read every page', audience.pagerAdministrators),
    ...audience.problems.map((problem) => `NOT KNOWN: ${problem}`),
    'What nobody tells:',
    ...UNTOLD.map((one) => `• ${one}`),
  ];
}

export function timelineLines(entries: readonly Entry[]): string[] {
  return entries.map((entry) => `${entry.seq}  ${timeOf(entry.at)}  ${sentenceOf(entry)}`);
}
