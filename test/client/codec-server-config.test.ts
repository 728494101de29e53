import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readCodecServerConfig } from '../../client/codec-server/config';
import { problemOfListening, problemOfOrigin } from '../../client/codec-server/listening';
import { readRoster, watchRoster } from '../../client/roster';
import { callerAt } from '../../client/http/pace';
import { createLocalKey } from '../../codec/local-key';
import { newKeyring } from '../../codec/keyring';
import { keyOf } from '../support/keys';

const IC = 'ic@example.com';
const RING = newKeyring('test');
const SECRETS = RING.match(/[A-Za-z0-9+/]{40,}=*/g) ?? [];

const company = (roster: unknown) =>
  stringify({ authority: 'approve', roster, aws: { region: 'us-east-1' } });
const FILES: Readonly<Record<string, string>> = {
  'firebreak.yaml': company([{ email: IC, roles: ['incidentCommander'], keys: [keyOf(IC).publicKey] }]),
  'keyring.yaml': RING,
  'cert.pem': 'the certificate',
  'key.pem': 'the key',
};

function readFile(path: string): string {
  const content = FILES[path];
  if (content === undefined) throw new Error(`ENOENT ${path}`);
  return content;
}

const USUAL = { FIREBREAK_KEYRING_FILE: 'keyring.yaml' };
const read = (env: Record<string, string>) => readCodecServerConfig({ ...USUAL, ...env }, readFile);
function problemsOf(env: Record<string, string>): readonly string[] {
  const result = read(env);
  return result.ok ? [] : result.problems;
}

describe('readCodecServerConfig', () => {
  test('needs a keyring and a roster; everything else has a default', () => {
    const result = readCodecServerConfig(USUAL, readFile);
    expect(result).toMatchObject({
      ok: true,
      config: {
        host: '127.0.0.1',
        port: 8082,
        origins: ['http://127.0.0.1:8080', 'http://localhost:8080'],
        namespaces: ['default'],
        rosterPath: 'firebreak.yaml',
        enrolled: 1,
        keyring: { currentId: 'test' },
      },
    });
    expect(result.ok && result.config.tls).toBeFalsy();
  });

  test('takes the ring from the environment, and what is empty as not there', () => {
    const env = { FIREBREAK_KEYRING: RING, FIREBREAK_KEYRING_FILE: ' ', FIREBREAK_CODEC_PORT: '' };
    expect(read(env)).toMatchObject({ ok: true, config: { port: 8082 } });
  });

  test('takes a ring whose key is in a key service where there is one', () => {
    const ring = newKeyring('test', 'arn:aws:kms:us-east-1:123456789012:key/1234');
    const env = { FIREBREAK_KEYRING: ring, FIREBREAK_KEYRING_FILE: '' };
    expect(readCodecServerConfig(env, readFile, () => createLocalKey(Buffer.alloc(32))).ok).toBe(true);
    expect(readCodecServerConfig(env, readFile).ok).toBe(false);
  });

  test('takes a certificate, and with it an address that others reach', () => {
    const env = {
      FIREBREAK_CODEC_HOST: '0.0.0.0',
      FIREBREAK_CODEC_URL: 'https://codec.example.com:8082',
      FIREBREAK_CODEC_TLS_CERT: 'cert.pem',
      FIREBREAK_CODEC_TLS_KEY: 'key.pem',
      FIREBREAK_CODEC_ORIGINS: 'https://ui.example.com, https://ui.example.com:8443',
    };
    expect(read(env)).toMatchObject({
      ok: true,
      config: {
        tls: { cert: 'the certificate', key: 'the key' },
        origins: ['https://ui.example.com', 'https://ui.example.com:8443'],
      },
    });
  });

  test('lists everything that is wrong at once', () => {
    const problems = problemsOf({
      FIREBREAK_CONFIG: 'nowhere.yaml',
      FIREBREAK_KEYRING_FILE: 'nowhere.ring',
      FIREBREAK_CODEC_HOST: 'codec.example.com',
      FIREBREAK_CODEC_PORT: 'http',
      FIREBREAK_CODEC_ORIGINS: '*, http://ui.example.com',
      FIREBREAK_CODEC_URL: 'codec.example.com',
      FIREBREAK_CODEC_TLS_CERT: 'nowhere.pem',
      FIREBREAK_CODEC_BEHIND_LOOPBACK: 'true',
    });
    for (const named of [
      'nowhere.yaml',
      'FIREBREAK_KEYRING_FILE: nowhere.ring',
      'FIREBREAK_CODEC_HOST',
      'FIREBREAK_CODEC_PORT',
      'FIREBREAK_CODEC_ORIGINS: "*"',
      'FIREBREAK_CODEC_ORIGINS: "http://ui.example.com"',
      'FIREBREAK_CODEC_URL',
      'FIREBREAK_CODEC_TLS_CERT: nowhere.pem',
      'FIREBREAK_CODEC_BEHIND_LOOPBACK',
    ])
      expect(problems.filter((problem) => problem.includes(named))).toHaveLength(1);
    expect(problems).toHaveLength(9);
  });

  test.each([
    [{ FIREBREAK_CODEC_HOST: '0.0.0.0' }, /0\.0\.0\.0 is reached from other machines/],
    [{ FIREBREAK_CODEC_HOST: '::' }, /:: is reached from other machines/],
    [{ FIREBREAK_CODEC_TLS_CERT: 'cert.pem' }, /are needed together/],
    [{ FIREBREAK_CODEC_TLS_KEY: 'key.pem' }, /are needed together/],
    [{ FIREBREAK_CODEC_URL: 'https://codec.example.com' }, /begins with https/],
    [{ FIREBREAK_KEYRING_FILE: '' }, /"firebreak keyring new FILE"/],
  ])('refuses %j', (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });

  test('listens beyond loopback without a certificate only where somebody vouches for the way there', () => {
    const env = { FIREBREAK_CODEC_HOST: '0.0.0.0', FIREBREAK_CODEC_BEHIND_LOOPBACK: 'yes' };
    expect(read(env)).toMatchObject({ ok: true, config: { host: '0.0.0.0', behindLoopback: true } });
    expect(problemsOf({ ...env, FIREBREAK_CODEC_BEHIND_LOOPBACK: 'no' })).toHaveLength(1);
  });

  test('quotes no secret', () => {
    expect(SECRETS.length).toBeGreaterThan(1);
    const broken = RING.replace('current:', 'currant:');
    const all = problemsOf({ FIREBREAK_KEYRING: broken, FIREBREAK_KEYRING_FILE: '' }).join();
    expect(all).toContain('keyring: ');
    for (const secret of SECRETS) expect(all).not.toContain(secret);
  });
});

