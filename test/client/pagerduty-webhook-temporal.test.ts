/** PagerDuty's door with a real incident behind it: what it signs counts once, and only as far as the incident lets it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { acknowledging } from '../../client/pagerduty-webhook/acknowledgement';
import { loadSigner } from '../../client/signing/signer';
import { createWorld } from '../support/fakes';
import { DEPUTY, EXECUTIVE, IC, STRANGER } from '../support/incidents';
import { keyOf } from '../support/keys';
import { doorKey } from '../support/messages';
import { startServer, useTemporal } from '../support/temporal';
import { thorough } from '../support/thorough';

const temporal = useTemporal(startServer);
const DOOR = doorKey('pagerduty');
const folder = mkdtempSync(join(tmpdir(), 'firebreak-webhook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function signerOf(name: string) {
  const keyFile = join(folder, encodeURIComponent(name));
  writeFileSync(keyFile, keyOf(name).privateKeyFile, { mode: 0o600 });
  return loadSigner({ keyFile });
}

const client = () => Promise.resolve(temporal.client);
const worldWithDoor = () => createWorld({ doors: { pagerduty: [keyOf(DOOR).publicKey] } });

test('an acknowledgement is a decision of the person, by this door, and the page is theirs', async () => {
  const incident = await temporal.declare(worldWithDoor());
  const { codename } = incident;
  const attempt = acknowledging({ codename, by: IC, event: '01EVENT' }, await signerOf(DOOR), client);
  expect(await attempt()).toBe(true);
  // Sent again, and by another door that was told the same: it is taken once.
  expect(await attempt()).toBe(true);
  const other = acknowledging({ codename, by: IC, event: '01EVENT' }, await signerOf(DOOR), client);
  expect(await other()).toBe(true);
  expect(
    await acknowledging({ codename, by: DEPUTY, event: '02EVENT' }, await signerOf(DOOR), client)(),
  ).toBe(true);
  const said = (await incident.timeline()).filter(({ decision }) => decision === 'acknowledge');
  expect(said).toMatchObject([
    { kind: 'decision', by: IC, door: 'pagerduty', proof: { key: keyOf(DOOR).publicKey } },
    { kind: 'decision', by: DEPUTY, door: 'pagerduty' },
  ]);
  expect((await incident.checklist()).paging).toMatchObject({ state: 'acknowledged', acknowledgedBy: IC });
}, 60_000);

test("with another key than the door's, or of nobody on the roster, it changes nothing, and is not sent again", async () => {
  const incident = await temporal.declare(worldWithDoor());
  const { codename } = incident;
  const attempts = [
    acknowledging({ codename, by: IC, event: '1' }, await signerOf(EXECUTIVE), client),
    acknowledging({ codename, by: STRANGER, event: '2' }, await signerOf(DOOR), client),
  ];
  for (const attempt of attempts) expect(await attempt()).toBe(true);
  expect((await incident.checklist()).paging.state).not.toBe('acknowledged');
}, 60_000);

thorough(
  'where there is no such incident it is done with; where Temporal is not there it is to be sent again',
  async () => {
    const signer = await signerOf(DOOR);
    expect(await acknowledging({ codename: 'amber-zebra', by: IC, event: '1' }, signer, client)()).toBe(true);
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const nobody = () => Promise.resolve(new Client({ connection }));
    expect(await acknowledging({ codename: 'amber-zebra', by: IC, event: '1' }, signer, nobody)()).toBe(
      false,
    );
    await connection.close();
  },
  60_000,
);
