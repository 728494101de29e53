/** Decisions that nobody took, as somebody would forge them who can send whatever they like to the workflow. */
import type { Decision, DecisionMessage, Door } from '../../domain/decisions';
import { FRESH_FOR_MS, NAMESPACES, statementOf, type Proof } from '../../domain/trust/proof';
import { IC, SECURITY, STRANGER } from './incidents';
import { keyOf } from './keys';

export interface Forgery {
  readonly name: string;
  /** Under which it has to be refused. */
  readonly gate: string;
  /** `at` is now, in milliseconds since the epoch. */
  forge(codename: string, decision: Decision, at: number): unknown;
}

let nonces = 0;

interface Changes {
  readonly signer?: string;
  readonly incident?: string;
  readonly namespace?: string;
  readonly at?: number;
  readonly decision?: string;
  readonly content?: object;
  readonly proof?: object;
}

/** A decision that is signed otherwise than it says. */
function signed(
  codename: string,
  { name, ...given }: Decision,
  now: number,
  changes: Changes,
): DecisionMessage {
  nonces += 1;
  const { by } = given;
  const made = { nonce: `forged-${String(nonces).padStart(16, '0')}`, at: changes.at ?? now };
  const content = { door: 'command line' as Door, ...given };
  const { publicKey, sign } = keyOf(changes.signer ?? by);
  const statement = statementOf(changes.incident ?? codename, changes.decision ?? name, content, made);
  const proof: Proof = {
    key: publicKey,
    signature: sign(changes.namespace ?? NAMESPACES.decision, statement),
    ...made,
  };
  return {
    decision: name,
    ...content,
    ...changes.content,
    proof: { ...proof, ...changes.proof },
  };
}

const other = (email: string) => (email === IC ? SECURITY : IC);

export const FORGERIES: readonly Forgery[] = [
  {
    name: 'without a signature',
    gate: 'isSigned',
    forge: (_, { name, ...content }) => ({ decision: name, ...content }),
  },
  {
    name: "signed with another responder's key",
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { signer: other(decision.by) }),
  },
  {
    name: 'signed with a key that nobody has enrolled',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { signer: 'nobody' }),
  },
  {
    name: "signed with the person's key for another incident",
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { incident: 'copper-heron' }),
  },
  {
    name: 'signed as another decision',
    gate: 'signatureHolds',
    forge: (codename, decision, at) =>
      signed(codename, decision, at, { decision: decision.name === 'close' ? 'determine' : 'close' }),
  },
  {
    name: 'with its sender changed after it was signed',
    gate: 'signatureHolds',
    forge: (codename, decision, at) =>
      signed(codename, decision, at, { content: { by: other(decision.by) } }),
  },
  {
    name: 'with its door changed after it was signed',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { content: { door: 'slack' } }),
  },
  {
    name: 'with a field changed after it was signed',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { content: changedField(decision) }),
  },
  {
    name: 'signed too long ago',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { at: at - FRESH_FOR_MS - 60_000 }),
  },
  {
    name: 'signed in the future',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { at: at + 3_600_000 }),
  },
  {
    name: 'signed long ago, with its time changed',
    gate: 'signatureHolds',
    forge: (codename, decision, at) =>
      signed(codename, decision, at, { at: at - 2 * FRESH_FOR_MS, proof: { at } }),
  },
  {
    name: 'with another nonce than was signed',
    gate: 'signatureHolds',
    forge: (codename, decision, at) =>
      signed(codename, decision, at, { proof: { nonce: `changed-${String(nonces).padStart(16, '0')}` } }),
  },
  {
    name: 'signed for another purpose',
    gate: 'signatureHolds',
    forge: (codename, decision, at) => signed(codename, decision, at, { namespace: NAMESPACES.token }),
  },
  {
    name: 'with one bit of its signature changed',
    gate: 'signatureHolds',
    forge(codename, decision, at) {
      const message = signed(codename, decision, at, {});
      const bytes = Buffer.from(message.proof?.signature ?? '', 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return { ...message, proof: { ...message.proof, signature: bytes.toString('base64') } };
    },
  },
  {
    name: "with the person's key named over another's signature",
    gate: 'signatureHolds',
    forge: (codename, decision, at) =>
      signed(codename, decision, at, {
        signer: 'nobody',
        proof: { key: keyOf(decision.by).publicKey },
      }),
  },
  {
    name: 'signed by somebody who is not on the roster',
    gate: 'senderIsOnTheRoster',
    forge: (codename, decision, at) => signed(codename, { ...decision, by: STRANGER }, at, {}),
  },
  {
    name: 'with something that is no proof',
    gate: 'isWellFormed',
    forge: (codename, decision, at) => ({ ...signed(codename, decision, at, {}), proof: [null] }),
  },
];

/** The first text in it, or where there is none the note. Where there is nothing in it at all, the door. */
function changedField(decision: Decision): object {
  const { name, by: _by, door: _door, proof: _proof, ...fields } = decision;
  // Of some texts there are few.
  if (decision.name === 'sendSms') return { text: decision.text === 'joinCall' ? 'joinSlack' : 'joinCall' };
  if (decision.name === 'releaseStatement') return { to: decision.to === 'public' ? 'customers' : 'public' };
  const grounds = ['reason', 'grounds', 'note', 'cause', 'text', 'item', 'called', 'about', 'how'].find(
    (one) => one in fields,
  );
  if (grounds !== undefined) return { [grounds]: 'something else' };
  if ('to' in fields) return { to: 'scribe@example.com' };
  if ('request' in fields) return { request: 'contact:fbi' };
  if ('message' in fields) return { message: 'message-99' };
  if ('which' in fields) return { which: '198.51.100.9', what: 'address' };
  if ('person' in fields) return { person: 'scribe@example.com' };
  if ('reminders' in fields) return { reminders: 1 };
  if (Object.keys(fields).length === 0 && name !== 'close') return { door: 'pagerduty' };
  if ('task' in fields) return { task: 'findActions' };
  return 'outcome' in fields ? { outcome: 'no-account' } : { note: 'something else' };
}
