import { createHmac } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import type { Publication } from '../../activities/publishing';
import { startPublishing, type PublishingStandIn } from '../../drill/stand-ins/publishing';
import type { ReceiverFault } from '../../drill/stand-ins/receiver';
import { htmlOf, pageOf } from '../../integrations/publishing/html';
import { createPublisher, type PublishingSettings } from '../../integrations/publishing/publisher';
import { failureOf } from '../support/failures';
import { inActivity, inCancelledActivity } from '../support/in-activity';
import { isThorough } from '../support/thorough';

const SECRET = 'webhook-secret-of-a-test';
const TOKEN = 'statuspage-token-of-a-test';
const PAGE = 'abc123def456';
const KEY = 'quiet-otter public';
const TITLE = 'Unauthorised access on 24 November 2026';
const MARKDOWN = `# ${TITLE}\n\n## What happened\n\nSomebody <b>signed in</b>, see [our page](https://www.example.com/a?b=c&d).\n`;

let outside: PublishingStandIn;
let folder: string;
beforeEach(async () => {
  outside = await startPublishing({ secret: SECRET, statusPage: { pageId: PAGE, token: TOKEN } });
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'statements-')));
});
afterEach(async () => {
  await outside.close();
  rmSync(folder, { recursive: true, force: true });
});

const publisher = (settings: Partial<PublishingSettings> = {}) =>
  createPublisher({
    channels: [
      { kind: 'webhook', name: 'website', url: outside.webhookUrl },
      { kind: 'file', name: 'folder', folder },
      { kind: 'statusPage', name: 'status page', pageId: PAGE },
    ],
    webhookSecret: SECRET,
    statusPageToken: TOKEN,
    statusPageUrl: outside.statusPageUrl,
    ...settings,
  });
/** One that is sure to wait long enough for an answer, unless there is none in time. */
const clientFor = (fault: ReceiverFault) =>
  publisher('answer' in fault && fault.answer === 'late' ? { timeoutMs: 500 } : {});
const publish = (channel: string, changed: Partial<Publication> = {}, client = publisher()) =>
  inActivity(() => client.publish({ key: KEY, channel, title: TITLE, markdown: MARKDOWN, ...changed }));

function expectNoContent({ message, cause }: ApplicationFailure): void {
  const secrets = [
    SECRET,
    TOKEN,
    'quiet-otter',
    'Unauthorised',
    'signed in',
    'quoted',
    '127.0.0.1',
    folder,
    PAGE,
  ];
  for (const secret of secrets) expect(message).not.toContain(secret);
  expect(cause).toBeUndefined();
}

