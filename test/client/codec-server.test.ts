/** The codec server over real HTTP, with payloads that the real codec sealed and tokens that real keys signed. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer as createNetServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { CODEC_SERVER_AUDIENCE } from '../../client/codec-server/audience';
import {
  startCodecServer,
  type CodecServer,
  type CodecServerOptions,
} from '../../client/codec-server/server';
import type { Person } from '../../client/roster';
import { createToken, type TokenClaims } from '../../client/signing/token';
import { createCodec } from '../../codec/codec';
import { newKeyring, readKeyring, type Keyring } from '../../codec/keyring';
import { askedOf } from '../../domain/trust/unreadable';
import { keyOf } from '../support/keys';

const UI = 'http://127.0.0.1:8080';
const NAMESPACE = 'default';
const IC = 'ic@example.com';
const COUNSEL = 'counsel@example.com';
const NOW = Date.parse('2026-11-26T12:00:00Z');
const HOUR = 3_600_000;
const CANARY = 'kraken-content-canary';

const keyring = ringOf(newKeyring('test'));
const codec = createCodec(keyring, 'throw');

let roster: Person[];
let lines: string[];
let now: number;
let server: CodecServer;

beforeEach(async () => {
  roster = [IC, COUNSEL].map((email) => ({ email, keys: [keyOf(email).publicKey] }));
  lines = [];
  now = NOW;
  server = await start();
});
afterEach(() => server.close());

function ringOf(text: string): Keyring {
  const read = readKeyring(text);
  if (!read.ok) throw new Error(read.problems.join());
  return read.keyring;
}

function start(options: Partial<CodecServerOptions> = {}): Promise<CodecServer> {
  return startCodecServer({
    port: 0,
    origins: [UI, 'http://localhost:8080'],
    roster: () => roster,
    keyring,
    namespaces: [NAMESPACE],
    now: () => now,
    log: (line) => void lines.push(line),
    ...options,
  });
}

async function restart(options: Partial<CodecServerOptions>): Promise<void> {
  await server.close();
  server = await start(options);
}

function tokenOf(email: string, claims: Partial<TokenClaims> = {}, key = keyOf(email)): Promise<string> {
  const { publicKey } = key;
  const signer = { publicKey, sign: async (namespace: string, text: string) => key.sign(namespace, text) };
  return createToken(signer, {
    by: email,
    audience: CODEC_SERVER_AUDIENCE,
    at: NOW,
    expiresAt: NOW + HOUR,
    nonce: randomBytes(16).toString('base64url'),
    ...claims,
  });
}

/** Protobuf's JSON form. */
interface Json {
  metadata: Record<string, string>;
  data: string;
}

const jsonOf = ({ metadata, data }: Payload): Json => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});

const payloadOf = ({ metadata, data }: Json): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, Uint8Array.from(Buffer.from(value, 'base64'))]),
  ),
  data: Uint8Array.from(Buffer.from(data, 'base64')),
});

const clear = (value: unknown) => jsonOf(defaultPayloadConverter.toPayload(value));
const valueOf = (json: Json): unknown => defaultPayloadConverter.fromPayload(payloadOf(json));

async function sealed(value: unknown, namespace = NAMESPACE): Promise<Json> {
  const context: SerializationContext = { type: 'workflow', namespace, workflowId: 'sapphire-unicorn' };
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload(value)], context);
  return jsonOf(payload as Payload);
}

const HEADERS = { 'content-type': 'application/json', 'x-namespace': NAMESPACE, origin: UI };

function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  leaveOut: readonly string[] = [],
): Promise<Response> {
  const all = Object.entries({ ...HEADERS, ...headers }).filter(([name]) => !leaveOut.includes(name));
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: Object.fromEntries(all),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** As the Web UI asks, whose person is signed in by a Bearer token. */
async function convert(
  path: string,
  payloads: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<{ status: number; payloads: Json[] }> {
  const response = await post(
    path,
    { payloads },
    { authorization: `Bearer ${await tokenOf(IC)}`, ...headers },
  );
  const body = (await response.json()) as { payloads: Json[] };
  return { status: response.status, payloads: body.payloads };
}

const bearer = async (email = IC, claims: Partial<TokenClaims> = {}) => ({
  authorization: `Bearer ${await tokenOf(email, claims)}`,
});

function form(path: string, fields: Record<string, string>, origin: string | undefined = server.url) {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(origin !== '' && { origin }),
    },
    body: new URLSearchParams(fields).toString(),
  });
}

