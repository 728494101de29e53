/** What arrives at the workflow's doors: who may decide is proven before anybody asks whether it may be decided. */
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { DECISION_NAMES, type Decision } from '../../domain/decisions';
import { readMessage, type Arrived } from '../../domain/trust/intake';
import { asked, unreadable, UNREADABLE_REASONS, type UnreadableReason } from '../../domain/trust/unreadable';
import { FORGERIES } from '../support/forgeries';
import { company, IC, MARKETING, ONE_OF_EACH, respond, THREE_AM } from '../support/incidents';
import { keyOf } from '../support/keys';
import { doorKey, messageOf } from '../support/messages';

const CODENAME = 'sapphire-unicorn';

function read(raw: unknown, taken: readonly string[] = [], ours = company()): Arrived {
  return readMessage(raw, {
    codename: CODENAME,
    company: ours,
    at: THREE_AM,
    crypto: NODE_CRYPTO,
    isTaken: (nonce) => taken.includes(nonce),
  });
}

const gateOf = (arrived: Arrived) =>
  arrived.kind === 'untrusted' ? arrived.why.reasons[0]?.gate : arrived.kind;

test('one of each decision is at hand', () => {
  expect(new Set(ONE_OF_EACH.map(({ name }) => name))).toEqual(new Set(DECISION_NAMES));
  expect(FORGERIES.length).toBeGreaterThanOrEqual(12);
});

test.each(ONE_OF_EACH.map((decision) => [decision.name, decision] as const))(
  'a %s is taken with its signature, once, and in no forged form',
  (_name, decision) => {
    const message = messageOf(CODENAME, decision, THREE_AM);
    const proven = read(message);
    expect(proven).toMatchObject({ kind: 'proven', decision: { name: decision.name, by: decision.by } });
    expect(gateOf(read(message, [message.proof?.nonce ?? '']))).toBe('isNew');
    for (const { name, gate, forge } of FORGERIES)
      expect([name, gateOf(read(forge(CODENAME, decision, THREE_AM)))]).toEqual([name, gate]);
  },
);

test('a key that was taken from the roster signs no longer', () => {
  const roster = company().roster.map(({ keys: _keys, ...person }) => person);
  const message = messageOf(CODENAME, respond(), THREE_AM);
  expect(gateOf(read(message, [], company({ roster })))).toBe('signatureHolds');
});

test('addresses are compared without case, and taken as the roster spells them', () => {
  const arrived = read(messageOf(CODENAME, { ...respond(), by: 'IC@Example.COM' }, THREE_AM));
  expect(arrived).toMatchObject({ kind: 'proven', decision: { by: IC } });
});

test('a door signs for the people that it has checked, with a key of its own', () => {
  const decision: Decision = { ...respond(), door: 'slack' };
  const message = messageOf(CODENAME, decision, THREE_AM);
  expect(gateOf(read(message))).toBe('signatureHolds');
  const doors = { slack: [keyOf(doorKey('slack')).publicKey] };
  expect(read(message, [], company({ doors }))).toMatchObject({
    kind: 'proven',
    decision: { door: 'slack' },
  });
  // Its key is good for that door alone.
  const posing = { ...message, door: 'command line' };
  expect(gateOf(read(posing, [], company({ doors })))).toBe('signatureHolds');
});

test.each(Object.keys(UNREADABLE_REASONS) as UnreadableReason[])(
  'what is unreadable (%s) is no decision',
  (reason) => {
    const arrived = read(unreadable(reason));
    expect(arrived).toMatchObject({
      kind: 'untrusted',
      why: {
        key: `unreadable.${reason}`,
        reasons: [{ gate: 'messageIsSealed', reason: UNREADABLE_REASONS[reason] }],
      },
    });
  },
);

test('what comes through the Web UI is a request of whoever was signed in, whatever it says', () => {
  const { decision, by: _by, ...content } = messageOf(CODENAME, respond(), THREE_AM);
  const value = { ...content, decision, by: IC };
  expect(read(asked({ by: MARKETING, value }))).toMatchObject({
    kind: 'asked',
    by: MARKETING,
    decision: { name: 'determine', by: MARKETING, door: 'temporal' },
  });
  expect(read(asked({ by: MARKETING, value }))).not.toHaveProperty('decision.proof');
  for (const nothing of [null, 'yes', [], {}, { decision: 'constructor' }])
    expect(gateOf(read(asked({ by: MARKETING, value: nothing })))).toBe('isWellFormed');
});
