import { createLogger } from '../../worker/logging';

function logged(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createLogger('INFO', (line) => lines.push(line)));
  expect(lines.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a log line', () => {
  it('has its time, its level, its message and the codename', () => {
    const [line] = logged((logger) => logger.info('Activity failed', { workflowId: 'sapphire-unicorn' }));
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: 'INFO',
      message: 'Activity failed',
      codename: 'sapphire-unicorn',
    });
  });

  it('has nothing else of what the SDK knows: no failure, no input, no stack', () => {
    const error = Object.assign(new Error('canary'), { cause: new Error('canary') });
    const [line] = logged((logger) =>
      logger.error('Activity failed', { error, args: ['canary'], canary: 'canary', activityId: 'canary' }),
    );
    expect(Object.keys(line ?? {})).toEqual(['time', 'level', 'message']);
    expect(JSON.stringify(line)).not.toContain('canary');
  });

  it('ends with the first line of its message, and is not endless', () => {
    const [first, second] = logged((logger) => {
      logger.warn('Failed to run\ncanary of a failure\n    at canary.ts:1:1');
      logger.warn('x'.repeat(10_000));
    });
    expect(first?.['message']).toBe('Failed to run');
    expect(String(second?.['message']).length).toBeLessThanOrEqual(200);
  });

  it('takes no codename that is no text', () => {
    const [line] = logged((logger) => logger.info('x', { workflowId: { canary: 1 } }));
    expect(JSON.stringify(line)).not.toContain('canary');
  });

  it('is not written below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
  });
});