/** What a browser sends back: the cookies whose path covers this one. */
function cookieFor(path: string, response: Response): string {
  return response.headers
    .getSetCookie()
    .filter((cookie) => cookie.includes(`; Path=${path};`))
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

// --- Converting ----------------------------------------------------------------------------------------------

describe('POST /decode', () => {
  test('opens what was sealed, in the order in which it came', async () => {
    const values = [{ summary: CANARY }, 'text', null, [1, 2]];
    const payloads = await Promise.all(values.map((value) => sealed(value)));
    const answer = await convert('/decode', payloads);
    expect(answer.status).toBe(200);
    expect(answer.payloads.map(valueOf)).toEqual(values);
  });

  test('takes the query that the Web UI adds to the path', async () => {
    const answer = await convert('/decode?preserveStorageRefs=true', [await sealed(1)]);
    expect(answer.payloads.map(valueOf)).toEqual([1]);
  });

  test('returns unchanged what is no sealed payload, was changed, or belongs elsewhere', async () => {
    const whole = await sealed({ summary: CANARY });
    const bytes = Buffer.from(whole.data, 'base64');
    const last = bytes.length - 1;
    bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
    const foreign = createCodec(ringOf(newKeyring('other')), 'throw');
    const [another] = await foreign.encode([defaultPayloadConverter.toPayload(1)]);
    const payloads = [
      clear({ in: 'clear' }),
      { ...whole, data: bytes.toString('base64') },
      { ...whole, data: '' },
      { metadata: {}, data: '' },
      { metadata: whole.metadata },
      { ...whole, metadata: { ...whole.metadata, encoding: 'anNvbi9wbGFpbg==' } },
      { metadata: null, data: null },
      { metadata: {}, data: '____', externalPayloads: [{ sizeBytes: '12' }] },
      jsonOf(another as Payload),
      await sealed(1, 'elsewhere'),
    ];
    const answer = await convert('/decode', payloads);
    expect(answer.status).toBe(200);
    expect(answer.payloads).toEqual(payloads);
  });

  test('returns whatever else it is given unchanged (property)', async () => {
    const authorization = `Bearer ${await tokenOf(IC)}`;
    const base64 = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ metadata: fc.dictionary(fc.string(), base64), data: base64 }), { maxLength: 5 }),
        async (payloads) => {
          const sent = JSON.stringify({ payloads });
          const response = await post('/decode', sent, { authorization });
          expect(response.status).toBe(200);
          expect(await response.json()).toEqual(JSON.parse(sent));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['no payloads', '{}'],
    ['payloads that are no list', '{"payloads":{}}'],
    ['a payload that is a text', '{"payloads":["x"]}'],
    ['a payload that is null', '{"payloads":[null]}'],
    ['metadata that is a list', '{"payloads":[{"metadata":[]}]}'],
    ['metadata that is no base64', '{"payloads":[{"metadata":{"encoding":"json/plain!"}}]}'],
    ['metadata that is a number', '{"payloads":[{"metadata":{"encoding":7}}]}'],
    ['data that is no base64', '{"payloads":[{"data":"ö"}]}'],
    ['data that is an object', '{"payloads":[{"data":{}}]}'],
  ])('refuses %s with 400, and quotes nothing of it', async (_, body) => {
    const response = await post('/decode', body, await bearer());
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/^\{"message":"a JSON object with a list .* is needed\."\}$/);
  });

  test('refuses bytes that are no text, and more payloads than are allowed', async () => {
    const headers = { ...HEADERS, ...(await bearer()) };
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    expect((await fetch(`${server.url}/decode`, { method: 'POST', headers, body })).status).toBe(400);
    const many = Array.from({ length: 1_001 }, () => ({ data: '' }));
    expect((await post('/decode', { payloads: many }, await bearer())).status).toBe(400);
    expect((await post('/decode', { payloads: many.slice(1) }, await bearer())).status).toBe(200);
  });
});

