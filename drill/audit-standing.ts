/**
 * How an incident stood at a moment, read again from its entries alone, and what the checklist allows then. Written a second
 * time, so that the audit does not believe the code that it judges: nothing here asks `domain/`.
 */
import { createHash } from 'node:crypto';
import type { Entry } from '../domain/entries';

/** A text that was submitted for approval. */
export interface Submitted {
  readonly text: string;
  /** `statement@2-9f86d081884c7d65`: what an approval has to name. */
  readonly request: string;
}

/** A mail that somebody ordered. */
export interface Ordered {
  readonly seq: number;
  /** Addresses, groups and ids of parties, as they were typed. */
  readonly to: readonly string[];
  readonly text: string;
  readonly hasPack: boolean;
}

export interface Named {
  readonly id: string;
  readonly kind: string;
  readonly email?: string;
}

const FIVE = [
  'informationValidated',
  'timelineEstablished',
  'compromisedDataKnown',
  'methodKnown',
  'recurrencePrevented',
];
const FORENSIC = ['combThroughEvidence', 'identifyWhatHappened'];
/** What falls when one of these is withdrawn: forensic analysis rests on them. */
const BEFORE_FORENSICS = ['systemsSecured', 'monitoringInPlace'];

export class Standing {
  determined = false;
  readonly findings = new Map<string, unknown>();
  /** Tasks that people said are done, or not needed. */
  readonly done = new Set<string>();
  readonly notes: Submitted[] = [];
  readonly statements: Submitted[] = [];
  readonly ordered: Ordered[] = [];
  /** Parties that were named during the incident. */
  readonly named: Named[] = [];
  /** Customers of whom it is recorded that they were reached, or why not. */
  readonly accountedFor = new Set<string>();
  readonly excluded = new Set<string>();
  private readonly approvals = new Map<string, Set<string>>();
  private readonly glass = new Map<string, Set<string>>();

  apply({ seq, kind, decision, by, details = {} }: Entry): void {
    if (kind !== 'decision') return;
    const text = (key: string) => (typeof details[key] === 'string' ? details[key] : '');
    const list = (key: string) => (Array.isArray(details[key]) ? (details[key] as string[]) : []);
    switch (decision) {
      case 'determine':
        this.determined = text('determination') === 'respond';
        break;
      case 'recordFinding':
        this.findings.set(text('finding'), details['value'] ?? true);
        break;
      case 'withdrawFinding':
        this.withdraw(text('finding'));
        break;
      case 'completeTasks':
        for (const task of list('tasks')) this.done.add(task);
        break;
      case 'markNotNeeded':
        // Without these two there was no forensic analysis, whatever is said of them.
        for (const task of list('tasks')) if (!FORENSIC.includes(task)) this.done.add(task);
        break;
      case 'submitNote':
        this.notes.push(submitted('note', this.notes, text('text')));
        break;
      case 'submitStatement':
        this.statements.push(submitted('statement', this.statements, text('text')));
        break;
      case 'approve':
        add(this.approvals, text('request'), by);
        break;
      case 'refuse':
        this.approvals.delete(text('request'));
        break;
      case 'breakGlass':
        add(this.glass, text('request'), by);
        break;
      case 'send':
        this.ordered.push({
          seq,
          to: [...list('to'), ...list('cc'), ...list('bcc')],
          text: text('text'),
          hasPack: details['pack'] !== undefined,
        });
        break;
      case 'addContact': {
        const email = text('email');
        this.named.push({ id: text('id'), kind: text('kind'), ...(email !== '' && { email }) });
        break;
      }
      case 'reachCustomer':
        this.accountedFor.add(text('party'));
        break;
      case 'exclude':
        this.excluded.add(text('person'));
        break;
      case 'readmit':
        this.excluded.delete(text('person'));
        break;
      default:
      // What else people decide opens no gate, and closes none.
    }
  }

  approvedBy(request: string): number {
    return this.approvals.get(request)?.size ?? 0;
  }

  get isSecuredAndWatched(): boolean {
    return BEFORE_FORENSICS.every((finding) => this.findings.has(finding));
  }

  get isAnalysed(): boolean {
    return this.isSecuredAndWatched && FORENSIC.every((task) => this.done.has(task));
  }

  get isFromOutside(): boolean {
    return this.isAnalysed && this.findings.get('attackSource') === 'external';
  }

  get hasFiveFacts(): boolean {
    return FIVE.every((fact) => this.findings.has(fact));
  }

  /** A party; or, where none is named, anybody of that kind. */
  mayBeTold(kind: string, party?: string): boolean {
    const own = `contact:${kind}/${party ?? ''}`;
    const isNamed = this.named.some(({ id }) => id === party);
    const requests = [...this.approvals.keys(), ...this.glass.keys()].filter((request) =>
      // Whoever was named later has an approval of their own.
      party === undefined
        ? request === `contact:${kind}` || request.startsWith(own)
        : request === (isNamed ? own : `contact:${kind}`),
    );
    return requests.some(
      (request) =>
        (this.glass.get(request)?.size ?? 0) >= 2 || (this.isAnalysed && this.approvedBy(request) >= 1),
    );
  }

  /** The note of these words. */
  mayTellCompany(note: Submitted | undefined): boolean {
    return this.isFromOutside && note !== undefined && this.approvedBy(note.request) >= 1;
  }

  /** The statement of these words. */
  mayRelease(statement: Submitted | undefined): boolean {
    return this.hasFiveFacts && statement !== undefined && this.approvedBy(statement.request) >= 3;
  }

  private withdraw(finding: string): void {
    this.findings.delete(finding);
    if (BEFORE_FORENSICS.includes(finding)) {
      this.findings.delete('attackSource');
      for (const task of FORENSIC) this.done.delete(task);
    }
    // What was approved on the strength of it has to be approved again.
    if (FIVE.includes(finding)) for (const { request } of this.statements) this.approvals.delete(request);
    else for (const { request } of this.notes) this.approvals.delete(request);
  }
}

/** As it stood at that moment, in milliseconds since the epoch. */
export function standingAt(entries: readonly Entry[], at: number): Standing {
  const standing = new Standing();
  for (const entry of entries) if (entry.at <= at) standing.apply(entry);
  return standing;
}

function submitted(kind: string, before: readonly Submitted[], text: string): Submitted {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { text, request: `${kind}@${before.length + 1}-${hash}` };
}

function add(voices: Map<string, Set<string>>, request: string, by: string): void {
  voices.set(request, (voices.get(request) ?? new Set()).add(by));
}
