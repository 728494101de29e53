/**
 * AWS for drills and tests: moto behind the recording proxy. The proxy adds what moto lacks and containment needs: moto
 * takes the change of an interface's DeleteOnTermination and forgets it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startRecordingProxy, type RecordingProxy, type Rewrite } from './recording-proxy';

export interface AwsStandIn extends RecordingProxy {
  /** moto itself, without the proxy: calls made there are neither recorded nor broken. */
  readonly motoUrl: string;
}

/** A cold Python on a busy machine; half a second is usual. */
const READY_WITHIN_MS = 30_000;
/** All of moto's environment. Its own images come with hundreds of snapshots, and slow every look for ours by a tenth of a second. */
const MOTO_SETTINGS = { MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' };
/** Another process may take the free port before moto does. */
const ATTEMPTS = 5;

/**
 * Starts moto and the proxy, both on loopback, and waits until they answer.
 *
 * @param options.python the virtual environment with moto; the default is `.venv` in the working directory
 * @param options.port the proxy's port; 0, the default, picks a free one
 * @throws Error with what to do, if moto is not installed or does not come up
 */
export async function startAws(options: { python?: string; port?: number } = {}): Promise<AwsStandIn> {
  const server = join(options.python ?? join(process.cwd(), '.venv'), 'bin', 'moto_server');
  const moto = await startMoto(server);
  void loadModels(moto.url);
  try {
    const proxy = await startRecordingProxy({
      target: moto.url,
      nameOf: nameOfAwsCall,
      rewrite: rememberDeleteOnTermination(),
      port: options.port ?? 0,
    });
    return {
      ...proxy,
      motoUrl: moto.url,
      async close() {
        await proxy.close();
        await moto.stop();
      },
    };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}

/** The call's name as IAM would write it, with a dot: `ec2.CreateSnapshots`, `autoscaling.DetachInstances`. */
export function nameOfAwsCall(request: IncomingMessage, body: string): string {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  const target = request.headers['x-amz-target'];
  const action =
    (typeof target === 'string' ? target.split('.').at(-1) : undefined) ??
    new URLSearchParams(body).get('Action');
  return service && action ? `${service}.${action}` : `${request.method} ${request.url}`;
}

async function startMoto(server: string): Promise<{ url: string; stop(): Promise<void> }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(server, ['-H', '127.0.0.1', '-p', String(port)], {
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
      if (await becomesReady(child, url)) return { url, stop };
    } catch (error) {
      await stop();
      throw error;
    }
    await stop();
  }
  throw new Error(`${server} did not come up in ${ATTEMPTS} attempts: run it by hand and read what it says.`);
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

/** Keeps what ModifyNetworkInterfaceAttribute said of an attachment, and tells it wherever the attachment is described. */
function rememberDeleteOnTermination(): Rewrite {
  const said = new Map<string, string>();
  return async (call, passOn) => {
    const answer = await passOn();
    if (call.name === 'ec2.ModifyNetworkInterfaceAttribute' && answer.status === 200) {
      const form = new URLSearchParams(call.body);
      const attachment = form.get('Attachment.AttachmentId');
      const value = form.get('Attachment.DeleteOnTermination');
      if (attachment !== null && value !== null) said.set(attachment, value);
    }
    if (said.size === 0 || !/^ec2\.Describe(Instances|NetworkInterfaces)$/.test(call.name)) return answer;
    const body = answer.body
      .toString('utf8')
      .replace(
        /(<attachmentId>([^<]*)<\/attachmentId><deleteOnTermination>)(?:true|false)/g,
        (whole, before: string, attachment: string) => {
          const value = said.get(attachment);
          return value === undefined ? whole : before + value;
        },
      );
    return { ...answer, body: Buffer.from(body) };
  };
}