describe('the webhook', () => {
  test('gets the statement with its signature, under a key that says nothing, and its answer says where it is', async () => {
    const { url } = await publish('website');
    expect(url).toMatch(/^https:\/\/www\.example\.com\/statements\//);
    expect(outside.received).toHaveLength(1);
    const [{ headers, body }] = outside.received as [PublishingStandIn['received'][0]];
    expect(JSON.parse(body)).toEqual({ title: TITLE, markdown: MARKDOWN, html: htmlOf(MARKDOWN) });
    const timestamp = String(headers['x-firebreak-timestamp']);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    const digest = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    expect(headers['x-firebreak-signature']).toBe(`v1=${digest}`);
    expect(headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify([headers, body])).not.toContain('otter');
    expect(JSON.stringify([headers, body])).not.toContain(SECRET);
  });

  test.each<[string, ReceiverFault]>([
    ['was lost', { answer: 'lost', times: 1 }],
    ['came too late', { answer: 'late', afterMs: 2_000, times: 1 }],
  ])('publishes once although the first answer %s', async (_, fault) => {
    outside.fail(fault);
    expect((await failureOf(publish('website', {}, clientFor(fault)))).type).toBe('Unavailable');
    const { url } = await publish('website');
    expect(url).toBeDefined();
    expect(outside.statements).toHaveLength(1);
  });

  test('of half an answer keeps that it was taken, and sends nothing again for the sake of an address', async () => {
    outside.fail({ answer: 'half', times: 1 });
    expect(await publish('website')).toEqual({});
    expect(outside.statements).toHaveLength(1);
  });

  test.each([
    ['no body', ''],
    ['HTML', '<html>ok</html>'],
    ['null', 'null'],
    ['no text', '{"url": 7}'],
    ['a script', '{"url": "javascript:alert(1)"}'],
    ['a password in it', '{"url": "https://user:secret@www.example.com/"}'],
    ['a very long one', JSON.stringify({ url: `https://www.example.com/${'a'.repeat(3_000)}` })],
    ['far too much', JSON.stringify({ url: 'https://www.example.com/', more: 'a'.repeat(200_000) })],
  ])('of an address in the answer that is %s tells nothing', async (_, body) => {
    outside.fail({ on: 'webhook', status: 200, body });
    expect(await publish('website')).toEqual({});
  });

  test('of another secret is refused there, and the failure names the setting', async () => {
    const failure = await failureOf(publish('website', {}, publisher({ webhookSecret: 'another' })));
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain('FIREBREAK_WEBHOOK_SECRET');
    expect(outside.statements).toEqual([]);
  });

  test('that has another statement under the key is a conflict', async () => {
    await publish('website');
    const failure = await failureOf(publish('website', { markdown: 'another' }));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(outside.statements).toHaveLength(1);
  });
});

describe('the status page', () => {
  test('gets an incident that is over, with safe HTML, found again by its metadata', async () => {
    const { url } = await publish('status page');
    expect(url).toBe('https://stspg.example/inc1');
    expect(outside.received.map(({ name }) => name)).toEqual(['incidents.list', 'incidents.create']);
    expect(outside.incidents).toMatchObject([
      {
        name: TITLE,
        status: 'resolved',
        impact: 'none',
        delivered: true,
        body: htmlOf(MARKDOWN),
        metadata: { firebreak: { id: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      },
    ]);
    expect(outside.incidents[0]!.body).not.toContain('<b>');
    expect(outside.received[1]!.headers.authorization).toBe(`OAuth ${TOKEN}`);
    expect(JSON.stringify(outside.received)).not.toContain('otter');
  });

  test.each<[string, ReceiverFault]>([
    ['was lost', { on: 'incidents.create', answer: 'lost', times: 1 }],
    ['broke off', { on: 'incidents.create', answer: 'half', times: 1 }],
    ['came too late', { on: 'incidents.create', answer: 'late', afterMs: 2_000, times: 1 }],
  ])('gets one incident although the first answer %s', async (_, fault) => {
    outside.fail(fault);
    const failure = await failureOf(publish('status page', {}, clientFor(fault)));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expectNoContent(failure);
    expect(await publish('status page')).toEqual({ url: 'https://stspg.example/inc1' });
    expect(outside.incidents).toHaveLength(1);
  });

  test('is looked through behind hundreds of others', async () => {
    outside.addIncidents(3);
    await publish('status page');
    outside.addIncidents(250);
    const before = outside.received.length;
    expect(await publish('status page')).toEqual({ url: 'https://stspg.example/inc4' });
    expect(outside.received.slice(before).map(({ path }) => path.split('?')[1])).toEqual([
      'limit=100',
      'limit=100&page=2',
      'limit=100&page=3',
    ]);
    expect(outside.incidents).toHaveLength(254);
  });

  test.each([
    ['half of it', { answer: 'half' } as const],
    ['no JSON', { status: 200, body: '<html>' } as const],
    ['no list', { status: 200, body: '{}' } as const],
  ])('is not written to where of its incidents comes %s', async (_, fault) => {
    outside.addIncidents(1);
    outside.fail({ on: 'incidents.list', ...fault });
    const failure = await failureOf(publish('status page'));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expectNoContent(failure);
    expect(outside.incidents).toHaveLength(1);
  });

  test.each([
    ['a title', { title: `24 November 2026 ${'a'.repeat(255)}` }, /at most 255 characters of a title/],
    ['a text', { markdown: 'secret '.repeat(5_000) }, /at most 25000 characters of a text/],
  ])('says that %s is too long before it asks anything', async (_, changed, words) => {
    const failure = await failureOf(publish('status page', changed));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toMatch(words);
    expectNoContent(failure);
    expect(outside.received).toEqual([]);
  });

  test.each([
    ['another token', { statusPageToken: 'another' }, 'Unauthorized', /FIREBREAK_STATUSPAGE_TOKEN/],
    [
      'another page',
      { channels: [{ kind: 'statusPage', name: 'status page', pageId: 'another' }] } as const,
      'InvalidRequest',
      /communication\.public/,
    ],
  ])('with %s is refused, and the failure names the setting', async (_, settings, type, words) => {
    const failure = await failureOf(publish('status page', {}, publisher(settings)));
    expect(failure).toMatchObject({ type, nonRetryable: true });
    expect(failure.message).toMatch(words);
    expectNoContent(failure);
  });
});

describe.each(['website', 'status page'])('a failure of the %s', (channel) => {
  test.each<[string, ReceiverFault, object]>([
    ['401', { status: 401 }, { type: 'Unauthorized', nonRetryable: true }],
    ['403', { status: 403 }, { type: 'Unauthorized', nonRetryable: true }],
    ['404', { status: 404 }, { type: 'InvalidRequest', nonRetryable: true }],
    ['409', { status: 409 }, { type: 'Conflict', nonRetryable: true }],
    ['413', { status: 413 }, { type: 'InvalidRequest', nonRetryable: true }],
    ['422', { status: 422 }, { type: 'InvalidRequest', nonRetryable: true }],
    [
      '420',
      { status: 420, headers: { 'retry-after': '60' } },
      { type: 'RateLimited', nextRetryDelay: 60_000 },
    ],
    ['429', { status: 429, headers: { 'retry-after': '9' } }, { type: 'RateLimited', nextRetryDelay: 9_000 }],
    ['500', { status: 500 }, { type: 'Unavailable', nonRetryable: false }],
    ['503', { status: 503 }, { type: 'Unavailable', nonRetryable: false }],
    ['no answer', { answer: 'none' }, { type: 'Unavailable', nonRetryable: false }],
    ['silence', { answer: 'late', afterMs: 5_000 }, { type: 'Unavailable', nonRetryable: false }],
    ['a way to elsewhere', { status: 302, headers: { location: '/elsewhere' } }, { type: 'InvalidRequest' }],
  ])('%s says what to do, and nothing of what was sent or answered', async (_, fault, expected) => {
    const body = `quoted: ${TITLE} ${MARKDOWN} ${TOKEN} ${SECRET}`;
    outside.fail('status' in fault ? { body, ...fault } : fault);
    const failure = await failureOf(publish(channel, {}, clientFor(fault)));
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(/check|Check|tried again|Look whether|Write/);
    expectNoContent(failure);
    expect(outside.received.length).toBeLessThanOrEqual(1);
  });

  test('ends with its activity', async () => {
    outside.fail({ answer: 'late', afterMs: 10_000 });
    const client = publisher({ timeoutMs: 30_000 });
    const publishing = inCancelledActivity(100, () =>
      client.publish({ key: KEY, channel, title: TITLE, markdown: MARKDOWN }),
    );
    await expect(publishing).rejects.toMatchObject({ name: 'CancelledFailure' });
  });
});

describe('the folder', () => {
  const files = () => readdirSync(folder).sort();

  test('holds the Markdown as it is and a page of HTML, for everybody to read', async () => {
    expect(await publish('folder')).toEqual({});
    const [html, markdown] = files();
    expect(files()).toHaveLength(2);
    expect(markdown).toMatch(/^unauthorised-access-on-24-november-2026-[0-9a-f]{16}\.md$/);
    expect(html).toBe(markdown!.replace(/md$/, 'html'));
    expect(readFileSync(join(folder, markdown!), 'utf8')).toBe(MARKDOWN);
    expect(readFileSync(join(folder, html!), 'utf8')).toBe(pageOf(TITLE, htmlOf(MARKDOWN)));
    for (const name of files()) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o644);
  });

  test('adopts what is there already, whichever of the two an attempt had got to', async () => {
    await publish('folder');
    const [html] = files();
    const before = statSync(join(folder, html!)).mtimeMs;
    await publish('folder');
    expect(statSync(join(folder, html!)).mtimeMs).toBe(before);
    rmSync(join(folder, html!));
    await publish('folder');
    expect(files()).toHaveLength(2);
  });

  test('adopts what another worker writes at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => publish('folder')));
    expect(files()).toHaveLength(2);
  });

  test.each([
    ['another text', { markdown: `${MARKDOWN}.` }],
    ['another text of the same length', { markdown: MARKDOWN.replace('our page', 'her page') }],
    ['another title', { title: 'Another title of 24 November 2026' }],
  ])('does not take %s under the same key', async (_, changed) => {
    await publish('folder');
    const kept = files().map((name) => readFileSync(join(folder, name), 'utf8'));
    const failure = await failureOf(publish('folder', changed));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expectNoContent(failure);
    expect(files().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(kept);
  });

  test('holds a second statement beside the first', async () => {
    await publish('folder');
    await publish('folder', { key: 'quiet-otter public 2' });
    expect(files()).toHaveLength(4);
  });

  test.each([
    ['a link to elsewhere', (place: string, other: string) => symlinkSync(other, place)],
    ['a link to nowhere', (place: string) => symlinkSync('/nowhere/at/all', place)],
    ['a folder', (place: string) => mkdirSync(place)],
  ])('leaves %s in the place of a file alone', async (_, put) => {
    await publish('folder');
    const markdown = files().find((name) => name.endsWith('.md'))!;
    const other = join(folder, 'other.txt');
    writeFileSync(other, MARKDOWN);
    rmSync(join(folder, markdown));
    put(join(folder, markdown), other);
    const failure = await failureOf(publish('folder'));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expectNoContent(failure);
    expect(readFileSync(other, 'utf8')).toBe(MARKDOWN);
  });

  test('is named without anything that a path is made of, whatever the title', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ minLength: 1, unit: 'binary' }),
          fc.constantFrom(
            '../../etc/passwd',
            '..',
            '.',
            '/',
            '\0',
            'a/../../b',
            'C:\\x',
            '~',
            '日本',
            'ü'.repeat(500),
          ),
        ),
        fc.uuid(),
        async (title, key) => {
          await publish('folder', { title, key });
        },
      ),
      { numRuns: isThorough ? 50 : 12 },
    );
    for (const name of files()) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,79}-[0-9a-f]{16}\.(?:md|html)$/);
    expect(existsSync(join(folder, '..', 'etc'))).toBe(false);
    for (const name of files()) expect(statSync(join(folder, name)).isFile()).toBe(true);
  });

  test('that is not there, or no folder, is told and tried again', async () => {
    rmSync(folder, { recursive: true });
    const failure = await failureOf(publish('folder'));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(failure.message).toContain('Make or mount it');
    expectNoContent(failure);
    writeFileSync(folder, '');
    expect((await failureOf(publish('folder'))).type).toBe('Unavailable');
  });

  test('that can not be written is told with what to do', async () => {
    // Its own folders root may always write; the kernel's it may not.
    const closed = process.getuid?.() === 0 ? '/sys' : folder;
    chmodSync(folder, 0o500);
    try {
      const channels = [{ kind: 'file', name: 'folder', folder: closed }] as const;
      const failure = await failureOf(publish('folder', {}, publisher({ channels })));
      expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
      expect(failure.message).toMatch(/can't be written \((?:EACCES|EROFS|EPERM)\)/);
      expectNoContent(failure);
    } finally {
      chmodSync(folder, 0o700);
    }
  });

  test('has to be given by its whole path', () => {
    const channels = [{ kind: 'file', name: 'folder', folder: 'statements' }] as const;
    expect(() => publisher({ channels })).toThrow(/whole path/);
  });
});

