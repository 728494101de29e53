/** The incident's state inside its workflow: read by all, changed only through `decide` and `report`. */
import { ask, decide, refuseUntrusted, report, tellRefusals, type Outcome } from '../../domain/decide';
import type { Incident } from '../../domain/incident';
import { everybody } from '../../domain/people';
import { unsaidRefusals } from '../../domain/refusals';
import type { Report } from '../../domain/reports';
import { readMessage, type Arrived, type Untrusted } from '../../domain/trust/intake';
import { AHEAD_MS, FRESH_FOR_MS } from '../../domain/trust/proof';
import { CRYPTO } from '../crypto';

/** So many refusals within a minute are a flood. */
const FLOOD = 100;

export class Store {
  /** Of decisions that were taken, and when each was signed. */
  private readonly nonces: Map<string, number>;

  constructor(
    private current: Incident,
    nonces: readonly (readonly [string, number])[] = [],
  ) {
    this.nonces = new Map(nonces);
  }

  get incident(): Incident {
    return this.current;
  }

  get lastSeq(): number {
    return this.current.entries.at(-1)?.seq ?? 0;
  }

  /** Takes whatever arrived as a decision. Total: it answers, whatever it was given. */
  take(raw: unknown): Outcome {
    const arrived = this.read(raw);
    switch (arrived.kind) {
      case 'proven': {
        const { nonce, at } = arrived.decision.proof;
        this.forgetOldNonces();
        this.nonces.set(nonce, at);
        return this.keep(decide(this.current, arrived.decision, Date.now()));
      }
      case 'asked':
        return this.keep(ask(this.current, arrived.by, arrived.decision, Date.now()));
      case 'untrusted':
        return this.refuse(arrived.why);
    }
  }

  refuse(why: Untrusted): Outcome {
    return this.keep(refuseUntrusted(this.current, why, Date.now()));
  }

  /** In a flood, what proves nothing is not even taken in: each message that is costs the history some events. */
  isWashedAway(raw: unknown): boolean {
    return unsaidRefusals(this.current) >= FLOOD && this.read(raw).kind !== 'proven';
  }

  report(told: Report): void {
    this.current = report(this.current, told, Date.now());
  }

  /** Writes down the refusals that were counted. */
  tellRefusals(all: boolean): void {
    this.current = tellRefusals(this.current, Date.now(), all);
  }

  carryNonces(): (readonly [string, number])[] {
    this.forgetOldNonces();
    return [...this.nonces];
  }

  private read(raw: unknown): Arrived {
    const { company, declaration } = this.current;
    return readMessage(raw, {
      codename: declaration.codename,
      company: { ...company, roster: everybody(this.current) },
      at: Date.now(),
      crypto: CRYPTO,
      isTaken: (nonce) => this.nonces.has(nonce),
    });
  }

  private keep({ incident, outcome }: { incident: Incident; outcome: Outcome }): Outcome {
    this.current = incident;
    return outcome;
  }

  /** A signature this old is refused for its age. */
  private forgetOldNonces(): void {
    const oldest = Date.now() - FRESH_FOR_MS - AHEAD_MS;
    for (const [nonce, at] of this.nonces) if (at < oldest) this.nonces.delete(nonce);
  }
}
