/** What `firebreak audit` finds, on histories that are made for it. */
import { defaultPayloadConverter } from '@temporalio/common';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { audit } from '../../client/cli/audit';
import { compareHead, compareMessages, compareTimeline, type Message } from '../../client/ledger/compare';
import { readHistory } from '../../client/ledger/history';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { InvalidInput } from '../../client/errors';
import { KeyMissing } from '../../codec/errors';
import type { Entry } from '../../domain/entries';
import { unreadable } from '../../domain/trust/unreadable';
import { IC, record, SECURITY } from '../support/incidents';
import { CODENAME, proofOf, wholeLedger, type TestLedger } from '../support/ledgers';

const ROOT = mkdtempSync(join(tmpdir(), 'firebreak-audit-'));
afterAll(() => rmSync(ROOT, { recursive: true, force: true }));

let ledger: TestLedger;
let folder: string;
let entries: readonly Entry[];
/** Of a history in which everything is as the ledger tells. */
let messages: readonly Message[];

beforeAll(async () => {
  ledger = await wholeLedger();
  entries = JSON.parse(JSON.stringify(ledger.entries)) as Entry[];
  messages = entries.filter(({ proof }) => proof).map(messageOf);
  folder = mkdtempSync(join(ROOT, 'ledger-'));
  for (const [path, content] of ledger.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
});

/** As it was sent. */
function messageOf({ kind, at, seq, by, door, decision, proof, details }: Entry): Message {
  const { keys: _keys, doors: _doors, ...declared } = details ?? {};
  const from = { by, ...(door && { door }), proof };
  return {
    kind: kind === 'declared' ? 'start' : 'decision',
    where: `event ${seq}`,
    at,
    content:
      kind === 'declared' ? { declaration: { ...declared, ...from } } : { decision, ...details, ...from },
  };
}

const sentences = (differences: readonly { where: string; problem: string }[]) =>
  differences.map(({ where, problem }) => `${where}: ${problem}`);

describe('the timeline', () => {
  const compare = (timeline: readonly Entry[], { at = Date.UTC(2030, 0), closes = true } = {}) =>
    compareTimeline(entries, timeline, { at, closes });

  it('is the same, whatever the order of its fields', () => {
    const reversed = entries.map((entry) => Object.fromEntries(Object.entries(entry).reverse()) as never);
    expect(compare(reversed)).toEqual({ differences: [], notes: [] });
  });

  it('differs in fields, each entry with its number', () => {
    const timeline = entries.map((entry) =>
      entry.seq === 7
        ? { ...entry, text: 'another', details: {} }
        : entry.seq === 9
          ? { ...entry, times: 2 }
          : entry,
    );
    const { differences } = compare(timeline);
    expect(sentences(differences)).toEqual([
      'entry 7: ledger and timeline differ in: details, text',
      'entry 9: ledger and timeline differ in: times',
    ]);
    expect(differences.map(({ seq }) => seq)).toEqual([7, 9]);
  });

  it('lacks entries, or has more', () => {
    const without = entries.filter(({ seq }) => seq !== 3 && seq !== 21);
    const more = { ...(entries[0] as Entry), seq: 22 };
    expect(sentences(compare([...without, more]).differences)).toEqual([
      "entry 3: is in the ledger, and not in Temporal's timeline",
      "entry 21: is in the ledger, and not in Temporal's timeline",
      "entry 22: is in Temporal's timeline, and not in the ledger",
    ]);
  });

  it('is ahead of a ledger that is being written, for a minute', () => {
    const more = { ...(entries[0] as Entry), seq: 22, at: 1_000_000 };
    expect(compare([...entries, more], { at: 1_030_000, closes: false })).toEqual({
      differences: [],
      notes: [expect.stringMatching(/^1 entries are less than a minute old/)],
    });
    expect(compare([...entries, more], { at: 1_070_000, closes: false }).differences).toHaveLength(1);
    expect(compare([...entries, more], { at: 1_030_000, closes: true }).differences).toHaveLength(1);
  });
});

describe('the last batch', () => {
  it('is here, and is the one that the incident has written', () => {
    const batches = [{ number: 1, sha256: 'a' }];
    expect(compareHead(batches, null)).toEqual([]);
    expect(compareHead(batches, { batch: 1, sha256: 'a' })).toEqual([]);
    expect(sentences(compareHead(batches, { batch: 1, sha256: 'b' }))).toEqual([
      'batch 1: its SHA-256 is not the one that the incident has written',
    ]);
    expect(sentences(compareHead(batches, { batch: 2, sha256: 'a' }))).toEqual([
      'batch 2: the incident has written it, and it is not in this ledger',
    ]);
  });
});

describe('the messages', () => {
  const compare = (sent: readonly Message[], of: readonly Entry[] = entries, since?: number) =>
    compareMessages(of, sent, {
      codename: CODENAME,
      crypto: NODE_CRYPTO,
      ...(since !== undefined && { since }),
    });

  it('have their entries, and the entries their messages', () => {
    expect(messages).toHaveLength(9);
    expect(compare(messages)).toEqual({ differences: [], notes: [] });
  });

  it.each([1, 7, 8, 20])('show that entry %i was never sent', (seq) => {
    expect(sentences(compare(messages.filter(({ where }) => where !== `event ${seq}`)).differences)).toEqual([
      `entry ${seq}: no message in Temporal's history carries its signature`,
    ]);
  });

  it('show that a decision is not in the ledger', () => {
    for (const { seq, by, decision, kind } of entries.filter(({ proof }) => proof)) {
      const { differences } = compare(
        messages,
        entries.filter((entry) => entry.seq !== seq),
      );
      // Without the declaration nobody's key is known.
      if (kind !== 'declared')
        expect(sentences(differences)).toEqual([`event ${seq}: ${decision} of ${by} is not in the ledger`]);
    }
  });

  it('show that an entry says otherwise', () => {
    const changes: readonly ((content: Record<string, unknown>) => object)[] = [
      (content) => ({ ...content, grounds: 'none' }),
      (content) => ({ ...content, by: IC }),
      (content) => ({ ...content, door: 'slack' }),
      (content) => ({ ...content, decision: 'close' }),
      (content) => ({ ...content, proof: { ...(content['proof'] as object), at: 1 } }),
    ];
    for (const change of changes) {
      const changed = messages.map((message) =>
        message.where === 'event 7' ? { ...message, content: change(message.content as never) } : message,
      );
      expect(sentences(compare(changed).differences)).toEqual([
        'entry 7: says otherwise than the message that was sent',
      ]);
    }
    const declared = messages.map((message) =>
      message.kind === 'start'
        ? {
            ...message,
            content: {
              declaration: { ...(message.content as { declaration: object }).declaration, summary: 'x' },
            },
          }
        : message,
    );
    expect(sentences(compare(declared).differences)).toEqual([
      'entry 1: says otherwise than the message that was sent',
    ]);
  });

  it('that prove nothing are counted, whatever they are', () => {
    const { at } = entries[6] as Entry;
    const taken = record(SECURITY, 'timelineEstablished');
    const { name, ...fields } = taken;
    const content = { decision: name, ...fields };
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    const junk: unknown[] = [
      undefined,
      null,
      'garbage',
      [],
      {},
      unreadable('broken'),
      { 'firebreak/asked': { by: IC, value: content } },
      content,
      { ...content, proof: 'x' },
      { ...content, proof: { nonce: { a: 1 } } },
      { ...content, proof: proofOf(taken, at, 'stranger@example.com') },
      { ...content, proof: proofOf(taken, at, SECURITY, 'amber-otter') },
      { ...content, proof: proofOf(taken, at - 7_200_000) },
      { ...content, grounds: deep, proof: proofOf(taken, at) },
      { ...content, by: 'stranger@example.com', proof: proofOf(taken, at) },
    ];
    const sent = junk.map(
      (one, index) => ({ kind: 'decision', where: `event ${100 + index}`, at, content: one }) as const,
    );
    expect(compare([...messages, ...sent])).toEqual({
      differences: [],
      notes: [expect.stringMatching(new RegExp(`^${junk.length} messages in the history prove nothing`))],
    });
  });

  it('may be the same one twice: an update that was not answered, and the signal left in its place', () => {
    const again = messages.map((message) => ({ ...message, where: `${message.where}00` }));
    expect(compare([...messages, ...again])).toEqual({ differences: [], notes: [] });
  });

  it('may be refusals that one entry counts', () => {
    const refusal = entries.find(({ kind }) => kind === 'refusal') as Entry;
    const sent = (count: number) =>
      Array.from({ length: count }, (_, index): Message => {
        const { proof: _proof, ...content } = messageOf(refusal).content as Record<string, unknown>;
        const { decision, ...fields } = content;
        const proof = proofOf({ name: decision, ...fields } as never, refusal.at);
        return {
          kind: 'decision',
          where: `event ${200 + index}`,
          at: refusal.at,
          content: { ...content, proof },
        };
      });
    const told = { ...refusal, seq: 22, times: 4 };
    expect(compare([...messages, ...sent(4)], [...entries, told]).differences).toEqual([]);
    expect(sentences(compare([...messages, ...sent(5)], [...entries, told]).differences)).toEqual([
      `event 204: ${refusal.decision} of ${refusal.by} is not in the ledger`,
    ]);
  });

  it('of earlier runs may be kept no longer', () => {
    const late = messages.filter(({ at }) => at >= (entries[15]?.at ?? 0));
    expect(compare(late, entries, entries[15]?.at).differences).toEqual([]);
    expect(compare(late).differences).not.toEqual([]);
  });
});

// A client whose server is made of the events that it is given.

type Events = readonly Record<string, unknown>[];

interface Server {
  readonly runs?: Readonly<Record<string, Events>>;
  readonly last?: string;
  readonly status?: string;
  readonly timeline?: readonly Entry[];
  readonly codec?: (payloads: never[]) => Promise<never[]>;
  readonly type?: string;
}

const payloads = (...values: unknown[]) => ({
  payloads: values.map((value) => defaultPayloadConverter.toPayload(value)),
});

function clientOf({
  runs = {},
  last = 'run-1',
  status = 'RUNNING',
  timeline,
  codec,
  type = 'incident',
}: Server): Client {
  const notFound = Object.assign(new Error('5 NOT_FOUND'), { code: 5, details: 'not found', metadata: {} });
  const getHandle = (codename: string, runId?: string) => ({
    describe: async () => {
      if (!runs[last]) throw new WorkflowNotFoundError('not found', codename, undefined);
      return { runId: last, status: { name: status }, type };
    },
    fetchHistory: async () => {
      const events = runs[runId ?? last];
      if (!events) throw notFound;
      return { events };
    },
    query: async (_: unknown, view: string) => {
      if (!timeline)
        throw Object.assign(new Error('no poller'), { code: 9, details: 'no poller seen', metadata: {} });
      return view === 'timeline' ? timeline : view === 'ledger' ? ledger.head : null;
    },
  });
  const decode = codec ?? (async (all: never[]) => all);
  return {
    options: {
      namespace: 'default',
      loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [{ decode }] },
    },
    workflow: { getHandle },
    withDeadline: (_: unknown, work: () => unknown) => work(),
  } as never;
}

