/** The way to Temporal: made on first use, made anew where it failed, and watched whether or not anything is sent. */
import type { Client } from '@temporalio/client';
import type { Connected } from '../config';

export interface Way {
  readonly client: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

/** How often Temporal is asked whether it is there, in ms: whoever keeps this door hears of it before a page is lost. */
const WATCH_EVERY_MS = 30_000;

export function createWay(connect: () => Promise<Connected>, log: (line: string) => void): Way {
  let connected: Promise<Connected> | undefined;
  let isThere = true;
  const client = async () => {
    const current = (connected ??= connect());
    try {
      return (await current).client;
    } catch (error) {
      if (connected === current) connected = undefined;
      throw error;
    }
  };
  const look = async () => {
    const was = isThere;
    isThere = await client()
      .then(({ connection }) => connection.workflowService.getSystemInfo({}))
      .then(
        () => true,
        () => false,
      );
    if (was && !isThere)
      log('Temporal does not answer: look at TEMPORAL_ADDRESS; what PagerDuty sends is kept for minutes');
    if (!was && isThere) log('Temporal answers again');
  };
  void look();
  const watching = setInterval(() => void look(), WATCH_EVERY_MS);
  return {
    client,
    async close() {
      clearInterval(watching);
      await (await connected?.catch(() => undefined))?.close();
    },
  };
}
