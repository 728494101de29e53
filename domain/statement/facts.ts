/** What a statement is checked against: the day of release, who may not be named, and what the incident knows. */
import type { Finding, FindingId } from '../findings';
import type { Incident } from '../incident';

export interface StatementParty {
  readonly name: string;
  /** The address of that party's own disclosure, where one is known. */
  readonly disclosure?: string;
}

export interface IncidentFacts {
  /** Milliseconds since the epoch. */
  readonly declaredAt: number;
  /** How many entries the timeline has. */
  readonly entries: number;
  readonly instances: number;
  readonly identities: number;
  readonly secrets: number;
  readonly addresses: readonly string[];
  readonly users: readonly string[];
  readonly services: readonly string[];
  readonly findings: Partial<Record<FindingId, Pick<Finding, 'value' | 'grounds'>>>;
}

export interface StatementFacts {
  /** The day of release, YYYY-MM-DD. Left out: only that the title carries one date is checked. */
  readonly date?: string;
  /** Those outside who may be named with a link to their own disclosure only. */
  readonly parties: readonly StatementParty[];
  /** The company's own domains: a link to one of them is nobody else's disclosure. */
  readonly domains?: readonly string[];
  /** Left out: vague words and contradictions are not looked for. */
  readonly incident?: IncidentFacts;
}

/** `parties`: from the company's register and those named during the incident; the accounts of the scope are added. */
export function factsOf(
  {
    declaration,
    scope,
    findings,
    entries,
  }: Pick<Incident, 'declaration' | 'scope' | 'findings'> & { readonly entries: { readonly length: number } },
  parties: readonly StatementParty[],
  date?: string,
): StatementFacts {
  const known = parties.map(({ name }) => name.toLowerCase());
  const accounts = scope.accounts.filter((name) => !known.includes(name.toLowerCase()));
  return {
    ...(date !== undefined && { date }),
    parties: [
      ...parties.map(({ name, disclosure }) => ({ name, ...(disclosure !== undefined && { disclosure }) })),
      ...accounts.map((name) => ({ name })),
    ],
    incident: {
      declaredAt: declaration.at,
      entries: entries.length,
      instances: scope.instances.length,
      identities: scope.identities.length,
      secrets: scope.secrets.length,
      addresses: scope.addresses,
      users: scope.users,
      services: scope.services,
      findings: Object.fromEntries(
        Object.entries(findings).map(([id, { value, grounds }]) => [
          id,
          { grounds, ...(value !== undefined && { value }) },
        ]),
      ),
    },
  };
}