/** What a server has of these messages, signals and updates by turns. */
function eventsOf(sent: readonly Message[]): Record<string, unknown>[] {
  return sent.map(({ kind, at, content }, index) => {
    const common = {
      eventId: index + 1,
      eventTime: { seconds: Math.floor(at / 1_000), nanos: (at % 1_000) * 1e6 },
    };
    const input = payloads(content);
    if (kind === 'start') return { ...common, workflowExecutionStartedEventAttributes: { input } };
    const update = { input: { name: 'decision', args: input } };
    return [
      { ...common, workflowExecutionSignaledEventAttributes: { signalName: 'decision', input } },
      { ...common, workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: update } },
      { ...common, workflowExecutionUpdateAdmittedEventAttributes: { request: update } },
    ][index % 3] as Record<string, unknown>;
  });
}

describe('the history', () => {
  it('is read over all runs, decisions alone', async () => {
    const all = eventsOf(messages);
    const other = { workflowExecutionSignaledEventAttributes: { signalName: 'report', input: payloads({}) } };
    const later = {
      eventId: 1,
      workflowExecutionStartedEventAttributes: {
        continuedExecutionRunId: 'run-1',
        input: payloads({ carried: {} }),
      },
    };
    const client = clientOf({
      runs: { 'run-1': [...all.slice(0, 4), other], 'run-2': [later, {}, ...all.slice(4)] },
      last: 'run-2',
    });
    const read = await readHistory(client, CODENAME, 'run-2');
    expect({ runs: read.runs, since: read.since }).toEqual({ runs: 2, since: undefined });
    expect(read.messages.map(({ content }) => content)).toEqual(messages.map(({ content }) => content));
    expect(read.messages.map(({ at }) => at)).toEqual(messages.map(({ at }) => at));
    expect(read.messages[0]?.where).toBe('event 1 of run 1');
  });

  it('may begin with a run that others came before', async () => {
    const begins = {
      eventId: 1,
      eventTime: { seconds: 7, nanos: 0 },
      workflowExecutionStartedEventAttributes: { continuedExecutionRunId: 'run-1' },
    };
    const client = clientOf({ runs: { 'run-2': [begins] }, last: 'run-2' });
    expect(await readHistory(client, CODENAME, 'run-2')).toEqual({ messages: [], runs: 1, since: 7_000 });
  });

  it('tells what can not be read from what a key is missing for', async () => {
    const runs = { 'run-1': eventsOf(messages) };
    const broken = clientOf({ runs, codec: () => Promise.reject(new Error('broken')) });
    const { messages: read } = await readHistory(broken, CODENAME, 'run-1');
    expect(read.map(({ content }) => content)).toEqual(messages.map(() => undefined));
    const locked = clientOf({ runs, codec: () => Promise.reject(new KeyMissing('k1')) });
    await expect(readHistory(locked, CODENAME, 'run-1')).rejects.toBeInstanceOf(InvalidInput);
  });
});

