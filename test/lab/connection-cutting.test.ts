/**
 * Does containment cut connections? Asked of real packets, on Linux's connection tracking in network namespaces; see
 * docs/packet-lab.md. Needs root and Debian's iproute2 and nftables, and is skipped, with a line that says why, where it can't run.
 *
 * A connection is alive when bytes sent after a change arrive at both ends; cut when not one byte sent after it arrives at either,
 * for longer than TCP needs to send it again twice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  addressOf,
  bothWays,
  createVpc,
  GROUPS,
  HIDDEN_PORT,
  now,
  removeNamespaces,
  SERVICE_PORT,
  whatIsMissing,
  type Flow,
  type Heard,
  type Host,
  type Moment,
  type Vpc,
} from './vpc';

/** TCP sends again after 0.2 and 0.6 seconds. */
const CUT_WINDOW_MS = 800;
/** A SYN is sent again after one second: the refusal is seen twice. */
const REFUSED_AFTER_MS = 1_300;
/** Only a connection that is not alive ever waits this long. */
const ALIVE_WITHIN_MS = 5_000;
const ENOUGH_TICKS = 3;

const lack = whatIsMissing();
if (lack !== null) process.stderr.write(`Packet lab skipped: ${lack}.\n`);
const lab = lack === null ? describe : describe.skip;

