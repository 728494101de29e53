/**
 * The Slack app's configuration: the company's file for who is who, the environment for everything else. Read once and checked
 * whole, so that a bad one says everything that is wrong with it. Secrets are never quoted.
 */
import { z } from 'zod';
import { readKeyring, type Keyring, type OpenKeyService } from '../../codec/keyring';
import { withoutComment } from '../../domain/trust/keys';
import { FileUnreadable, InvalidInput } from '../errors';
import { loadSigner, type Signer } from '../signing/signer';
import { contentOf, readCompanyFile, type ReadFile } from '../named-file';
import type { ReadRoster } from '../roster';
import type { Roster } from './roster';

export type Listening =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly signingSecret: string; readonly host: string; readonly port: number };

export interface SlackAppConfig {
  readonly token: string;
  readonly listening: Listening;
  /** The Web API of a stand-in; Slack's own where it is left out. */
  readonly url?: string;
  /** The door's own key. */
  readonly signer: Signer;
  readonly keyring: Keyring;
  /** The file that has the roster. */
  readonly rosterPath: string;
  readonly roster: Roster;
  readonly webUi?: string;
}

export type SlackAppConfigResult =
  | { readonly ok: true; readonly config: SlackAppConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

const port = z.coerce.number('a port is needed').int().min(0).max(65_535);

const createSchema = (readFile: ReadFile) =>
  z.object({
    SLACK_BOT_TOKEN: z
      .string("missing: the bot's token, from Slack's page of the app (docs/slack.md)")
      .startsWith('xoxb-', "the bot's token is needed; it begins with xoxb-"),
    SLACK_APP_TOKEN: z
      .string()
      .startsWith('xapp-', 'the app-level token is needed; it begins with xapp-')
      .optional(),
    SLACK_SIGNING_SECRET: z.string().optional(),
    FIREBREAK_SLACK_PORT: port.optional(),
    FIREBREAK_SLACK_HOST: z
      .union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'an address of this machine is needed')
      .default('127.0.0.1'),
    FIREBREAK_SLACK_URL: z
      .url({ protocol: /^https?$/, error: 'an address such as https://slack.example.com/api/ is needed' })
      .optional(),
    FIREBREAK_SLACK_DOOR_KEY: z.string(
      'missing: the file with this door\'s own key; make one with: ssh-keygen -t ed25519 -N "" -f slack-door',
    ),
    FIREBREAK_KEYRING: z.string().optional(),
    FIREBREAK_KEYRING_FILE: contentOf(readFile, 'the keyring').optional(),
    FIREBREAK_UI_URL: z.url('an address is needed').optional(),
  });

type Environment = z.infer<ReturnType<typeof createSchema>>;

interface Read<T> {
  readonly value?: T;
  readonly problems: readonly string[];
}

/** `env` is the process's. `openKeyService` is needed only for a ring whose key is in a key service. */
export async function readSlackAppConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
  openKeyService?: OpenKeyService,
): Promise<SlackAppConfigResult> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const rosterPath = given['FIREBREAK_CONFIG'] ?? 'firebreak.yaml';
  const company = readCompanyFile(rosterPath, readFile);
  const environment = createSchema(readFile).safeParse(given);
  const problems = [
    ...(company.ok ? [] : company.problems),
    ...(environment.error?.issues ?? []).map(
      ({ path, message }) => `environment: ${path.join('.')}: ${message}`,
    ),
  ];
  // Told with the others, also where those are wrong.
  const signer = await readDoorKey(given['FIREBREAK_SLACK_DOOR_KEY'], rosterPath, company);
  const listening = listeningOf(given);
  const keyring = keyringOf(given, environment.data, openKeyService);
  problems.push(...listening.problems, ...signer.problems, ...keyring.problems);
  if (problems.length > 0 || !environment.success) return { ok: false, problems };
  if (!company.ok || !signer.value || !listening.value || !keyring.value) return { ok: false, problems };
  const { SLACK_BOT_TOKEN: token, FIREBREAK_SLACK_URL: url, FIREBREAK_UI_URL: webUi } = environment.data;
  const { kind } = listening.value;
  return {
    ok: true,
    config: Object.freeze({
      token,
      listening:
        kind === 'socket'
          ? listening.value
          : { ...listening.value, host: environment.data.FIREBREAK_SLACK_HOST },
      ...(url !== undefined && { url }),
      signer: signer.value,
      keyring: keyring.value,
      rosterPath,
      roster: company.people,
      ...(webUi !== undefined && { webUi }),
    }),
  };
}

