/**
 * What people may send. The table names every decision, its fields and what it is for; handlers, the command line and the
 * check of what arrives from the Temporal UI all read it.
 */
import { isDay, readMoment } from './business-days';
import { TASKS, type TaskId } from './checklist';
import { isCodename } from './codename';
import { CONTACT_IDS, CONTACTS, type ContactId, type Party, type Reached } from './contacts';
import { FINDINGS, type FindingId } from './findings';
import { problemOfProofShape } from './trust/check';
import type { Proof } from './trust/proof';
import { ROLES, type Role } from './roles';
import { ROTATION_OUTCOMES, type RotationOutcome } from './rotations';
import { problemOfScopeId, SCOPE_KINDS, type ScopeKind } from './scope';
import { SMS_SOURCE, SMS_TEXT_IDS, SMS_TEXTS, type SmsTextId } from './sms';
import { STEPS, type StepId } from './steps';

/** What a field holds. A trailing `?` in the table makes it optional. */
interface FieldTypes {
  tasks: TaskId[];
  task: TaskId;
  step: StepId;
  finding: FindingId;
  request: string;
  determination: 'respond' | 'stand-down';
  rotation: RotationOutcome;
  scopeKind: ScopeKind;
  instance: string;
  email: string;
  role: Role;
  /** Whole, 0 to a week. */
  minutes: number;
  codename: string;
  id: string;
  text: string;
  document: string;
  /** Party ids or e-mail addresses. */
  addresses: string[];
  /** `2026-11-24` */
  date: string;
  /** ISO 8601, with its zone. */
  moment: string;
  sms: SmsTextId;
  contact: ContactId;
  partyKind: Party['kind'];
  /** Lower case, digits and hyphens. */
  slug: string;
  reached: Reached['outcome'];
  release: 'customers' | 'public';
  url: string;
}

type FieldType = keyof FieldTypes;

