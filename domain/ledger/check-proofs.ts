/**
 * Checks that each decision was taken by whom it names: its signature, by a key that was enrolled at that moment, fresh, and
 * used once. The keys stand in the ledger itself: in the declaration, and in each entry that tells that they were read anew.
 */
import { MACHINE, type Entry } from '../entries';
import { canonical } from '../evidence/canonical';
import type { Finding } from '../evidence/finding';
import { problemOfProof, problemOfProofShape } from '../trust/check';
import { NAMESPACES, statementOf, type Crypto, type Proof } from '../trust/proof';
import type { PlacedEntry } from './batches';

/** Public keys by e-mail address in lower case, and by door. */
export interface Enrolled {
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly doors: ReadonlyMap<string, readonly string[]>;
}

/** Those that an entry tells; nothing where it tells none. */
export function enrolledBy({ kind, by, seq, details }: Entry): Enrolled | undefined {
  const tells = kind === 'declared' ? seq === 1 : kind === 'effect' && by === MACHINE;
  const keys = tells ? lists(details?.['keys']) : undefined;
  return keys && { keys: lowerCased(keys), doors: lists(details?.['doors']) ?? new Map() };
}

/** A door that checks people by itself signs with a key of its own; everybody else signs for themselves. */
export function keysFor({ keys, doors }: Enrolled, by: string, door = 'command line'): readonly string[] {
  return (door === 'command line' ? keys.get(by.toLowerCase()) : doors.get(door)) ?? [];
}

export function checkProofs(entries: readonly PlacedEntry[], codename: string, crypto: Crypto): Finding[] {
  const enrolled: Enrolled[] = [];
  const used = new Map<string, Entry>();
  return entries.flatMap(({ path, line, entry }, index) => {
    const told = enrolledBy(entry);
    if (told) enrolled.push(told);
    const isTold = entry.kind === 'declared' && tellsUnproven(entries[index + 1]?.entry);
    const problem = isTold
      ? undefined
      : (problemOfSignature(entry, codename, enrolled, crypto) ?? problemOfNonce(entry, used));
    return problem === undefined ? [] : [{ path, line, problem }];
  });
}

/** A declaration that nothing proves is an incident too, and what follows it says so (`declare` of domain/decide.ts). */
function tellsUnproven(next: Entry | undefined): boolean {
  return next?.kind === 'warning' && next.text.startsWith('nothing proves who declared this');
}

/** Of what a person sent. A refusal of what proved nothing bears no proof. */
function problemOfSignature(
  entry: Entry,
  codename: string,
  enrolled: readonly Enrolled[],
  crypto: Crypto,
): string | undefined {
  const { kind, by, door, proof, at, times } = entry;
  if (kind !== 'declared' && kind !== 'decision' && kind !== 'refusal') return undefined;
  const now = enrolled.at(-1);
  const isSignedHere = now !== undefined && now.keys.size + now.doors.size > 0;
  if (!proof)
    return kind !== 'refusal' && isSignedHere ? `is a ${WORDS[kind]} that nobody signed` : undefined;
  if (problemOfProofShape(proof) !== undefined) return `its signature proves nothing: ${PROBLEMS.malformed}`;
  if (!now) return 'is signed, and the declaration tells no keys to check that with';
  const problem = problemOfProof({
    proof,
    namespace: kind === 'declared' ? NAMESPACES.declaration : NAMESPACES.decision,
    statement: statementIn(entry, codename, proof),
    // What was counted is told later than it came: its key may have been taken back since.
    keys: (times === undefined ? [now] : enrolled).flatMap((one) => keysFor(one, by, door)),
    at: times === undefined ? at : proof.at,
    crypto,
  });
  return problem && `its signature proves nothing: ${PROBLEMS[problem.kind]}`;
}

const WORDS = { declared: 'declaration', decision: 'decision' } as const;

/** What was signed, put together again from what was written down. */
function statementIn({ kind, decision, by, door, details }: Entry, codename: string, proof: Proof): string {
  const from = { ...(door !== undefined && { door }), by };
  if (kind !== 'declared') return statementOf(codename, decision ?? '', { ...details, ...from }, proof);
  const { keys: _keys, doors: _doors, ...declared } = details ?? {};
  return statementOf(codename, 'declare', { ...declared, ...from }, proof);
}

/** For whom checks, who can't decide again. */
const PROBLEMS: Readonly<Record<NonNullable<ReturnType<typeof problemOfProof>>['kind'], string>> = {
  malformed: 'it is none',
  notEnrolled: 'its key was not enrolled for who decided',
  stale: 'it was too old when it was taken',
  ahead: 'it was made after it was taken',
  forged: 'it does not fit what is said to have been decided',
};

/** Only a refusal is told again, and says the same. */
function problemOfNonce(entry: Entry, used: Map<string, Entry>): string | undefined {
  const { proof } = entry;
  if (typeof proof?.nonce !== 'string') return undefined;
  const before = used.get(proof.nonce);
  used.set(proof.nonce, before ?? entry);
  const isRetold =
    before?.kind === 'refusal' &&
    entry.kind === 'refusal' &&
    entry.times !== undefined &&
    canonical(before.proof) === canonical(proof);
  return before && !isRetold
    ? `uses the nonce of entry ${before.seq}: one decision was taken twice`
    : undefined;
}

function lists(value: unknown): Map<string, readonly string[]> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(
    Object.entries(value).map(([name, keys]) => [
      name,
      Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
    ]),
  );
}

function lowerCased(keys: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const [email, own] of keys)
    all.set(email.toLowerCase(), [...(all.get(email.toLowerCase()) ?? []), ...own]);
  return all;
}