describe('POST /encode', () => {
  test('seals as asked by the person whose token it is; /decode shows it', async () => {
    const input = { task: 'page', by: COUNSEL };
    const { status, payloads } = await convert('/encode', [clear(input)]);
    expect(status).toBe(200);
    expect(JSON.stringify(payloads)).not.toContain(Buffer.from('page').toString('base64'));
    const decoded = await convert('/decode', payloads);
    expect(askedOf(valueOf(decoded.payloads[0] as Json))).toEqual({ by: IC, value: input });
  });

  test('what it sealed reads as asked in every workflow of the namespace, and in no other namespace', async () => {
    const { payloads } = await convert('/encode', [clear('x')]);
    const inside = (namespace: string) =>
      codec.decode(payloads.map(payloadOf), { type: 'workflow', namespace, workflowId: 'crimson-otter' });
    const [payload] = await inside(NAMESPACE);
    expect(askedOf(defaultPayloadConverter.fromPayload(payload as Payload))).toEqual({ by: IC, value: 'x' });
    await expect(inside('elsewhere')).rejects.toThrow('sealed for another incident');
  });

  test('nobody passes for another by what is sent', async () => {
    const { payloads } = await convert('/encode', [clear({ 'firebreak/asked': { by: COUNSEL, value: 1 } })]);
    const { payloads: decoded } = await convert('/decode', payloads);
    expect(askedOf(valueOf(decoded[0] as Json))?.by).toBe(IC);
  });

  test('says so with 503 while the keys can not be used, and tells nothing of them', async () => {
    const locked = async () => Promise.reject(new Error(CANARY));
    await restart({ keyring: { ...ringOf(newKeyring('a')), key: () => ({ wrap: locked, unwrap: locked }) } });
    const response = await post('/encode', { payloads: [clear(1)] }, await bearer());
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(/keys can't be used just now/);
    expect(lines).toEqual(['POST /encode 503']);
  });
});

// --- Who -----------------------------------------------------------------------------------------------------

describe('a token', () => {
  const attempt = async (headers: Record<string, string>) =>
    (await post('/decode', { payloads: [await sealed(CANARY)] }, headers)).status;

  test('that holds is let in, in any spelling of the scheme', async () => {
    const token = await tokenOf(IC);
    expect(await attempt({ authorization: `Bearer ${token}` })).toBe(200);
    expect(await attempt({ authorization: `bearer ${token}` })).toBe(200);
  });

  test('is needed', async () => {
    const response = await post('/decode', { payloads: [] });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.text()).toContain(`Sign in at ${server.url}`);
  });

  test('that is no token, expired, too early, too long, for another server or unsigned is refused', async () => {
    const good = await tokenOf(IC);
    const [claims = '', signature = ''] = good.split('.');
    const forged = Buffer.from(Buffer.from(claims, 'base64url').toString().replace(IC, COUNSEL)).toString(
      'base64url',
    );
    const tokens = {
      empty: '',
      word: 'x',
      'another scheme': undefined,
      expired: await tokenOf(IC, { at: NOW - 2 * HOUR, expiresAt: NOW - 1 }),
      'from the future': await tokenOf(IC, { at: NOW + HOUR, expiresAt: NOW + 2 * HOUR }),
      'for another server': await tokenOf(IC, { audience: 'another' }),
      'of a stranger': await tokenOf('stranger@example.com'),
      'signed by another': await tokenOf(IC, {}, keyOf(COUNSEL)),
      'with the claims of another': `${forged}.${signature}`,
      'without a signature': `${claims}.`,
      'with a longer signature': `${good}A`,
      huge: `${claims}.${'A'.repeat(9_000)}`,
    };
    await restart({ limits: { failures: { burst: 100, perSecond: 1 } } });
    for (const [kind, token] of Object.entries(tokens)) {
      const authorization = token === undefined ? `Basic ${good}` : `Bearer ${token}`;
      expect([kind, await attempt({ authorization })]).toEqual([kind, 401]);
    }
    expect(await attempt({ authorization: `Bearer ${good}` })).toBe(200);
  });

  test('ends when it says, while the server runs', async () => {
    const headers = await bearer();
    expect(await attempt(headers)).toBe(200);
    now = NOW + HOUR;
    expect(await attempt(headers)).toBe(401);
  });

  test('of who is removed from the roster, or whose key is, is refused at once; the address may be in any case', async () => {
    const headers = await bearer();
    roster = [{ email: 'IC@Example.com', keys: [keyOf(IC).publicKey] }];
    expect(await attempt(headers)).toBe(200);
    roster = [{ email: IC, keys: [keyOf(COUNSEL).publicKey] }];
    expect(await attempt(headers)).toBe(401);
    roster = [{ email: IC }];
    expect(await attempt(headers)).toBe(401);
    roster = [];
    expect(await attempt(headers)).toBe(401);
  });

  test('lets nobody in while the roster can not be read', async () => {
    await restart({
      roster: () => {
        throw new Error(CANARY);
      },
    });
    const response = await post('/decode', { payloads: [] }, await bearer());
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain(CANARY);
  });
});

