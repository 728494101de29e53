/** Runs a scenario on a stage: declares, lets its people act, watches, and gathers what there is to judge. */
import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  checklistOf,
  decideIncident,
  declareIncident,
  evidenceOf,
  signDecision,
  timelineOf,
} from '../client/incidents';
import { CODEC_SERVER_AUDIENCE } from '../client/codec-server/audience';
import { readFinding } from '../client/guardduty';
import { newToken } from '../client/signing/token';
import { TOOLS } from '../client/evidence/tools';
import { LEDGER_TOOLS } from '../client/ledger/tools';
import { checkEvidence } from '../domain/evidence/check';
import { sentenceOfFinding } from '../domain/evidence/finding';
import { isReadByCheck } from '../domain/evidence/manifest';
import { checkLedger, hasEvidence, isReadByLedgerCheck } from '../domain/ledger/check';
import { parseDecision, type DecisionInput } from '../domain/decisions';
import { sentenceOf } from '../domain/markdown';
import { executivesAndCounsel, marketingTeam, operationalResponders, type Responder } from '../domain/roles';
import { EMPTY_SCOPE, widen, type Scope } from '../domain/scope';
import type { ChecklistView } from '../domain/view';
import { QUARANTINE_GROUP_NAME } from '../integrations/aws/quarantine';
import { decisionSignal, type IncidentResult } from '../workflows/incident/messages';
import { endStateOf, type EndState } from './end-state';
import type { Progress } from './progress';
import type { Records } from './records';
import { fieldsOf, readFindingOf, type Scenario, type ScenarioDecision } from './scenario';
import type { Stage } from './stage';
import { lookAtColdLocks, readEvidence } from './stand-ins/aws-company';
import { lookAtFleet } from './stand-ins/aws-fleet';
import { lookAtAcls, lookAtIpSets, lookAtLocks, lookAtUser } from './stand-ins/aws-inspection';
import { cloudOf, timingsOf, type CloudFigures, type Timings } from './timings';

/** Long enough for a person at the terminal to follow. */
const BETWEEN_ACTS_MS = 400;

/** The last word takes the room's pace and no longer. */
const END_WITHIN_MS = 45_000;

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
  const { codename } = await declareIncident(
    client,
    declarationOf(scenario, stage),
    stage.keyring,
    stage.people.signerOf(scenario.declare.by),
  );
  progress.happened(`${scenario.declare.by} declared ${codename}`);
  const watch = watchIncident(client, codename, progress);
  const killing = options.killWorker ? killWorkerInTheMiddle(stage, progress) : Promise.resolve();

  try {
    for (const { title, after, atRest, within: withinMs, together } of scenario.acts) {
      await watch.until(
        (view) => allSettled(view, after) && (!atRest || isAtRest(view)),
        `${title}: ${after.join(', ')}`,
        withinMs,
      );
      progress.begin(title);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_ACTS_MS));
      const tasks = await checklistOf(client, codename, ACT_WITHIN_MS);
      const sent = await Promise.all(
        together.map((decision) => send(stage, codename, decision, openTasksOf(tasks))),
      );
      surprises.push(...sent.filter((surprise) => surprise !== undefined));
    }
    await killing;
    progress.begin('The incident ends');
    const result = (await within(
      client.workflow.getHandle(codename).result(),
      END_WITHIN_MS,
      ['the end of the incident', ...surprises].join('\n  '),
    )) as IncidentResult;
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

function declarationOf({ declare, ...scenario }: Scenario, { fleet }: Stage) {
  const { by, summary, instances, services } = declare;
  const text = readFindingOf({ declare, ...scenario }, fleet);
  const read = text === undefined ? undefined : readFinding(text);
  if (read && !read.ok) throw new Error(`The scenario's finding can't be read:\n${read.problems.join('\n')}`);
  let scope: Scope = read ? read.scope : EMPTY_SCOPE;
  for (const name of instances) for (const id of idsOf(name, fleet)) scope = widen(scope, 'instance', id);
  for (const service of services) scope = widen(scope, 'service', service);
  for (const kind of ['identity', 'secret', 'user'] as const)
    for (const id of declare[NAMED[kind]]) scope = widen(scope, kind, id);
  return { by, summary, scope, ...(read && { finding: read.finding }) };
}

