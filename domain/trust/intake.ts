/**
 * What arrives at the workflow's doors, made into a decision with a proof, a request without one, or a refusal. Total: it
 * answers, whatever it is given. Deterministic: it is asked again on each replay.
 */
import type { Company } from '../company';
import { parseMessage, type Decision, type DecisionName } from '../decisions';
import type { Blocker } from '../gates';
import { addressOnRoster } from '../roles';
import { problemOfProof } from './check';
import { NAMESPACES, statementOf, type Crypto, type Proof } from './proof';
import { askedOf, UNREADABLE_REASONS, unreadableReasonOf } from './unreadable';

export type ProvenDecision = Decision & { readonly proof: Proof };

/** A message that proves nothing. Whom it names did not necessarily send it. */
export interface Untrusted {
  /** Those with the same key are counted together. */
  readonly key: string;
  /** As words after "tried to". */
  readonly text: string;
  readonly decision?: DecisionName;
  readonly reasons: readonly Blocker[];
}

export type Arrived =
  | { readonly kind: 'proven'; readonly decision: ProvenDecision }
  | { readonly kind: 'asked'; readonly by: string; readonly decision: Decision }
  | { readonly kind: 'untrusted'; readonly why: Untrusted };

export interface Surroundings {
  readonly codename: string;
  readonly company: Company;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly crypto: Crypto;
  /** Whether a decision with this nonce was taken before. */
  isTaken(nonce: string): boolean;
}

export function readMessage(raw: unknown, around: Surroundings): Arrived {
  const unreadable = unreadableReasonOf(raw);
  if (unreadable !== undefined)
    return untrusted(`unreadable.${unreadable}`, 'send a message that could not be read', undefined, [
      { gate: 'messageIsSealed', reason: UNREADABLE_REASONS[unreadable] },
    ]);
  const request = askedOf(raw);
  if (request) return readRequest(request.by, request.value);
  const { name, parsed } = parseMessage(raw);
  if (!parsed.ok) return malformed(name, parsed.problems);
  const { decision } = parsed;
  const claim = `send a ${decision.name} in the name of ${decision.by}`;
  if (decision.proof === undefined)
    return untrusted('unsigned', claim, name, [
      {
        gate: 'isSigned',
        reason: 'it is not signed: send it with firebreak, which signs with your SSH key, or with Slack',
      },
    ]);
  return readProof({ ...decision, proof: decision.proof }, claim, around);
}

function readProof(decision: ProvenDecision, claim: string, around: Surroundings): Arrived {
  const { codename, company, at, crypto } = around;
  const { name, proof, ...content } = decision;
  const wrong = (key: string, gate: string, reason: string) =>
    untrusted(key, claim, name, [{ gate, reason }]);
  const by = addressOnRoster(decision.by, company.roster);
  const person = company.roster.find(({ email }) => email === by);
  if (!person)
    return wrong('stranger', 'senderIsOnTheRoster', 'this person is not on the roster of the incident');
  // Before the signature, which takes a hundred times as long: replaying is what costs an attacker nothing.
  if (around.isTaken(proof.nonce))
    return wrong('replayed', 'isNew', 'this very decision was taken before: it counts once');
  const keys = keysFor(company, decision, person.keys);
  const problem = problemOfProof({
    proof,
    namespace: NAMESPACES.decision,
    statement: statementOf(codename, name, content, proof),
    keys,
    at,
    crypto,
  });
  if (problem) return wrong(`proof.${problem.kind}`, 'signatureHolds', problem.reason);
  return { kind: 'proven', decision: { ...decision, by } };
}

/** A door that checks people by itself signs with a key of its own; everybody else signs for themselves. */
function keysFor(
  company: Company,
  { door = 'command line' }: Decision,
  own: readonly string[] = [],
): readonly string[] {
  return door === 'command line' ? own : (company.doors?.[door] ?? []);
}

function readRequest(by: string, value: unknown): Arrived {
  const named = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const { name, parsed } = parseMessage({ ...named, by, door: 'temporal', proof: undefined });
  return parsed.ok ? { kind: 'asked', by, decision: parsed.decision } : malformed(name, parsed.problems);
}

function malformed(name: DecisionName | undefined, problems: readonly string[]): Arrived {
  const what = name === undefined ? 'message' : name;
  return untrusted(
    'malformed',
    `send a ${what} that could not be read`,
    name,
    problems.map((reason) => ({ gate: 'isWellFormed', reason })),
  );
}

function untrusted(
  key: string,
  text: string,
  decision: DecisionName | undefined,
  reasons: readonly Blocker[],
): Arrived {
  return { kind: 'untrusted', why: { key, text, ...(decision && { decision }), reasons } };
}