describe('the sign-in', () => {
  test('is a page without scripts, which may be neither kept nor embedded', async () => {
    const response = await fetch(server.url);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).not.toMatch(/<script|\son\w+=|javascript:|https?:/i);
    expect(html).not.toMatch(/incident|attack|security/i);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('keeps the token in cookies that no script, no other site and no other path gets', async () => {
    const signedIn = await form('/session', { token: await tokenOf(IC) });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/session']);
    const cookies = signedIn.headers.getSetCookie();
    expect(cookies.map((cookie) => /Path=([^;]*)/.exec(cookie)?.[1])).toEqual([
      '/decode',
      '/encode',
      '/session',
    ]);
    for (const cookie of cookies)
      expect(cookie).toMatch(/^codec=[\w.-]+; Path=\/\w+; Max-Age=3600; HttpOnly; SameSite=Strict$/);

    const cookie = cookieFor('/decode', signedIn);
    const decoded = await post('/decode', { payloads: [await sealed('x')] }, { cookie });
    expect(((await decoded.json()) as { payloads: Json[] }).payloads.map(valueOf)).toEqual(['x']);

    const shown = await fetch(`${server.url}/session`, {
      headers: { cookie: cookieFor('/session', signedIn) },
    });
    expect(await shown.text()).toContain('<strong>ic@example.com</strong> until 2026-11-26 13:00 UTC');
  });

  test('takes a token that was broken into lines', async () => {
    const token = (await tokenOf(IC)).replace(/.{76}/g, '$&\r\n');
    expect((await form('/session', { token: `  ${token}\n` })).status).toBe(303);
  });

  test('says what is wrong with a token, in the form, and sets nothing', async () => {
    const refused = await form('/session', { token: '<script>alert(1)</script>' });
    expect(refused.status).toBe(401);
    expect(refused.headers.getSetCookie()).toEqual([]);
    const html = await refused.text();
    expect(html).toContain('role="alert"');
    expect(html).not.toContain('alert(1)');
    expect((await form('/session', {})).status).toBe(401);
    expect((await form('/session', { token: 'x'.repeat(20_000) })).status).toBe(413);
  });

  test('is taken from no other page', async () => {
    const token = await tokenOf(IC);
    for (const origin of [
      UI,
      'null',
      'http://evil.example',
      server.url.replace('127.0.0.1', 'localhost'),
      '',
    ])
      expect([origin, (await form('/session', { token }, origin)).status]).toEqual([origin, 403]);
    expect((await form('/sign-out', {}, UI)).status).toBe(403);
    expect((await post('/session', { token }, { origin: server.url })).status).toBe(415);
  });

  test('ends with a sign-out', async () => {
    const out = await form('/sign-out', {});
    expect([out.status, out.headers.get('location')]).toEqual([303, '/']);
    expect(out.headers.getSetCookie()).toHaveLength(3);
    for (const cookie of out.headers.getSetCookie()) expect(cookie).toMatch(/^codec=; .*Max-Age=0;/);
  });

  test('shows the form to whose token holds no more', async () => {
    const cookie = cookieFor('/session', await form('/session', { token: await tokenOf(IC) }));
    roster = [];
    for (const headers of [{ cookie }, { cookie: 'codec=%' }, {}] as Record<string, string>[]) {
      const shown = await fetch(`${server.url}/session`, { headers, redirect: 'manual' });
      expect([shown.status, shown.headers.get('location')]).toEqual([303, '/']);
    }
  });

  test('counts only for requests of a page, and only once', async () => {
    const cookie = cookieFor('/decode', await form('/session', { token: await tokenOf(IC) }));
    const body = { payloads: [] };
    expect((await post('/decode', body, { cookie })).status).toBe(200);
    expect((await post('/decode', body, { cookie }, ['origin'])).status).toBe(401);
    expect((await post('/decode', body, { cookie: `${cookie}; codec=x` })).status).toBe(401);
    expect((await post('/decode', body, { cookie: 'codec=%ff' })).status).toBe(401);
    // Another program than a browser has a token of its own to send.
    expect((await post('/decode', body, await bearer(), ['origin'])).status).toBe(200);
  });
});

// --- From where ----------------------------------------------------------------------------------------------

/** With headers that fetch does not let one set. */
function raw(
  headers: Record<string, string>,
  { method = 'GET', path = '/', body = '' } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, method, path, headers, agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => void (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends this, then nothing, and waits until the server hangs up. Answers what it said, and after how many ms. */
function sayAndWait(text: string): Promise<{ said: string; ms: number }> {
  const began = Date.now();
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => void (said += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ said, ms: Date.now() - began }));
  });
}

