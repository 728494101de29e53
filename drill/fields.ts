/** The fields of a scenario's decision, with everything filled in that is known only while the drill runs. */
import ms from 'ms';
import { findStep, findTask, tasksOfStep } from '../domain/checklist';
import type { ScenarioDecision } from './scenario';

export interface Surroundings {
  readonly fleet: Readonly<Record<string, { readonly id: string }>>;
  readonly codename: string;
  /** Milliseconds since the epoch; in a drill, a day is one of UTC. */
  readonly now: number;
}

/** The fields of a decision, with steps spread into their tasks, and everything filled in. */
export function fieldsOf(
  { with: given }: Pick<ScenarioDecision, 'with'>,
  openTasks: readonly string[],
  surroundings: Surroundings,
): Record<string, unknown> {
  const fields = filledIn(given, surroundings) as Record<string, unknown>;
  if (Array.isArray(fields['tasks']))
    fields['tasks'] = (fields['tasks'] as string[]).flatMap((named) => tasksNamed(named, openTasks));
  if (typeof fields['task'] === 'string') fields['task'] = findTask(fields['task']) ?? fields['task'];
  return fields;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `${web-1.id}`, `${codename}`, `${today}`, `${today+3}`, and `${now-2h}`, a moment. */
function filledIn(value: unknown, { fleet, codename, now }: Surroundings): unknown {
  if (typeof value === 'string')
    return value
      .replace(/\$\{([a-z0-9-]+)\.id\}/g, (whole, name: string) => fleet[name]?.id ?? whole)
      .replace(/\$\{today(?:\+(\d+))?\}/g, (_, days = '0') => dayAt(now + Number(days) * DAY_MS))
      .replace(/\$\{now-(\d+[smhd])\}/g, (_, ago: string) =>
        new Date(now - ms(ago as ms.StringValue)).toISOString(),
      )
      .replaceAll('${codename}', codename);
  if (Array.isArray(value)) return value.map((one) => filledIn(one, { fleet, codename, now }));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, filledIn(one, { fleet, codename, now })]),
  );
}

function dayAt(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function tasksNamed(named: string, openTasks: readonly string[]): string[] {
  const task = findTask(named);
  if (task) return [task];
  const step = findStep(named);
  if (!step) throw new Error(`no task or step "${named}"`);
  return tasksOfStep(step).filter((id) => openTasks.includes(id));
}
