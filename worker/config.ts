/**
 * The worker's configuration: one file for the company, the environment for secrets and addresses. Both are read once and
 * checked whole, so that a bad one says everything that is wrong with it. The only place of the worker that reads the
 * environment.
 */
import { readFileSync } from 'node:fs';
import ms from 'ms';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { AUTHORITY_LEVELS, type Company } from '../domain/company';
import { ROLE_IDS, type Role } from '../domain/roles';

export interface Config {
  readonly company: Company;
  /** The pause between two messages in the room, in ms. */
  readonly roomPaceMs: number;
  readonly pagerduty: {
    readonly token: string;
    readonly fromEmail: string;
    readonly serviceId: string;
    readonly escalationPolicyId: string;
    readonly url?: string;
  };
  readonly slack: { readonly token: string; readonly apiUrl?: string };
  readonly aws: { readonly region: string; readonly account?: string; readonly endpoint?: string };
  readonly healthPort: number;
}

/** A duration with its unit, e.g. `30 seconds`, in ms. */
const duration = z.string().transform((text, context) => {
  const value = /^\d/.test(text) ? ms(text as ms.StringValue) : undefined;
  if (value === undefined || Number.isNaN(value) || value < 0) {
    context.addIssue({ code: 'custom', message: `"${text}" is not a duration such as "30 seconds"` });
    return z.NEVER;
  }
  return value;
});

const email = z.email('an e-mail address is needed');

const responder = z.strictObject({
  email,
  roles: z.array(z.enum(ROLE_IDS as [Role, ...Role[]])).min(1, 'at least one role is needed'),
  services: z.array(z.string().min(1)).optional(),
});

/** Roles without which an incident could not be worked through to its end. */
const INDISPENSABLE: readonly Role[] = [
  'incidentCommander',
  'securityTeam',
  'forensicsLead',
  'engineeringLeader',
  'legalCounsel',
  'marketing',
];

const FILE = z.strictObject({
  authority: z.enum(AUTHORITY_LEVELS).default('approve'),
  roster: z
    .array(responder)
    .min(1)
    .superRefine((people, context) => {
      for (const role of INDISPENSABLE)
        if (!people.some(({ roles }) => roles.includes(role)))
          context.addIssue({ code: 'custom', message: `nobody has the role ${role}` });
      const emails = people.map((person) => person.email.toLowerCase());
      for (const twice of new Set(emails.filter((one, index) => emails.indexOf(one) !== index)))
        context.addIssue({ code: 'custom', message: `${twice} is listed twice` });
    }),
  bridge: z.strictObject({ url: z.url('a URL is needed'), phone: z.string().optional() }),
  deadlines: z
    .strictObject({
      executivesAfter: duration.default(ms('10 minutes')),
      joinCheck: duration.default(ms('30 seconds')),
    })
    .prefault({}),
  pagerduty: z.strictObject({
    from: email,
    serviceId: z.string().min(1),
    escalationPolicyId: z.string().min(1),
  }),
  slack: z.strictObject({ pace: duration.default(ms('1 second')) }).prefault({}),
  aws: z.strictObject({
    region: z.string().min(1),
    account: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
  }),
});

const secret = (advice: string) =>
  z
    .string({ error: `missing: ${advice}` })
    .trim()
    .min(1, `missing: ${advice}`);

const ENVIRONMENT = z.object({
  PAGERDUTY_TOKEN: secret('a PagerDuty REST API key'),
  SLACK_BOT_TOKEN: secret("the Slack app's bot token"),
  FIREBREAK_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  FIREBREAK_PAGERDUTY_URL: z.url().optional(),
  FIREBREAK_SLACK_URL: z.url().optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
});

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads both, and lists everything that is wrong with either. Values of secrets are never quoted. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ConfigResult {
  const path = env['FIREBREAK_CONFIG'] ?? 'firebreak.yaml';
  const file = readFile(path);
  const environment = ENVIRONMENT.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  );
  const problems = [
    ...file.problems,
    ...(environment.success ? [] : problemsOf(environment.error, 'environment')),
  ];
  if (!file.value || !environment.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: combine(file.value, environment.data) };
}

function readFile(path: string): { value?: z.infer<typeof FILE>; problems: string[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {
      problems: [
        `${path}: can't be read; copy firebreak.example.yaml, or name another file in FIREBREAK_CONFIG`,
      ],
    };
  }
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (error) {
    const where = error instanceof YAMLParseError && error.linePos ? ` at line ${error.linePos[0].line}` : '';
    return { problems: [`${path}: not valid YAML${where}`] };
  }
  const parsed = FILE.safeParse(raw);
  return parsed.success ? { value: parsed.data, problems: [] } : { problems: problemsOf(parsed.error, path) };
}

function problemsOf(error: z.ZodError, source: string): string[] {
  return error.issues.map(
    ({ path, message }) => `${source}: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`,
  );
}

function combine(file: z.infer<typeof FILE>, env: z.infer<typeof ENVIRONMENT>): Config {
  const { authority, roster, bridge, deadlines, pagerduty, slack, aws } = file;
  return Object.freeze({
    company: {
      authority,
      roster: roster.map(({ email: address, roles, services }) => ({
        email: address,
        roles,
        ...(services && { services }),
      })),
      bridge: { url: bridge.url, ...(bridge.phone !== undefined && { phone: bridge.phone }) },
      executivesAfterMs: deadlines.executivesAfter,
      joinCheckMs: deadlines.joinCheck,
    },
    roomPaceMs: slack.pace,
    pagerduty: {
      token: env.PAGERDUTY_TOKEN,
      fromEmail: pagerduty.from,
      serviceId: pagerduty.serviceId,
      escalationPolicyId: pagerduty.escalationPolicyId,
      ...(env.FIREBREAK_PAGERDUTY_URL !== undefined && { url: env.FIREBREAK_PAGERDUTY_URL }),
    },
    slack: {
      token: env.SLACK_BOT_TOKEN,
      ...(env.FIREBREAK_SLACK_URL !== undefined && { apiUrl: env.FIREBREAK_SLACK_URL }),
    },
    aws: {
      region: aws.region,
      ...(aws.account !== undefined && { account: aws.account }),
      ...(env.AWS_ENDPOINT_URL !== undefined && { endpoint: env.AWS_ENDPOINT_URL }),
    },
    healthPort: env.FIREBREAK_HEALTH_PORT,
  });
}
