/**
 * Compares a ledger with what Temporal holds of the incident: the timeline that its workflow answers with, the batch that it
 * believes to have written last, and the messages in its history. Each shows what the others can't: whoever changes the
 * workflow's answers can't change the history, and whoever changes either has not the key of the ledger.
 */
import type { Entry } from '../../domain/entries';
import { UNKNOWN } from '../../domain/entries';
import { canonical } from '../../domain/evidence/canonical';
import type { LedgerHead } from '../../domain/ledger/batch';
import { enrolledBy, keysFor, type Enrolled } from '../../domain/ledger/check-proofs';
import { problemOfProof, problemOfProofShape } from '../../domain/trust/check';
import { NAMESPACES, statementOf, type Crypto, type Proof } from '../../domain/trust/proof';

export interface Difference {
  /** An entry by its number, an event of the history, or a batch. */
  readonly where: string;
  /** The number of the entry, where it is one. */
  readonly seq?: number;
  /** To be read after `where` and a colon. */
  readonly problem: string;
}

export interface Compared {
  readonly differences: readonly Difference[];
  /** What is no difference, and to be said all the same. */
  readonly notes: readonly string[];
}

/** What is younger than this may not have been written yet, in ms. */
const WRITTEN_WITHIN_MS = 60_000;

function entryDiffers(seq: number, problem: string): Difference {
  return { where: `entry ${seq}`, seq, problem };
}

/** `at` is now; `closes`, whether the ledger says that nothing comes after it. */
export function compareTimeline(
  ledger: readonly Entry[],
  timeline: readonly Entry[],
  { at, closes }: { readonly at: number; readonly closes: boolean },
): Compared {
  const [ours, theirs] = [bySeq(ledger), bySeq(timeline)];
  const isYoung = (entry: Entry) => !closes && at - entry.at < WRITTEN_WITHIN_MS;
  const unwritten = timeline.filter(({ seq }) => !ours.has(seq));
  const young = unwritten.filter(isYoung);
  return {
    differences: [
      ...ledger.flatMap((entry) => {
        const other = theirs.get(entry.seq);
        if (!other) return [entryDiffers(entry.seq, "is in the ledger, and not in Temporal's timeline")];
        const fields = differing(entry, other);
        return fields.length === 0
          ? []
          : [entryDiffers(entry.seq, `ledger and timeline differ in: ${fields.join(', ')}`)];
      }),
      ...unwritten
        .filter((entry) => !isYoung(entry))
        .map(({ seq }) => entryDiffers(seq, "is in Temporal's timeline, and not in the ledger")),
    ],
    notes:
      young.length === 0
        ? []
        : [
            `${young.length} entries are less than a minute old, and may not have been written to the ledger yet`,
          ],
  };
}

/** `head` is the batch that the incident believes to have written last. */
export function compareHead(
  batches: readonly { readonly number: number; readonly sha256: string }[],
  head: Pick<LedgerHead, 'batch' | 'sha256'> | null,
): Difference[] {
  if (!head) return [];
  const where = `batch ${head.batch}`;
  const batch = batches.find(({ number }) => number === head.batch);
  if (!batch) return [{ where, problem: 'the incident has written it, and it is not in this ledger' }];
  return batch.sha256 === head.sha256
    ? []
    : [{ where, problem: 'its SHA-256 is not the one that the incident has written' }];
}

/** A message in the history: how the incident was started, or a decision that was sent to it. */
export interface Message {
  readonly kind: 'start' | 'decision';
  /** `event 57 of run 2` */
  readonly where: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Its one argument; left out where it can't be read. */
  readonly content?: unknown;
}

/**
 * Each decision that was proven has its entry, and each entry with a proof has its message. Other messages prove nothing, and
 * are counted by the incident, not told one by one. `since` is when the history that is left begins, where it is not whole.
 */
export function compareMessages(
  ledger: readonly Entry[],
  messages: readonly Message[],
  {
    codename,
    crypto,
    since,
  }: { readonly codename: string; readonly crypto: Crypto; readonly since?: number },
): Compared {
  const byNonce = new Map<string, Entry>();
  for (const entry of ledger) {
    const nonce = nonceOf(entry.proof);
    if (nonce !== undefined && !byNonce.has(nonce)) byNonce.set(nonce, entry);
  }
  const read = messages.map((message) => ({ ...message, decision: readDecision(message) }));
  const sent = new Map(
    read.flatMap((message) => (message.decision ? [[message.decision.proof.nonce, message] as const] : [])),
  );
  const enrolled = ledger.map(enrolledBy).filter((keys) => keys !== undefined);
  const counted = countedRefusals(ledger);
  const differences: Difference[] = [];
  let unproven = 0;
  for (const message of read) {
    const { decision, where, kind } = message;
    const entry = decision && byNonce.get(decision.proof.nonce);
    if (!decision) unproven += kind === 'start' ? 0 : 1;
    // A second one of the same nonce is refused, whatever it says.
    else if (sent.get(decision.proof.nonce)?.where !== where) continue;
    else if (entry) differences.push(...compareContent(entry, decision));
    else if (!isProven(message, decision, enrolled, codename, crypto)) unproven += 1;
    else if (!counted.take(decision))
      differences.push({ where, problem: `${decision.name} of ${decision.by} is not in the ledger` });
  }
  for (const { seq, proof, at } of byNonce.values()) {
    const nonce = nonceOf(proof) ?? '';
    if (sent.has(nonce) || (since !== undefined && at < since)) continue;
    differences.push(entryDiffers(seq, "no message in Temporal's history carries its signature"));
  }
  return {
    differences,
    notes:
      unproven === 0
        ? []
        : [
            `${unproven} messages in the history prove nothing; the ledger tells of them in its refusals, counted`,
          ],
  };
}