describe('pages of other origins', () => {
  test('may ask when they are the Web UI', async () => {
    for (const origin of [UI, 'http://localhost:8080']) {
      const answer = await post('/decode', { payloads: [] }, { ...(await bearer()), origin });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
      expect(answer.headers.get('vary')).toBe('Origin');
    }
  });

  test('are told when they may ask, before they do', async () => {
    const ask = (origin: string) =>
      fetch(`${server.url}/decode`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-namespace',
        },
      });
    const answer = await ask(UI);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
    expect(answer.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, X-Namespace',
    );
    const refused = await ask('http://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    'http://evil.example',
    'null',
    '*',
    '',
    'http://127.0.0.1:8081',
    'https://127.0.0.1:8080',
    'http://127.0.0.1:8080.evil.example',
    'http://127.0.0.1:8080/',
    'HTTP://127.0.0.1:8080',
    'http://127.0.0.1:8080, http://evil.example',
  ])('are refused, with a good token too: %s', async (origin) => {
    const headers = { ...HEADERS, ...(await bearer()), origin, host: `127.0.0.1:${server.port}` };
    const answer = await raw(headers, { method: 'POST', path: '/decode', body: '{"payloads":[]}' });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('learn why the Web UI was not let in', async () => {
    const answer = await post('/decode', { payloads: [] });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, UI]);
  });
});

describe('the name in Host', () => {
  test('is 127.0.0.1 or localhost, with the port', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST'])
      expect((await raw({ host: `${name}:${server.port}` })).status).toBe(200);
  });

  test('is no name that somebody pointed here', async () => {
    const token = (await bearer()).authorization;
    const { port } = server;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.1:${port}`,
      `127.0.0.1:${port}.evil.example`,
    ]) {
      const headers = { ...HEADERS, host, authorization: token };
      const answer = await raw(headers, { method: 'POST', path: '/decode', body: '{"payloads":[]}' });
      expect([host, answer.status]).toEqual([host, 421]);
      expect((await raw({ host, origin: `http://${host}` })).status).toBe(421);
    }
    expect((await sayAndWait('GET / HTTP/1.0\r\n\r\n')).said).toMatch(/^HTTP\/1\.1 421 /);
  });

  test('is the one of FIREBREAK_CODEC_URL where that is given', async () => {
    await restart({ url: 'http://codec.localhost:9' });
    expect((await raw({ host: 'codec.localhost:9' })).status).toBe(200);
    expect((await raw({ host: `127.0.0.1:${server.port}` })).status).toBe(421);
  });
});

// --- Too much ------------------------------------------------------------------------------------------------