export const DECISIONS = {
  completeTasks: {
    description: 'Say that tasks are done. The owner of the task, its assignee, or the incident commander.',
    fields: { tasks: 'tasks', note: 'text?' },
  },
  failTask: {
    description: 'Say that a task failed, and why.',
    fields: { task: 'task', cause: 'text' },
  },
  retryTask: {
    description: 'Try a failed task again now.',
    fields: { task: 'task' },
  },
  markNotNeeded: {
    description: 'Say that tasks are not needed, and why.',
    fields: { tasks: 'tasks', reason: 'text' },
  },
  assignTask: {
    description: 'Give a task to a responder. The incident commander or the deputy.',
    fields: { task: 'task', to: 'email', minutes: 'minutes?' },
  },
  startTask: {
    description: 'Say that you are working on a task: nobody reminds you for a while.',
    fields: { task: 'task', note: 'text?' },
  },
  recordFinding: {
    description: 'Establish a fact, with its grounds. Gates open by it.',
    fields: { finding: 'finding', value: 'text?', grounds: 'text' },
  },
  withdrawFinding: {
    description: 'Take a fact back. Its gates close again.',
    fields: { finding: 'finding', reason: 'text' },
  },
  widenScope: {
    description: 'Name something more that is affected.',
    fields: { what: 'scopeKind', which: 'id' },
  },
  determine: {
    description: "The incident commander's determination: respond, or stand down.",
    fields: { determination: 'determination', reason: 'text' },
  },
  approve: {
    description:
      'Say yes to a request: contain:ID, release:INSTANCE, contact:NAME, note@VERSION-HASH or statement@VERSION-HASH.',
    fields: { request: 'request', reason: 'text?' },
  },
  refuse: {
    description: 'Say no to a request.',
    fields: { request: 'request', reason: 'text' },
  },
  withhold: {
    description:
      'End a step of communication (11 to 14) without it. Incident commander and legal counsel, both.',
    fields: { step: 'step', reason: 'text' },
  },
  breakGlass: {
    description: 'Open one outside contact before forensics. Incident commander and legal counsel, both.',
    fields: { request: 'request', reason: 'text' },
  },
  orderStop: {
    description: 'Stop an instance now, before its snapshots and its isolation. The incident commander.',
    fields: { instance: 'instance', reason: 'text' },
  },
  giveUp: {
    description:
      'End a containment that fails, and leave the rest of it to people. The incident commander or the security team.',
    fields: { target: 'request', reason: 'text' },
  },
  release: {
    description:
      'Undo the containment of an instance, from what was captured. The incident commander and a second person.',
    fields: { instance: 'instance', reason: 'text' },
  },
  handOver: {
    description: 'Say that an item of evidence was handed over, and to whom.',
    fields: { item: 'request', to: 'request', reason: 'text' },
  },
  lockForGood: {
    description:
      'Lock every image in cold storage in compliance mode. Nobody can undo that once the cool-off is over; confirm: "this can\'t be undone".',
    fields: { confirm: 'request', reason: 'text' },
  },
  settleRotation: {
    description: 'Say that the keys and passwords of an account used in the attack are rotated on a system.',
    fields: { user: 'request', system: 'request', outcome: 'rotation', note: 'text?' },
  },
  submitNote: {
    description:
      'Submit the internal note of step 11, in Markdown, and the day on which more is promised. The VP or Director of Engineering drafts it, the incident commander approves it; then it goes to the configured channels, once.',
    fields: { text: 'document', followUp: 'date' },
  },
  send: {
    description:
      'Send an e-mail to people of the team or to approved contacts outside. Its subject is given; one recipient outside of the company, and all of it is encrypted to each, or not sent.',
    fields: { to: 'addresses', cc: 'addresses?', bcc: 'addresses?', text: 'document', pack: 'contact?' },
  },
  sendSms: {
    description: 'Tell somebody of the team by SMS to move to a safer channel. The texts are fixed.',
    fields: { person: 'email', text: 'sms' },
  },
  addContact: {
    description: 'Name somebody outside whom the register does not have. They get an approval of their own.',
    fields: {
      id: 'slug',
      kind: 'partyKind',
      called: 'text',
      email: 'email?',
      phone: 'text?',
      how: 'text?',
      key: 'document?',
      disclosure: 'url?',
    },
  },
  logContact: {
    description: 'Say with whom outside you spoke, about what, and when the next word is due.',
    fields: { party: 'slug', spokeWith: 'text', about: 'text', next: 'date?' },
  },
  reachCustomer: {
    description: "Say that a customer's security team was reached, and how; or why not.",
    fields: { party: 'slug', outcome: 'reached', how: 'text' },
  },
  submitStatement: {
    description: 'Submit the public statement, in Markdown. A new version needs new approvals.',
    fields: { text: 'document' },
  },
  releaseStatement: {
    description:
      "Release the approved statement: to the customers' security teams, and after them to the public.",
    fields: { to: 'release' },
  },
  retrySend: {
    description: 'Try a message that failed or was stopped again now.',
    fields: { message: 'slug' },
  },
  dropSend: {
    description: 'Say that a message is not to go out any more, and why.',
    fields: { message: 'slug', reason: 'text' },
  },
  meetClock: {
    description:
      'Say that what a clock counts down to has been done, such as a notification to an authority.',
    fields: { clock: 'slug', note: 'text' },
  },
  reopenClock: {
    description: 'Say that a clock was called met by mistake, and why: it runs and warns again.',
    fields: { clock: 'slug', reason: 'text' },
  },
  setAwareness: {
    description: 'Say since when the company has been aware of it: the clocks count from there.',
    fields: { at: 'moment', reason: 'text' },
  },
  confirm: {
    description:
      'Make a request from the Temporal Web UI your own decision: asked-1. Whoever may take that decision.',
    fields: { request: 'request' },
  },
  renewKeys: {
    description:
      "Read the responders' keys anew from the company's configuration: one was added, lost or stolen.",
    fields: { reason: 'text' },
  },
  acknowledge: {
    description: 'Say that you have seen the page, and are coming. Nobody else is called any more.',
    fields: {},
  },
  giveRole: {
    description:
      'Give somebody a role in this incident, also somebody who is not on the roster yet. The incident commander.',
    fields: { person: 'email', role: 'role' },
  },
  takeRole: {
    description: 'Take a role from somebody. The incident commander.',
    fields: { person: 'email', role: 'role', reason: 'text' },
  },
  offerCommand: {
    description:
      "Offer the incident commander's role to somebody, who has to accept it. The incident commander.",
    fields: { person: 'email', reason: 'text?' },
  },
  acceptCommand: {
    description: "Accept the incident commander's role that was offered to you.",
    fields: {},
  },
  exclude: {
    description:
      'Exclude a suspect: no page, invitation or message from then on, whatever the role. The incident commander, the security team or legal counsel.',
    fields: { person: 'email', reason: 'text' },
  },
  readmit: {
    description: 'Take an exclusion back. The incident commander or legal counsel.',
    fields: { person: 'email', reason: 'text' },
  },
  moveRoom: {
    description:
      'Open a new room under another codename, and go on there: somebody excluded knew the old one.',
    fields: { room: 'codename', reason: 'text' },
  },
  setPace: {
    description:
      'Change how often people are reminded and the room is asked, and how long a page may wait: in minutes; 0 turns the first two off.',
    fields: { reminders: 'minutes?', status: 'minutes?', acknowledge: 'minutes?' },
  },
  lookWho: {
    description: 'Ask the vendors who can see this incident.',
    fields: {},
  },
  close: {
    description: 'End the incident. Every step is done, not needed or withheld.',
    fields: { note: 'text?' },
  },
} as const satisfies Record<
  string,
  { description: string; fields: Record<string, FieldType | `${FieldType}?`> }
