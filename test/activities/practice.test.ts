import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPracticeActivities } from '../../activities/practice';
import { PRACTICE_NAMES } from '../../domain/practice';

/** What fails on purpose is no news. */
const logger = new DefaultLogger('ERROR');

const { practise } = createPracticeActivities();

function run(attempt: number, ...args: unknown[]) {
  return new MockActivityEnvironment({ attempt }, { logger }).run(
    practise as (...args: unknown[]) => Promise<unknown>,
    ...args,
  );
}

test('a step of practice takes its time and answers as long as it is told to', async () => {
  const began = Date.now();
  expect(await run(1, '60.12.xxx', 'x')).toHaveLength(12);
  expect(Date.now() - began).toBeGreaterThanOrEqual(55);
  expect(await run(1, '0.0.')).toBeUndefined();
});

test('its first attempt fails where it is told to, and can be tried again', async () => {
  await expect(run(1, '0.4.!')).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect(await run(2, '0.4.!')).toHaveLength(4);
});

test.each([[undefined], [null], [{}], ['i-0abc1234def567890'], ['99999999999.1.']])(
  'does nothing with %j, at once',
  async (order) => {
    await expect(run(1, order)).rejects.toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  },
);

test('it bears a name of every length', () => {
  expect(Object.keys(createPracticeActivities())).toEqual([...PRACTICE_NAMES]);
  expect(PRACTICE_NAMES.map(({ length }) => length)).toEqual(PRACTICE_NAMES.map((_, index) => index + 1));
});