/** A port means HTTP; else it is Socket Mode. What is missing or too much for it is a problem. */
function listeningOf(given: Readonly<Record<string, string | undefined>>): Read<Listening> {
  const appToken = given['SLACK_APP_TOKEN'];
  const signingSecret = given['SLACK_SIGNING_SECRET'];
  const wantsHttp = given['FIREBREAK_SLACK_PORT'] !== undefined;
  const problem = (text: string) => ({ problems: [`environment: ${text}`] });
  if (!wantsHttp) {
    if (appToken === undefined)
      return problem(
        'SLACK_APP_TOKEN: missing: the app-level token for Socket Mode; or for HTTP give SLACK_SIGNING_SECRET and FIREBREAK_SLACK_PORT',
      );
    return { value: { kind: 'socket', appToken }, problems: [] };
  }
  if (appToken !== undefined)
    return problem('SLACK_APP_TOKEN is for Socket Mode and FIREBREAK_SLACK_PORT for HTTP: give one of them');
  if (signingSecret === undefined)
    return problem("SLACK_SIGNING_SECRET: missing: what Slack signs its requests with, from the app's page");
  return {
    value: {
      kind: 'http',
      signingSecret,
      host: '127.0.0.1',
      port: Number(given['FIREBREAK_SLACK_PORT']),
    },
    problems: [],
  };
}

/** The door's key counts only once the company lists it. */
async function readDoorKey(
  file: string | undefined,
  rosterPath: string,
  company: ReadRoster,
): Promise<Read<Signer>> {
  if (file === undefined) return { problems: [] };
  let signer: Signer;
  try {
    signer = await loadSigner({ keyFile: file });
  } catch (error) {
    const problems =
      error instanceof InvalidInput
        ? error.problems
        : error instanceof FileUnreadable
          ? [error.message]
          : [`${file}: can't be used`];
    return { problems: problems.map((problem) => `environment: FIREBREAK_SLACK_DOOR_KEY: ${problem}`) };
  }
  const listed = (company.ok && company.doors?.slack?.map(withoutComment)) || [];
  if (company.ok && !listed.includes(signer.publicKey))
    return {
      problems: [
        `${rosterPath}: doors.slack: does not list this door's key, so that nothing it says would count; add: ${signer.publicKey}`,
      ],
    };
  return { value: signer, problems: [] };
}

function keyringOf(
  given: Readonly<Record<string, string | undefined>>,
  environment: Environment | undefined,
  openKeyService: OpenKeyService | undefined,
): Read<Keyring> {
  if (given['FIREBREAK_KEYRING_FILE'] === undefined && given['FIREBREAK_KEYRING'] === undefined)
    return {
      problems: [
        'environment: FIREBREAK_KEYRING_FILE: missing: the keys that payloads are sealed with; the worker has the same ones (docs/keys.md)',
      ],
    };
  // As for the worker: the file counts where both are there.
  const ring = environment?.FIREBREAK_KEYRING_FILE ?? environment?.FIREBREAK_KEYRING;
  if (ring === undefined) return { problems: [] };
  const read = readKeyring(ring, openKeyService);
  return read.ok
    ? { value: read.keyring, problems: [] }
    : { problems: read.problems.map((problem) => `keyring: ${problem}`) };
}