describe('HTML', () => {
  test.each([
    ['<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n'],
    ['<div onclick="x">\n\nhello', '<p>&lt;div onclick=&quot;x&quot;&gt;</p>\n<p>hello</p>\n'],
    [
      '[our page](https://www.example.com/a)',
      '<p><a href="https://www.example.com/a" rel="noopener nofollow">our page</a></p>\n',
    ],
    [
      '<https://www.example.com/>',
      '<p><a href="https://www.example.com/" rel="noopener nofollow">https://www.example.com/</a></p>\n',
    ],
    [
      '[write](mailto:security@example.com)',
      '<p><a href="mailto:security@example.com" rel="noopener nofollow">write</a></p>\n',
    ],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>\n'],
    ['[x](JaVaScript:alert(1))', '<p>[x](JaVaScript:alert(1))</p>\n'],
    ['[x](java&#115;cript:alert(1))', '<p>[x](javascript:alert(1))</p>\n'],
    ['[x](data:image/png;base64,AAAA)', '<p>[x](data:image/png;base64,AAAA)</p>\n'],
    ['[x](//www.example.com/)', '<p>[x](//www.example.com/)</p>\n'],
    ['[x](/relative)', '<p>[x](/relative)</p>\n'],
    ['[x](ftp://www.example.com/)', '<p>[x](ftp://www.example.com/)</p>\n'],
    ['[x][1]\n\n[1]: file:///etc/passwd', '<p>[x][1]</p>\n<p>[1]: file:///etc/passwd</p>\n'],
    [
      '![x](https://tracker.example/p.png)',
      '<p>!<a href="https://tracker.example/p.png" rel="noopener nofollow">x</a></p>\n',
    ],
    [
      '[x](https://www.example.com/" onclick="y)',
      '<p>[x](https://www.example.com/&quot; onclick=&quot;y)</p>\n',
    ],
  ])('of %j is %j', (markdown, html) => expect(htmlOf(markdown)).toBe(html));

  test('of any text has only the elements and attributes that Markdown makes', () => {
    const piece = fc.constantFrom(
      ...[
        '<',
        '>',
        '"',
        "'",
        '&',
        '[',
        ']',
        '(',
        ')',
        '!',
        '`',
        '```',
        '\n',
        '\n\n',
        '# ',
        '* ',
        '> ',
        '|',
        ':',
        '/',
      ],
      ...[
        'javascript:',
        'https://',
        'script',
        'img',
        'onload=',
        'a',
        ' ',
        '&#60;',
        '&lt;',
        '\\',
        '~~',
        '**',
        '\t',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        for (const [tag] of htmlOf(pieces.join('')).matchAll(/<[^>]*>/g)) expect(tag).toMatch(ELEMENT);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a page has its title as text, and a policy that lets nothing be loaded', () => {
    const page = pageOf('</title><script>x</script>', '<p>text</p>\n');
    expect(page).toContain('<title>&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;</title>');
    expect(page).toContain(`content="default-src 'none'"`);
    expect(page).not.toContain('<script');
  });
});

/** Closed ones; plain ones; those with the attributes that Markdown gives. */
const ELEMENT =
  /^<(?:\/?(?:p|h[1-6]|ul|ol|li|blockquote|pre|code|em|strong|s|table|thead|tbody|tr|th|td|br|hr)|ol start="\d+"|code class="language-[^"<>]*"|t[hd] style="text-align:\w+"|a href="(?:https?:\/\/|mailto:)[^"<>]*"(?: title="[^"<>]*")? rel="noopener nofollow"|\/a)>$/i;

describe('channels', () => {
  test('that are not configured are told with those that are', async () => {
    const failure = await failureOf(publish('elsewhere'));
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: true });
    expect(failure.message).toContain('"website", "folder", "status page"');
    expect(failure.message).not.toContain('elsewhere');
    const none = await failureOf(publish('website', {}, publisher({ channels: [] })));
    expect(none.message).toContain('there are none');
    expect(outside.received).toEqual([]);
  });

  test('that lead to the same receiver are two statements there', async () => {
    const url = outside.webhookUrl;
    const client = publisher({
      channels: [
        { kind: 'webhook', name: 'one', url },
        { kind: 'webhook', name: 'two', url },
      ],
    });
    await publish('one', {}, client);
    await publish('two', {}, client);
    expect(outside.statements).toHaveLength(2);
  });

  test.each<[string, Partial<PublishingSettings>, RegExp]>([
    [
      'two of one name',
      {
        channels: [
          { kind: 'file', name: 'one', folder: '/a' },
          { kind: 'file', name: 'one', folder: '/b' },
        ],
      },
      /Two channels .* "one"/,
    ],
    ['a webhook without its secret', { webhookSecret: '' }, /FIREBREAK_WEBHOOK_SECRET/],
    ['a status page without its token', { statusPageToken: '' }, /FIREBREAK_STATUSPAGE_TOKEN/],
    [
      'a webhook in clear',
      { channels: [{ kind: 'webhook', name: 'one', url: 'http://www.example.com/hook/secret' }] },
      /communication\.public has to be an address that begins with https/,
    ],
    [
      'a status page in clear',
      { statusPageUrl: 'http://api.statuspage.example' },
      /FIREBREAK_STATUSPAGE_URL/,
    ],
    [
      'a page whose id leads elsewhere',
      { channels: [{ kind: 'statusPage', name: 'one', pageId: '../users' }] },
      /letters and digits/,
    ],
  ])('with %s are refused at start', (_, settings, words) => {
    expect(() => publisher(settings)).toThrow(TypeError);
    expect(() => publisher(settings)).toThrow(words);
    expect(() => publisher(settings)).not.toThrow(/hook\/secret/);
  });
});
