/**
 * The command line, for tests: as a process of its own, and in this process where a process each would take too long. In this
 * one, whoever acts signs with a key of their own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { run } from '../../client/cli/main';
import { newKeyring } from '../../codec/keyring';
import type { Entry } from '../../domain/entries';
import type { ChecklistView } from '../../domain/view';
import { keyOf } from './keys';

export const ROOT = join(__dirname, '..', '..');

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** What a person sees. */
  readonly all: string;
}

/** Where people's keys are. */
let keyFileOf = (email: string) => ownKeyFile(email);

export function signWith(keyFile: (email: string) => string): void {
  keyFileOf = keyFile;
}

/** `run()`, with `TEMPORAL_ADDRESS` and the rest of this process's environment. Who acts (`--as`) signs with their own key. */
export async function firebreak(...args: string[]): Promise<Ran> {
  const by = args[args.indexOf('--as') + 1];
  const isSigned = args.includes('--as') && by !== undefined && !args.includes('--key');
  return firebreakAsTyped(...args, ...(isSigned ? ['--key', keyFileOf(by)] : []));
}

/** The same, with no key but the one that is named. */
export async function firebreakAsTyped(...args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const status = await run(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return withoutStack({ status, out, err, all: out + err });
}

/** `node bin/firebreak.mjs`, as it is installed. It has to end within the time given, whatever happens. */
export async function firebreakProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  withinMs = 25_000,
): Promise<Ran & { readonly ms: number }> {
  const began = Date.now();
  const ran = await runProcess(join(ROOT, 'bin', 'firebreak.mjs'), args, env, withinMs);
  return { ...withoutStack(ran), ms: Date.now() - began };
}

/** Any script of Node's, to its end. */
export function runProcess(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  withinMs: number,
): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${args.join(' ')} did not end within ${withinMs} ms:\n${out}${err}`));
    }, withinMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(impatience);
      resolve({ status: code ?? -1, out, err, all: out + err });
    });
  });
}

/** "No stack trace ever": held wherever the command line is run. */
function withoutStack(ran: Ran): Ran {
  if (/^\s+at .+:\d+|^\w*Error: |node:internal|UnhandledPromise/m.test(ran.all))
    throw new Error(`this looks like a stack trace:\n${ran.all}`);
  return ran;
}

/** The one JSON document on stdout. */
export function json(ran: Ran): unknown {
  expect(ran.out.trim().split('\n')).toHaveLength(1);
  return JSON.parse(ran.out);
}

/** The problems in the JSON document of a failure. */
export function problemsOf(ran: Ran): string[] {
  return (json(ran) as { error: string[] }).error;
}

export interface DeclaredDocument {
  readonly codename: string;
  readonly adopted: boolean;
  readonly paged: boolean;
  readonly page: string;
  /** Whom to ring by hand. */
  readonly call: readonly { readonly email: string; readonly as: string; readonly phone?: string }[];
  readonly notes: readonly string[];
}

export async function declare(...more: string[]): Promise<DeclaredDocument> {
  const ran = await firebreak(
    'declare',
    '--summary',
    'odd logins',
    '--as',
    'ic@example.com',
    ...more,
    '--json',
  );
  expect(ran).toMatchObject({ status: 0, err: '' });
  return json(ran) as DeclaredDocument;
}

export async function view(codename: string): Promise<ChecklistView> {
  return json(await firebreak('status', codename, '--json')) as ChecklistView;
}

export async function entries(codename: string): Promise<Entry[]> {
  return json(await firebreak('timeline', codename, '--json')) as Entry[];
}

/** What else was declared is given up: a worker that goes on with it has less for the tests that follow. */
export async function endAllBut(client: Client, codename: string): Promise<void> {
  const running = client.workflow.list({ query: 'ExecutionStatus = "Running"' });
  for await (const { workflowId } of running)
    if (!workflowId.startsWith(codename))
      // One may end by itself meanwhile.
      await client.workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
}

/** A folder for the files of one test file. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'firebreak-test-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

export function file(name: string, text: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

/** The key of `keyOf`, as OpenSSH keeps it; `mode` is for keys that others can read. */
export function ownKeyFile(email: string, mode = 0o600): string {
  const path = join(FOLDER, `key-of-${encodeURIComponent(email)}-${mode.toString(8)}`);
  writeFileSync(path, keyOf(email).privateKeyFile, { mode });
  return path;
}

/** A new ring, for the worker and all that ask it. */
export function keyringFile(id = 'test'): string {
  const path = join(FOLDER, `keyring-${id}.yaml`);
  writeFileSync(path, newKeyring(id), { mode: 0o600 });
  return path;
}

/** AWS knows no such instance. */
export const UNKNOWN_INSTANCE = 'i-0123456789abcdef0';

let findings = 0;

/** A GuardDuty finding that no other test has. */
export function finding(more: Record<string, unknown> = {}): string {
  findings += 1;
  return file(
    `finding-${findings}.json`,
    JSON.stringify({
      schemaVersion: '2.0',
      accountId: '123456789012',
      region: 'us-east-1',
      id: `f0c1d2e3a4b5968778695a4b3c2d1e${String(findings).padStart(2, '0')}`,
      type: 'UnauthorizedAccess:EC2/SSHBruteForce',
      title: 'Somebody tries passwords',
      severity: 8,
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: UNKNOWN_INSTANCE } },
      service: { serviceName: 'guardduty' },
      ...more,
    }),
  );
}

/** Looks until it is so. */
export async function until<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline)
      throw new Error(`it did not come to this within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