describe('what is too large', () => {
  const large = (bytes: number) => JSON.stringify({ payloads: [], rest: 'x'.repeat(bytes) });

  test('is refused with 413, whether or not it says its length', async () => {
    const headers = { ...HEADERS, ...(await bearer()) };
    expect((await post('/decode', large(4 * 1024 * 1024), headers)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 5; sent += 1) controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
        controller.close();
      },
    });
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
    expect((await fetch(`${server.url}/decode`, init)).status).toBe(413);
    expect((await post('/decode', large(1024 * 1024), headers)).status).toBe(200);
  });

  test('is not even read of who is not let in', async () => {
    expect((await post('/decode', large(4 * 1024 * 1024), { authorization: 'Bearer x' })).status).toBe(401);
  });

  test('is refused in headers too', async () => {
    expect((await raw({ host: `127.0.0.1:${server.port}`, 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
  });
});

describe('who asks too often', () => {
  test('with tokens that do not hold is told to wait, and locks nobody out', async () => {
    const headers = await bearer();
    const answers: Response[] = [];
    for (let tried = 0; tried < 30; tried += 1)
      answers.push(await post('/decode', { payloads: [] }, { authorization: `Bearer forged-${tried}` }));
    expect(answers.map(({ status }) => status).filter((status) => status === 401).length).toBeLessThanOrEqual(
      11,
    );
    const last = answers.at(-1) as Response;
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await form('/session', { token: 'x' })).status).toBe(429);
    expect((await post('/decode', { payloads: [] }, headers)).status).toBe(200);
    expect((await form('/session', { token: await tokenOf(IC) })).status).toBe(303);
  });

  test('with a good token is told to wait; another person is not', async () => {
    await restart({ limits: { perPerson: { burst: 3, perSecond: 0.001 } } });
    const [mine, theirs] = [await bearer(), await bearer(COUNSEL)];
    const statuses: number[] = [];
    for (let asked = 0; asked < 5; asked += 1)
      statuses.push((await post('/decode', { payloads: [] }, mine)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const renewed = await post('/encode', { payloads: [] }, await bearer());
    expect(renewed.status).toBe(429);
    expect(Number(renewed.headers.get('retry-after'))).toBeGreaterThan(100);
    expect((await post('/decode', { payloads: [] }, theirs)).status).toBe(200);
  });

  test('with much at once is told to wait', async () => {
    await restart({ limits: { inFlight: 2 } });
    const { authorization } = await bearer();
    const slow = () =>
      httpRequest({
        ...{ host: '127.0.0.1', port: server.port, method: 'POST', path: '/decode', agent: false },
        headers: { ...HEADERS, authorization, 'transfer-encoding': 'chunked' },
      }).on('error', () => undefined);
    const waiting = [slow(), slow()];
    for (const request of waiting) request.write('{"payloads":');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await post('/decode', { payloads: [] }, { authorization })).status).toBe(429);
    for (const request of waiting) request.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await post('/decode', { payloads: [] }, { authorization })).status).toBe(200);
  });
});

describe('who is too slow', () => {
  test('with headers or body is cut off, while others are served', async () => {
    await restart({ limits: { headersMs: 300, requestMs: 600, idleMs: 2_000 } });
    const { authorization } = await bearer();
    const begun = `POST /decode HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nX-Namespace: default\r\nAuthorization: ${authorization}\r\nContent-Length: 100\r\n`;
    const both = Promise.all([sayAndWait(begun), sayAndWait(`${begun}\r\n{`)]);
    expect((await post('/decode', { payloads: [] }, { authorization })).status).toBe(200);
    for (const { said, ms } of await both) {
      expect(said).toMatch(/^HTTP\/1\.1 408 /);
      expect(ms).toBeLessThan(4_000);
    }
  });

  test('says nothing at all is cut off', async () => {
    await restart({ limits: { idleMs: 300 } });
    expect(await sayAndWait('')).toMatchObject({ said: '' });
  });
});

// --- Everything else -----------------------------------------------------------------------------------------

