/** Each place of the leak scan is read for what it is: a canary that is planted there comes out, named with the place. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeyring, readKeyring } from '../../codec/keyring';
import { startCodecServer, type CodecServer } from '../../client/codec-server/server';
import type { Canaries } from '../../drill/leaks/canaries';
import {
  commandLinesOfProcesses,
  logs,
  whatAnybodyIsAnswered,
  whatSlackShows,
} from '../../drill/leaks/places';
import { scan, type Place } from '../../drill/leaks/scan';
import { database, overHttp, whatTemporalShows } from '../../drill/leaks/temporal';
import { createPeople, type DrillPeople } from '../../drill/people';
import { startSlack } from '../../drill/stand-ins/slack';
import type { Stage } from '../../drill/stage';
import { someOf } from '../support/thorough';

const ROOT = join(__dirname, '..', '..');
const CODENAME = 'sapphire-unicorn';
const WORD = 'canary-planted-7f3a';
const canaries: Canaries = new Map([[WORD, new Set(['typed'] as const)]]);

const folder = mkdtempSync(join(tmpdir(), 'firebreak-leaks-'));
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true, force: true });
});

const hits = (places: readonly Place[]) => scan(canaries, places).hits;
const file = (name: string, content: string) => writeFileSync(join(folder, name), content);

/** A server that answers each path with what `pages` says just then. */
async function serve(pages: Readonly<Record<string, string>>): Promise<string> {
  const server: Server = createServer(({ url = '' }, response) => {
    response.end(pages[url] ?? 'nothing');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("Temporal's command line", () => {
  beforeAll(() => {
    mkdirSync(join(folder, '.venv', 'bin'), { recursive: true });
    symlinkSync(join(ROOT, '.venv', 'bin', 'python'), join(folder, '.venv', 'bin', 'python'));
  });

  /** A program of its name, which prints what is given for the first words that fit: what begins with `!`, on stderr. */
  function pretend(answers: Readonly<Record<string, string>>): void {
    const cases = Object.entries(answers).map(
      ([words, answer]) =>
        `*'${words}'*) printf %s '${answer.replace(/^!/, '')}'${answer.startsWith('!') ? ' >&2; exit 1' : ''};;`,
    );
    const program = join(folder, '.venv', 'bin', 'temporal');
    writeFileSync(program, `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\n`);
    chmodSync(program, 0o755);
  }

  const where = { root: folder, folder, temporal: { address: '127.0.0.1:1' } as Stage['temporal'] };
  const ids = [CODENAME, `${CODENAME}-1`, `${CODENAME}-2`, 'other-incident'];
  const listed = ids.map((workflowId) => ({ execution: { workflowId } }));
  const ANSWERS: Readonly<Record<string, string>> = {
    'workflow list --output json': JSON.stringify(listed),
    'workflow list': `Completed ${CODENAME}`,
    'workflow count': 'Total: 3',
    'task-queue describe': 'workflow',
    'worker list': '[]',
    'operator search-attribute list': 'IncidentPhase',
    '--follow': 'WorkflowExecutionStarted',
    ...Object.fromEntries(
      ids.flatMap((id) => [
        [`describe --workflow-id ${id} --output`, JSON.stringify({ id })],
        [`show --workflow-id ${id} --output`, JSON.stringify({ events: [{ id }] })],
      ]),
    ),
  };
  const showing = async (more: Readonly<Record<string, string>>) => {
    const others = Object.entries(ANSWERS).filter(([words]) => !Object.hasOwn(more, words));
    pretend({ ...more, ...Object.fromEntries(others) });
    return whatTemporalShows(where, CODENAME);
  };

  test('is asked for the incident and each of its parts, and for no other', async () => {
    const { places, documents } = await showing({});
    expect(hits(places)).toEqual([]);
    expect(places).toHaveLength(6 + 3 * 3);
    expect([...documents.keys()].join('\n')).not.toContain('other-incident');
    expect(documents.get(`temporal workflow show --workflow-id ${CODENAME}-2 --output json`)).toEqual({
      events: [{ id: `${CODENAME}-2` }],
    });
  });

  test.each(
    someOf(
      [
        ['workflow list --address', `${CODENAME} ${WORD}`],
        ['workflow count', `Total: 1 ${WORD}`],
        ['task-queue describe', `workflow ${WORD}`],
        ['worker list', WORD],
        ['operator search-attribute list', `IncidentPhase ${WORD}`],
        [`workflow describe --workflow-id ${CODENAME}-2 --output json`, JSON.stringify([CODENAME, WORD])],
        [
          `workflow show --workflow-id ${CODENAME}-1 --output json`,
          JSON.stringify([CODENAME, Buffer.from(WORD).toString('base64')]),
        ],
        [`workflow show --workflow-id ${CODENAME} --follow`, `WorkflowExecutionStarted ${WORD}`],
      ],
      3,
    ),
  )('%s: what it prints is looked at', async (words, answer) => {
    const { places } = await showing({ [words]: answer });
    const [hit = '', ...others] = hits(places);
    expect(others).toEqual([]);
    expect(hit).toContain(`"${WORD}" stands in temporal ${words.replace(' --address', '')}`);
  });

  test('that fails is no answer: the scan says that it is blind, and looks at its complaint', async () => {
    const { places } = await showing({ 'workflow count': `!failed: ${WORD}` });
    expect(hits(places)).toEqual([
      expect.stringContaining("can't read temporal workflow count"),
      expect.stringContaining(`"${WORD}" stands in temporal workflow count`),
    ]);
  });
});

describe("Temporal's database", () => {
  const make = (script: string) => {
    for (const name of ['temporal.db', 'temporal.db-wal']) rmSync(join(folder, name), { force: true });
    execFileSync(join(ROOT, '.venv', 'bin', 'python'), [
      '-c',
      `import sqlite3
db = sqlite3.connect(${JSON.stringify(join(folder, 'temporal.db'))})
db.execute('pragma secure_delete = off')
db.executescript('''create table executions (workflow_id blob, data blob, data_encoding text);
create table queue_metadata (data blob, data_encoding text);''')
db.execute('insert into executions values (?, ?, ?)', (b'${CODENAME}', b'sealed', 'Proto3'))
db.execute('insert into queue_metadata values (?, ?)', (b'{}', 'Json'))
${script}
db.commit()`,
    ]);
    return database({ root: ROOT, folder, temporal: {} as Stage['temporal'] }, CODENAME);
  };
  const insert = (value: string) => `db.execute('update executions set data = ?', (${value},))`;

  test('is clean where all in it is sealed', async () => {
    expect(hits(await make(''))).toEqual([]);
  });

  test.each<[what: string, script: string, place: RegExp]>(
    someOf<[what: string, script: string, place: RegExp]>(
      [
        ['a value', insert(`b'\\x0a\\x13${WORD}\\x12'`), /temporal\.db|each value/],
        ['a text', insert(`'${WORD}'`), /each value/],
        ['UTF-16', insert(`'${WORD}'.encode('utf-16-le')`), /each value.*UTF-16/],
        [
          'a value that was deleted',
          `db.execute("insert into queue_metadata values (?, 'Json')", (b'before ${WORD} after',))
db.commit()
db.execute("delete from queue_metadata where data like 'before%'")`,
          /temporal\.db/,
        ],
        ['a value that goes on in another page', insert(`b'x' * 4000 + b' ${WORD} ' * 600`), /each value/],
      ],
      4,
    ),
  )('%s in it is looked at', async (_, script, place) => {
    const found = hits(await make(script));
    expect(found.join('\n')).toContain(WORD);
    expect(found.join('\n')).toMatch(place);
  });

  test('is read value by value, since a page may end within the word', async () => {
    // Of 4,096 bytes a page; wherever the end falls, for one of these it falls within the word.
    const spread = insert(`b''.join(b'y' * count + b'${WORD}' for count in range(0, 5000, 611))`);
    expect(hits(await make(spread)).filter((hit) => hit.includes('each value'))).toHaveLength(1);
  });

  test('that is compressed, or kept in a way that is not known, is said to be unreadable', async () => {
    expect(hits(await make(`db.execute("update executions set data_encoding = 'Zstd'")`))).toEqual([
      expect.stringContaining("the leak scan can't read the encodings in Temporal's database"),
    ]);
  });

  test('has its journal looked at too', async () => {
    await make('');
    file('temporal.db-wal', `journal of ${WORD}`);
    const places = await database({ root: ROOT, folder, temporal: {} as Stage['temporal'] }, CODENAME);
    rmSync(join(folder, 'temporal.db-wal'));
    expect(hits(places)).toEqual([`"${WORD}" stands in Temporal's database (temporal.db-wal)`]);
  });
});

test('the Web UI’s interface and the metrics are read', async () => {
  const api = '/api/v1/namespaces/default/workflows';
  const pages: Record<string, string> = {
    [api]: CODENAME,
    [`${api}/${CODENAME}`]: CODENAME,
    '/metrics': 'requests{taskqueue="incidents"} 1',
  };
  const url = await serve(pages);
  const look = () =>
    overHttp(
      { root: '', folder, temporal: { ui: url, metrics: `${url}/metrics` } as Stage['temporal'] },
      CODENAME,
    );
  expect(hits(await look())).toEqual([]);
  for (const path of Object.keys(pages)) {
    const before = pages[path] ?? '';
    pages[path] = `${before} ${WORD}`;
    expect(hits(await look())).toEqual([`"${WORD}" stands in ${url}${path}`]);
    pages[path] = before;
  }
});

test('each log is read', () => {
  const clean: Record<string, string> = {
    'worker.log': 'Worker state changed',
    'temporal.log': 'Temporal Server',
  };
  const look = (codec = '') => logs({ folder, codecLog: ['POST /decode 200, 1 payload', codec] });
  for (const [name, content] of Object.entries(clean)) file(name, content);
  expect(hits(look())).toEqual([]);
  expect(hits(look(WORD))).toEqual([`"${WORD}" stands in the codec server's log`]);
  for (const [name, content] of Object.entries(clean)) {
    file(name, `${content}\n{"message":"${WORD}"}`);
    expect(hits(look())).toEqual([`"${WORD}" stands in ${name}`]);
    file(name, content);
  }
});

test('the command lines of what the drill has started are read', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'setInterval(() => 0, 1000)',
    join('worker', 'main.js'),
    WORD,
  ]);
  try {
    expect(hits([await commandLinesOfProcesses()])).toEqual([`"${WORD}" stands in the list of processes`]);
  } finally {
    child.kill('SIGKILL');
  }
});

