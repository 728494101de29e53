/**
 * The worker's configuration: one file for the company, the environment for secrets and addresses. Both are read once and
 * checked whole, so that a bad one says everything that is wrong with it. The only place of the worker that reads the
 * environment.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ms from 'ms';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { readKeyring, type Keyring, type KeyringResult, type OpenKeyService } from '../codec/keyring';
import { AUTHORITY_LEVELS, type Authority, type Company } from '../domain/company';
import { DEFAULT_PACES } from '../domain/paces';
import { ROLE_IDS, type Role } from '../domain/roles';
import { problemOfPublicKey } from '../domain/trust/check';
import { withoutComment } from '../domain/trust/keys';
import type { AwsSettings } from '../integrations/aws/clients';
import { createKeyService } from '../integrations/aws/key-service';
import { CLOCKS_PART, clocksOfCompany } from './clocks';
import { COMMUNICATION, communicationOf, waysOutOf, type WaysOut } from './communication';
import type { PracticeSettings } from './practice';

export interface Config {
  readonly company: Company;
  /** The pause between two messages in the room, in ms. */
  readonly roomPaceMs: number;
  readonly pagerduty: {
    readonly token: string;
    readonly fromEmail: string;
    readonly serviceId: string;
    readonly escalationPolicyId: string;
    /** Who is on call as what; left out, by the levels of the escalation policy. */
    readonly schedules?: { readonly primary?: string; readonly backup?: string; readonly shadowing?: string };
    readonly url?: string;
  };
  /** How often who is on call is asked, and where the answer is kept besides in memory. */
  readonly onCall: { readonly everyMs: number; readonly file?: string };
  readonly slack: { readonly token: string; readonly apiUrl?: string };
  /** For words inside and outside; left out, there are none. */
  readonly waysOut?: WaysOut;
  readonly aws: AwsSettings;
  /** Where the ledger is written; left out, it goes to cold storage. */
  readonly ledger?: { readonly folder: string; readonly keyFile: string };
  /** What Temporal's payloads are sealed with. */
  readonly keyring: Keyring;
  /** Left out: no practice begins. */
  readonly practice?: PracticeSettings;
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

const accountId = z.string().regex(/^\d{12}$/, 'an account number of 12 digits is needed, in quotes');
const roleArn = z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:role\/.+/, 'the ARN of a role is needed');
const keyArn = z
  .string()
  .regex(/^arn:aws[\w-]*:kms:.+:(key|alias)\/.+/, 'the ARN of a key, or of its alias, is needed');
const s3 = 'an address such as s3://bucket/path is needed';

/** In whole days: what AWS locks for. */
const days = duration.transform((value, context) => {
  const whole = value / ms('1 day');
  if (Number.isInteger(whole) && whole >= 1) return whole;
  context.addIssue({ code: 'custom', message: 'whole days are needed, at least one' });
  return z.NEVER;
});