describe('the roster', () => {
  test('is read for people alone, and for the keys of doors', () => {
    const ic = { email: IC, roles: ['scribe'], keys: [keyOf(IC).publicKey], pagerduty: 'P0IC' };
    const counsel = { email: 'counsel@example.com', slack: 'U0COUNSEL', phone: '+1 555 0101' };
    const text = company([{ ...ic, services: ['web'] }, counsel]);
    expect(readRoster(text, 'f')).toEqual({ ok: true, people: [ic, counsel] });
    const doors = { pagerduty: [keyOf('door').publicKey] };
    expect(readRoster(stringify({ roster: [counsel], doors }), 'f')).toEqual({
      ok: true,
      people: [counsel],
      doors,
    });
  });

  test.each([
    ['{', 'f: not valid YAML'],
    ['a text', 'f: '],
    ['roster: []', 'f: roster: at least one'],
    ['roster: [{ email: ic }]', 'f: roster.0.email: an e-mail address is needed'],
    ['roster: [{ email: ic@example.com, keys: [ssh-rsa AAAA] }]', 'f: roster.0.keys.0: '],
  ])('is refused when it is %j', (text, problem) => {
    const result = readRoster(text, 'f');
    expect(result.ok ? [] : result.problems).toEqual([expect.stringContaining(problem)]);
  });

  test('is read again once the file has changed, and lets nobody in while it is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-codec-'));
    try {
      const path = join(folder, 'firebreak.yaml');
      const roster = watchRoster(path);
      const emails = () => roster().map(({ email }) => email);
      expect(emails).toThrow();
      writeFileSync(path, company([{ email: IC }]));
      expect(emails()).toEqual([IC]);
      expect(roster()).toBe(roster());
      // As an editor does: another file in its place, of the same size.
      writeFileSync(`${path}.new`, company([{ email: IC.replace('ic', 'ci') }]));
      renameSync(`${path}.new`, path);
      expect(emails()).toEqual(['ci@example.com']);
      writeFileSync(path, 'roster: [');
      expect(emails).toThrow();
      rmSync(path);
      expect(emails).toThrow();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('where it listens', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['::ffff:127.0.0.1', false],
    ['10.0.0.1', false],
    ['128.0.0.1', false],
  ])('%s without a certificate: %s', (host, may) => {
    expect(problemOfListening({ host }) === undefined).toBe(may);
  });

  test('a certificate needs the name that it is for', () => {
    const tls = { cert: '', key: '' };
    expect(problemOfListening({ host: '0.0.0.0', tls })).toMatch('FIREBREAK_CODEC_URL');
    expect(problemOfListening({ host: '0.0.0.0', tls, url: 'http://codec.example.com' })).toMatch('https://');
    expect(problemOfListening({ host: '0.0.0.0', tls, url: 'https://codec.example.com' })).toBeUndefined();
    expect(problemOfListening({ host: '127.0.0.1', tls })).toBeUndefined();
  });
});

describe('origins that may be let in', () => {
  test.each([
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'https://ui.example.com',
  ])('%s', (origin) => expect(problemOfOrigin(origin)).toBeUndefined());
  test.each([
    '*',
    'null',
    '',
    'ui.example.com',
    'http://127.0.0.1:8080/',
    'https://ui.example.com:443',
    'https://*.example.com',
    'https://UI.example.com',
    'https://a:b@ui.example.com',
    'file:///etc',
    'http://ui.example.com',
    'http://127.0.0.1.evil.example',
  ])('not %j', (origin) => expect(problemOfOrigin(origin)).toBeDefined());
});

describe('callerAt', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is %s', (address, caller) => expect(callerAt(address)).toBe(caller));

  test('one network of IPv6 is one caller, whichever of its addresses is used (property)', () => {
    const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(fc.tuple(group, group, group, group), fc.tuple(group, group, group, group), (net, host) => {
        expect(callerAt([...net, ...host].join(':'))).toBe(net.join(':'));
      }),
    );
    expect(callerAt(undefined)).toBe('unknown');
  });
});
