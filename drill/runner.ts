/** Runs a scenario on a stage: declares, lets its people act, watches, and has gathered what there is to judge. */
import type { Client } from '@temporalio/client';
import { checklistOf, evidenceOf } from '../client/incidents';
import type { IncidentResult } from '../workflows/incident/messages';
import { createActing } from './acts';
import { declare } from './declare';
import { endStateOf, type EndState } from './end-state';
import { gather } from './gather';
import type { Progress } from './progress';
import type { Records } from './records';
import type { Scenario } from './scenario';
import type { Stage } from './stage';
import { readEvidence } from './stand-ins/aws-company';
import { cloudOf, timingsOf, type CloudFigures, type Timings } from './timings';
import { allSettled, isAtRest, isSent, openTasksOf, watchIncident } from './watch';

/** Long enough for a person at the terminal to follow. */
const BETWEEN_ACTS_MS = 400;

/** The last words take the room's pace, and there may be two hundred of them on a busy machine. */
const END_WITHIN_MS = 90_000;

/** An act whose conditions are not met by then will not be. */
const ACT_WITHIN_MS = 60_000;

export interface Run {
  readonly records: Records;
  readonly timings: Timings;
  /** Decisions that should have been accepted and were not, in words. */
  readonly surprises: readonly string[];
  readonly historyEvents: number;
  readonly endState: EndState;
  /** What AWS had to bear. */
  readonly cloud: CloudFigures;
  /** The evidence folder, by path. */
  readonly evidence: ReadonlyMap<string, Uint8Array>;
}

export async function runScenario(
  scenario: Scenario,
  stage: Stage,
  progress: Progress,
  options: { killWorker: boolean },
): Promise<Run> {
  const { client, fleet } = stage;
  const surprises: string[] = [];

  progress.begin('Declare');
  const declaredAt = Date.now();
  const codename = await declare(scenario, stage);
  progress.happened(`${scenario.declare.by} declared ${codename}`);
  const watch = watchIncident(client, codename, progress);
  const killing = options.killWorker ? killWorkerInTheMiddle(stage, progress) : Promise.resolve();

  try {
    const acting = createActing(stage, codename);
    for (const { title, after, atRest, sent, within: withinMs, together, looks } of scenario.acts) {
      await watch.until(
        (view) => allSettled(view, after) && (!atRest || isAtRest(view)),
        `${title}: ${after.join(', ')}`,
        withinMs,
      );
      if (sent) await untilSent(client, codename, title, withinMs);
      progress.begin(title);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_ACTS_MS));
      const tasks = await checklistOf(client, codename, ACT_WITHIN_MS);
      surprises.push(...(await acting.act(together, openTasksOf(tasks))), ...(await acting.look(looks)));
    }
    await killing;
    progress.begin('The incident ends');
    const result = await endOf(client, codename, ['the end of the incident', ...surprises].join('\n  '));
    const endedAt = Date.now();
    await watch.stop();
    const evidence = await readEvidence(stage.aws.url, stage.configuration.coldStorage, codename);
    const records = await gather(scenario, stage, codename, result, evidence);
    const { events } = await client.workflow.getHandle(codename).fetchHistory();
    return {
      records,
      timings: timingsOf(records, declaredAt, endedAt),
      surprises,
      historyEvents: events?.length ?? 0,
      evidence,
      endState: endStateOf(records, Object.values((await evidenceOf(client, codename)).items), fleet),
      cloud: cloudOf(records, declaredAt, stage.aws.throttledCalls),
    };
  } finally {
    await watch.stop();
  }
}

async function untilSent(client: Client, codename: string, title: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSent(client, codename))) {
    if (Date.now() > deadline)
      throw new Error(`It did not come to this within ${withinMs / 1_000} s: ${title}: every message is out`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The power fails when the first interface is being cut off: the worst moment. */
async function killWorkerInTheMiddle({ aws, replaceWorker }: Stage, progress: Progress): Promise<void> {
  const deadline = Date.now() + ACT_WITHIN_MS;
  while (!aws.calls.some(({ name }) => name === 'ec2.CreateSnapshots')) {
    if (Date.now() > deadline) throw new Error('containment never began, so the worker was not killed');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  progress.happened('the worker is killed (kill -9) in the middle of containment');
  await replaceWorker();
  progress.happened('another worker runs');
}

async function endOf(client: Client, codename: string, what: string): Promise<IncidentResult> {
  const givingUp = new AbortController();
  const ended = client.withAbortSignal(givingUp.signal, () => client.workflow.getHandle(codename).result());
  try {
    return (await within(ended, END_WITHIN_MS, what)) as IncidentResult;
  } finally {
    // Left behind, it would ask again once the connection is closed.
    givingUp.abort();
  }
}

async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It did not come to this within ${ms / 1_000} s: ${what}`)),
      ms,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
