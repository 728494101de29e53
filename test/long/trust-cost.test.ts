/**
 * What trust costs a decision: the same incident twice on one server, decided side by side; once as it is, once with nothing
 * sealed and no signature made or checked.
 */
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { asOneStep } from '../../activities/step';
import type { Decision } from '../../domain/decisions';
import { heartbeats } from '../../worker/heartbeats';
import { createWorld } from '../support/fakes';
import { IC, SECURITY } from '../support/incidents';
import { messageOf } from '../support/messages';
import {
  freshCodename,
  startOptions,
  startServer,
  TestIncident,
  until,
  useTemporal,
} from '../support/temporal';

const ROOT = join(__dirname, '..', '..');
const DECISIONS = 150;
/** The first ones fill caches: connections, data keys, compiled code. */
const WARM_UP = 20;
/** Of the issue, in percent. */
const MOST = 15;

const stage = useTemporal(() => startServer());

/** The workflows with a check that lets every proof pass. */
function bundleWithoutProofs() {
  const stub = join(ROOT, 'test', 'support', 'no-proofs.ts');
  interface Compiler {
    hooks: { normalModuleFactory: { tap(name: string, use: (factory: Factory) => void): void } };
  }
  interface Factory {
    hooks: { beforeResolve: { tap(name: string, use: (request: { request: string }) => void): void } };
  }
  const replace = (compiler: Compiler) =>
    compiler.hooks.normalModuleFactory.tap('stub', (factory) =>
      factory.hooks.beforeResolve.tap('stub', (asked) => {
        if (/(?:trust\/|^\.\/)check$/.test(asked.request)) asked.request = stub;
      }),
    );
  return bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    logger: new DefaultLogger('ERROR', () => {}),
    webpackConfigHook: (config) => ({
      ...config,
      plugins: [...(config.plugins ?? []), { apply: replace }],
    }),
  });
}

const assign = (number: number): Decision => ({
  name: 'assignTask',
  by: IC,
  task: 'findActions',
  to: number % 2 === 0 ? SECURITY : IC,
});

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

test('sealing and signing take less than 15 % of a decision', async () => {
  const trusted = await stage.declare(createWorld());
  const codename = freshCodename();
  const client = new Client({ connection: stage.server.connection });
  const { args, ...options } = startOptions(codename);
  await client.workflow.start('incident', { ...options, args });
  const worker = await Worker.create({
    connection: stage.server.nativeConnection,
    taskQueue: codename,
    workflowBundle: await bundleWithoutProofs(),
    activities: asOneStep(createWorld().activities),
    interceptors: { activity: [heartbeats] },
    workflowThreadPoolSize: 1,
  });
  const ended = worker.run();
  const plain = new TestIncident(codename, client);
  for (const incident of [trusted, plain])
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');

  // One signature for all: the plain one makes none, and takes any. Only the nonce has to be another each time.
  const { proof } = messageOf(codename, assign(0));
  const times = { trusted: [] as number[], plain: [] as number[] };
  for (let number = 0; number < DECISIONS; number += 1) {
    const timed = async (into: number[], decide: () => Promise<{ accepted: boolean }>) => {
      const before = performance.now();
      expect((await decide()).accepted).toBe(true);
      if (number >= WARM_UP) into.push(performance.now() - before);
    };
    const both = [
      () => timed(times.trusted, () => trusted.decide(assign(number))),
      () => {
        const { name, ...content } = assign(number);
        const nonce = `plain-${String(number).padStart(16, '0')}`;
        const message = { decision: name, ...content, proof: { ...proof, nonce } };
        return timed(times.plain, () => plain.update(message));
      },
    ];
    // Which of them is first is as often the one as the other.
    for (const one of number % 2 === 0 ? both : both.reverse()) await one();
  }
  worker.shutdown();
  await ended;
  const [sealed, clear] = [median(times.trusted), median(times.plain)];
  const percent = (100 * (sealed - clear)) / sealed;
  process.stdout.write(
    `a decision: ${sealed.toFixed(1)} ms sealed and signed, ${clear.toFixed(1)} ms with neither (medians of ${times.plain.length}, side by side): trust is ${percent.toFixed(1)} % of it\n`,
  );
  expect(percent).toBeLessThan(MOST);
}, 300_000);
