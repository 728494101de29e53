/** Temporal for tests: its own servers, a worker for each test on a queue of its own, and an incident on it. */
import { join } from 'node:path';
import type { Client, WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type ReplayWorkerOptions,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { untilTaken } from '../../client/incidents';
import { sealing } from '../../codec/data-converter';
import { newKeyring, readKeyring, type Keyring } from '../../codec/keyring';
import { codenameOf } from '../../domain/codename';
import { TASK_IDS, taskOf } from '../../domain/checklist';
import type { CommunicationView } from '../../domain/communication-view';
import type { Outcome } from '../../domain/decide';
import type { Decision, DecisionMessage } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import { NO_EVIDENCE, type Evidence } from '../../domain/evidence/store';
import { FORENSIC_TASKS } from '../../domain/gates';
import type { Declaration } from '../../domain/incident';
import { stepOf } from '../../domain/steps';
import type { ChecklistView, TaskView } from '../../domain/view';
import { heartbeats } from '../../worker/heartbeats';
import type { incident } from '../../workflows';
import {
  decisionSignal,
  decisionUpdate,
  viewQuery,
  type IncidentInput,
  type ViewName,
  type Views,
} from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import { phaseKey } from '../../workflows/search-attributes';
import { asOneStep } from '../../activities/step';
import { bundle } from './bundle';
import type { World } from './fakes';
import {
  close,
  complete,
  COUNSEL,
  declaration,
  FORENSICS,
  IC,
  notNeeded,
  record,
  SECURITY,
  withhold,
} from './incidents';
import { messageOf, signedDeclaration } from './messages';

const ROOT = join(__dirname, '..', '..');
const bin = (name: string) => ({ type: 'existing-path', path: join(ROOT, '.venv', 'bin', name) }) as const;

Runtime.install({
  logger: new DefaultLogger('ERROR', () => {}),
  telemetryOptions: {
    logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
  },
});

/** The company's keys: everything that tests keep in Temporal is sealed, as in production. */
export const KEYRING = ringOf(newKeyring('test'));
const SEALED = sealing(KEYRING, 'throw');

export function ringOf(text: string): Keyring {
  const read = readKeyring(text);
  if (!read.ok) throw new Error(read.problems.join('; '));
  return read.keyring;
}

/** What replaying a sealed history takes. The types leave the namespace out, and the codec is asked for it. */
export const replayOptions = (workflowBundle: WorkflowBundleWithSourceMap): ReplayWorkerOptions =>
  ({ workflowBundle, dataConverter: sealing(KEYRING, 'mark'), namespace: 'default' }) as ReplayWorkerOptions;

/** A dev server: all of Temporal, on the real clock. */
export async function startServer(extraArgs: string[] = []): Promise<TestWorkflowEnvironment> {
  const server = await TestWorkflowEnvironment.createLocal({
    client: { dataConverter: SEALED },
    server: {
      executable: bin('temporal'),
      ip: '127.0.0.1',
      log: { format: 'pretty', level: 'never' },
      searchAttributes: [phaseKey],
      extraArgs,
    },
  });
  return closedLate(server);
}

/**
 * A call that its sender has given up may be waiting to be tried again, in a timer of the SDK's own. On a closed connection that
 * throws, in nobody's name; on one whose server has gone it fails, as it should.
 */
function closedLate(server: TestWorkflowEnvironment): TestWorkflowEnvironment {
  const close = server.connection.close.bind(server.connection);
  server.connection.close = async () => {
    setTimeout(() => void close().catch(() => {}), LONGEST_RETRY_MS).unref();
  };
  return server;
}

/** The SDK tries ten times, at most five seconds apart. */
const LONGEST_RETRY_MS = 50_000;

/** A server whose clock is moved by `sleep`: for what takes minutes. */
export async function startTimeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const server = await TestWorkflowEnvironment.createTimeSkipping({
    client: { dataConverter: SEALED },
    server: { executable: bin('temporal-test-server') },
  });
  await server.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    // 2: Keyword
    searchAttributes: { [phaseKey.name]: 2 },
  });
  return closedLate(server);
}

export interface Stage {
  readonly client: Client;
  readonly server: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundleWithSourceMap;
  /** A worker as `worker/main.ts` makes it, on a queue of its own. It is ended with the test. */
  startWorker(taskQueue: string, world: World, options?: Partial<WorkerOptions>): Promise<Worker>;
  /** An incident under a fresh codename, with a worker of its own. */
  declare(world: World, changes?: Partial<Declaration>): Promise<TestIncident>;
  /** An incident for the worker of that queue. The queue's name is its codename. */
  start(codename: string, changes?: Partial<Declaration>): Promise<TestIncident>;
}