/** One host, or all of a kind: `batch-*`. */
function idsOf(name: string, fleet: Stage['fleet']): string[] {
  if (!name.endsWith('*')) return [fleet[name]?.id ?? name];
  return Object.entries(fleet).flatMap(([one, { id }]) => (one.startsWith(name.slice(0, -1)) ? [id] : []));
}

const NAMED = { identity: 'identities', secret: 'secrets', user: 'users' } as const;

/** Sends one decision of a person, and says so where its outcome is not the scenario's. */
async function send(
  stage: Stage,
  codename: string,
  decision: ScenarioDecision,
  openTasks: readonly string[],
): Promise<string | undefined> {
  const { client, fleet, people } = stage;
  const { by, does, as, refused } = decision;
  const fields = fieldsOf(decision, openTasks, fleet, codename);
  const parsed = parseDecision(does, { by, ...fields });
  if (!parsed.ok)
    throw new Error(`The scenario's ${does} by ${by} can't be read:\n${parsed.problems.join('\n')}`);
  const { name: _name, ...content } = parsed.decision;
  const input = content as unknown as DecisionInput<typeof does>;
  const signer = people.signerOf(by);
  if (as === 'asked') {
    await askInWebUi(stage, codename, by, { decision: does, by, ...fields });
    return undefined;
  }
  if (as === 'signal') {
    const message = await signDecision(codename, does, input, signer);
    await client.workflow.getHandle(codename).signal(decisionSignal, message);
    return undefined;
  }
  const outcome = await decideIncident(client, codename, does, input, signer);
  if (!outcome.accepted && !refused)
    return `${by} was refused ${does}: ${outcome.reasons.map(({ reason }) => reason).join('; ')}`;
  if (outcome.accepted && refused)
    return `${by} was allowed ${does}, and should have been refused by ${refused.join(', ')}`;
  return undefined;
}

/** As Temporal's Web UI does it for somebody who is signed in at the codec server: sealed there, and sent as a signal. */
async function askInWebUi(
  { client, codecServer, people }: Stage,
  codename: string,
  by: string,
  message: object,
): Promise<void> {
  const token = await newToken(people.signerOf(by), by, CODEC_SERVER_AUDIENCE, 60_000);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const answer = await fetch(`${codecServer.url}/encode`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-namespace': 'default',
    },
    body: JSON.stringify({
      payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(message)) }],
    }),
  });
  if (!answer.ok) throw new Error(`The codec server did not seal what ${by} asks: ${await answer.text()}`);
  const { payloads } = (await answer.json()) as {
    payloads: { metadata: Record<string, string>; data: string }[];
  };
  const bytes = (text: string) => Buffer.from(text, 'base64');
  await client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: codename },
    signalName: decisionSignal.name,
    identity: 'firebreak',
    input: {
      payloads: payloads.map(({ metadata, data }) => ({
        metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, bytes(value)])),
        data: bytes(data),
      })),
    },
  });
}

