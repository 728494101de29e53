import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { createLogger, UNKNOWN_TEXT } from '../../worker/logging';
import { SDK_TEXTS } from '../../worker/sdk-texts';

type Logger = ReturnType<typeof createLogger>;

function logged(log: (logger: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createLogger('INFO', (line) => lines.push(line)));
  expect(lines.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const RUN = '0198a7c2-5b1e-7f3a-9c4d-2e6f8a0b1c3d';

describe('a log line', () => {
  it('has its time, its level, a fixed text and what leads to the run', () => {
    const error = Object.assign(new TypeError('canary'), { cause: new Error('canary') });
    const [line] = logged((logger) =>
      logger.warn('Activity failed', { sdkComponent: 'worker', runId: RUN, error, workflowId: 'canary' }),
    );
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: 'WARN',
      message: 'Activity failed',
      component: 'worker',
      error: 'TypeError',
      runId: RUN,
    });
  });

  it('says the state of the worker', () => {
    const [line] = logged((logger) => logger.info('Worker state changed', { state: 'RUNNING' }));
    expect(line).toMatchObject({ message: 'Worker state changed', state: 'RUNNING' });
  });

  it('of the worker’s own is its first line, and not endless', () => {
    const [first, second] = logged((logger) => {
      logger.warn('Slack is not ready: Check SLACK_BOT_TOKEN.\ncanary of a failure\n    at canary.ts:1:1');
      logger.warn('x'.repeat(10_000));
    });
    expect(first?.['message']).toBe('Slack is not ready: Check SLACK_BOT_TOKEN.');
    expect(String(second?.['message']).length).toBeLessThanOrEqual(200);
  });

  it('is not written below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
  });

  it.each([
    ['Error while processing ActivityTask.start: canary of example.com', { sdkComponent: 'worker' }],
    ['Workflow Worker Thread failed: Error: canary', undefined],
    ['Failed to convert retry delay of application failure. Conversion error: `canary`', {}],
    ['gRPC call canary retried 5 times', { error: 'canary', sdkComponent: 'core' }],
    ['Received invalid canary task (canary): canary', { target: 'canary', spanContexts: { canary: 1 } }],
    ['[TMPRL1102] Workflow finished while a signal handler was still running. [{"name":"canary"}]', {}],
  ])('ends where the SDK’s fixed text ends: %s', (message, meta) => {
    const [line] = logged((logger) => logger.error(message, meta));
    expect(JSON.stringify(line)).not.toContain('canary');
    expect(SDK_TEXTS).toContain(line?.['message']);
  });

  it.each([
    ['canary', { sdkComponent: 'workflow' }],
    ['A text that no list has: canary', { sdkComponent: 'core', message: 'canary' }],
    ['canary', { workflowId: 'canary' }],
    [{ canary: 1 } as unknown as string, undefined],
  ])('has nothing of a text of the SDK’s that is on no list: %p', (message, meta) => {
    const [line] = logged((logger) => logger.error(message, meta));
    expect(line?.['message']).toBe(UNKNOWN_TEXT);
    expect(JSON.stringify(line)).not.toContain('canary');
  });

  describe('with hostile attributes', () => {
    class CanaryError extends Error {
      override name = 'CanaryCanary canary';
    }
    const nasty = new Proxy(new Error('canary'), {
      get() {
        throw new Error('canary');
      },
    });

    it.each<[string, Record<string, unknown>]>([
      [
        'inputs',
        { args: ['canary'], input: { canary: 'canary' }, activityId: 'canary', taskToken: 'canary' },
      ],
      ['names', { workflowType: 'canary', activityType: 'canary', signalName: 'canary', updateId: 'canary' }],
      ['a workflow id', { workflowId: 'canary', workflow_id: 'canary' }],
      ['a namespace and a queue', { namespace: 'canary', taskQueue: 'canary', task_queue: 'canary' }],
      ['a run id that is none', { runId: `canary ${RUN}`, run_id: { canary: RUN } }],
      ['a run id with more behind it', { runId: `${RUN}\ncanary` }],
      ['a component that is none', { sdkComponent: 'canary', state: 'canary' }],
      ['an error whose name is not known', { error: new CanaryError('canary') }],
      ['an error with a tail of causes', { error: new Error('x', { cause: new CanaryError('canary') }) }],
      ['an error that is a text', { error: 'canary', err: 'canary' }],
      ['an error that is an object', { error: { name: 'canary', message: 'canary', stack: 'canary' } }],
      ['an error that throws', { error: nasty }],
      ['a failure of Core', { failure: { message: 'canary', stackTrace: 'canary' }, fields: 'canary' }],
      ['what turns itself into text', { state: { toJSON: () => 'canary', toString: () => 'canary' } }],
      [
        'names of the line’s own',
        { time: 'canary', level: 'canary', message: 'canary', component: 'canary' },
      ],
      [
        'a prototype',
        JSON.parse('{"__proto__": {"state": "canary"}, "constructor": "canary"}') as object as never,
      ],
    ])('lets none of them pass: %s', (_, meta) => {
      const [line] = logged((logger) => logger.error('Workflow failed', { ...meta, canary: 'canary' }));
      expect(line?.['message']).toBe('Workflow failed');
      expect(JSON.stringify(line)).not.toMatch(/canary/i);
    });

    it('is made of known parts, whatever is logged', () => {
      const keys = ['sdkComponent', 'state', 'error', 'err', 'runId', 'run_id', 'workflowId', 'message', 'x'];
      const values = fc.oneof(
        fc.anything(),
        fc.string().map((text) => new Error(text)),
      );
      fc.assert(
        fc.property(fc.string(), fc.dictionary(fc.constantFrom(...keys), values), (message, meta) => {
          const [line] = logged((logger) => logger.error(message, { sdkComponent: 'worker', ...meta }));
          const { time, level, message: text, ...attributes } = line ?? {};
          expect(typeof time).toBe('string');
          expect(level).toBe('ERROR');
          expect([...SDK_TEXTS, UNKNOWN_TEXT]).toContain(text);
          for (const value of Object.values(attributes)) expect(value).toMatch(/^[A-Za-z]+$|^[0-9a-f-]{36}$/);
        }),
      );
    });
  });
});