/**
 * A server for all tests of a file, or one for each of them. One whose clock is moved serves one test: an incident that is left
 * behind would hold the clock of the next.
 */
export function useTemporal(
  start: () => Promise<TestWorkflowEnvironment>,
  { oneForEach = start === startTimeSkippingServer } = {},
): Stage {
  let server: TestWorkflowEnvironment | undefined;
  let code: WorkflowBundleWithSourceMap | undefined;
  const running: { worker: Worker; ended: Promise<void>; world: World }[] = [];
  const starting = new Set<Promise<Worker>>();
  const begin = async () => {
    server = await start();
  };
  const stopWorkers = async () => {
    // Also those that a test was still making when its time was over: the connection can't be closed under them.
    await Promise.allSettled(starting);
    const ending = running.splice(0).map(({ worker, world, ended }) => {
      world.releaseAll();
      // One that a test has ended by force may never say that it has ended.
      if (worker.getState() !== 'RUNNING') return Promise.race([ended, patience()]);
      worker.shutdown();
      return ended;
    });
    await Promise.all(ending);
  };
  const end = async () => {
    await stopWorkers();
    await server?.teardown();
    server = undefined;
  };
  beforeAll(async () => {
    code = await bundle();
    if (!oneForEach) await begin();
  }, 60_000);
  beforeEach(async () => {
    if (oneForEach) await begin();
  });
  // On a busy machine a worker takes its time to end.
  afterEach(() => (oneForEach ? end() : stopWorkers()), 60_000);
  afterAll(end, 60_000);
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the server is started before all tests');
    return value;
  };
  const stage: Stage = {
    get client() {
      return there(server).client;
    },
    get server() {
      return there(server);
    },
    get bundle() {
      return there(code);
    },
    async startWorker(taskQueue, world, options = {}) {
      const creating = Worker.create({
        connection: there(server).nativeConnection,
        taskQueue,
        workflowBundle: there(code),
        activities: asOneStep(world.activities),
        dataConverter: sealing(KEYRING, 'mark'),
        interceptors: { activity: [heartbeats] },
        stickyQueueScheduleToStartTimeout: '1 second',
        // Each thread reads the bundle anew, and a test has one or two incidents.
        workflowThreadPoolSize: 1,
        shutdownForceTime: '5 seconds',
        ...options,
      });
      starting.add(creating);
      const worker = await creating.finally(() => starting.delete(creating));
      // One that is ended by force says so; that is what the test wanted.
      running.push({ worker, world, ended: worker.run().catch(() => {}) });
      return worker;
    },
    async start(codename, changes = {}) {
      const { client } = stage;
      await client.workflow.start<typeof incident>(INCIDENT_WORKFLOW, startOptions(codename, changes));
      return new TestIncident(codename, client, () => there(server).currentTimeMs());
    },
    async declare(world, changes = {}) {
      const declared = await stage.start(freshCodename(), changes);
      await stage.startWorker(declared.codename, world);
      await declared.entry('declared');
      return declared;
    },
  };
  return stage;
}

/** Long enough for a worker to end by itself. */
function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10_000).unref());
}

let lastNumber = Math.floor(Math.random() * 5_000);

/** A codename that no other test of the file has. */
export function freshCodename(): string {
  lastNumber += 1;
  return codenameOf(lastNumber);
}

/** The options with which `client/incidents.ts` starts an incident, on the queue of one test. */
export function startOptions(
  codename: string,
  changes: Partial<Declaration> = {},
): WorkflowStartOptions<typeof incident> & { args: [IncidentInput] } {
  const { codename: _codename, at: _at, ...content } = declaration(changes);
  const declared = signedDeclaration(codename, content);
  return {
    workflowId: codename,
    taskQueue: codename,
    args: [{ declaration: declared }],
    staticSummary: codename,
    memo: { origin: 'a hash' },
    workflowTaskTimeout: '5 seconds',
    typedSearchAttributes: [{ key: phaseKey, value: 'open' }],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
  };
}

/** An incident that runs, as people work with it. */
export class TestIncident {
  constructor(
    readonly codename: string,
    readonly client: Client,
    /** What the clock of the server says, in milliseconds since the epoch. */
    readonly now: () => Promise<number> = async () => Date.now(),
  ) {}

  get handle() {
    return this.client.workflow.getHandle<typeof incident>(this.codename);
  }

