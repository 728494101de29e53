/** A scenario: what is attacked, who declares, and what people do, as YAML. `docs/scenarios.md` explains it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ms from 'ms';
import { parse } from 'yaml';
import { z } from 'zod';
import { findTask } from '../domain/checklist';
import { DECISION_NAMES, type DecisionName } from '../domain/decisions';
import { STEP_IDS, type StepId } from '../domain/steps';

/** Everybody of the company is in it, and so is Firebreak. */
export const PUBLIC_CHANNEL = 'all-hands';

/** Scenarios are data beside the source: the build leaves them where they are. */
export const SCENARIOS = join(__dirname.replace(/([/\\])dist([/\\])drill$/, '$1drill'), 'scenarios');

/**
 * How a decision may be sent: `update` and `signal` as the command line does; `asked` is what a responder who is signed in types
 * in Temporal's Web UI; `slack` presses and fills in; `phone` takes up the phone that rings, which acknowledges the page.
 */
const WAYS = ['update', 'signal', 'asked', 'slack', 'phone'] as const;

/** One thing that somebody does. */
export const DECISION = z
  .strictObject({
    by: z.email(),
    does: z.enum(DECISION_NAMES as [DecisionName, ...DecisionName[]]),
    /** The decision's fields. A task, or a list of them, may name a step: then the tasks of it that people do. */
    with: z.record(z.string(), z.unknown()).default({}),
    /** How it is sent; without it, by the scenario's door. */
    as: z.enum(WAYS).optional(),
    /** Sent as it stands here although it is no decision: whoever sends it past the command line and Slack could. */
    raw: z.literal(true).optional(),
    /** The gates that must be among the reasons of its refusal. Without it, the decision must be accepted. */
    refused: z.array(z.string()).min(1).optional(),
    /** The checklist's own sentences that the reasons must quote, or a part of each. */
    quoting: z.array(z.string()).min(1).optional(),
  })
  .refine(
    ({ refused, quoting }) => quoting === undefined || refused !== undefined,
    'only a refusal quotes: say by which gates it is refused',
  )
  .refine(
    ({ raw, as, refused }) =>
      raw === undefined || ((as ?? 'update') === 'update' && refused?.includes('isWellFormed')),
    'what is no decision is sent as an update, and refused by isWellFormed',
  );

/** What somebody looks at in Slack, which decides nothing. */
const look = z.union([
  z.strictObject({
    by: z.email(),
    /** A locked task, whose button answers why. */
    why: z.string().transform((id, context) => {
      const task = findTask(id);
      if (task) return task;
      context.addIssue({ code: 'custom', message: 'no task of that name' });
      return z.NEVER;
    }),
    /** The gates that must be among what is answered. */
    gates: z.array(z.string()).min(1),
  }),
  z.strictObject({
    by: z.email(),
    /** After `/firebreak`. */
    command: z.string(),
    channel: z.string().default(PUBLIC_CHANNEL),
    /** What the answer must say. */
    says: z.string(),
  }),
]);

const act = z.strictObject({
  title: z.string(),
  /** Tasks that must be settled before this act begins: the machine's, mostly. */
  after: z.array(z.string().refine((id) => findTask(id) !== undefined, 'no task of that name')).default([]),
  /** Nothing is being contained or released any more. */
  atRest: z.boolean().default(false),
  /** Every message that was ordered is out, or waits for somebody. */
  sent: z.boolean().default(false),
  /** How long that may take. */
  within: z
    .string()
    .transform((text) => ms(text as ms.StringValue))
    .default(60_000),
  /** What people do at the same moment. One who does several things does them one after the other in Slack. */
  together: z.array(DECISION).default([]),
  /** What people look at in Slack after that. */
  looks: z.array(look).default([]),
});

const fault = z.strictObject({
  vendor: z.enum(['pagerduty', 'slack', 'aws', 'smtp', 'sms', 'publishing']),
  /**
   * By the vendor's name of it, e.g. `ec2.StopInstances`, `chat.postMessage`, `messages.send` or `webhook`; of mail, where in
   * the conversation: `greeting`, `login`, `sender` or `message`. The mail server has texts of its own.
   */
  call: z.string(),
  times: z.number().int().min(1).default(1),
  status: z.number().int().min(200).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  answer: z.string().default(''),
});

const declaration = z
  .strictObject({
    by: z.email(),
    summary: z.string(),
    /** `slack`: written into a public channel, as `!ic page SUMMARY`; without it, as the command line does. */
    as: z.literal('slack').optional(),
    channel: z.string().default(PUBLIC_CHANNEL),
    /** A file beside the scenario. `${NAME.id}` and `${NAME.privateIp}` stand for an instance of the fleet. */
    finding: z.string().optional(),
    instances: z.array(z.string()).default([]),
    identities: z.array(z.string()).default([]),
    secrets: z.array(z.string()).default([]),
    users: z.array(z.string()).default([]),
    services: z.array(z.string()).default([]),
  })
  .refine(
    ({ as, finding, instances, identities, secrets, users, services }) =>
      as !== 'slack' ||
      (finding === undefined &&
        [instances, identities, secrets, users, services].every((all) => all.length === 0)),
    'a line in Slack names nothing that is affected: widen the scope in an act',
  );

const SCENARIO = z.strictObject({
  title: z.string(),
  description: z.string(),
  /** How decisions are sent that do not say it. */
  door: z.enum(['update', 'slack']).default('update'),
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
  /** Of which people outside there is a key on file, by their addresses. */
  mailKeys: z
    .record(z.email(), z.enum(['smime', 'pgp']))
    .default({ 'claims@insurer.example': 'smime', 'security@customer-one.example': 'pgp' }),
  /** IAM users, each with two keys and a console login. */
  users: z.array(z.string()).default([]),
  /** Secrets with a rotation function. */
  secrets: z.array(z.string()).default([]),
  declare: declaration,
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

export type ScenarioDecision = Omit<z.infer<typeof DECISION>, 'as'> & { readonly as: (typeof WAYS)[number] };
export type ScenarioLook = z.infer<typeof look>;
export type Scenario = Omit<z.infer<typeof SCENARIO>, 'acts'> & {
  readonly name: string;
  readonly acts: readonly (Omit<z.infer<typeof act>, 'together'> & {
    readonly together: readonly ScenarioDecision[];
  })[];
};

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
  const { acts, ...scenario } = parsed.data;
  const { door } = scenario;
  return {
    name,
    ...scenario,
    acts: acts.map((one) => ({
      ...one,
      together: one.together.map((each) => ({ ...each, as: each.as ?? door })),
    })),
  };
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