describe('the list of the SDK’s texts', () => {
  const home = (name: string) => dirname(require.resolve(`@temporalio/${name}/package.json`));
  const sourcesIn = (folder: string, ending: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(ending))
      .map((path) => readFileSync(join(folder, path), 'utf8'));
  const worker = sourcesIn(join(home('worker'), 'lib'), '.js');

  it('has nothing that the SDK does not say', () => {
    const all = [
      ...worker,
      ...sourcesIn(join(home('workflow'), 'lib'), '.js'),
      ...sourcesIn(join(home('core-bridge'), 'sdk-core', 'crates', 'sdk-core', 'src'), '.rs'),
      ...sourcesIn(join(home('core-bridge'), 'sdk-core', 'crates', 'client', 'src'), '.rs'),
    ].join('\n');
    expect(SDK_TEXTS.filter((text) => !all.includes(text))).toEqual([]);
  });

  it('has what the worker’s part of the SDK says from INFO on', () => {
    const said = worker.flatMap((source) =>
      [...source.matchAll(/logger\.(?:info|warn|error)\((['"`])(.+?)(?:\1|\$\{)/g)].map(
        ([, , text = '']) => text,
      ),
    );
    expect(said.length).toBeGreaterThan(20);
    // Said while the workflows are bundled, which the worker does not do, and of runtimes that it does not run on.
    const elsewhere = /^(?:Workflow bundle created|Bun versions|Error converting native log entry)/;
    const missing = said.filter(
      (text) =>
        !elsewhere.test(text) &&
        !SDK_TEXTS.some((known) => text.trim().startsWith(known) || known.startsWith(text.trim())),
    );
    expect(missing).toEqual([]);
  });
});
