/** A workflow with one of each thing that carries a payload; in short where it is not `isFull`. */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { unreadableReasonOf } from '../../domain/trust/unreadable';

export interface Activities {
  echo(value: unknown): Promise<unknown>;
  fail(text: string): Promise<void>;
  resume(text: string): Promise<unknown>;
}

export interface Input {
  readonly text: string;
  /** How many runs there are still, this one included. */
  readonly runs: number;
  readonly isFull: boolean;
  readonly seen?: readonly unknown[];
}

export interface Report {
  readonly text: string;
  readonly seen: readonly unknown[];
  readonly memo: unknown;
}

const { echo, fail, resume } = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '50 ms', maximumAttempts: 2 },
  summary: 'canary activity summary',
});
const { echo: echoHere } = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds' });

const putSignal = defineSignal<[unknown]>('put');
const goSignal = defineSignal('go');
const askUpdate = defineUpdate<unknown, [unknown]>('ask');
const seenQuery = defineQuery<unknown[], [unknown?]>('seen');

export async function loop(input: Input): Promise<Report> {
  // A start that this ring can't read was sealed by another one. To go on, or to end, would be to lose the incident.
  if (unreadableReasonOf(input)) throw new Error('the start can not be read');
  const seen: unknown[] = [...(input.seen ?? [])];
  let isGoing = false;
  setHandler(putSignal, (value) => void seen.push(value));
  setHandler(goSignal, () => {
    isGoing = true;
  });
  setHandler(askUpdate, (value) => {
    if (value === 'refuse')
      throw ApplicationFailure.nonRetryable('canary refusal', 'Refused', 'canary detail');
    return { asked: value };
  });
  setHandler(seenQuery, (value) => (value === undefined ? seen : [...seen, value]));
  if (input.isFull) await callEverything(seen);
  await condition(() => isGoing);
  const runs = input.runs - 1;
  if (runs > 0) await continueAsNew<typeof loop>({ ...input, runs, seen });
  return { text: input.text, seen, memo: workflowInfo().memo };
}

async function callEverything(seen: unknown[]): Promise<void> {
  const { workflowId } = workflowInfo();
  setCurrentDetails('canary current details');
  upsertMemo({ upserted: 'canary upserted' });
  // The signal that the test sends first.
  if (seen.length === 0) await condition(() => seen.length > 0);
  seen.push(await echo({ text: 'canary activity' }));
  seen.push(await echoHere('canary local'));
  seen.push(await echo(undefined));
  seen.push(await resume('canary heartbeat'));
  seen.push(await messageOf(fail('canary failure')));
  const childId = `${workflowId}-child`;
  seen.push(
    await executeChild(child, {
      args: [{ text: 'canary child', parent: workflowId }],
      workflowId: childId,
      memo: { memo: 'canary child memo' },
      staticSummary: 'canary child summary',
    }),
  );
  seen.push(
    await messageOf(
      executeChild(failing, { args: ['canary child failure'], workflowId: `${workflowId}-failing` }),
    ),
  );
  await sleep(1, { summary: 'canary timer summary' });
}

async function messageOf(failing: Promise<unknown>): Promise<string | undefined> {
  try {
    await failing;
    return undefined;
  } catch (error) {
    if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)
      return error.cause?.message;
    throw error;
  }
}

export async function child(input: { readonly text: string; readonly parent: string }): Promise<unknown> {
  await getExternalWorkflowHandle(input.parent).signal(putSignal, { from: input.text });
  return { child: input.text, memo: workflowInfo().memo };
}

export async function failing(text: string): Promise<void> {
  throw ApplicationFailure.nonRetryable(text, 'Failed', { detail: 'canary detail' });
}
