/** What an adapter does, done as an activity does it: with a signal that cancels it. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** What fails on purpose is no news. */
const logger = new DefaultLogger('ERROR');

export function inActivity<Result>(work: () => Promise<Result>): Promise<Result> {
  return new MockActivityEnvironment({}, { logger }).run<[], Result, typeof work>(work);
}

/** The same, cancelled after so many milliseconds. */
export function inCancelledActivity<Result>(afterMs: number, work: () => Promise<Result>): Promise<Result> {
  const environment = new MockActivityEnvironment({}, { logger });
  setTimeout(() => environment.cancel(), afterMs);
  return environment.run<[], Result, typeof work>(work);
}