lab('containment, on real packets', () => {
  let vpc: Vpc | undefined;
  const measured: string[] = [];

  const theVpc = () => {
    if (!vpc) throw new Error('there is no lab');
    return vpc;
  };

  beforeAll(async () => {
    vpc = await createVpc();
  });
  afterEach(async () => {
    await vpc?.reset();
  });
  afterAll(() => {
    vpc?.remove();
    removeNamespaces();
    if (process.env['PACKET_LAB_REPORT']) process.stdout.write(`${measured.join('\n')}\n`);
  });

  const report = (line: string) => {
    const test = expect.getState().currentTestName?.replace('containment, on real packets ', '');
    measured.push(`${test}\n    ${line}`);
  };
  const note = ({ from, to }: Flow, since: Moment, { there, back, last }: Heard, verdict: string) =>
    report(
      `${verdict}: ${from} to ${to} ${there}, back ${back} ticks sent after the change; ` +
        `last that arrived was sent ${last === null ? 'never' : `at ${((last - since) / 1000).toFixed(0)} ms`}`,
    );

  async function connect(from: Host, to: Host, port = SERVICE_PORT): Promise<Flow> {
    const flow = await theVpc().dial(from, to, port, ALIVE_WITHIN_MS);
    if (flow === 'timed out') throw new Error(`${from} can't reach ${to}:${port}`);
    await untilAlive(flow, now());
    return flow;
  }

  async function expectRefused(from: Host, to: Host, port = SERVICE_PORT): Promise<void> {
    expect(await theVpc().dial(from, to, port, REFUSED_AFTER_MS)).toBe('timed out');
  }

  async function untilAlive(flow: Flow, since: Moment): Promise<Heard> {
    const deadline = now() + ALIVE_WITHIN_MS * 1000;
    let heard = await theVpc().heard(flow, since);
    while ((heard.there < ENOUGH_TICKS || heard.back < ENOUGH_TICKS) && now() < deadline) {
      await pause(50);
      heard = await theVpc().heard(flow, since);
    }
    expect(heard.there).toBeGreaterThanOrEqual(ENOUGH_TICKS);
    expect(heard.back).toBeGreaterThanOrEqual(ENOUGH_TICKS);
    return heard;
  }

  async function expectAlive(flow: Flow, since: Moment): Promise<void> {
    note(flow, since, await untilAlive(flow, since), 'alive');
  }

  async function expectCut(flow: Flow, since: Moment): Promise<void> {
    await pause(Math.max(0, CUT_WINDOW_MS - (now() - since) / 1000));
    const heard = await theVpc().heard(flow, since);
    note(flow, since, heard, 'cut');
    expect({ there: heard.there, back: heard.back }).toEqual({ there: 0, back: 0 });
  }

  describe('swapping the security group for the empty one', () => {
    test('refuses new connections and leaves established ones alive, in both directions', async () => {
      const { swapGroup, counters } = theVpc();
      const dialledIn = await connect('peer', 'affected');
      const dialledOut = await connect('affected', 'peer');
      const inside = await connect('neighbour', 'affected');
      const before = counters('affected');

      const since = swapGroup('affected', GROUPS.empty);
      await Promise.all([expectRefused('peer', 'affected'), expectRefused('affected', 'peer')]);
      const { refused, tracked } = counters('affected');

      for (const flow of [dialledIn, dialledOut, inside]) await expectAlive(flow, since);
      expect(refused - before.refused).toBeGreaterThanOrEqual(2);
      expect(tracked - before.tracked).toBeGreaterThan(20);
      // …and they are alive now, not only in the first moments after the swap.
      const later = now();
      for (const flow of [dialledIn, dialledOut, inside]) await expectAlive(flow, later);
    });

    test('cuts what was never tracked: it is the tracking that keeps the others alive', async () => {
      const { swapGroup, counters } = theVpc();
      swapGroup('affected', GROUPS.allOpen);
      const before = counters('affected');
      const flow = await connect('peer', 'affected');
      expect(counters('affected').tracked).toBe(before.tracked);
      await expectCut(flow, swapGroup('affected', GROUPS.empty, { forgets: false }));
    });
  });

  describe('the second measure: network ACL denies for the peer’s address', () => {
    test('both ways, cut the established connections at once, and no one else’s', async () => {
      const { swapGroup, setAcl } = theVpc();
      const dialledIn = await connect('peer', 'affected');
      const dialledOut = await connect('affected', 'peer');
      const unrelated = await connect('neighbour', 'bystander');
      const sameSubnetAsPeer = await connect('bystander', 'affected');
      const afterSwap = swapGroup('affected', GROUPS.empty);
      await expectAlive(dialledIn, afterSwap);
      await expectAlive(dialledOut, afterSwap);

      const since = setAcl('a', bothWays('peer'));
      await Promise.all([expectCut(dialledIn, since), expectCut(dialledOut, since)]);
      const later = now();
      await expectAlive(unrelated, later);
      // What the deny does not name stays: each peer of the affected host needs its entry.
      await expectAlive(sameSubnetAsPeer, later);
    });

    test('refuse new connections too, whatever the security groups let in', async () => {
      theVpc().setAcl('a', bothWays('peer'));
      await Promise.all([
        expectRefused('peer', 'affected'),
        expectRefused('affected', 'peer'),
        connect('bystander', 'affected'),
      ]);
    });

    test('of inbound traffic only, still let bytes out', async () => {
      const flow = await connect('affected', 'peer');
      const since = theVpc().setAcl('a', [{ address: addressOf('peer'), ways: ['inbound'] }]);
      await pause(CUT_WINDOW_MS);
      const heard = await theVpc().heard(flow, since);
      note(flow, since, heard, 'leaks');
      expect(heard.back).toBe(0);
      expect(heard.there).toBeGreaterThan(0);
    });

    test('block, they do not close: lifted while both ends still try, the connection goes on', async () => {
      const { swapGroup, setAcl } = theVpc();
      const flow = await connect('affected', 'peer');
      swapGroup('affected', GROUPS.empty);
      await expectCut(flow, setAcl('a', bothWays('peer')));
      await expectAlive(flow, setAcl('a', []));
    });
  });

  describe('the second measure: the untracked hop', () => {
    test('cuts the established connections, and exposes the host while it lasts', async () => {
      const { swapGroup } = theVpc();
      const dialledIn = await connect('peer', 'affected');
      const dialledOut = await connect('affected', 'peer');
      const unrelated = await connect('neighbour', 'bystander');
      const afterSwap = swapGroup('affected', GROUPS.empty);
      await expectAlive(dialledIn, afterSwap);
      await expectRefused('bystander', 'affected', HIDDEN_PORT);

      const opened = swapGroup('affected', GROUPS.allOpen);
      // Exposed: a port that no group of this host ever let in answers, to a host that never had a connection.
      const intruder = await connect('bystander', 'affected', HIDDEN_PORT);
      await expectAlive(dialledIn, opened);
      const since = swapGroup('affected', GROUPS.empty);
      report(`exposed for ${((since - opened) / 1000).toFixed(0)} ms`);

      await Promise.all([dialledIn, dialledOut, intruder].map((flow) => expectCut(flow, since)));
      await Promise.all([
        expectRefused('bystander', 'affected', HIDDEN_PORT),
        expectRefused('affected', 'peer'),
        expectAlive(unrelated, since),
      ]);
    });

    test('cuts however short it is', async () => {
      const { swapGroup } = theVpc();
      const flow = await connect('peer', 'affected');
      swapGroup('affected', GROUPS.empty);
      const opened = swapGroup('affected', GROUPS.allOpen);
      const since = swapGroup('affected', GROUPS.empty);
      report(`exposed for ${((since - opened) / 1000).toFixed(0)} ms`);
      await expectCut(flow, since);
    });

    test('rests on the tracking forgetting the connection: where it is remembered, the hop cuts nothing', async () => {
      const { swapGroup } = theVpc();
      const flow = await connect('peer', 'affected');
      swapGroup('affected', GROUPS.empty);
      swapGroup('affected', GROUPS.allOpen);
      await expectAlive(flow, swapGroup('affected', GROUPS.empty, { forgets: false }));
    });
  });

  describe('inside of a subnet', () => {
    test('a network ACL filters nothing (a limit); the untracked hop still cuts', async () => {
      const { swapGroup, setAcl } = theVpc();
      const across = await connect('peer', 'affected');
      const within = await connect('neighbour', 'affected');

      const since = setAcl('a', bothWays('affected', 'neighbour', 'peer'));
      await Promise.all([expectAlive(within, since), expectCut(across, since)]);
      // Not even new connections are refused.
      await connect('affected', 'neighbour');

      const afterSwap = swapGroup('affected', GROUPS.empty);
      await Promise.all([expectRefused('neighbour', 'affected'), expectAlive(within, afterSwap)]);
      swapGroup('affected', GROUPS.allOpen);
      await expectCut(within, swapGroup('affected', GROUPS.empty));
    });
  });

  describe('denying the affected host’s address on the other hosts’ side', () => {
    test('cuts both directions, in each subnet that has the entry and in no other', async () => {
      const { swapGroup, setAcl } = theVpc();
      const flows = {
        fromPeer: await connect('peer', 'affected'),
        toPeer: await connect('affected', 'peer'),
        toDistant: await connect('affected', 'distant'),
        unrelated: await connect('neighbour', 'peer'),
      };
      swapGroup('affected', GROUPS.empty);

      const since = setAcl('b', bothWays('affected'));
      await Promise.all([
        expectCut(flows.fromPeer, since),
        expectCut(flows.toPeer, since),
        expectAlive(flows.unrelated, since),
        expectAlive(flows.toDistant, since),
      ]);
      const later = now();
      await expectAlive(flows.toDistant, later);
      await Promise.all([
        expectCut(flows.toDistant, setAcl('c', bothWays('affected'))),
        expectAlive(flows.unrelated, later),
      ]);
    });
  });
});