interface SentDecision {
  readonly kind: Message['kind'];
  readonly name: string;
  readonly by: string;
  readonly door?: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly proof: Proof;
}

/** Nothing where the message carries no proof. */
function readDecision({ kind, content }: Message): SentDecision | undefined {
  const sent = kind === 'start' ? field(content, 'declaration') : content;
  if (!isRecord(sent)) return undefined;
  const { decision, by, door, proof, ...fields } = sent;
  const name = kind === 'start' ? 'declare' : decision;
  if (typeof by !== 'string' || typeof name !== 'string') return undefined;
  if (problemOfProofShape(proof) !== undefined) return undefined;
  return { kind, name, by, ...(door !== undefined && { door }), fields, proof: proof as Proof };
}

function compareContent(entry: Entry, sent: SentDecision): Difference[] {
  const { keys: _keys, doors: _doors, ...declared } = entry.details ?? {};
  const isSame =
    canonicalOrNot([entry.proof]) === canonicalOrNot([sent.proof]) &&
    entry.by.toLowerCase() === sent.by.toLowerCase() &&
    canonicalOrNot([entry.door ?? null]) === canonicalOrNot([sent.door ?? null]) &&
    (entry.decision ?? 'declare') === sent.name &&
    canonicalOrNot(entry.kind === 'declared' ? declared : (entry.details ?? {})) ===
      canonicalOrNot(sent.fields);
  return isSame ? [] : [entryDiffers(entry.seq, 'says otherwise than the message that was sent')];
}

function isProven(
  { at, kind }: Message,
  { name, by, door, fields, proof }: SentDecision,
  enrolled: readonly Enrolled[],
  codename: string,
  crypto: Crypto,
): boolean {
  const content = { ...fields, by, ...(door !== undefined && { door }) };
  const statement = orNothing(() => statementOf(codename, name, content, proof));
  const namespace = NAMESPACES[kind === 'start' ? 'declaration' : 'decision'];
  return (
    statement !== undefined &&
    enrolled.some(
      (all) =>
        problemOfProof({
          proof,
          namespace,
          statement,
          keys: keysFor(all, by, typeof door === 'string' ? door : undefined),
          at,
          crypto,
        }) === undefined,
    )
  );
}

/**
 * The same refusal again within a minute is counted in one entry, which bears the proof of one of them; and one that was too old
 * when a worker took it is told as of somebody unknown. So many messages may be without an entry of their own.
 */
function countedRefusals(ledger: readonly Entry[]): { take(decision: SentDecision): boolean } {
  const left = new Map<string, number>();
  const proofs = new Set<string>();
  for (const { kind, by, decision = '', times = 1, proof } of ledger) {
    if (kind !== 'refusal') continue;
    const key = keyOf(by, decision);
    // One of them bears the proof, which has a message of its own.
    const nonce = nonceOf(proof);
    const own = nonce === undefined || proofs.has(nonce) ? 0 : 1;
    if (nonce !== undefined) proofs.add(nonce);
    left.set(key, (left.get(key) ?? 0) + times - own);
  }
  return {
    take({ by, name }) {
      for (const key of [keyOf(by, name), keyOf(UNKNOWN, name)]) {
        const rest = left.get(key) ?? 0;
        if (rest === 0) continue;
        left.set(key, rest - 1);
        return true;
      }
      return false;
    },
  };
}

function keyOf(by: string, decision: string): string {
  return JSON.stringify([by.toLowerCase(), decision]);
}

function bySeq(entries: readonly Entry[]): Map<number, Entry> {
  return new Map(entries.map((entry) => [entry.seq, entry]));
}

/** The names of the fields that are not the same. */
function differing(a: Entry, b: Entry): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter(
    (name) => canonicalOrNot([field(a, name) ?? null]) !== canonicalOrNot([field(b, name) ?? null]),
  );
}

function nonceOf(proof: unknown): string | undefined {
  const nonce = field(proof, 'nonce');
  return typeof nonce === 'string' ? nonce : undefined;
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What came from a stranger may be nested deeper than can be read. */
function orNothing(spelt: () => string): string | undefined {
  try {
    return spelt();
  } catch {
    return undefined;
  }
}

function canonicalOrNot(value: unknown): string | undefined {
  return orNothing(() => canonical(value));
}