describe('what anybody is answered', () => {
  let codecServer: CodecServer;
  let people: DrillPeople;
  const codecLog: string[] = [];
  const configuration = { roster: [{ email: 'ic@example.com', roles: ['incidentCommander'] }] };
  const history = JSON.stringify({
    events: [
      { workflowExecutionStartedEventAttributes: { input: { payloads: [{ metadata: {}, data: 'eA==' }] } } },
    ],
  });
  const health: Record<string, string> = { '/health': '{"status":"ok"}' };
  let worker: string;

  beforeAll(async () => {
    people = await createPeople(folder, ['ic@example.com']);
    const ring = readKeyring(newKeyring('test'));
    if (!ring.ok) throw new Error(ring.problems.join());
    codecServer = await startCodecServer({
      port: 0,
      origins: ['http://127.0.0.1:1'],
      roster: () => [{ email: 'ic@example.com', keys: [people.signerOf('ic@example.com').publicKey] }],
      keyring: ring.keyring,
      namespaces: ['default'],
      log: (line) => void codecLog.push(line),
    });
    closing.push(() => codecServer.close());
    worker = await serve(health);
  });

  const look = () =>
    whatAnybodyIsAnswered(
      {
        workerHealth: () => `${worker}/health`,
        codecServer,
        people,
        configuration: configuration as unknown as Stage['configuration'],
      },
      history,
    );

  test('by the worker and the codec server is read, in its headers too', async () => {
    expect(hits(await look())).toEqual([]);
    health['/metrics'] = `incidents{summary="${WORD}"} 1`;
    expect(hits(await look())).toEqual([`"${WORD}" stands in GET ${worker}/metrics`]);
  });

  test('comes after a payload was opened, so that its log would have what it should not', () => {
    expect(codecLog).toContain('POST /decode 200, 1 payload');
    expect(codecLog).toContain('POST /decode 401');
  });
});

