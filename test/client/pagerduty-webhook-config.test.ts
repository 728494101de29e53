import { stringify } from 'yaml';
import { readWebhookConfig } from '../../client/pagerduty-webhook/config';
import { createSeen } from '../../client/pagerduty-webhook/seen';
import { keyOf } from '../support/keys';

const DOOR = keyOf('door').publicKey;
const SECRET = 'the-secret-of-the-subscription';
const ROSTER = [{ email: 'ic@example.com', pagerduty: 'P0IC' }, { email: 'web@example.com' }];
const USUAL = {
  FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: SECRET,
  FIREBREAK_PAGERDUTY_DOOR_KEY: '/run/secrets/door',
};

let file: unknown;
beforeEach(() => {
  file = { roster: ROSTER, doors: { pagerduty: [DOOR] }, aws: { region: 'us-east-1' } };
});

const read = (env: Record<string, string | undefined> = {}) =>
  readWebhookConfig({ ...USUAL, ...env }, (path) => {
    if (path !== 'firebreak.yaml') throw new Error(`ENOENT ${path}`);
    return typeof file === 'string' ? file : stringify(file);
  });
function problemsOf(env: Record<string, string | undefined> = {}): readonly string[] {
  const result = read(env);
  return result.ok ? [] : result.problems;
}

test('listens on loopback, and takes several secrets', () => {
  expect(read({ FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: `${SECRET}, another-secret-for-later` })).toEqual({
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 8083,
      secrets: [SECRET, 'another-secret-for-later'],
      keyFile: '/run/secrets/door',
      enrolled: [DOOR],
      rosterPath: 'firebreak.yaml',
      known: 1,
    },
  });
  expect(read({ FIREBREAK_WEBHOOK_HOST: '0.0.0.0', FIREBREAK_WEBHOOK_PORT: '9000' })).toMatchObject({
    config: { host: '0.0.0.0', port: 9000 },
  });
});

test.each<[string, Record<string, string | undefined>, RegExp]>([
  ['no secret', { FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: ' ' }, /WEBHOOK_SECRET: missing: .*docs\/paging\.md/],
  ['a short secret', { FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: `${SECRET},short` }, /at least 16 characters/],
  ['an empty one among several', { FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: `${SECRET},` }, /at least 16/],
  ['no key', { FIREBREAK_PAGERDUTY_DOOR_KEY: undefined }, /DOOR_KEY: missing: name the file.*ssh-keygen/],
  ['a name for an address', { FIREBREAK_WEBHOOK_HOST: 'example.com' }, /WEBHOOK_HOST: an address/],
  ['a port that is none', { FIREBREAK_WEBHOOK_PORT: '70000' }, /WEBHOOK_PORT: /],
  ['no file', { FIREBREAK_CONFIG: 'nowhere.yaml' }, /^nowhere\.yaml: can't be read/],
])('refuses %s', (_, env, problem) => {
  const problems = problemsOf(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
  expect(problems.join()).not.toContain(SECRET);
});

test.each<[string, unknown, RegExp]>([
  ['no door', { roster: ROSTER }, /doors\.pagerduty: missing: write the public half/],
  ["another door's key alone", { roster: ROSTER, doors: { slack: [DOOR] } }, /doors\.pagerduty: missing/],
  ['a key that is none', { roster: ROSTER, doors: { pagerduty: ['ssh-rsa AAAA'] } }, /doors\.pagerduty\.0: /],
  ['no roster', { doors: { pagerduty: [DOOR] } }, /roster: /],
  ['what is no YAML', '{', /not valid YAML/],
])('refuses a company with %s', (_, content, problem) => {
  file = content;
  expect(problemsOf().join('\n')).toMatch(problem);
});

test('lists everything that is wrong at once', () => {
  file = { roster: [] };
  const env = { FIREBREAK_WEBHOOK_PORT: 'x', FIREBREAK_PAGERDUTY_DOOR_KEY: '' };
  expect(problemsOf({ ...env, FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: '' })).toHaveLength(4);
});

describe('what was seen', () => {
  test('is known for its time, and forgotten after it', () => {
    let now = 0;
    const seen = createSeen(1_000, () => now);
    seen.add('a');
    now = 900;
    seen.add('b');
    expect(['a', 'b', 'c'].map((id) => seen.has(id))).toEqual([true, true, false]);
    now = 1_500;
    seen.add('c');
    expect(['a', 'b', 'c'].map((id) => seen.has(id))).toEqual([false, true, true]);
  });

  test('does not grow without end', () => {
    const seen = createSeen(1_000, () => 0);
    for (let id = 0; id < 20_000; id += 1) seen.add(String(id));
    expect(seen.has('19999')).toBe(true);
    expect(seen.has('9999')).toBe(false);
  });
});
