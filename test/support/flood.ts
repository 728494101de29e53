/** A flood of malformed payloads against one incident that runs, and what has to hold after it. */
import { createWorld } from './fakes';
import { hostilePayloads, rawSender, sealedFor } from './hostile';
import { respond, SECURITY } from './incidents';
import { KEYRING, until, type Stage, type TestIncident } from './temporal';

/** FORCE_CLOSE_COMMAND: so many Signals came while a task was under way that the server wants another one begun. */
const CLOSED_BY_THE_SERVER = 17;

/** What made the workflow's own code fail, in any run of it. */
export async function failedTasks({ client, codename }: TestIncident): Promise<unknown[]> {
  const failed: unknown[] = [];
  const { executions } = { executions: client.workflow.list({ query: `WorkflowId = '${codename}'` }) };
  for await (const { runId } of executions) {
    const { events } = await client.workflow.getHandle(codename, runId).fetchHistory();
    for (const { workflowTaskFailedEventAttributes: attributes } of events ?? [])
      if (attributes && Number(attributes.cause) !== CLOSED_BY_THE_SERVER)
        failed.push(attributes.failure?.message ?? attributes.cause);
  }
  return failed;
}

export interface Flooded {
  readonly incident: TestIncident;
  readonly signals: number;
  /** Updates that were answered: the others were kept out. */
  readonly answered: number;
  readonly decidedWithinMs: number;
}

/** Of ten, seven are Signals, two are Updates, and one is a query. */
export async function flood(stage: Stage, count: number, atOnce = 8): Promise<Flooded> {
  const incident = await stage.declare(createWorld());
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  const { codename, client } = incident;
  const own = await sealedFor(KEYRING, codename, { decision: 'close', by: SECURITY });
  const hostile = await hostilePayloads({ keyring: KEYRING, codename, own });
  const send = rawSender(client, codename);
  let signals = 0;
  let answered = 0;
  let decidedWithinMs = 0;
  const one = async (number: number) => {
    const payload = hostile.payload(number * 7 + (number % 3));
    switch (number % 10) {
      case 9:
        // Whatever comes of it, it must do no harm.
        await send.query('view', payload).catch(() => undefined);
        return;
      case 7:
      case 8:
        try {
          const { outcome } = await send.update('decision', `hostile-${number}`, payload);
          if (outcome?.success) answered += 1;
        } catch {
          // As many at once as the server takes.
        }
        return;
      default:
        await send.signal(number % 5 === 0 ? 'report' : 'decision', payload);
        signals += 1;
    }
  };
  for (let from = 0; from < count; from += atOnce) {
    await Promise.all(
      Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => one(from + index)),
    );
    // In the middle of it somebody decides.
    if (from <= count / 2 && from + atOnce > count / 2) {
      const before = Date.now();
      expect(await incident.decide(respond())).toMatchObject({ accepted: true });
      decidedWithinMs = Date.now() - before;
    }
  }
  return { incident, signals, answered, decidedWithinMs };
}

/** None failed the workflow, each was counted, the record stayed short, and the incident goes on. */
export async function expectUnharmed({ incident, signals, answered }: Flooded): Promise<void> {
  await until(async () => (await incident.checklist()).refusals >= signals + answered, 60_000);
  expect((await incident.checklist()).refusals).toBe(signals + answered);
  expect(await failedTasks(incident)).toEqual([]);
  const entries = await incident.timeline();
  expect(entries.filter(({ kind }) => kind === 'decision')).toHaveLength(1);
  expect(entries.filter(({ kind }) => kind === 'refusal').length).toBeLessThan(100);
  expect(
    await incident.decide({ name: 'assignTask', by: 'ic@example.com', task: 'findActions', to: SECURITY }),
  ).toMatchObject({ accepted: true });
}
