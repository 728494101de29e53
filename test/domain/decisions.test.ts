import { TASK_IDS } from '../../domain/checklist';
import {
  DECISION_NAMES,
  DECISIONS,
  parseDecision,
  parseMessage,
  type DecisionName,
} from '../../domain/decisions';
import { close, IC, INSTANCE, ONE_OF_EACH, THREE_AM } from '../support/incidents';
import { messageOf } from '../support/messages';

const { proof } = messageOf('sapphire-unicorn', close(), THREE_AM);

function problemsOf(name: DecisionName, raw: unknown): string[] {
  const parsed = parseDecision(name, raw);
  return parsed.ok ? [] : parsed.problems;
}

describe('reading a decision', () => {
  test('keeps its fields, and names it', () => {
    const raw = { by: IC, tasks: ['findQueries'], note: 'none ran', door: 'slack', proof };
    expect(parseDecision('completeTasks', raw)).toEqual({
      ok: true,
      decision: { name: 'completeTasks', ...raw },
    });
  });

  test('leaves optional fields out, also where they are null', () => {
    expect(parseDecision('close', { by: IC, note: null, door: undefined, proof: null })).toEqual({
      ok: true,
      decision: { name: 'close', by: IC },
    });
  });

  test('goes by the name under which it arrived, whatever name it gives itself', () => {
    expect(parseDecision('close', { by: IC, name: 'approve' })).toEqual({
      ok: true,
      decision: { name: 'close', by: IC },
    });
  });

  test.each(DECISION_NAMES)('%s lists every field that is missing', (name) => {
    const required = Object.entries(DECISIONS[name].fields)
      .filter(([, type]) => !type.endsWith('?'))
      .map(([field]) => `${field}: missing`);
    expect(problemsOf(name, {})).toEqual(['by: missing', ...required]);
  });

  test.each(DECISION_NAMES)('%s says what it does to whoever sends it', (name) => {
    expect(DECISIONS[name].description).toMatch(/^[A-Z].*\.$/s);
  });

  test.each([null, undefined, [], ['close'], 'close', 7, true, NaN, () => undefined, Symbol('close')])(
    'answers %p with the fields that are needed',
    (raw) => {
      expect(problemsOf('close', raw)).toEqual(['close: one object is needed, with the fields by, note']);
    },
  );

  test('lists several problems at once', () => {
    expect(
      problemsOf('assignTask', { by: 'nobody', task: 'findNothing', to: 7, door: 'window', urgent: true }),
    ).toEqual([
      'by: an e-mail address is needed',
      'door: no door of that name',
      'task: no task of that name',
      'to: an e-mail address is needed',
      'urgent: unknown field',
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('knows no field %s', (field) => {
    const raw = JSON.parse(`{"by":"${IC}","${field}":{"polluted":true}}`);
    expect(problemsOf('close', raw)).toEqual([`${field}: unknown field`]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'toString', ''])('knows no task, step or finding %p', (id) => {
    expect(problemsOf('failTask', { by: IC, task: id, cause: 'x' })).toEqual(['task: no task of that name']);
    expect(problemsOf('withhold', { by: IC, step: id, reason: 'x' })).toEqual(['step: no step of that name']);
    expect(problemsOf('recordFinding', { by: IC, finding: id, grounds: 'x' })).toEqual([
      'finding: no finding of that name',
    ]);
    expect(problemsOf('widenScope', { by: IC, what: id, which: 'x' })).toEqual([
      'what: no kind of scope of that name',
    ]);
  });

  test('cuts the name of an unknown field', () => {
    expect(problemsOf('close', { by: IC, ['x'.repeat(5_000)]: 1 })).toEqual([
      `${'x'.repeat(40)}…: unknown field`,
    ]);
  });

  test.each<[DecisionName, string, Record<string, unknown>, string]>([
    ['close', 'a note of 4,001 characters', { note: 'x'.repeat(4_001) }, 'note: at most 4000 characters'],
    ['close', 'a note that is a number', { note: 7 }, 'note: a text is needed'],
    ['close', 'a note of white space', { note: ' \n\t' }, 'note: a text is needed'],
    ['close', 'an address without an @', { by: 'ic' }, 'by: an e-mail address is needed'],
    ['close', 'an address with white space', { by: 'ic @example.com' }, 'by: an e-mail address is needed'],
    ['close', 'an address of two lines', { by: 'ic@example.com\nx' }, 'by: an e-mail address is needed'],
    ['close', 'an address of 255 characters', { by: `${'x'.repeat(243)}@example.com` }, 'by: an e-mail'],
    ['close', 'a door of that does not exist', { door: 'window' }, 'door: no door of that name'],
    ['close', 'a key of its sender, which proves nothing', { id: 'key-1' }, 'id: unknown field'],
    ['close', 'a proof that is a text', { proof: 'signed' }, 'proof: a proof is needed'],
    ['close', 'a proof that is a list', { proof: [] }, 'proof: a proof has the fields at, key, nonce, sig'],
    ['close', 'a proof without a nonce', { proof: { ...proof, nonce: undefined } }, 'proof: nonce: 16 to 64'],
    ['close', 'a proof with a short nonce', { proof: { ...proof, nonce: 'x' } }, 'proof: nonce: 16 to 64'],
    ['close', 'a proof with more in it', { proof: { ...proof, by: IC } }, 'each of them and no other'],
    ['close', 'a proof of no time', { proof: { ...proof, at: NaN } }, 'proof: at: milliseconds'],
    [
      'close',
      'a proof with another spelling',
      { proof: { ...proof, key: `${proof?.key} x` } },
      'proof: key:',
    ],
    ['close', 'a proof without an SSHSIG', { proof: { ...proof, signature: 'AAAA' } }, 'proof: signature: '],
    ['confirm', 'a request of 257 characters', { request: 'x'.repeat(257) }, 'request: at most 256'],
    ['renewKeys', 'a reason of white space', { reason: ' ' }, 'reason: a text is needed'],
    ['approve', 'a request of 257 characters', { request: 'x'.repeat(257) }, 'request: at most 256'],
    ['approve', 'a request that is an object', { request: {} }, 'request: a text is needed'],
    ['completeTasks', 'no task', { tasks: [] }, 'tasks: a list of tasks is needed'],
    ['completeTasks', 'one task that is no list', { tasks: 'findQueries' }, 'tasks: a list of tasks'],
    ['completeTasks', 'an unknown task', { tasks: ['findQueries', 'x'] }, 'tasks: no task of that name'],
    [
      'completeTasks',
      'a task in a list of its own',
      { tasks: [['findQueries']] },
      'tasks: no task of that name',
    ],
    [
      'completeTasks',
      'more tasks than there are',
      { tasks: [...TASK_IDS, 'findQueries'] },
      'tasks: more tasks than there are',
    ],
    ['determine', 'an undecided determination', { determination: 'perhaps' }, 'respond or stand-down'],
    [
      'orderStop',
      'an instance of another cloud',
      { instance: 'vm-17' },
      'instance: instance: "vm-17" is not',
    ],
    ['orderStop', 'an instance that is a number', { instance: 7 }, 'instance: an instance id is needed'],
    [
      'widenScope',
      'an instance of another cloud',
      { what: 'instance', which: 'vm-17' },
      'is not an instance id',
    ],
    [
      'widenScope',
      'an address that is a name',
      { what: 'address', which: 'example.com' },
      'is not an IP address',
    ],
    ['submitNote', 'a day that there is not', { followUp: '2026-02-30' }, 'followUp: a day is needed'],
    ['submitNote', 'a day in other words', { followUp: '27 November 2026' }, 'followUp: a day is needed'],
    ['submitNote', 'a note of 64,001 characters', { text: 'x'.repeat(64_001) }, 'text: at most 64000'],
    ['send', 'nobody', { to: [] }, 'to: a list of recipients is needed'],
    ['send', 'one that is no list', { to: IC }, 'to: a list of recipients is needed'],
    ['send', 'a recipient that is a number', { cc: [7] }, 'cc: a text is needed'],
    ['send', 'a recipient of 321 characters', { bcc: ['x'.repeat(321)] }, 'bcc: at most 320'],
    ['send', 'a mailing list', { to: Array.from({ length: 51 }, () => IC) }, 'to: at most 50 recipients'],
    ['send', 'a subject', { subject: 'We were attacked' }, 'subject: unknown field'],
    ['send', 'a pack for nobody', { pack: 'customer' }, 'pack: no contact of that name'],
    ['send', 'a pack for what every object has', { pack: 'constructor' }, 'pack: no contact of that name'],
    [
      'sendSms',
      'a text of its own, with the sentence of the checklist',
      { text: 'We were attacked' },
      'one of the fixed texts is needed: joinSlack, joinCall, checkPager. "Do not use SMS to communicate',
    ],
    ['sendSms', 'the words of a fixed text', { text: 'Please join Slack ASAP' }, 'one of the fixed texts'],
    ['sendSms', 'what every object has', { text: 'toString' }, 'one of the fixed texts'],
    ['sendSms', 'a telephone number', { person: '+1 555 0150' }, 'person: an e-mail address is needed'],
    ['addContact', 'an id with a space', { id: 'field office' }, 'id: letters, digits and hyphens'],
    ['addContact', 'an id that begins with a hyphen', { id: '-x' }, 'id: letters, digits and hyphens'],
    ['addContact', 'an id with a slash', { id: 'fbi/agent' }, 'id: letters, digits and hyphens'],
    ['addContact', 'an id of 65 characters', { id: 'x'.repeat(65) }, 'at most 64'],
    ['addContact', 'a kind that there is not', { kind: 'press' }, 'externalParties, customer is needed'],
    ['addContact', 'a disclosure in the clear', { disclosure: 'http://x.example/' }, 'begins with https://'],
    ['addContact', 'a disclosure that runs', { disclosure: 'javascript:1' }, 'begins with https://'],
    ['logContact', 'a day without a zero', { next: '2026-11-7' }, 'next: a day is needed'],
    ['reachCustomer', 'an outcome in between', { outcome: 'perhaps' }, 'outcome: reached or notReached'],
    ['releaseStatement', 'another reader', { to: 'press' }, 'to: customers or public'],
    ['retrySend', 'an id with a path in it', { message: '../message-1' }, 'message: letters, digits'],
    ['setAwareness', 'a time without a zone', { at: '2026-11-24T03:00:00' }, 'a moment with its zone'],
    ['setAwareness', 'a day that there is not', { at: '2026-11-31T03:00:00Z' }, 'a moment with its zone'],
    ['setAwareness', 'an hour that there is not', { at: '2026-11-24T25:00:00Z' }, 'a moment with its zone'],
    ['submitStatement', 'a statement of 64,001 characters', { text: 'x'.repeat(64_001) }, 'at most 64000'],
  ])('%s refuses %s', (name, _, fields, problem) => {
    const whole: Partial<Record<DecisionName, Record<string, unknown>>> = {
      approve: { request: 'contact:fbi' },
      completeTasks: { tasks: ['findQueries'] },
      determine: { determination: 'respond', reason: 'x' },
      orderStop: { instance: INSTANCE, reason: 'x' },
      submitNote: { text: 'x', followUp: '2026-11-27' },
      send: { to: [IC], text: 'x' },
      sendSms: { person: IC, text: 'joinSlack' },
      addContact: { id: 'x', kind: 'fbi', called: 'x' },
      logContact: { party: 'x', spokeWith: 'x', about: 'x' },
      reachCustomer: { party: 'x', outcome: 'reached', how: 'x' },
      releaseStatement: { to: 'public' },
      retrySend: { message: 'message-1' },
      setAwareness: { at: '2026-11-24T03:00Z', reason: 'x' },
    };
    expect(problemsOf(name, { by: IC, ...whole[name], ...fields })).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  test.each([
    ['instance', 'i-0abc1234'],
    ['instance', INSTANCE],
    ['address', '192.0.2.7'],
    ['address', '2001:db8::/32'],
    ['identity', 'arn:aws:iam::123456789012:user/deploy'],
    ['service', 'payments'],
    ['account', 'Example Mail'],
  ])('takes %s %s into the scope', (what, which) => {
    expect(problemsOf('widenScope', { by: IC, what, which })).toEqual([]);
  });

  test.each(['2026-11-24T03:05Z', '2026-11-24T03:05:06.789Z', '2026-02-28T23:59:59+14:00'])(
    'takes the moment %s',
    (at) => {
      expect(problemsOf('setAwareness', { by: IC, at, reason: 'x' })).toEqual([]);
    },
  );
});

describe('reading a message', () => {
  test.each(ONE_OF_EACH.map((decision) => [decision.name, decision] as const))(
    'gives back the %s that was sent, with its proof',
    (name, decision) => {
      const message = messageOf('sapphire-unicorn', decision, THREE_AM);
      const { decision: _name, ...content } = message;
      expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual({
        name,
        parsed: { ok: true, decision: { name, ...content } },
      });
    },
  );

  test('names the decision whose fields are wrong', () => {
    expect(parseMessage({ decision: 'close', by: 'ic' })).toEqual({
      name: 'close',
      parsed: { ok: false, problems: ['by: an e-mail address is needed'] },
    });
  });

  test.each([null, undefined, [], 'close', 7, NaN, () => undefined, Symbol('close')])(
    'answers %p with the field that is needed',
    (raw) => {
      expect(parseMessage(raw)).toEqual({
        parsed: { ok: false, problems: ['one object is needed, with the field decision'] },
      });
    },
  );

  test.each(['__proto__', 'constructor', 'toString', '', 'determine ', undefined, null, 7, ['close'], {}])(
    'knows no decision %p, whatever else is in it',
    (decision) => {
      const { name, parsed } = parseMessage({ decision, name: 'close', by: IC });
      expect(name).toBeUndefined();
      expect(parsed).toEqual({
        ok: false,
        problems: [`decision: one of ${DECISION_NAMES.join(', ')} is needed`],
      });
    },
  );

  test('takes the name from one field alone', () => {
    const raw = JSON.parse(`{"__proto__":{"decision":"close"},"by":"${IC}"}`);
    expect(parseMessage(raw).name).toBeUndefined();
    expect(parseMessage({ decision: 'close', name: 'approve', by: IC })).toEqual({
      name: 'close',
      parsed: { ok: true, decision: { name: 'close', by: IC } },
    });
  });
});
