/** The process behind the AWS stand-in: starts moto, waits until it answers, and leaves nothing running. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A cold Python on a busy machine; half a second is usual. */
const READY_WITHIN_MS = 30_000;
/** All of moto's environment. Its own images come with hundreds of snapshots, and slow every look for ours by a tenth of a second. */
const MOTO_SETTINGS = { MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' };
/**
 * moto as it is, but for two things that take a good part of its time: it lists its own folder for every call, and writes a line about
 * it. The list is made once, and nobody reads the lines.
 */
const PROGRAM = `
import logging
import sys
import moto.backends

modules = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: modules

logging.getLogger("werkzeug").setLevel(logging.ERROR)

from moto.server import main

main(sys.argv[1:])
`;
/** Another process may take the free port before moto does. */
const ATTEMPTS = 5;

/**
 * @param python the interpreter that has moto
 * @throws Error with what to do, if moto is not installed or does not come up
 */
export async function startMoto(python: string): Promise<{ url: string; stop(): Promise<void> }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(python, ['-c', PROGRAM, '-H', '127.0.0.1', '-p', String(port)], {
      stdio: 'ignore',
      env: MOTO_SETTINGS,
    });
    // Also when the process ends without a close: nothing may be left running.
    const endWithUs = () => child.kill('SIGKILL');
    process.once('exit', endWithUs);
    const stop = async () => {
      await end(child);
      process.off('exit', endWithUs);
    };
    try {
      if (await becomesReady(child, url)) {
        void loadModels(url);
        return { url, stop };
      }
    } catch (error) {
      await stop();
      throw error;
    }
    await stop();
  }
  throw new Error(
    `moto did not come up in ${ATTEMPTS} attempts: run ${python} -m moto.server by hand and read what it says.`,
  );
}

/** False where moto ended by itself, which is what it does when the port is taken. */
async function becomesReady(child: ChildProcess, url: string): Promise<boolean> {
  const ended = new Promise<false>((resolve, reject) => {
    child.once('exit', () => resolve(false));
    child.once('error', (cause) =>
      reject(
        new Error("moto can't be started: `ensurePython` of scripts/python.mjs installs it.", { cause }),
      ),
    );
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  const answers = async () => {
    while (Date.now() < deadline && child.exitCode === null) {
      const answer = await fetch(`${url}/moto-api/`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok && child.exitCode === null) return true;
      await pause(25);
    }
    return false;
  };
  return Promise.race([ended, answers()]);
}

/**
 * moto loads a service's model with the first call to it, which takes EC2 a second. Nobody need wait for that: whoever
 * starts the stand-in usually starts others beside it. Failures show in the first real call.
 */
async function loadModels(url: string): Promise<void> {
  const calls = { ec2: 'DescribeInstances', elasticloadbalancing: 'DescribeTargetGroups' };
  for (const [service, action] of Object.entries(calls))
    await fetch(url, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request` },
      body: new URLSearchParams({ Action: action }),
    })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // It keeps nothing, and takes most of a second to end politely.
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
