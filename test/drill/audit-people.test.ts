import { people } from '../../drill/audit-people';
import type { Records } from '../../drill/records';
import type { Call } from '../../drill/stand-ins/recording-proxy';
import type { Delivery } from '../../drill/stand-ins/slack';

const CODENAME = 'sapphire-unicorn';
const SUSPECT = 'suspect@example.com';

function call(at: number, name: string, fields: Record<string, string>, answer = '{"ok":true}'): Call {
  const body = new URLSearchParams(fields).toString();
  return { at, name, method: 'POST', path: '/', body, answer, status: 200, effectStatus: 200 };
}

/** Somebody is excluded at 10, and out of the room at 11. */
function judged(
  more: {
    slack?: Call[];
    pagerduty?: Call[];
    rung?: object[];
    deliveries?: object[];
    entries?: object[];
  } = {},
): string[] {
  const calls = [
    call(1, 'conversations.invite', { channel: 'C1', users: 'UIC,USUSPECT' }),
    call(2, 'chat.postMessage', { channel: 'C1', text: 'for both' }),
    call(3, 'conversations.open', { users: 'USUSPECT' }, '{"ok":true,"channel":{"id":"D1"}}'),
    call(4, 'chat.postMessage', { channel: 'C9', text: CODENAME }),
    call(11, 'conversations.kick', { channel: 'C1', user: 'USUSPECT' }),
    call(12, 'chat.postMessage', { channel: 'C1', text: 'for those who are left' }),
    ...(more.slack ?? []),
  ].sort((a, b) => a.at - b.at);
  return people({
    codename: CODENAME,
    entries: more.entries ?? [{ seq: 1, kind: 'decision', by: 'ic@example.com', door: 'slack' }],
    expected: { door: 'slack' },
    checklist: {
      people: [{ email: SUSPECT, roles: ['scribe'], excluded: { at: 10, by: 'ic', reason: '' } }],
    },
    slack: { calls, room: { members: ['ic@example.com'] } },
    pagerduty: { calls: more.pagerduty ?? [] },
    people: {
      idOf: (email: string) => (email === SUSPECT ? 'USUSPECT' : 'UIC'),
      pagerIdOf: () => 'PSUSPECT',
      deliveries: more.deliveries ?? [],
      rooms: ['C1'],
      direct: ['D1'],
      rung: more.rung ?? [],
    },
  } as unknown as Records);
}

const delivery = (fields: Partial<Delivery>) => ({
  type: 'interactive',
  acknowledged: true,
  tookMs: 20,
  payload: {},
  ...fields,
});

test('a room that goes on without the excluded one breaks no rule', () => {
  expect(judged({ deliveries: [delivery({})] })).toEqual([]);
});

test.each([
  ['an invitation', { slack: [call(13, 'conversations.invite', { channel: 'C2', users: 'USUSPECT' })] }],
  [
    'a message before they were out',
    { slack: [call(10.5, 'chat.postMessage', { channel: 'C1', text: 'x' })] },
  ],
  ['a message that was changed', { slack: [call(10.5, 'chat.update', { channel: 'C1', text: 'x' })] }],
  ['a direct message', { slack: [call(13, 'chat.postMessage', { channel: 'D1', text: 'x' })] }],
  ['a call', { rung: [{ at: 13, email: SUSPECT }] }],
  [
    'a page',
    { pagerduty: [{ ...call(13, 'incidents.update', {}), body: '{"assignee":{"id":"PSUSPECT"}}' }] },
  ],
])('%s after the exclusion is found', (_, more) => {
  expect(judged(more)).toEqual([expect.stringContaining(SUSPECT)]);
});

test('more than the codename in public, a late answer and another door are found', () => {
  expect(
    judged({ slack: [call(5, 'chat.postMessage', { channel: 'C9', text: `${CODENAME} it burns` })] }),
  ).toEqual(['a message went elsewhere than into the room, and says more than the codename']);
  expect(judged({ deliveries: [delivery({ tookMs: 3_000 })] })).toHaveLength(1);
  expect(judged({ deliveries: [delivery({ acknowledged: false })] })).toHaveLength(1);
  const entry = { seq: 1, kind: 'decision', by: 'ic@example.com', decision: 'determine' };
  expect(judged({ entries: [{ ...entry, door: 'command line' }] })).toHaveLength(1);
  expect(judged({ entries: [{ ...entry, door: 'pagerduty' }] })).toHaveLength(1);
  expect(judged({ entries: [{ ...entry, door: 'pagerduty', decision: 'acknowledge' }] })).toEqual([]);
});
