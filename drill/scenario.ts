/** A scenario: what is attacked, who declares, and what people do, as YAML. `docs/scenarios.md` explains it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ms from 'ms';
import { parse } from 'yaml';
import { z } from 'zod';
import { findStep, findTask, tasksOfStep } from '../domain/checklist';
import { DECISION_NAMES, type DecisionName } from '../domain/decisions';
import { STEP_IDS, type StepId } from '../domain/steps';

/** Scenarios are data beside the source: the build leaves them where they are. */
export const SCENARIOS = join(__dirname.replace(/([/\\])dist([/\\])drill$/, '$1drill'), 'scenarios');

const decision = z.strictObject({
  by: z.email(),
  does: z.enum(DECISION_NAMES as [DecisionName, ...DecisionName[]]),
  /** The decision's fields. A task, or a list of them, may name a step: then the tasks of it that people do. */
  with: z.record(z.string(), z.unknown()).default({}),
  /** How it is sent; `asked` is what a responder who is signed in types in Temporal's Web UI. */
  as: z.enum(['update', 'signal', 'asked']).default('update'),
  /** The gates that must be among the reasons of its refusal. Without it, the decision must be accepted. */
  refused: z.array(z.string()).min(1).optional(),
});

const act = z.strictObject({
  title: z.string(),
  /** Tasks that must be settled before this act begins: the machine's, mostly. */
  after: z.array(z.string().refine((id) => findTask(id) !== undefined, 'no task of that name')).default([]),
  /** Nothing is being contained or released any more. */
  atRest: z.boolean().default(false),
  /** How long that may take. */
  within: z
    .string()
    .transform((text) => ms(text as ms.StringValue))
    .default(60_000),
  /** What people do at the same moment. */
  together: z.array(decision).default([]),
});

const fault = z.strictObject({
  vendor: z.enum(['pagerduty', 'slack', 'aws']),
  /** By the vendor's name of it, e.g. `ec2.StopInstances` or `chat.postMessage`. */
  call: z.string(),
  times: z.number().int().min(1).default(1),
  status: z.number().int().min(200).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  answer: z.string(),
});

const SCENARIO = z.strictObject({
  title: z.string(),
  description: z.string(),
  /** Overrides of firebreak.example.yaml, for this scenario alone. */
  configuration: z.record(z.string(), z.unknown()).default({}),
  fleet: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9-]*$/),
        interfaces: z.number().int().min(1).max(4).default(1),
        volumes: z.number().int().min(1).max(8).default(1),
        scalingGroup: z.string().optional(),
        targetGroup: z.string().optional(),
        profile: z.string().optional(),
        /** Hosts with the same number share a VPC. */
        vpc: z.number().int().default(0),
        /** So many of them, named NAME-1 and so on. */
        count: z.number().int().min(1).default(1),
      }),
    )
    .default([]),
  cloud: z
    .strictObject({
      /** How long images take to be complete. */
      snapshotMs: z.number().int().min(0).default(0),
      /** EC2 refuses what is more than its published request buckets hold. */
      buckets: z.boolean().default(false),
    })
    .prefault({}),
  /** Calls that a vendor answers like this, and does not carry out. */
  faults: z.array(fault).default([]),
  /** IAM users, each with two keys and a console login. */
  users: z.array(z.string()).default([]),
  /** Secrets with a rotation function. */
  secrets: z.array(z.string()).default([]),
  declare: z.strictObject({
    by: z.email(),
    summary: z.string(),
    /** A file beside the scenario. `${NAME.id}` and `${NAME.privateIp}` stand for an instance of the fleet. */
    finding: z.string().optional(),
    instances: z.array(z.string()).default([]),
    identities: z.array(z.string()).default([]),
    secrets: z.array(z.string()).default([]),
    users: z.array(z.string()).default([]),
    services: z.array(z.string()).default([]),
  }),
  acts: z.array(act),
  expect: z.strictObject({
    outcome: z.enum(['closed', 'stoodDown']),
    /** Steps that end otherwise than done. */
    steps: z
      .partialRecord(
        z.enum(STEP_IDS as [StepId, ...StepId[]]),
        z.enum(['open', 'locked', 'done', 'notNeeded', 'withheld']),
      )
      .default({}),
  }),
});

export type Scenario = z.infer<typeof SCENARIO> & { readonly name: string };
export type ScenarioDecision = z.infer<typeof decision>;

export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** @throws Error that lists everything wrong with it */
export function readScenario(name: string): Scenario {
  if (!scenarioNames().includes(name))
    throw new Error(`There is no scenario "${name}". There are: ${scenarioNames().join(', ')}.`);
  const parsed = SCENARIO.safeParse(parse(readFileSync(join(SCENARIOS, `${name}.yaml`), 'utf8')));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  - ${path.join('.')}: ${message}`);
    throw new Error(`The scenario ${name} has problems:\n${problems.join('\n')}`);
  }
  return { name, ...parsed.data };
}

/** The finding's text with the fleet's real ids in it. */
export function readFindingOf(
  scenario: Scenario,
  fleet: Readonly<Record<string, { id: string; privateIp: string }>>,
): string | undefined {
  if (scenario.declare.finding === undefined) return undefined;
  const template = readFileSync(join(SCENARIOS, scenario.declare.finding), 'utf8');
  return template.replace(
    /\$\{([a-z0-9-]+)\.(id|privateIp)\}/g,
    (whole, name: string, field: 'id' | 'privateIp') => {
      const instance = fleet[name];
      if (!instance) throw new Error(`${scenario.declare.finding}: ${whole}: the fleet has no ${name}`);
      return instance[field];
    },
  );
}

/** The fields of a decision, with steps spread into their tasks, and the codename and the instances' ids filled in. */
export function fieldsOf(
  { with: given }: ScenarioDecision,
  openTasks: readonly string[],
  fleet: Readonly<Record<string, { id: string }>>,
  codename: string,
): Record<string, unknown> {
  const fields = Object.fromEntries(
    Object.entries(given).map(([field, value]) => [
      field,
      typeof value === 'string'
        ? value
            .replace(/\$\{([a-z0-9-]+)\.id\}/g, (whole, name: string) => fleet[name]?.id ?? whole)
            .replaceAll('${codename}', codename)
        : value,
    ]),
  );
  if (Array.isArray(fields['tasks']))
    fields['tasks'] = (fields['tasks'] as string[]).flatMap((named) => tasksNamed(named, openTasks));
  if (typeof fields['task'] === 'string') fields['task'] = findTask(fields['task']) ?? fields['task'];
  return fields;
}

function tasksNamed(named: string, openTasks: readonly string[]): string[] {
  const task = findTask(named);
  if (task) return [task];
  const step = findStep(named);
  if (!step) throw new Error(`no task or step "${named}"`);
  return tasksOfStep(step).filter((id) => openTasks.includes(id));
}