  /** As an Update. The server's own clock may have been moved. */
  async decide(decision: Decision): Promise<Outcome> {
    return this.update(await this.message(decision));
  }

  /** Several, one after the other, each of which has to be accepted. */
  async take(...decisions: Decision[]): Promise<void> {
    for (const decision of decisions) {
      const outcome = await this.decide(decision);
      if (!outcome.accepted)
        throw new Error(
          `the test expected this to be accepted: ${outcome.text}; refused because ${outcome.reasons.map(({ reason }) => reason).join('; ')}`,
        );
    }
  }

  async message(decision: Decision): Promise<DecisionMessage> {
    return messageOf(this.codename, decision, await this.now());
  }

  update(message: unknown): Promise<Outcome> {
    return untilTaken(Date.now() + 20_000, () =>
      this.handle.executeUpdate(decisionUpdate, { args: [message as DecisionMessage] }),
    );
  }

  /** As a Signal, of whatever content. */
  signal(name: string, ...content: unknown[]): Promise<void> {
    return this.handle.signal(name, ...content);
  }

  async sendAsSignal(decision: Decision): Promise<void> {
    return this.handle.signal(decisionSignal, await this.message(decision));
  }

  async view<V extends ViewName>(name: V, ...rest: string[]): Promise<Views[V]> {
    return (await this.handle.query(viewQuery, name, ...rest)) as Views[V];
  }

  checklist(): Promise<ChecklistView> {
    return this.view('checklist');
  }

  async evidence(): Promise<Evidence> {
    return (await this.view('evidence')) ?? NO_EVIDENCE;
  }

  async communication(): Promise<CommunicationView> {
    const view = await this.view('communication');
    if (!view) throw new Error('there is no incident yet');
    return view;
  }

  timeline(): Promise<Entry[]> {
    return this.view('timeline');
  }

  async task(named: string): Promise<TaskView> {
    const view = await this.view('task', named);
    if (!view) throw new Error(`there is no task ${named}`);
    return view;
  }

  /** What the Web UI shows as current details. */
  async details(): Promise<string> {
    return (await metadataOf(this.handle)).currentDetails;
  }

  /** Waits for an entry with that text in it, and returns the first. */
  entry(text: string | RegExp): Promise<Entry> {
    return until(async () =>
      (await this.timeline()).find((entry) =>
        typeof text === 'string' ? entry.text.includes(text) : text.test(entry.text),
      ),
    );
  }
}

interface Described {
  readonly name: string;
  readonly description?: string;
}

/** What a workflow tells the Web UI of itself. */
export interface Metadata {
  readonly currentDetails: string;
  readonly definition: {
    readonly type: string;
    readonly queryDefinitions?: readonly Described[];
    readonly signalDefinitions?: readonly Described[];
    readonly updateDefinitions?: readonly Described[];
  };
}

export function metadataOf(handle: Pick<WorkflowHandle, 'query'>): Promise<Metadata> {
  return handle.query('__temporal_workflow_metadata');
}

/** Machine tasks for which there is nothing to do: no cold storage, and only an instance in the scope. */
const LEFT_TO_PEOPLE = ['shipDiskImages', 'blockAttackAddresses', 'revokeCredentials'] as const;

/** What takes an incident that responds to its end: everything settled, and nothing told to anybody outside. */
export const TO_CLOSE: readonly Decision[] = [
  record(SECURITY, 'systemsSecured'),
  record(SECURITY, 'monitoringInPlace'),
  complete(FORENSICS, ...FORENSIC_TASKS),
  notNeeded(
    IC,
    ...TASK_IDS.filter((id) => taskOf(id).by.kind === 'person' && stepOf(taskOf(id).step).number < 10),
    ...LEFT_TO_PEOPLE,
  ),
  ...(
    ['internalCommunication', 'lawEnforcement', 'externalParties', 'externalCommunication'] as const
  ).flatMap((step) => [withhold(IC, step), withhold(COUNSEL, step)]),
  close(),
];

/** Waits until it is so, and returns what it found; fails with what it last saw. */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline)
      throw new Error(`still not so after ${withinMs / 1_000} s: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

/** Every entry was told to the room once, in order, and none was left out up to the last that was told. */
export function toldOnce({ chat }: World, entries: readonly Entry[]): void {
  const told = chat.told();
  expect(told.map(({ key }) => Number(key))).toEqual(entries.slice(0, told.length).map(({ seq }) => seq));
  expect(told.filter(({ posts }) => posts > 1)).toEqual([]);
}

/** Entries count from 1, without gaps. */
export function isGapless(entries: readonly Entry[]): void {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
}