>;

export type DecisionName = keyof typeof DECISIONS;

export const DECISION_NAMES = Object.keys(DECISIONS) as DecisionName[];

/** The way by which a decision came in. */
export const DOORS = ['command line', 'slack', 'pagerduty', 'temporal'] as const;
export type Door = (typeof DOORS)[number];

type Fields<N extends DecisionName> = (typeof DECISIONS)[N]['fields'];
type RequiredFields<F> = { [K in keyof F as F[K] extends `${string}?` ? never : K]: TypeOf<F[K]> };
type OptionalFields<F> = { [K in keyof F as F[K] extends `${string}?` ? K : never]?: TypeOf<F[K]> };
type TypeOf<T> = T extends `${infer B extends FieldType}?`
  ? FieldTypes[B]
  : T extends FieldType
    ? FieldTypes[T]
    : never;

/** The fields of one decision, and who sends it. */
export type DecisionInput<N extends DecisionName> = Sender &
  RequiredFields<Fields<N>> &
  OptionalFields<Fields<N>>;

export interface Sender {
  /** Who acts: the e-mail address of a responder. */
  readonly by: string;
  readonly door?: Door;
  /** Without one it is no decision. */
  readonly proof?: Proof;
}

/** A decision that is well formed. Whether it may be taken is `decide`'s to say. */
export type Decision = { [N in DecisionName]: { readonly name: N } & DecisionInput<N> }[DecisionName];

export type Parsed =
  { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly problems: string[] };

/** More than a person reads; without a limit, one hostile message fills the timeline beyond what Temporal carries. */
const MOST_PROBLEMS = 20;

/** Reads what arrived under a decision's name, and lists everything that is wrong with it. Never throws. */
export function parseDecision(name: DecisionName, raw: unknown): Parsed {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { ok: false, problems: [`${name}: one object is needed, with the fields ${fieldNames(name)}`] };
  const given = raw as Record<string, unknown>;
  const expected: Record<string, string> = {
    by: 'email',
    door: 'door?',
    proof: 'proof?',
    ...DECISIONS[name].fields,
  };
  const problems: string[] = [];
  const decision: Record<string, unknown> = { name };
  for (const [field, type] of Object.entries(expected)) {
    const value = given[field];
    const optional = type.endsWith('?');
    if (value === undefined || value === null) {
      if (!optional) problems.push(`${field}: missing`);
      continue;
    }
    const problem =
      CHECKS[optional ? (type.slice(0, -1) as keyof typeof CHECKS) : (type as keyof typeof CHECKS)](value);
    if (problem) problems.push(`${field}: ${problem}`);
    else decision[field] = value;
  }
  for (const field of Object.keys(given))
    if (!Object.hasOwn(expected, field) && field !== 'name') problems.push(`${short(field)}: unknown field`);
  if (problems.length === 0 && name === 'widenScope') {
    const problem = problemOfScopeId(given['what'] as ScopeKind, given['which'] as string);
    if (problem) problems.push(problem);
  }
  return problems.length > 0
    ? { ok: false, problems: atMost(MOST_PROBLEMS, problems) }
    : { ok: true, decision: decision as unknown as Decision };
}

/** What goes over the wire: which decision it is, and its content. One name for all keeps them from being told apart there. */
export type DecisionMessage<N extends DecisionName = DecisionName> = {
  readonly decision: N;
} & DecisionInput<N>;

/** Reads a message of any content. */
export function parseMessage(raw: unknown): { readonly name?: DecisionName; readonly parsed: Parsed } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { parsed: { ok: false, problems: ['one object is needed, with the field decision'] } };
  const { decision: name, ...content } = raw as Record<string, unknown>;
  if (typeof name !== 'string' || !Object.hasOwn(DECISIONS, name))
    return {
      parsed: { ok: false, problems: [`decision: one of ${DECISION_NAMES.join(', ')} is needed`] },
    };
  return { name: name as DecisionName, parsed: parseDecision(name as DecisionName, content) };
}