test('Slack’s list of rooms is read as everybody on the roster sees it', async () => {
  const email = 'ic@example.com';
  const slack = await startSlack({
    token: 'xoxb-test',
    users: [
      { email, name: 'IC' },
      { email: 'colleague@example.com', name: 'Colleague' },
    ],
  });
  closing.push(() => slack.close());
  const call = (method: string, fields: Record<string, string>) =>
    fetch(`${slack.url}${method}`, {
      method: 'POST',
      headers: { authorization: 'Bearer xoxb-test' },
      body: new URLSearchParams(fields),
    }).then((answer) => answer.json() as Promise<{ channel: { id: string } }>);
  const { channel } = await call('conversations.create', { name: CODENAME, is_private: 'true' });
  const users = await fetch(`${slack.url}users.lookupByEmail`, {
    method: 'POST',
    headers: { authorization: 'Bearer xoxb-test' },
    body: new URLSearchParams({ email }),
  }).then((answer) => answer.json() as Promise<{ user: { id: string } }>);
  await call('conversations.invite', { channel: channel.id, users: users.user.id });
  const topic = (text: string) => call('conversations.setTopic', { channel: channel.id, topic: text });
  const configuration = { roster: [{ email, roles: [] }] } as unknown as Stage['configuration'];
  await topic(`Attorney Work Project ${CODENAME}`);
  const shown = () =>
    whatSlackShows({ slack, configuration, colleagues: ['colleague@example.com'] }, CODENAME);
  expect(hits([await shown()])).toEqual([]);
  await topic(`Attorney Work Project ${CODENAME}: ${WORD}`);
  expect(hits([await shown()])).toEqual([`"${WORD}" stands in Slack's list of rooms`]);
});