/** An SSH key that somebody signs decisions with, as OpenSSH writes public keys. */
const publicKey = z.string().superRefine((text, context) => {
  const problem = problemOfPublicKey(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const email = z.email('an e-mail address is needed');

const responder = z.strictObject({
  email,
  roles: z.array(z.enum(ROLE_IDS as [Role, ...Role[]])).min(1, 'at least one role is needed'),
  services: z.array(z.string().min(1)).optional(),
  keys: z.array(publicKey).optional(),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]+$/, "Slack's id of a person is needed, such as U0123ABCD")
    .optional(),
  pagerduty: z
    .string()
    .regex(/^P[A-Z0-9]+$/, "PagerDuty's id of a person is needed, such as P0123ABC")
    .optional(),
  phone: z
    .string()
    .regex(/^\+[\d ()-]{6,}$/, 'a telephone number with its country code is needed, such as "+1 555 0100"')
    .optional(),
});

const isAMinute = (value: number) => value >= ms('1 minute');

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
      for (const vendor of ['slack', 'pagerduty'] as const) {
        const ids = people.flatMap((person) => person[vendor] ?? []);
        for (const twice of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
          context.addIssue({ code: 'custom', message: `the ${vendor} id ${twice} belongs to two people` });
      }
      const emails = people.map((person) => person.email.toLowerCase());
      for (const twice of new Set(emails.filter((one, index) => emails.indexOf(one) !== index)))
        context.addIssue({ code: 'custom', message: `${twice} is listed twice` });
      // One person with two names would be two voices.
      const keys = people.flatMap((person) => [...new Set((person.keys ?? []).map(withoutComment))]);
      for (const twice of new Set(keys.filter((one, index) => keys.indexOf(one) !== index)))
        context.addIssue({
          code: 'custom',
          message: `the key ${twice.slice(0, 40)}… belongs to two people: each needs one of their own`,
        });
    }),
  doors: z
    .strictObject({ slack: z.array(publicKey).optional(), pagerduty: z.array(publicKey).optional() })
    .optional(),
  bridge: z.strictObject({ url: z.url('a URL is needed'), phone: z.string().optional() }),
  deadlines: z
    .strictObject({
      executivesAfter: duration.default(ms('10 minutes')),
      joinCheck: duration.default(ms('30 seconds')),
      acknowledge: duration.refine(isAMinute, 'at least 1 minute').default(DEFAULT_PACES.acknowledgeWithinMs),
      remind: duration.default(DEFAULT_PACES.remindEveryMs),
      status: duration.default(DEFAULT_PACES.statusEveryMs),
    })
    .prefault({}),
  pagerduty: z.strictObject({
    from: email,
    serviceId: z.string().min(1),
    escalationPolicyId: z.string().min(1),
    schedules: z
      .strictObject({
        primary: z.string().min(1).optional(),
        backup: z.string().min(1).optional(),
        shadowing: z.string().min(1).optional(),
      })
      .optional(),
    onCall: z
      .strictObject({
        every: duration.refine(isAMinute, 'at least 1 minute').default(ms('5 minutes')),
        file: z.string().min(1).optional(),
      })
      .prefault({}),
  }),
  slack: z.strictObject({ pace: duration.default(ms('1 second')) }).prefault({}),
  aws: z.strictObject({
    region: z.string().min(1),
    account: accountId.optional(),
    accounts: z
      .array(z.strictObject({ id: accountId, role: roleArn, authority: z.enum(AUTHORITY_LEVELS).optional() }))
      .default([]),
    secondMeasure: z.enum(['network-acl', 'untracked-hop']).default('network-acl'),
    lockFor: days.default(365),
    memory: z
      .strictObject({
        document: z.string().min(1),
        destination: z.string().regex(/^s3:\/\//, s3),
        timeBox: duration,
      })
      .optional(),
    perimeter: z
      .strictObject({
        networkAcls: z.array(z.string().regex(/^acl-/, 'the id of a network ACL is needed')).default([]),
        wafIpSets: z
          .array(
            z.strictObject({
              name: z.string().min(1),
              id: z.string().min(1),
              scope: z.enum(['REGIONAL', 'CLOUDFRONT']),
              family: z.enum(['IPv4', 'IPv6']),
            }),
          )
          .default([]),
      })
      .optional(),
  }),
  coldStorage: z
    .strictObject({
      account: accountId,
      role: roleArn.optional(),
      region: z.string().min(1),
      bucket: z.string().min(3),
      key: keyArn,
      transferKey: keyArn.optional(),
      signingKey: z.string().min(1),
      lockFor: days.default(365),
      coolOff: duration
        .refine((value) => value >= ms('1 hour') && value <= ms('72 hours'), '1 to 72 hours')
        .default(ms('24 hours')),
      hashBlocks: z.boolean().default(true),
      within: duration.default(ms('24 hours')),
    })
    .optional(),
  ledger: z.strictObject({ folder: z.string().min(1) }).optional(),
  communication: COMMUNICATION.optional(),
  clocks: CLOCKS_PART.prefault({}),
  systems: z.array(z.string().regex(/^[^/\s]+$/, 'a name without spaces or slashes')).default([]),
  practice: z
    .strictObject({
      every: duration.refine(
        (value) => value >= ms('1 minute') && value <= ms('31 days'),
        '1 minute to 31 days',
      ),
      lasts: duration.refine(
        (value) => value >= ms('1 minute') && value <= ms('7 days'),
        '1 minute to 7 days',
      ),
    })
    .optional(),
});

