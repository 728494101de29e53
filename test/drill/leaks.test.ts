/** The leak scan can fail: a word that is planted in any place, in any spelling, is found, and named with its place. */
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { ALLOWANCES, isAllowed, PLACE_KINDS, type PlaceKind } from '../../drill/leaks/allowances';
import type { WORD_KINDS } from '../../drill/leaks/canaries';
import { canariesOf, type Canaries, type Known } from '../../drill/leaks/canaries';
import { clearFieldsIn } from '../../drill/leaks/clear-fields';
import { scan, type Place } from '../../drill/leaks/scan';
import { createSearch, SHORTEST_WORD } from '../../drill/leaks/search';
import { saidIn, whatVendorsWereTold } from '../../drill/leaks/vendors';
import { whatLeft } from '../../drill/leaks/ways-out';
import type { MessageRecords, SeenMail } from '../../drill/messages';
import { DECISIONS, type DecisionName } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import { EMPTY_SCOPE } from '../../domain/scope';
import { readScenario } from '../../drill/scenario';
import type { Received } from '../../drill/stand-ins/receiver';
import type { Call } from '../../drill/stand-ins/recording-proxy';

const WORD = 'canary-summary-7f3a';
const CODENAME = 'sapphire-unicorn';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const base64 = (text: string) => bytes(text).toString('base64');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

function found(content: Uint8Array | string, word = WORD): string[] {
  const place = typeof content === 'string' ? bytes(content) : content;
  return createSearch([word])
    .in(place)
    .map(({ read }) => read);
}

