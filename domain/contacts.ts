/** The people outside: whom steps 12 and 13 may bring in, each only after approval of its own, and the customers of step 14. */
import type { Incident } from './incident';

export const CONTACTS = {
  localLawEnforcement: 'Local law enforcement',
  fbi: 'FBI',
  systemOperators: 'Operators of systems used in the attack',
  securityCompanies: 'Security companies',
  cyberInsurance: 'Cyber insurance provider',
  externalParties: 'External parties that may have been used as vector',
} as const;

export type ContactId = keyof typeof CONTACTS;

export const CONTACT_IDS = Object.keys(CONTACTS) as ContactId[];

/** Somebody outside: of the company's register, or named during the incident. */
export interface Party {
  /** `insurer`: what people call it in commands. */
  readonly id: string;
  /** `customer`: a customer's security team. */
  readonly kind: ContactId | 'customer';
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  /** How else to reach it, and what to have at hand. */
  readonly how?: string;
  /** The key of `email` where it came with the party: PEM or armored. */
  readonly key?: string;
  /** Where the party itself has told the public of it. */
  readonly disclosure?: string;
}

/** Who spoke with whom, when and about what. */
export interface Conversation {
  readonly party: string;
  readonly by: string;
  /** Whom of them. */
  readonly with: string;
  readonly about: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When the next word is due. */
  readonly nextAt?: number;
  /** Whoever had it was reminded of the next word. */
  readonly remindedAt?: number;
}

/** How it went with a customer's security team. */
export interface Reached {
  readonly outcome: 'reached' | 'notReached';
  /** By what way; or why not. */
  readonly how: string;
  readonly by: string;
  readonly at: number;
}

type Known = Pick<Incident, 'company' | 'parties'>;

/** Everybody outside who is known, the register's first. */
export function partiesOf({ company, parties }: Known): Party[] {
  return [
    ...(company.communication?.contacts ?? []),
    ...(company.communication?.customers ?? []),
    ...Object.values(parties),
  ];
}

export function findParty(id: string, incident: Known): Party | undefined {
  return partiesOf(incident).find((party) => party.id.toLowerCase() === id.toLowerCase());
}

/** Named during the incident: whoever approved its kind did not know of it. */
export function isNamedLater({ id }: Party, { parties }: Pick<Incident, 'parties'>): boolean {
  return Object.hasOwn(parties, id);
}

export function customersOf(incident: Known): Party[] {
  return partiesOf(incident).filter(({ kind }) => kind === 'customer');
}

/** Those whom a statement may not name without a link to what they disclosed themselves. */
export function vectorsOf(incident: Known): Party[] {
  return partiesOf(incident).filter(({ kind }) => kind === 'externalParties' || kind === 'systemOperators');
}
