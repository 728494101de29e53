/** What a person types, read into decisions. Collects everything that is wrong before it complains. */
import {
  findStep,
  findTask,
  sameName,
  tasksOfStep,
  taskOf,
  TASK_IDS,
  type TaskId,
} from '../../domain/checklist';
import { parseDecision, type Decision, type DecisionName } from '../../domain/decisions';
import { FINDING_IDS, FINDINGS, type FindingId } from '../../domain/findings';
import { ROLE_IDS, type Role } from '../../domain/roles';
import { SCOPE_KIND_IDS } from '../../domain/scope';
import { STEP_IDS, type StepId } from '../../domain/steps';
import { InvalidInput } from '../errors';

/** A week, as the incident takes it. */
const MOST_MINUTES = 7 * 24 * 60;

const LISTED = '"firebreak status CODENAME --all" lists them';

/** A task by number or name, or a whole step: then the tasks of it that people do. */
export function readTasks(named: readonly string[], problems: string[]): TaskId[] {
  return named.flatMap((name) => {
    const task = findTask(name);
    if (task) return [task];
    const step = findStep(name);
    if (step) return tasksOfStep(step).filter((id) => ['person', 'containment'].includes(taskOf(id).by.kind));
    problems.push(`no task or step "${name}"${suggestion(name)}; ${LISTED}`);
    return [];
  });
}

export function readTask(named: string, problems: string[]): TaskId {
  const task = findTask(named);
  if (!task) problems.push(`no task "${named}"${suggestion(named, TASK_IDS)}; ${LISTED}`);
  return task ?? ('' as TaskId);
}

export function readStep(named: string, problems: string[]): StepId {
  const step = findStep(named);
  if (!step) problems.push(`no step "${named}"; a step is a number from 1 to 14`);
  return step ?? ('' as StepId);
}

export function readRole(named: string, problems: string[]): Role {
  const role = ROLE_IDS.find((id) => sameName(id, named));
  if (!role) problems.push(`no role "${named}"; there are: ${ROLE_IDS.join(', ')}`);
  return role ?? ('' as Role);
}

const MINUTES = { m: 1, h: 60, d: 1_440 } as const;

/** `30m`, `2h` or `1d`, as whole minutes; `off`, where that may be said, as 0. Nothing where nothing was said. */
export function readMinutes(
  option: string,
  given: string | string[] | boolean | undefined,
  problems: string[],
  { off }: { readonly off: boolean },
): number | undefined {
  if (given === undefined) return undefined;
  if (off && given === 'off') return 0;
  const [, count, unit] = /^([1-9]\d{0,4}) *(m|h|d)(?:in|inutes?|ours?|ays?)?$/i.exec(String(given)) ?? [];
  const minutes = Number(count) * MINUTES[(unit ?? 'm').toLowerCase() as keyof typeof MINUTES];
  if (minutes >= 1 && minutes <= MOST_MINUTES) return minutes;
  problems.push(
    `${option} "${String(given)}": a time of at most a week is needed, such as 30m or 2h${off ? '; or off' : ''}`,
  );
  return undefined;
}

/** `attackSource=external` or `systemsSecured` */
export function readFinding(text: string, problems: string[]): { finding: FindingId; value?: string } {
  const [named = '', ...rest] = text.split('=');
  const finding = FINDING_IDS.find((id) => sameName(id, named));
  if (!finding) problems.push(`no finding "${named}"; there are: ${FINDING_IDS.join(', ')}`);
  const value = rest.length > 0 ? rest.join('=') : undefined;
  const { values } = (finding ? FINDINGS[finding] : {}) as { values?: readonly string[] };
  if (values && (value === undefined || !values.includes(value)))
    problems.push(`${finding} takes a value: ${values.map((one) => `${finding}=${one}`).join(' or ')}`);
  return { finding: finding ?? ('' as FindingId), ...(value !== undefined && { value }) };
}

/** The decision, or one error with everything that is wrong with it. */
export function checked<N extends DecisionName>(
  name: N,
  fields: Record<string, unknown>,
  problems: readonly string[],
): Extract<Decision, { name: N }> {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const parsed = parseDecision(name, given);
  // What was typed wrong has been said in the words in which it was typed; its field need not be named again.
  const named = problems.length > 0 ? ['task', 'tasks', 'step', 'finding', 'role'] : [];
  const more = parsed.ok
    ? []
    : parsed.problems
        .filter((problem) => !named.some((field) => problem.startsWith(`${field}:`)))
        .map(asOption);
  if (!parsed.ok || problems.length > 0) throw new InvalidInput([...problems, ...more]);
  return parsed.decision as Extract<Decision, { name: N }>;
}

const OPTIONS: Readonly<Record<string, string>> = {
  by: '--as EMAIL (or FIREBREAK_AS)',
  reason: '--reason TEXT',
  grounds: '--grounds TEXT',
  to: '--to EMAIL',
  person: 'PERSON',
  room: '--room CODENAME',
  cause: '--cause TEXT',
  confirm: '--confirm WORDS',
  note: '--note TEXT',
  what: `KIND (${SCOPE_KIND_IDS.join(', ')})`,
  text: 'FILE',
  cc: '--cc WHO',
  bcc: '--bcc WHO',
  pack: '--pack KIND',
  followUp: '--follow-up DAY',
  next: '--next DAY',
  kind: '--kind KIND',
  called: '--name NAME',
  email: '--email ADDRESS',
  phone: '--phone NUMBER',
  how: '--how TEXT',
  key: '--key-file FILE',
  disclosure: '--disclosure URL',
  spokeWith: '--with WHO',
  about: '--about TEXT',
  party: 'PARTY',
  message: 'MESSAGE',
  clock: 'CLOCK',
};

function asOption(problem: string): string {
  const [field = '', ...rest] = problem.split(': ');
  const option = OPTIONS[field];
  return option ? `${option}: ${rest.join(': ')}` : problem;
}

function suggestion(named: string, ids: readonly string[] = [...STEP_IDS, ...TASK_IDS]): string {
  const start = named.toLowerCase().replace(/[-_ ]/g, '').slice(0, 6);
  const near = ids.filter((id) => start.length > 2 && id.toLowerCase().includes(start));
  return near.length > 0 ? ` (did you mean ${near.slice(0, 3).join(', ')}?)` : '';
}
