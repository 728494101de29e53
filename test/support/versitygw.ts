/**
 * versitygw, a store that enforces Object Lock by itself (Apache-2.0): moto only pretends to. It is built from source where Go is
 * installed, once for each checkout, which takes about a minute and a half.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;
const TOOLS = join(__dirname, '../../.firebreak/tools');
const FOLDER = join(TOOLS, `versitygw-${VERSION}`);
/** On two busy cores, with everything to download. */
const BUILT_WITHIN_MS = 600_000;
const READY_WITHIN_MS = 20_000;
/** Another process may take the free port before the gateway does. */
const ATTEMPTS = 5;

export interface Gateway {
  readonly url: string;
  /** Also the account that owns what it makes. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

/** The program; undefined, after a line that says why, where it can't be had. Waits, so that tests can be left out in time. */
export function installVersitygw(): string | undefined {
  const program = join(FOLDER, 'versitygw');
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) return leftOut('Go is not installed');
  mkdirSync(TOOLS, { recursive: true });
  const fresh = mkdtempSync(`${FOLDER}-`);
  process.stderr.write('Building versitygw for the proof of write-once storage (once, about 90 seconds) …\n');
  const { status } = spawnSync('go', ['install', MODULE], {
    env: { ...process.env, GOBIN: fresh },
    stdio: 'ignore',
    timeout: BUILT_WITHIN_MS,
  });
  // As a whole or not at all: a build that is broken off must not be taken for one.
  if (status === 0) renameSync(fresh, FOLDER);
  else rmSync(fresh, { recursive: true, force: true });
  return status === 0 ? program : leftOut(`go install ${MODULE} did not work`);
}

function leftOut(why: string): undefined {
  process.stderr.write(`The proof of write-once storage is left out: ${why}.\n`);
}

/** Starts the gateway on loopback, over a new folder that it takes along when it ends. */
export async function startVersitygw(program: string, region: string): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-versitygw-'));
  const [root, versions] = [join(folder, 'root'), join(folder, 'versions')];
  for (const each of [root, versions]) mkdirSync(each);
  const [accessKeyId, secretAccessKey] = ['forensic', 'stand-in-secret'];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        ...['--port', address, '--region', region, '--quiet'],
        ...['--access', accessKeyId, '--secret', secretAccessKey],
        ...['posix', '--versioning-dir', versions, root],
      ],
      { stdio: 'ignore', env: {} },
    );
    const endWithUs = () => child.kill('SIGKILL');
    process.once('exit', endWithUs);
    const stop = async () => {
      await end(child);
      process.off('exit', endWithUs);
    };
    if (await becomesReady(child, `http://${address}`))
      return {
        url: `http://${address}`,
        accessKeyId,
        secretAccessKey,
        async stop() {
          await stop();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    await stop();
  }
  rmSync(folder, { recursive: true, force: true });
  throw new Error(
    `${program} did not come up in ${ATTEMPTS} attempts: run it by hand and read what it says.`,
  );
}

/** False where it ended by itself, which is what it does when the port is taken. */
async function becomesReady(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer && child.exitCode === null) return true;
    await pause(25);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
