/** The one step of practice: it takes its time and answers, and touches nothing. */
import { createHash, randomBytes } from 'node:crypto';
import { activityInfo, sleep } from '@temporalio/activity';
import { createChance, drawOrder, padding, PRACTICE_NAMES, readOrder } from '../domain/practice';
import { invalidRequest, unavailable } from './failures';

export function createPracticeActivities(): Readonly<Record<string, typeof practise>> {
  return Object.fromEntries(PRACTICE_NAMES.map((name) => [name, practise]));
}

/** What comes after the order only makes the task as large as the one that it stands in for. */
async function practise(...args: unknown[]): Promise<string | undefined> {
  const order = args.length === 0 ? drawOrder(freshChance()) : readOrder(args[0]);
  if (!order) throw invalidRequest('Practice can not do that.');
  await sleep(order.ms);
  if (order.fails && activityInfo().attempt === 1) throw unavailable('This attempt fails, for practice.');
  // As a step that answers nothing.
  return order.answer === 0 ? undefined : padding(order.answer);
}

function freshChance() {
  return createChance(randomBytes(32).toString('base64url'), (message) =>
    createHash('sha256').update(message).digest(),
  );
}