function fieldNames(name: DecisionName): string {
  return ['by', ...Object.keys(DECISIONS[name].fields)].join(', ');
}

const text = (most: number) => (value: unknown) =>
  typeof value !== 'string' || value.trim() === ''
    ? 'a text is needed'
    : value.length > most
      ? `at most ${most} characters`
      : undefined;

const oneOf = (what: string, ids: object) => (value: unknown) =>
  typeof value === 'string' && Object.hasOwn(ids, value) ? undefined : `no ${what} of that name`;

const isTask = oneOf('task', TASKS);

const WEEK_MINUTES = 7 * 24 * 60;

const CHECKS = {
  task: isTask,
  tasks: (value: unknown) =>
    !Array.isArray(value) || value.length === 0
      ? 'a list of tasks is needed'
      : value.length > Object.keys(TASKS).length
        ? 'more tasks than there are'
        : value.map(isTask).find((problem) => problem !== undefined),
  step: oneOf('step', STEPS),
  finding: oneOf('finding', FINDINGS),
  role: oneOf('role', ROLES),
  minutes: (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= WEEK_MINUTES
      ? undefined
      : `whole minutes are needed, 0 to ${WEEK_MINUTES}`,
  codename: (value: unknown) =>
    typeof value === 'string' && isCodename(value)
      ? undefined
      : 'two words are needed, such as sapphire-unicorn',
  scopeKind: oneOf('kind of scope', SCOPE_KINDS),
  determination: (value: unknown) =>
    value === 'respond' || value === 'stand-down' ? undefined : 'respond or stand-down',
  rotation: (value: unknown) =>
    ROTATION_OUTCOMES.includes(value as RotationOutcome) ? undefined : ROTATION_OUTCOMES.join(' or '),
  proof: problemOfProofShape,
  door: (value: unknown) => (DOORS.includes(value as Door) ? undefined : 'no door of that name'),
  instance: (value: unknown) =>
    typeof value === 'string' ? problemOfScopeId('instance', value) : 'an instance id is needed',
  email: (value: unknown) =>
    typeof value === 'string' && value.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(value)
      ? undefined
      : 'an e-mail address is needed',
  request: text(256),
  id: text(2_048),
  text: text(4_000),
  document: text(64_000),
  addresses: (value: unknown) =>
    !Array.isArray(value) || value.length === 0
      ? 'a list of recipients is needed'
      : value.length > MOST_RECIPIENTS
        ? `at most ${MOST_RECIPIENTS} recipients`
        : value.map(text(320)).find((problem) => problem !== undefined),
  date: (value: unknown) =>
    typeof value === 'string' && isDay(value) ? undefined : 'a day is needed, such as 2026-11-24',
  moment: (value: unknown) =>
    typeof value === 'string' && readMoment(value) !== undefined
      ? undefined
      : 'a moment with its zone is needed, such as 2026-11-24T03:05:00Z',
  sms: (value: unknown) =>
    typeof value === 'string' && Object.hasOwn(SMS_TEXTS, value)
      ? undefined
      : `one of the fixed texts is needed: ${SMS_TEXT_IDS.join(', ')}. "${SMS_SOURCE}"`,
  contact: oneOf('contact', CONTACTS),
  partyKind: (value: unknown) =>
    value === 'customer' || (typeof value === 'string' && Object.hasOwn(CONTACTS, value))
      ? undefined
      : `one of ${[...CONTACT_IDS, 'customer'].join(', ')} is needed`,
  slug: (value: unknown) =>
    typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(value)
      ? undefined
      : 'letters, digits and hyphens are needed, at most 64',
  reached: (value: unknown) =>
    value === 'reached' || value === 'notReached' ? undefined : 'reached or notReached',
  release: (value: unknown) =>
    value === 'customers' || value === 'public' ? undefined : 'customers or public',
  url: (value: unknown) =>
    typeof value === 'string' && value.length <= 2_048 && /^https:\/\/[^\s/]+\.[^\s]+$/.test(value)
      ? undefined
      : 'an address is needed that begins with https://',
} as const satisfies Record<FieldType | 'door' | 'proof', (value: unknown) => string | undefined>;

/** More is a mailing list. */
const MOST_RECIPIENTS = 50;

function atMost(most: number, problems: string[]): string[] {
  const rest = problems.length - most;
  return rest <= 0 ? problems : [...problems.slice(0, most), `and ${rest} more`];
}

function short(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}
