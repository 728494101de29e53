/**
 * The configuration of PagerDuty's door: the company's file for who is who and which keys doors have, the environment for
 * everything else. Read once and checked whole, so that a bad one says everything that is wrong with it. Secrets are never
 * quoted.
 */
import { z } from 'zod';
import { readCompanyFile, type ReadFile } from '../named-file';

export interface WebhookConfig {
  readonly host: string;
  readonly port: number;
  readonly secrets: readonly string[];
  /** The file with the door's own key. */
  readonly keyFile: string;
  /** Public keys that count as this door's. */
  readonly enrolled: readonly string[];
  /** The file that has the roster. */
  readonly rosterPath: string;
  /** How many people of the roster PagerDuty's ids are known of. */
  readonly known: number;
}

export type WebhookConfigResult =
  | { readonly ok: true; readonly config: WebhookConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

const secrets = z
  .string('missing: the secret that PagerDuty showed when the webhook was made (docs/paging.md)')
  .transform((text, context) => {
    const list = text.split(',').map((one) => one.trim());
    if (list.some((one) => one.length < 16))
      context.addIssue({
        code: 'custom',
        message: 'a secret of at least 16 characters is needed; several with commas between',
      });
    return list;
  });

const ENVIRONMENT = z.object({
  FIREBREAK_WEBHOOK_HOST: z
    .union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'an address of this machine is needed')
    .default('127.0.0.1'),
  FIREBREAK_WEBHOOK_PORT: z.coerce.number('a port is needed').int().min(0).max(65_535).default(8083),
  FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: secrets,
  FIREBREAK_PAGERDUTY_DOOR_KEY: z.string(
    "missing: name the file with this door's own SSH key; make it with \"ssh-keygen -t ed25519 -N '' -f FILE\" (docs/paging.md)",
  ),
});

/** `env` is the process's. */
export function readWebhookConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
): WebhookConfigResult {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const rosterPath = given['FIREBREAK_CONFIG'] ?? 'firebreak.yaml';
  const company = readCompany(rosterPath, readFile);
  const environment = ENVIRONMENT.safeParse(given);
  const problems = [
    ...company.problems,
    ...(environment.error?.issues ?? []).map(
      ({ path, message }) => `environment: ${path.join('.')}: ${message}`,
    ),
  ];
  if (!environment.success || problems.length > 0) return { ok: false, problems };
  const { data } = environment;
  return {
    ok: true,
    config: Object.freeze({
      host: data.FIREBREAK_WEBHOOK_HOST,
      port: data.FIREBREAK_WEBHOOK_PORT,
      secrets: data.FIREBREAK_PAGERDUTY_WEBHOOK_SECRET,
      keyFile: data.FIREBREAK_PAGERDUTY_DOOR_KEY,
      enrolled: company.enrolled,
      rosterPath,
      known: company.known,
    }),
  };
}

/** Keys that count as this door's, and how many people PagerDuty's ids are known of. */
function readCompany(
  path: string,
  readFile: ReadFile,
): { enrolled: readonly string[]; known: number; problems: readonly string[] } {
  const read = readCompanyFile(path, readFile);
  if (!read.ok) return { enrolled: [], known: 0, problems: read.problems };
  const { people, doors } = read;
  const enrolled = doors?.pagerduty ?? [];
  return {
    enrolled,
    known: people.filter(({ pagerduty }) => pagerduty !== undefined).length,
    problems:
      enrolled.length > 0
        ? []
        : [
            `${path}: doors.pagerduty: missing: write the public half of this door's key there, or nothing that it sends counts (docs/paging.md)`,
          ],
  };
}
