/** Ten thousand malformed payloads: neither do they fill the history, nor do they lock out what people decide. */
import { expectUnharmed, flood } from '../support/flood';
import { startServer, useTemporal } from '../support/temporal';

const stage = useTemporal(() => startServer());

test('10,000 malformed payloads', async () => {
  const flooded = await flood(stage, 10_000);
  await expectUnharmed(flooded);
  expect(flooded.decidedWithinMs).toBeLessThan(10_000);
  const { events } = await flooded.incident.handle.fetchHistory();
  // Of the last run; each Signal is one event of the server's own, which no workflow can keep out.
  expect((events ?? []).length).toBeLessThan(10_000);
}, 600_000);
