/**
 * The codec server's configuration: the company's file for who may sign in, the environment for everything else. Read once and
 * checked whole, so that a bad one says everything that is wrong with it. Secrets are never quoted.
 */
import { z } from 'zod';
import { readKeyring, type Keyring, type OpenKeyService } from '../../codec/keyring';
import { problemOfListening, problemOfOrigin, type Listening } from './listening';
import { contentOf, readCompanyFile, type ReadFile } from '../named-file';

export interface CodecServerConfig extends Listening {
  readonly port: number;
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
  readonly keyring: Keyring;
  /** The file that has the roster. */
  readonly rosterPath: string;
  /** How many people of the roster can sign in. */
  readonly enrolled: number;
}

export type CodecServerConfigResult =
  | { readonly ok: true; readonly config: CodecServerConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Where the Web UI of docker-compose.yml is. */
const ORIGINS = 'http://127.0.0.1:8080,http://localhost:8080';

const NO_KEYRING =
  'missing: the keys that payloads are sealed with; make them with "firebreak keyring new FILE"';

const origins = z.string().transform((text, context) => {
  const list = text.split(',').map((one) => one.trim());
  for (const problem of list.map(problemOfOrigin))
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  return list;
});

const createSchema = (readFile: ReadFile) =>
  z.object({
    FIREBREAK_KEYRING: z.string().optional(),
    FIREBREAK_KEYRING_FILE: contentOf(readFile, 'the keyring').optional(),
    FIREBREAK_CODEC_HOST: z
      .union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'an address of this machine is needed')
      .default('127.0.0.1'),
    FIREBREAK_CODEC_PORT: z.coerce.number('a port is needed').int().min(0).max(65_535).default(8082),
    FIREBREAK_CODEC_ORIGINS: origins.prefault(ORIGINS),
    FIREBREAK_CODEC_URL: z
      .url({ protocol: /^https?$/, error: 'an address such as https://codec.example.com is needed' })
      .optional(),
    FIREBREAK_CODEC_TLS_CERT: contentOf(readFile, "the certificate's chain as PEM").optional(),
    FIREBREAK_CODEC_TLS_KEY: contentOf(readFile, "the certificate's key as PEM").optional(),
    FIREBREAK_CODEC_BEHIND_LOOPBACK: z.enum(['yes', 'no'], 'yes or no is needed').default('no'),
    TEMPORAL_NAMESPACE: z.string().default('default'),
  });

type Environment = z.infer<ReturnType<typeof createSchema>>;

/** `env` is the process's. `openKeyService` is needed only for a ring whose key is in a key service. */
export function readCodecServerConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
  openKeyService?: OpenKeyService,
): CodecServerConfigResult {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const rosterPath = given['FIREBREAK_CONFIG'] ?? 'firebreak.yaml';
  const company = readCompanyFile(rosterPath, readFile);
  const environment = createSchema(readFile).safeParse(given);
  const issues = environment.error?.issues ?? [];
  const problems = [
    ...(company.ok ? [] : company.problems),
    ...issues.map(({ path, message }) => `environment: ${path.join('.')}: ${message}`),
  ];
  if (!environment.success) return { ok: false, problems };
  const keyring = keyringOf(environment.data, openKeyService);
  const listening = listeningOf(environment.data);
  problems.push(...('problems' in keyring ? keyring.problems : []), ...listening.problems);
  if (problems.length > 0 || 'problems' in keyring || !company.ok) return { ok: false, problems };
  const { FIREBREAK_CODEC_PORT, FIREBREAK_CODEC_ORIGINS, TEMPORAL_NAMESPACE } = environment.data;
  return {
    ok: true,
    config: Object.freeze({
      ...listening.value,
      port: FIREBREAK_CODEC_PORT,
      origins: FIREBREAK_CODEC_ORIGINS,
      namespaces: [TEMPORAL_NAMESPACE],
      keyring: keyring.value,
      rosterPath,
      enrolled: company.people.filter(({ keys = [] }) => keys.length > 0).length,
    }),
  };
}

function keyringOf(
  { FIREBREAK_KEYRING: text, FIREBREAK_KEYRING_FILE: content }: Environment,
  openKeyService: OpenKeyService | undefined,
): { value: Keyring } | { problems: readonly string[] } {
  // As for the worker: the file counts where both are there.
  const ring = content ?? text;
  if (ring === undefined) return { problems: [`environment: FIREBREAK_KEYRING_FILE: ${NO_KEYRING}`] };
  const read = readKeyring(ring, openKeyService);
  return read.ok
    ? { value: read.keyring }
    : { problems: read.problems.map((problem) => `keyring: ${problem}`) };
}

function listeningOf(environment: Environment): { value: Listening; problems: readonly string[] } {
  const {
    FIREBREAK_CODEC_HOST: host,
    FIREBREAK_CODEC_URL: url,
    FIREBREAK_CODEC_TLS_CERT: cert,
    FIREBREAK_CODEC_TLS_KEY: key,
    FIREBREAK_CODEC_BEHIND_LOOPBACK: behindLoopback,
  } = environment;
  const value: Listening = {
    host,
    behindLoopback: behindLoopback === 'yes',
    ...(url !== undefined && { url }),
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
  };
  const half = (cert === undefined) !== (key === undefined);
  const problem = half
    ? 'FIREBREAK_CODEC_TLS_CERT and FIREBREAK_CODEC_TLS_KEY are needed together'
    : problemOfListening(value);
  return { value, problems: problem === undefined ? [] : [`environment: ${problem}`] };
}