const secret = (advice: string) =>
  z
    .string({ error: `missing: ${advice}` })
    .trim()
    .min(1, `missing: ${advice}`);

/** As it is read from a file: a line's end behind it is none of it. */
const optionalSecret = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();

const ENVIRONMENT = z.object({
  PAGERDUTY_TOKEN: secret('a PagerDuty REST API key'),
  SLACK_BOT_TOKEN: secret("the Slack app's bot token"),
  FIREBREAK_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  FIREBREAK_PAGERDUTY_URL: z.url().optional(),
  FIREBREAK_SLACK_URL: z.url().optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
  FIREBREAK_KEYRING: z.string().optional(),
  FIREBREAK_KEYRING_FILE: z.string().optional(),
  FIREBREAK_LEDGER_KEY_FILE: z.string().optional(),
  FIREBREAK_SMTP_PASSWORD: optionalSecret,
  FIREBREAK_SMTP_SERVER: z
    .string()
    .regex(/^[^:\s]+:\d{1,5}$/, 'HOST:PORT is needed')
    .optional(),
  FIREBREAK_SMTP_CA_FILE: z.string().optional(),
  FIREBREAK_SMS_TOKEN: optionalSecret,
  FIREBREAK_SMS_URL: z.url().optional(),
  FIREBREAK_WEBHOOK_SECRET: optionalSecret,
  FIREBREAK_WEBHOOK_URL: z.url().optional(),
  FIREBREAK_STATUSPAGE_TOKEN: optionalSecret,
  FIREBREAK_STATUSPAGE_URL: z.url().optional(),
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
  const openKeyService = createKeyService(
    environment.success && environment.data.AWS_ENDPOINT_URL !== undefined
      ? { endpoint: environment.data.AWS_ENDPOINT_URL }
      : {},
  );
  const keys = readKeys(env, openKeyService);
  const problems = [
    ...file.problems,
    ...(environment.success ? [] : problemsOf(environment.error, 'environment')),
    ...(keys.ok ? [] : keys.problems),
    ...(file.value && environment.success ? problemsOfLedger(file.value, environment.data, path) : []),
  ];
  const out =
    file.value?.communication &&
    waysOutOf(file.value.communication, environment.success ? environment.data : {}, dirname(resolve(path)));
  if (environment.success) problems.push(...(out?.problems ?? []));
  if (!file.value || !environment.success || !keys.ok || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: combine(file.value, environment.data, keys.keyring, out?.ways) };
}

/** The ring as a text or as a file; never quoted. */
function readKeys(env: NodeJS.ProcessEnv, openKeyService: OpenKeyService): KeyringResult {
  const file = env['FIREBREAK_KEYRING_FILE'] || undefined;
  const text = env['FIREBREAK_KEYRING'] || undefined;
  const named = (problem: string) => `environment: ${file ?? 'FIREBREAK_KEYRING'}: ${problem}`;
  if (file === undefined && text === undefined)
    return {
      ok: false,
      problems: [
        'environment: FIREBREAK_KEYRING_FILE: missing: the keys that payloads are sealed with; make them with "firebreak keyring new FILE"',
      ],
    };
  let read: KeyringResult;
  try {
    read = readKeyring(file === undefined ? (text ?? '') : readFileSync(file, 'utf8'), openKeyService);
  } catch {
    return { ok: false, problems: [named("can't be read")] };
  }
  return read.ok ? read : { ok: false, problems: read.problems.map(named) };
}

/** Every incident has a ledger: in cold storage, or in a folder with a key of its own. */
function problemsOfLedger(
  { ledger, coldStorage }: z.infer<typeof FILE>,
  env: z.infer<typeof ENVIRONMENT>,
  path: string,
): string[] {
  const keyFile = env.FIREBREAK_LEDGER_KEY_FILE;
  if (ledger)
    return keyFile === undefined
      ? ['environment: FIREBREAK_LEDGER_KEY_FILE: missing: the key that signs the ledger (docs/ledger.md)']
      : [];
  return coldStorage ? [] : [`${path}: ledger: a folder is needed where there is no coldStorage`];
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

function combine(
  file: z.infer<typeof FILE>,
  env: z.infer<typeof ENVIRONMENT>,
  keyring: Keyring,
  waysOut: WaysOut | undefined,
): Config {
  const { authority, roster, doors, bridge, deadlines, pagerduty, slack, aws, coldStorage, ledger, systems } =
    file;
  const authorities = Object.fromEntries(
    aws.accounts.flatMap(({ id, authority: own }): [string, Authority][] => (own ? [[id, own]] : [])),
  );
  return Object.freeze({
    company: {
      authority,
      authorities,
      systems,
      ...(coldStorage && {
        coldStorage: { withinMs: coldStorage.within },
      }),
      ledger: true,
      ...(file.communication && { communication: communicationOf(file.communication) }),
      clocks: clocksOfCompany(file.clocks),
      roster: roster.map(
        ({ email: address, roles, services, keys, slack: slackId, pagerduty: pagerId, phone }) => ({
          email: address,
          roles,
          ...(services && { services }),
          ...(keys && { keys }),
          ...(slackId !== undefined && { slack: slackId }),
          ...(pagerId !== undefined && { pagerduty: pagerId }),
          ...(phone !== undefined && { phone }),
        }),
      ),
      paces: {
        acknowledgeWithinMs: deadlines.acknowledge,
        remindEveryMs: deadlines.remind,
        statusEveryMs: deadlines.status,
      },
      ...(doors && {
        doors: {
          ...(doors.slack && { slack: doors.slack }),
          ...(doors.pagerduty && { pagerduty: doors.pagerduty }),
        },
      }),
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
      ...(pagerduty.schedules && { schedules: schedulesOf(pagerduty.schedules) }),
      ...(env.FIREBREAK_PAGERDUTY_URL !== undefined && { url: env.FIREBREAK_PAGERDUTY_URL }),
    },
    onCall: {
      everyMs: pagerduty.onCall.every,
      ...(pagerduty.onCall.file !== undefined && { file: pagerduty.onCall.file }),
    },
    slack: {
      token: env.SLACK_BOT_TOKEN,
      ...(env.FIREBREAK_SLACK_URL !== undefined && { apiUrl: env.FIREBREAK_SLACK_URL }),
    },
    ...(waysOut && { waysOut }),
    aws: awsSettings(file, env.AWS_ENDPOINT_URL),
    ...(ledger &&
      env.FIREBREAK_LEDGER_KEY_FILE !== undefined && {
        ledger: { folder: ledger.folder, keyFile: env.FIREBREAK_LEDGER_KEY_FILE },
      }),
    keyring,
    ...(file.practice && { practice: { everyMs: file.practice.every, lastsMs: file.practice.lasts } }),
    healthPort: env.FIREBREAK_HEALTH_PORT,
  });
}

function schedulesOf({
  primary,
  backup,
  shadowing,
}: NonNullable<z.infer<typeof FILE>['pagerduty']['schedules']>): NonNullable<
  Config['pagerduty']['schedules']
> {
  return {
    ...(primary !== undefined && { primary }),
    ...(backup !== undefined && { backup }),
    ...(shadowing !== undefined && { shadowing }),
  };
}

function awsSettings({ aws, coldStorage }: z.infer<typeof FILE>, endpoint: string | undefined): AwsSettings {
  const { region, account, accounts, secondMeasure, lockFor, memory, perimeter } = aws;
  return {
    region,
    ...(account !== undefined && { account }),
    accounts: accounts.map(({ id, role }) => ({ id, role })),
    secondMeasure,
    lockDays: lockFor,
    ...(memory && {
      memory: {
        document: memory.document,
        destination: memory.destination,
        timeBoxMs: memory.timeBox,
      },
    }),
    ...(perimeter && { perimeter }),
    ...(coldStorage && {
      coldStorage: {
        account: coldStorage.account,
        ...(coldStorage.role !== undefined && { role: coldStorage.role }),
        region: coldStorage.region,
        bucket: coldStorage.bucket,
        key: coldStorage.key,
        ...(coldStorage.transferKey !== undefined && { transferKey: coldStorage.transferKey }),
        signingKey: coldStorage.signingKey,
        lockDays: coldStorage.lockFor,
        coolOffHours: Math.round(coldStorage.coolOff / ms('1 hour')),
        hashBlocks: coldStorage.hashBlocks,
      },
    }),
    ...(endpoint !== undefined && { endpoint }),
  };
}