describe('firebreak audit', () => {
  async function audited(server: Server, options: Record<string, string | boolean> = {}) {
    let out = '';
    const status = await audit(
      CODENAME,
      { ledger: folder, ...options },
      async () => clientOf(server),
      (text) => void (out += text),
    );
    return { status, out };
  }

  const whole = (): Server => ({
    runs: { 'run-1': eventsOf(messages) },
    timeline: entries,
    status: 'COMPLETED',
  });

  it('says that all is the same', async () => {
    const { status, out } = await audited(whole());
    expect(out).toMatch(/^Ledger of sapphire-unicorn\n/);
    expect(out).toContain(
      '  Temporal          completed; 8 messages in 1 runs, 21 entries in its timeline\n',
    );
    expect(out).toMatch(/\nledger and Temporal agree$/);
    expect(status).toBe(0);
  });

  it('names each difference, and ends with 1', async () => {
    const timeline = entries.filter(({ seq }) => seq !== 5);
    const { status, out } = await audited({
      ...whole(),
      timeline,
      runs: { 'run-1': eventsOf(messages.filter(({ where }) => where !== 'event 7')) },
    });
    expect(status).toBe(1);
    expect(out).toContain(
      [
        'NOT THE SAME: 2 differences',
        "  - entry 5: is in the ledger, and not in Temporal's timeline",
        "  - entry 7: no message in Temporal's history carries its signature",
      ].join('\n'),
    );
    const { out: json } = await audited({ ...whole(), timeline }, { json: true });
    expect(JSON.parse(json)).toMatchObject({
      agrees: false,
      codename: CODENAME,
      temporal: { status: 'COMPLETED', messages: 8, runs: 1, entries: 20 },
      differences: [{ where: 'entry 5', seq: 5, problem: expect.any(String) }],
      findings: [],
    });
  });

  it('says what the ledger says by itself where the workflow is gone', async () => {
    const { status, out } = await audited({});
    expect(status).toBe(0);
    expect(out).toContain('! Temporal has no incident sapphire-unicorn, or keeps it no longer');
    expect(out).toMatch(/\nintact$/);
  });

  it('finds an incident that was deleted or ended from outside', async () => {
    const open = mkdtempSync(join(ROOT, 'open-'));
    mkdirSync(join(open, 'ledger'));
    for (const path of ['ledger/000001.jsonl', 'ledger/000002.jsonl', 'signing-key.pem'])
      writeFileSync(join(open, path), ledger.files.get(path) ?? '');
    const gone = await audited({}, { ledger: open });
    expect(gone.status).toBe(1);
    expect(gone.out).toContain('  - the ledger: does not close, and Temporal has no such incident');
    const ended = await audited({ ...whole(), status: 'TERMINATED' }, { ledger: open });
    expect(ended.status).toBe(1);
    expect(ended.out).toContain('  - the ledger: does not close, and the workflow ended as terminated');
    expect(ended.out).toContain("  - entry 19: is in Temporal's timeline, and not in the ledger");
    expect(ended.out).toContain('  - batch 3: the incident has written it, and it is not in this ledger');
  });

  it('compares the history alone where no worker answers', async () => {
    const { timeline: _timeline, ...asleep } = whole();
    const { status, out } = await audited(asleep);
    expect(status).toBe(0);
    expect(out).toContain('! no worker answers, so the timeline was not compared; its history was');
  });

  it('tells what is wrong with the ledger itself', async () => {
    const changed = mkdtempSync(join(ROOT, 'changed-'));
    mkdirSync(join(changed, CODENAME, 'ledger'), { recursive: true });
    for (const path of [
      'ledger/000001.jsonl',
      'ledger/000002.jsonl',
      'ledger/000003.jsonl',
      'signing-key.pem',
    ]) {
      const text = Buffer.from(ledger.files.get(path) ?? '').toString();
      // Nothing else: a short word may also stand in a signature, by chance.
      writeFileSync(join(changed, CODENAME, path), text.replace('unicorn/manifest-1', 'x'));
    }
    const { status, out } = await audited(whole(), { ledger: changed });
    expect(status).toBe(1);
    expect(out).toMatch(
      /NOT INTACT: \d+ findings in the ledger itself\n {2}- ledger\/000002.jsonl line \d+: changed/,
    );
    expect(out).toContain('  - entry 15: ledger and timeline differ in: details');
  });

  it('asks for a ledger, of an incident', async () => {
    const problemsOf = async (server: Server, options: Record<string, string | boolean>) => {
      const error = await audited(server, options).catch((reason: unknown) => reason);
      if (!(error instanceof InvalidInput)) throw new Error('the test expected invalid input');
      return error.problems.join('\n');
    };
    expect(await problemsOf({}, { ledger: false })).toMatch(/^--ledger FOLDER: name/);
    expect(await problemsOf({}, { ledger: join(ROOT, 'nowhere') })).toMatch(/holds no ledger; name a copy/);
    expect(await problemsOf({ ...whole(), type: 'part' }, {})).toMatch(/no incident of Firebreak/);
    const other = await audit(
      'amber-otter',
      { ledger: folder },
      async () => clientOf({}),
      () => {},
    );
    expect(other).toBe(1);
    await expect(
      audit(
        '../x',
        { ledger: folder },
        async () => clientOf({}),
        () => {},
      ),
    ).rejects.toThrow(/codename/);
  });
});
