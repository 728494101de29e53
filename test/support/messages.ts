/** What people of tests send: signed with their own keys, as the command line does it. */
import type { Decision, DecisionMessage, Door } from '../../domain/decisions';
import type { Declaration } from '../../domain/incident';
import { NAMESPACES, statementOf } from '../../domain/trust/proof';
import { keyOf } from './keys';

/** Signed by whoever declares, as the command line does it; one that brings a proof of its own is left as it is. */
export function signedDeclaration(
  codename: string,
  content: Omit<Declaration, 'codename' | 'at'>,
): Omit<Declaration, 'codename' | 'at'> {
  if (content.proof) return content;
  const made = { nonce: nextNonce(), at: Date.now() };
  const statement = statementOf(codename, 'declare', { ...content }, made);
  return { ...content, proof: proofBy(content.by, NAMESPACES.declaration, statement, made) };
}

let nonces = 0;
const session = Math.random().toString(36).slice(2).padEnd(12, '0');

function nextNonce(): string {
  nonces += 1;
  return `${session}-${String(nonces).padStart(8, '0')}`;
}

function proofBy(who: string, namespace: string, statement: string, made: { nonce: string; at: number }) {
  const { publicKey, sign } = keyOf(who);
  return { key: publicKey, signature: sign(namespace, statement), ...made };
}

/** Whose key a door signs with. */
export const doorKey = (door: Door) => `${door} door`;

/** A decision as it goes over the wire, signed by its person, or by its door. `at` is when it was signed. */
export function messageOf(codename: string, decision: Decision, at = Date.now()): DecisionMessage {
  const { name, proof, ...given } = decision;
  const content = { door: 'command line', ...given } as const;
  const made = { nonce: nextNonce(), at };
  const statement = statementOf(codename, name, content, made);
  const who = content.door === 'command line' ? content.by : doorKey(content.door);
  return {
    decision: name,
    ...content,
    proof: proof ?? proofBy(who, NAMESPACES.decision, statement, made),
  };
}