describe('requests', () => {
  test('of other methods, paths, types and namespaces are refused', async () => {
    const headers = { ...HEADERS, ...(await bearer()) };
    const status = async (path: string, init: RequestInit) =>
      (await fetch(`${server.url}${path}`, { redirect: 'manual', ...init })).status;
    expect(await status('/decode', { headers })).toBe(405);
    expect(await status('/decode', { method: 'PUT', headers })).toBe(405);
    expect(await status('/', { method: 'POST' })).toBe(405);
    expect(await status('/session', { method: 'DELETE' })).toBe(405);
    for (const path of [
      '/Decode',
      '/decode/',
      '//decode',
      '/decode%2f',
      '/constructor',
      '/__proto__',
      '/download',
    ])
      expect([path, await status(path, { method: 'POST', headers })]).toEqual([path, 404]);
    expect((await post('/decode', {}, { ...headers, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/decode', {}, { ...headers, 'content-type': 'application/jsonp' })).status).toBe(415);
    expect((await post('/decode', {}, { ...headers, 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post('/decode', {}, { ...headers, 'x-namespace': 'elsewhere' })).status).toBe(403);
    expect((await post('/decode', {}, headers, ['x-namespace'])).status).toBe(403);
    const utf8 = { ...headers, 'content-type': 'application/json; charset=utf-8' };
    expect((await post('/decode', { payloads: [] }, utf8)).status).toBe(200);
  });

  test('say what can be asked instead', async () => {
    const response = await fetch(`${server.url}/decode`);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
  });

  test('GET /health says ok and nothing else', async () => {
    const response = await fetch(`${server.url}/health`);
    expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}']);
  });

  test('are each answered with the headers that keep a browser from guessing and keeping', async () => {
    const answers = [
      await fetch(server.url),
      await fetch(`${server.url}/health`),
      await fetch(`${server.url}/nothing`),
      await post('/decode', { payloads: [] }, await bearer()),
      await post('/decode', { payloads: [] }),
    ];
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    }
  });

  test('are logged in one line each, without contents, tokens, people or what was made up', async () => {
    const token = await tokenOf(IC);
    const headers = { authorization: `Bearer ${token}` };
    const payloads = [await sealed(CANARY), await sealed(CANARY)];
    await post('/decode', { payloads }, headers);
    await post('/encode', { payloads: [clear(CANARY)] }, headers);
    await post('/decode', { payloads: [CANARY] }, headers);
    await post('/decode', { payloads }, { authorization: `Bearer ${CANARY}` });
    await fetch(`${server.url}/${CANARY}?${CANARY}`);
    await fetch(`${server.url}/health?${CANARY}`, { method: 'PUT' });
    await form('/session', { token });
    expect(lines).toEqual([
      'POST /decode 200, 2 payloads',
      'POST /encode 200, 1 payload',
      'POST /decode 400',
      'POST /decode 401',
      '- - 404',
      '- /health 405',
      'POST /session 303',
    ]);
  });
});

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

(HAS_OPENSSL ? describe : describe.skip)('with a certificate', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firebreak-codec-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('the server speaks TLS alone, and its cookies are sent over nothing else', async () => {
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', keyFile, '-out', certFile],
    ]);
    expect(made.status).toBe(0);
    const tls = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
    const port = await freePort();
    await restart({ tls, port, url: `https://localhost:${port}` });
    const body = new URLSearchParams({ token: await tokenOf(IC) }).toString();
    const cookies = await new Promise<string[]>((resolve, reject) => {
      const options = {
        ...{ host: '127.0.0.1', servername: 'localhost', port, ca: tls.cert, agent: false },
        ...{ method: 'POST', path: '/session' },
        headers: {
          host: `localhost:${port}`,
          origin: server.url,
          'content-type': 'application/x-www-form-urlencoded',
        },
      };
      httpsRequest(options, (response) => {
        response.resume();
        resolve(response.headers['set-cookie'] ?? []);
      })
        .on('error', reject)
        .end(body);
    });
    expect(cookies).toHaveLength(3);
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Secure-codec=.*; HttpOnly; SameSite=Strict; Secure$/);
    expect((await sayAndWait('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).said).not.toContain('200');
  });
});

async function freePort(): Promise<number> {
  const probe = createNetServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('the server', () => {
  test('finishes what has begun before it ends', async () => {
    const { authorization } = await bearer();
    const answered = new Promise<number>((resolve) => {
      const request = httpRequest(
        {
          ...{ host: '127.0.0.1', port: server.port, method: 'POST', path: '/decode', agent: false },
          headers: { ...HEADERS, authorization },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.write('{"payloads":');
      setTimeout(() => request.end('[]}'), 200);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = server.close();
    expect(await answered).toBe(200);
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
    server = await start();
  });

  test('does not listen beyond loopback without a certificate', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1'])
      await expect(start({ host })).rejects.toThrow(
        'is reached from other machines: give FIREBREAK_CODEC_TLS_CERT',
      );
  });
});