describe('a word is found', () => {
  test.each<[how: string, content: Uint8Array | string, read: string]>([
    ['as it is', `x=${WORD};`, ''],
    ['at the very beginning and end', WORD, ''],
    ['in other letters', `LOG ${WORD.toUpperCase()}`, ''],
    ['inside of another word', `a${WORD}b`, ''],
    ['in UTF-16, little end first', utf16(`is ${WORD}`), 'UTF-16'],
    ['in UTF-16, big end first', utf16(`is ${WORD}`).swap16(), 'UTF-16'],
    ['in base64 for URLs', Buffer.from(`??>>${WORD}`).toString('base64url'), 'base64'],
    ['in base64 in lines of 20', base64(`before ${WORD} after`).replace(/.{20}/g, '$&\r\n'), 'base64'],
    ['in base64 in JSON', JSON.stringify({ data: base64(`{"by":"${WORD}"}`) }), 'base64'],
    ['in base64 of UTF-16', utf16(WORD).toString('base64'), 'base64 of UTF-16'],
    ['in base64 of base64', base64(base64(WORD)), 'base64 of base64'],
    ['in hexadecimal', `0x${bytes(WORD).toString('hex')}`, 'hexadecimal'],
    ['in hexadecimal in capitals', `\\\\x${bytes(WORD).toString('hex').toUpperCase()}`, 'hexadecimal'],
    [
      'in a URL',
      `/q?text=${[...WORD].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('')}`,
      'escapes',
    ],
    [
      'in JSON that escapes all',
      [...WORD].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(''),
      'escapes',
    ],
    [
      'in the JSON of a URL',
      `\\u0025${WORD.replace('-', '%2d').slice(1)} ${WORD.replaceAll('-', '%2D')}`,
      'escapes',
    ],
    [
      'between bytes that are no text',
      Buffer.concat([Buffer.from([0, 255, 10]), bytes(WORD), Buffer.from([8, 0])]),
      '',
    ],
  ])('%s', (_, content, read) => {
    expect(found(content)).toContain(read);
  });

  test.each([0, 1, 2, 3, 4, 5])('in base64, %i bytes behind the beginning', (count) => {
    expect(found(`data: ${base64(`${'x'.repeat(count)}${WORD} and more`)}`)).toEqual(['base64']);
  });

  test('with other white space between its words', () => {
    expect(found('guessed\n\t  passwords for\r\n20 minutes', 'guessed passwords for 20')).toEqual(['']);
    expect(found('"guessed\\npasswords for"', 'guessed passwords for')).toContain('escapes');
  });

  test('whatever it is, wherever it is, however it is encoded', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{5,11}-[0-9][a-z0-9-]{2,12}$/);
    const encodings: ((content: Buffer) => Buffer)[] = [
      (content) => content,
      (content) => Buffer.from(content.toString('base64')),
      (content) => Buffer.from(content.toString('base64url')),
      (content) => Buffer.from(content.toString('hex')),
      (content) => Buffer.from(content.toString('latin1'), 'utf16le'),
      (content) => Buffer.from(encodeURIComponent(content.toString('latin1'))),
      (content) => Buffer.from(JSON.stringify(JSON.stringify(content.toString('latin1')))),
    ];
    fc.assert(
      fc.property(
        word,
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...encodings),
        fc.constantFrom(...encodings.slice(0, 4)),
        (planted, before, after, inner, outer) => {
          // What is escaped or doubled is text.
          const isText = encodings.indexOf(inner) >= 4;
          const around = (some: Uint8Array) =>
            Buffer.from(isText ? some.map((byte) => 0x20 + (byte % 0x5f)) : some);
          const content = outer(inner(Buffer.concat([around(before), bytes(` ${planted} `), around(after)])));
          expect(createSearch([planted]).in(content)).not.toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a word is not found', () => {
  test('where it is not', () => {
    expect(found('canary-summary-7f3b, canary summary 7f3a, ca\u00adnary-summary-7f3a')).toEqual([]);
  });

  test('by chance, where it is short, in what is encoded or inside of another word', () => {
    const cipherText = 'q1W2e3Ev+iDenCe5rT7yU8iO9pA0sD1fG2hJ3kL4';
    expect(found(cipherText, 'evidence')).toEqual([]);
    expect(found('counterattacks', 'attack')).toEqual([]);
    expect(found('knownAttackers', 'attack')).toEqual(['']);
    expect(found('/drills/attack_source', 'attack')).toEqual(['']);
    expect(found(`x ${base64('the attack')}`, 'attack')).toEqual(['base64']);
  });

  test('where it is too short to be looked for, and it is not counted', () => {
    expect(createSearch(['web-1', 'ic', WORD, WORD.toUpperCase()]).words).toEqual([WORD]);
    expect(SHORTEST_WORD).toBe(6);
  });

  test('in a megabyte of chance, with all of the product’s words', () => {
    let seed = 7;
    const random = Uint8Array.from({ length: 1_000_000 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    });
    const search = createSearch(canariesOf(nothing).keys());
    expect(search.words.length).toBeGreaterThan(1_000);
    expect(search.in(random)).toEqual([]);
    expect(search.in(bytes(Buffer.from(random).toString('base64')))).toEqual([]);
  });
});

const nothing: Known = { typed: [], entries: [], scope: EMPTY_SCOPE, things: [], people: [], secrets: [] };

describe('the canaries', () => {
  const entry = (more: Partial<Entry>): Entry => ({
    seq: 1,
    at: 0,
    kind: 'decision',
    by: 'ic@example.com',
    text: 'determined',
    ...more,
  });
  const kindsOf = (word: string, known: Partial<Known>) => [
    ...(canariesOf({ ...nothing, ...known }).get(word) ?? []),
  ];

  test.each<[word: string, kind: string, known: Partial<Known>]>([
    ['canary-note-1a2b', 'typed', { typed: [{ with: { note: 'It is canary-note-1a2b.' } }] }],
    ['passwords for twenty', 'typed', { typed: ['guessed passwords for twenty minutes'] }],
    [
      'several tunnels were',
      'entry',
      { entries: [entry({ text: 'withdrew — several tunnels were opened' })] },
    ],
    [
      'canary-detection-3c4d',
      'detection',
      { detection: '{"detail": {"x": [{"y": "a canary-detection-3c4d"}]}}' },
    ],
    ['Recon:EC2/Portscan', 'detection', { detection: '{"detail": {"type": "Recon:EC2/Portscan"}}' }],
    ['deploy-bot', 'thing', { scope: { ...EMPTY_SCOPE, users: ['deploy-bot'] } }],
    [
      'i-0123456789abcdef0',
      'thing',
      { scope: { ...EMPTY_SCOPE, instances: [{ id: 'i-0123456789abcdef0' }] } },
    ],
    ['counsel@example.com', 'person', { people: ['counsel@example.com'] }],
    ['ic@example.com', 'person', { entries: [entry({})] }],
    ['xoxb-token', 'secret', { secrets: ['xoxb-token'] }],
    ['canary-note-4e5f', 'note', { typed: ['a canary-note-4e5f'], notes: ['It is a *canary-note-4e5f*.'] }],
    ['canary-text-6a7b', 'statement', { typed: ['canary-text-6a7b'], statements: ['# canary-text-6a7b'] }],
    // A word of the product's may be one that everybody was told.
    ['compromis', 'statement', { statements: ['What was compromised'] }],
    ['systemsSecured', 'product', { statements: ['We are secure'] }],
    [
      'systemsAreSecured',
      'product',
      { entries: [entry({ reasons: [{ gate: 'systemsAreSecured', reason: 'no' }] })] },
    ],
    ['recordFinding', 'product', {}],
    ['denyElsewhere', 'product', {}],
    ['captureInstance', 'product', {}],
    ['combThroughEvidence', 'product', {}],
    ['forensic', 'product', {}],
  ])('have %s, of %s', (word, kind, known) => {
    expect(kindsOf(word, known)).toContain(kind);
  });

  test('have no ordinary word, no time, and nothing of a detection that is everybody’s', () => {
    const words = [
      ...canariesOf({
        ...nothing,
        typed: [{ note: 'agreed, 2026-11-24T03:02:11Z and 2026-11-24' }],
        detection: '{"region": "us-east-1", "detail": {"imageId": "ami-12c6146b"}}',
      }).keys(),
    ];
    for (const word of [
      'agreed',
      '2026-11-24',
      '2026-11-24T03:02:11Z',
      'us-east-1',
      'ami-12c6146b',
      'capture',
    ])
      expect(words).not.toContain(word);
  });
});

/** One planted word of each kind. */
const PLANTED: Record<keyof typeof WORD_KINDS, string> = {
  typed: 'canary-typed-1a',
  note: 'canary-note-2c',
  statement: 'canary-statement-3d',
  entry: 'canary-entry-2b',
  detection: 'canary-detection-3c',
  thing: 'i-0123456789abcdef0',
  person: 'counsel@example.com',
  product: 'recordFinding',
  secret: 'xoxb-secret-token',
};
const planted: Canaries = new Map(
  Object.entries(PLANTED).map(([kind, word]) => [word, new Set([kind as keyof typeof WORD_KINDS])]),
);

function place(kind: PlaceKind, content: string | Uint8Array, more: Partial<Place> = {}): Place {
  return { name: `the ${kind}`, kind, content, knows: 'surely there', ...more };
}

describe('the scan', () => {
  const kinds = Object.keys(PLACE_KINDS) as PlaceKind[];
  const pairs = kinds.flatMap((kind) =>
    Object.entries(PLANTED).map(([of, word]) => [of, kind, word] as const),
  );
  /** Which words may stand where, written out a second time. */
  const MAY = new Set([
    'thing aws',
    'person pagerduty',
    'person slack',
    'person mail',
    'note inside',
    'statement public',
    'product error',
    'entry error',
    'person private',
    'product private',
  ]);

  test.each(pairs)('finds a word of %s in %s, unless it may stand there', (of, kind, word) => {
    const { hits } = scan(planted, [place(kind, `surely there: ${word} and more`)]);
    if (MAY.has(`${of} ${kind}`)) expect(hits).toEqual([]);
    else expect(hits).toEqual([expect.stringContaining(`"${word}" stands in the ${kind}`)]);
  });

  test('names how the place had to be read, and what the word stands in', () => {
    const content = `surely there ${base64('a/canary-typed-1a/b')}`;
    expect(scan(planted, [place('log', content)]).hits).toEqual([
      '"canary-typed-1a" stands in the log (in base64), as "a/canary-typed-1a/b"',
    ]);
  });

  test('counts words and places, and names a word once for each place', () => {
    const content = 'surely there canary-typed-1a canary-typed-1a xcanary-typed-1a';
    const { words, places, hits } = scan(planted, [place('log', content), place('temporal', content)]);
    expect({ words, places, hits: hits.length }).toEqual({ words: planted.size, places: 2, hits: 2 });
  });

  test('says where it is blind: a place in which not even what is there for certain is found', () => {
    expect(scan(planted, [place('log', gzipSync('surely there canary-typed-1a'))]).hits).toEqual([
      'the leak scan can\'t read the log: it has no "surely there", which stands there',
    ]);
  });

  test('lets a command line say what was typed into it, and nothing else', () => {
    const typed = { typed: ['--note', 'canary-typed-1a'] };
    expect(scan(planted, [place('error', 'surely there canary-typed-1a', typed)]).hits).toEqual([]);
    expect(scan(planted, [place('error', 'surely there canary-detection-3c', typed)]).hits).toHaveLength(1);
  });
});

describe('the allowances', () => {
  test.each<[word: string, within: string, kind: PlaceKind, allowed: boolean]>([
    ['incident', 'incidents', 'temporal', true],
    ['incident', '/_sys/incidents/3', 'temporal', true],
    ['incident', 'IncidentPhase', 'temporal', true],
    ['incident', 'workflow-task-queue:incidents', 'temporal', true],
    ['forensic', 'forensic', 'temporal', false],
    ['completeTasks', 'CompleteTasksLessThan', 'temporal', true],
    ['completeTasks', 'completeTasks', 'temporal', false],
    ['incident', 'incidents', 'log', false],
    ['incident', 'incidents', 'slack', false],
    ['incident', '/incidents/PI00001/notes', 'pagerduty', true],
    ['incident', 'security-incident', 'pagerduty', false],
    ['forensic', 'forensics@example.com', 'slack', true],
    ['forensic', 'forensics', 'slack', false],
    ['custody', '/bucket/sapphire-unicorn/custody-1.jsonl', 'aws', true],
    ['custody', 'custody', 'aws', false],
    ['incident', 'incident-response@example.com', 'mail', true],
    ['incident', 'incident', 'mail', false],
    ['incident', '/v1/pages/abc123/incidents', 'public', true],
    ['incident', 'security-incident', 'public', false],
  ])('for "%s" as %s in %s: %s', (word, within, kind, allowed) => {
    const canaries: Canaries = new Map([[word, new Set(['product'] as const)]]);
    expect(isAllowed({ word, within, read: '' }, kind, canaries)).toBe(allowed);
  });

  test('each say why, and none is for what people typed, for secrets, or for the logs', () => {
    for (const { words, places, because } of ALLOWANCES) {
      expect(because.length).toBeGreaterThan(20);
      // What was approved for some is for them alone.
      if (words.includes('note')) expect([words, places]).toEqual([['note'], ['inside']]);
      if (words.includes('statement')) expect([words, places]).toEqual([['statement'], ['public']]);
      expect(words).not.toContain('typed');
      expect(words).not.toContain('secret');
      expect(places).not.toContain('log');
      expect(places).not.toContain('endpoint');
    }
  });
});

describe('what vendors were told', () => {
  const call = (name: string, path: string, body: string): Call => ({
    at: 0,
    name,
    method: 'POST',
    path,
    body,
    answer: '',
  });
  const told = (more: { pagerduty?: Call[]; slack?: Call[]; aws?: Call[] }) =>
    scan(
      planted,
      whatVendorsWereTold({
        codename: CODENAME,
        pagerduty: {
          calls: [
            call('incidents.create', '/incidents', `{"title":"${CODENAME}"}`),
            ...(more.pagerduty ?? []),
          ],
        },
        slack: {
          calls: [
            call('conversations.create', '/api/conversations.create', `name=${CODENAME}`),
            ...(more.slack ?? []),
          ],
          roomId: 'C1',
        },
        aws: {
          calls: [call('ec2.CreateTags', '/', `Tag.1.Value=${CODENAME}`), ...(more.aws ?? [])],
          evidenceBucket: 'vault',
        },
      }),
    ).hits;

  test('passes, where it is the codename alone', () => {
    expect(told({})).toEqual([]);
  });

  test.each<[what: string, calls: Parameters<typeof told>[0], place: string]>([
    [
      'a note on a page',
      { pagerduty: [call('notes.create', '/incidents/P/notes', `{"note":{"content":"canary-typed-1a"}}`)] },
      'PagerDuty',
    ],
    [
      'a query of PagerDuty',
      { pagerduty: [call('users.list', '/users?query=canary%2Dtyped-1a', '')] },
      'PagerDuty',
    ],
    [
      'a topic',
      {
        slack: [
          call(
            'conversations.setTopic',
            '/api/x',
            `channel=C1&topic=${encodeURIComponent('it is canary-typed-1a')}`,
          ),
        ],
      },
      'Slack',
    ],
    [
      'a message elsewhere',
      { slack: [call('chat.postMessage', '/api/x', 'channel=C2&text=canary-typed-1a')] },
      'Slack',
    ],
    [
      'a message whose channel is no channel',
      { slack: [call('chat.postMessage', '/api/x', 'text=canary-typed-1a')] },
      'Slack',
    ],
    ['a tag', { aws: [call('ec2.CreateTags', '/', 'Action=CreateTags&Tag.1.Value=canary-typed-1a')] }, 'AWS'],
    [
      'a policy within a form',
      {
        aws: [
          call('iam.PutUserPolicy', '/', `PolicyDocument=${encodeURIComponent('{"Sid":"canary-typed-1a"}')}`),
        ],
      },
      'AWS',
    ],
    ['a file elsewhere', { aws: [call('s3.PutObject', '/other/x', 'canary-typed-1a')] }, 'AWS'],
    ["a file's name", { aws: [call('s3.PutObject', '/vault/canary-typed-1a', '')] }, 'AWS'],
  ])('finds it in %s', (_, calls, vendor) => {
    expect(told(calls)).toEqual([
      expect.stringMatching(new RegExp(`^"canary-typed-1a" stands in ${vendor}'s records`)),
    ]);
  });

  test('leaves out what goes into the room, and into the evidence bucket', () => {
    expect(
      told({
        slack: [call('chat.postMessage', '/api/x', 'channel=C1&text=canary-typed-1a')],
        aws: [call('s3.PutObject', `/vault/${CODENAME}/ledger/000001.jsonl`, 'canary-typed-1a')],
      }),
    ).toEqual([]);
  });

  test('reads values, as names are the vendor’s own', () => {
    expect(saidIn({ path: '/a%20b?Action=RevokeX&q=c', body: 'Action=Revoke&Isolate=d' })).toBe(
      '/a%20b\nc\nd',
    );
    expect(saidIn({ path: '/', body: '{"incident": {"x": ["a", 1, "{\\"y\\": \\"b\\"}"]}}' })).toBe(
      '/\na\n1\nb',
    );
    expect(saidIn({ path: '/', body: '{broken' })).toContain('{broken');
    expect(saidIn({ path: '/', body: '<Xml>z</Xml>' })).toContain('<Xml>z</Xml>');
    expect(saidIn({ path: '/%zz', body: '' })).toContain('/%zz');
  });
});

describe('what left by the ways out', () => {
  const CUSTOMER = 'security@customer-one.example';
  const TEAM = 'ic@example.com';
  const seen = (more: Partial<SeenMail>): SeenMail => ({
    from: 'response@example.com',
    to: [TEAM],
    raw: 'Subject: Attorney Work Project\r\n\r\n',
    receivedAt: 0,
    secure: true,
    greeted: '',
    headers: [],
    form: 'clear',
    opened: {},
    ...more,
  });
  const clear = (text: string, head = 'Subject: Attorney Work Project') => ({
    raw: `${head}\r\n\r\n${text}`,
    clear: { text, documents: [] },
  });
  const request = (path: string, body: object, headers: Record<string, string> = {}): Received => ({
    at: 0,
    name: '',
    method: 'POST',
    path,
    headers,
    body: JSON.stringify(body),
  });
  interface Leaving {
    mails?: SeenMail[];
    announced?: string;
    sms?: Received;
    published?: Received;
    file?: { name: string; content: string };
  }
  const left = ({ mails = [], announced, sms, published, file }: Leaving) =>
    scan(
      planted,
      whatLeft({
        messages: {
          mails,
          announcements:
            announced === undefined ? [] : [{ channel: 'engineering', at: 0, markdown: announced }],
          files: file ? [{ ...file, at: 0 }] : [],
        } as unknown as MessageRecords,
        smsRequests: sms ? [sms] : [],
        publishingRequests: published ? [published] : [],
        isOnTheTeam: (address) => address === TEAM,
      }),
    ).hits;

  test('passes, where it is what each may read', () => {
    expect(
      left({
        mails: [
          seen(clear('between ourselves: canary-typed-1a')),
          seen({ to: ['engineering@example.com'], ...clear('canary-note-2c') }),
          seen({ to: [CUSTOMER], form: 'pgp', raw: 'Subject: Attorney Work Project\r\n\r\nq1W2e3' }),
        ],
        announced: 'canary-note-2c',
        sms: request('/messages', { to: '+15550101', text: 'Please join Slack ASAP' }),
        published: request('/hooks/statement', {
          markdown: 'canary-statement-3d',
          html: '<p>canary-statement-3d',
        }),
        file: { name: 'canary-statement-3d.md', content: 'canary-statement-3d' },
      }),
    ).toEqual([]);
  });

  test.each<[what: string, leaving: Leaving, place: string]>([
    [
      'what is to be sealed',
      {
        mails: [
          seen({
            to: [CUSTOMER],
            form: 'pgp',
            raw: `Subject: Attorney Work Project\r\n\r\n${base64('a canary-typed-1a')}`,
          }),
        ],
      },
      'the mail server',
    ],
    [
      'a header',
      { mails: [seen(clear('', 'Subject: Attorney Work Project\r\nX-Why: canary-typed-1a'))] },
      'the mail server',
    ],
    [
      'a recipient',
      { mails: [seen({ ...clear(''), to: ['canary-typed-1a@elsewhere.example'] })] },
      'the mail server',
    ],
    [
      'clear mail to a group',
      { mails: [seen({ to: ['engineering@example.com'], ...clear('canary-typed-1a') })] },
      'what the company reads',
    ],
    ['what a channel was told', { announced: 'canary-typed-1a' }, 'what the company reads'],
    [
      'an SMS',
      { sms: request('/messages', { text: 'Please canary-typed-1a' }) },
      "the SMS provider's records",
    ],
    [
      'a webhook',
      { published: request('/hooks/statement', { html: 'canary-typed-1a' }) },
      'what was published',
    ],
    [
      'what a website must not have yet',
      { published: request('/hooks/statement', { html: 'canary-note-2c' }) },
      'what was published',
    ],
    [
      'a header of a request',
      { published: request('/', {}, { 'x-id': 'canary-typed-1a' }) },
      'what was published',
    ],
    ["a file's name", { file: { name: 'canary-typed-1a.md', content: '' } }, 'what was published'],
  ])('finds it in %s', (_, leaving, place) => {
    expect(left(leaving)).toEqual([expect.stringMatching(new RegExp(`stands in ${place}`))]);
  });

  test('leaves the token out that a request has to have', () => {
    expect(left({ published: request('/', {}, { authorization: 'OAuth xoxb-secret-token' }) })).toEqual([]);
  });
});

describe('what Temporal has in the clear', () => {
  const sealed = {
    metadata: Object.fromEntries(
      Object.entries({ encoding: 'binary/encrypted', 'key-id': '2026-01', kind: 'bound' }).map(
        ([key, value]) => [key, base64(value)],
      ),
    ),
    data: base64('cipher text'),
  };
  const plain = (content: unknown) => ({
    metadata: { encoding: base64('json/plain') },
    data: base64(JSON.stringify(content)),
  });
  const history = (attributes: object) => ({
    events: [
      { eventId: '1', eventType: 'EVENT_TYPE_TIMER_STARTED', eventTime: '2026-11-26T15:09:29.687933Z' },
      { eventId: '2', attributes: { identity: 'firebreak', input: { payloads: [sealed] }, ...attributes } },
    ],
  });

  test('is explained, where it is names, numbers, ids and times', () => {
    const attributes = {
      workflowType: { name: 'part' },
      workflowExecution: { workflowId: `${CODENAME}-12`, runId: '01a21867-8ed7-7e36-8e97-0e6bdf6d0ed6' },
      signalName: 'report',
      taskQueue: { kind: 'TASK_QUEUE_KIND_NORMAL', name: 'incidents' },
      startToFireTimeout: '2.324s',
      searchAttributes: { indexedFields: { IncidentPhase: plain('open') } },
      failure: {
        message: 'Encoded failure',
        source: 'TypeScriptSDK',
        applicationFailureInfo: { type: 'NotFound' },
      },
    };
    expect(clearFieldsIn(history(attributes), CODENAME)).toEqual([]);
  });

  test.each<[what: string, attributes: object, said: RegExp]>([
    [
      "a timer's summary",
      { userMetadata: { summary: plain('Look how far the images are') } },
      /summary.*"Look how far/,
    ],
    [
      'a payload in the clear',
      { input: { payloads: [plain({ by: 'ic@example.com' })] } },
      /payloads.*ic@example\.com/,
    ],
    ['a reason of a termination', { reason: 'it was a drill' }, /reason says "it was a drill"/],
    [
      'a reason of a cancellation',
      {
        cause:
          'Cancel requested by workflow with run id 01a21867-8ed7-7e36-8e97-0e6bdf6d0ed6 with reason: released',
      },
      /cause says/,
    ],
    ['an id that names a thing', { workflowId: 'i-0123456789abcdef0' }, /workflowId/],
    ['an id of a part that tells what it is', { workflowId: `${CODENAME}-isolate` }, /workflowId/],
    ['another workflow type', { workflowType: { name: 'containInstance' } }, /containInstance/],
    ['an activity by its name', { activityType: { name: 'isolateInterfaces' } }, /isolateInterfaces/],
    ['an update by its name', { input: { name: 'recordFinding' } }, /recordFinding/],
    ['an identity', { identity: '4711@laptop-of-somebody' }, /identity says/],
    [
      'a type of failure',
      { failure: { applicationFailureInfo: { type: 'InstanceStillReachable' } } },
      /InstanceStillReachable/,
    ],
    ['a message of a failure', { failure: { message: 'AWS ec2:StopInstances answered no' } }, /message says/],
    ['a memo', { memo: { fields: { summary: plain('odd logins') } } }, /odd logins/],
    [
      'a search attribute',
      { searchAttributes: { indexedFields: { Severity: plain('critical') } } },
      /critical/,
    ],
    ['a header', { header: { fields: { trace: { metadata: {}, data: base64('x') } } } }, /header/],
    [
      'a field beside the cipher text',
      { input: { ...sealed, metadata: { ...sealed.metadata, by: base64('ic@example.com') } } },
      /encrypted/,
    ],
    ['an update id', { meta: { updateId: 'complete-the-statement' } }, /updateId/],
    ['a patch', { details: { 'patch-data': { payloads: [plain({ id: 'stop-now' })] } } }, /stop-now/],
  ])('is not explained, where it is %s', (_, attributes, said) => {
    expect(clearFieldsIn(history(attributes), CODENAME).join('\n')).toMatch(said);
  });
});

describe('the scenario that plants them', () => {
  const { acts, declare, faults } = readScenario('canary');
  const decisions = acts.flatMap(({ together }) => together);

  test('has every kind of decision', () => {
    const kinds = new Set(decisions.map(({ does }) => does));
    expect([...kinds].sort()).toEqual((Object.keys(DECISIONS) as DecisionName[]).sort());
  });

  test('has a canary in every field of every kind that takes a text', () => {
    const free = new Set(['text', 'request', 'id', 'document', 'email', 'addresses', 'slug', 'url']);
    for (const [name, { fields }] of Object.entries(DECISIONS))
      for (const [field, type] of Object.entries(fields)) {
        if (!free.has(type.replace('?', ''))) continue;
        const given = decisions.filter(({ does }) => does === name).map((one) => one.with[field]);
        expect([name, field, given.some((value) => /canary/.test(String(value)))]).toEqual([
          name,
          field,
          true,
        ]);
      }
  });

  test('has one in the declaration, and in what each vendor answers', () => {
    expect(declare.summary).toMatch(/canary-/);
    const vendors = new Set(faults.map(({ vendor }) => vendor));
    expect([...vendors].sort()).toEqual(['aws', 'pagerduty', 'publishing', 'slack', 'sms', 'smtp']);
    // The mail server quotes the mail itself.
    for (const { vendor, answer } of faults) if (vendor !== 'smtp') expect(answer).toMatch(/canary/i);
  });

  test('plants no word twice', () => {
    const words = decisions.flatMap(
      (one) => JSON.stringify(one.with).match(/canary-[a-z]+-\d\d[a-f]{2}/g) ?? [],
    );
    const reused = new Set([
      'canary-user-02bb',
      'canary-system-01aa',
      'canary-ghost-20bb',
      'canary-ghost-39cc',
      'canary-user-37aa',
      'canary-account-36ff',
      'canary-vendor-26bc',
    ]);
    const once = words.filter((word) => !reused.has(word));
    expect(once.filter((word, index) => once.indexOf(word) !== index)).toEqual([]);
  });
});