/** Follows the incident by looking, several times a second. Queries leave no trace in its history. */
function watchIncident(client: Client, codename: string, progress: Progress) {
  let told = 0;
  let stopped = false;
  let latest: ChecklistView | undefined;
  const look = async () => {
    const [view, entries] = await Promise.all([checklistOf(client, codename), timelineOf(client, codename)]);
    latest = view;
    progress.steps(view.steps);
    for (const entry of entries.filter(({ seq }) => seq > told)) {
      progress.happened(sentenceOf(entry));
      told = entry.seq;
    }
  };
  const looking = (async () => {
    while (!stopped) {
      // A worker that was killed answers again in a moment.
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await look().catch(() => undefined);
  })();
  return {
    async until(
      holds: (view: ChecklistView) => boolean,
      what: string,
      withinMs: number,
    ): Promise<ChecklistView> {
      const deadline = Date.now() + withinMs;
      for (;;) {
        if (latest && holds(latest)) return latest;
        if (Date.now() > deadline)
          throw new Error(`It did not come to this within ${withinMs / 1_000} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      stopped = true;
      await looking;
    },
  };
}

function tasksOf(view: ChecklistView) {
  return view.steps.flatMap(({ tasks }) => tasks);
}

function isAtRest({ containments }: ChecklistView): boolean {
  return containments.every(
    ({ status, release }) => status !== 'running' && (!release || release.doneAt !== undefined),
  );
}

function allSettled(view: ChecklistView, ids: readonly string[]): boolean {
  const tasks = tasksOf(view);
  return ids.every((id) => {
    const task = tasks.find((one) => one.id === id || one.number === id);
    return task?.state === 'done' || task?.state === 'notNeeded';
  });
}

/** What people can complete: tasks that are open, and those of the machine that failed. */
function openTasksOf(view: ChecklistView): string[] {
  return tasksOf(view)
    .filter(
      ({ state, machine, inDoubt }) =>
        (state === 'open' && !machine) || state === 'failed' || inDoubt !== undefined,
    )
    .map(({ id }) => id);
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

async function gather(
  scenario: Scenario,
  { client, pagerduty, slack, aws, fleet, configuration, ipSets }: Stage,
  codename: string,
  result: IncidentResult,
  evidence: ReadonlyMap<string, Uint8Array>,
): Promise<Records> {
  const [checklist, entries] = await Promise.all([
    checklistOf(client, codename),
    timelineOf(client, codename),
  ]);
  // What a stopped member's scaling group would do to it later, it does now.
  await aws.checkHealth();
  const {
    coldStorage,
    aws: { region },
  } = configuration;
  const roster = configuration.roster as readonly Responder[];
  const services = checklist.scope.services;
  const contained = Object.values(fleet).filter(({ id }) => isContained(checklist, id));
  return {
    codename,
    summary: scenario.declare.summary,
    entries: entries,
    checklist,
    outcome: result.outcome,
    expected: {
      outcome: scenario.expect.outcome,
      steps: scenario.expect.steps,
      refusals: scenario.acts
        .flatMap(({ together }) => together)
        .filter(({ refused }) => refused !== undefined),
      operational: operationalResponders(roster, services),
      later: [...executivesAndCounsel(roster, services), ...marketingTeam(roster)],
    },
    pagerduty: { calls: pagerduty.calls, incidents: pagerduty.incidents() },
    slack: { calls: slack.calls, room: await slack.room(codename) },
    evidence: checkedEvidence(evidence),
    aws: {
      calls: [...aws.calls],
      fleet:
        contained.length > 0
          ? await lookAtFleet(
              aws.url,
              region,
              contained.map(({ id }) => id),
            )
          : {},
      released: checklist.containments
        .filter(({ release }) => release?.doneAt !== undefined)
        .map(({ target }) => target.id),
      acls: await aclsOf(contained, aws.url, region),
      locks: await lookAtLocks(aws.url, region),
      coldLocks: await lookAtColdLocks(aws.url, coldStorage),
      attackers: checklist.containments
        .filter(({ target, status }) => target.kind === 'address' && status === 'finished')
        .map(({ target }) => target.id),
      blockedByWaf: await lookAtIpSets(aws.url, region, ipSets),
      users: Object.fromEntries(
        await Promise.all(
          (scenario.expect.outcome === 'closed' ? scenario.users : []).map(
            async (name) => [name, await lookAtUser(aws.url, region, name)] as const,
          ),
        ),
      ),
      quarantineGroup: QUARANTINE_GROUP_NAME,
      lost: [...aws.lost],
    },
  };
}

/** Of every VPC in which something was contained. */
async function aclsOf(fleet: readonly { readonly vpcId: string }[], url: string, region: string) {
  const vpcs = [...new Set(fleet.map(({ vpcId }) => vpcId))];
  return (await Promise.all(vpcs.map((vpcId) => lookAtAcls(url, region, vpcId)))).flat();
}

/** As `firebreak verify` would check it; a ledger of an incident that has ended has to close besides. */
function checkedEvidence(files: ReadonlyMap<string, Uint8Array>): string[] {
  const folder = new Map(
    [...files].map(([path, content]) => {
      const isRead = isReadByCheck(path) || isReadByLedgerCheck(path);
      const text = isRead ? { text: Buffer.from(content).toString('utf8') } : {};
      return [path, { bytes: content.length, sha256: sha256(content), ...text }];
    }),
  );
  const ledger = checkLedger(folder, LEDGER_TOOLS);
  return [
    ...(hasEvidence(folder.keys()) ? checkEvidence(folder, TOOLS).findings : []).map(sentenceOfFinding),
    ...ledger.findings.map(sentenceOfFinding),
    ...(ledger.closes ? [] : ['the ledger does not close, though the incident has ended']),
  ];
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function isContained(checklist: ChecklistView, id: string): boolean {
  return checklist.containments.some(({ target, status }) => target.id === id && status === 'finished');
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
