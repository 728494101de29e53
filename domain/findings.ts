/** Findings: facts that a person establishes, with grounds. Gates are conditions over them. */
import type { Role } from './roles';

export interface FindingDefinition {
  readonly title: string;
  /** Who may establish it. The incident commander and these may withdraw it: closing a gate is the safe direction. */
  readonly recordedBy: readonly Role[];
  /** The values it may take; a finding without values is established or not. */
  readonly values?: readonly string[];
  /** The seed's own words that ask for it. */
  readonly source: string;
}

const BEFORE_PUBLIC =
  "Once you have validated all of the information you have is accurate, have a timeline of events, and know exactly what information was compromised, how it was compromised, and sure that it won't happen again. Only then should you prepare and release a public statement";

const BEFORE_FORENSICS =
  'Once you are confident the systems are secured, and enough monitoring is in place to detect another attack, you can move onto the forensic analysis stage.';

export const FINDINGS = {
  systemsSecured: {
    title: 'The systems are secured',
    recordedBy: ['securityTeam', 'incidentCommander'],
    source: BEFORE_FORENSICS,
  },
  monitoringInPlace: {
    title: 'Enough monitoring is in place to detect another attack',
    recordedBy: ['securityTeam', 'incidentCommander'],
    source: BEFORE_FORENSICS,
  },
  attackSource: {
    title: 'Where the attack was sourced',
    recordedBy: ['forensicsLead'],
    values: ['external', 'internal'],
    source:
      'Communicate internally only once you are confident (via forensic analysis) that the attack was not sourced internally.',
  },
  informationValidated: {
    title: 'All of the information is validated as accurate',
    recordedBy: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    source: BEFORE_PUBLIC,
  },
  timelineEstablished: {
    title: 'There is a timeline of events',
    recordedBy: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    source: BEFORE_PUBLIC,
  },
  compromisedDataKnown: {
    title: 'It is known exactly what information was compromised',
    recordedBy: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    source: BEFORE_PUBLIC,
  },
  methodKnown: {
    title: 'It is known how it was compromised',
    recordedBy: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    source: BEFORE_PUBLIC,
  },
  recurrencePrevented: {
    title: "It is sure that it won't happen again",
    recordedBy: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    source: BEFORE_PUBLIC,
  },
} as const satisfies Record<string, FindingDefinition>;

export type FindingId = keyof typeof FINDINGS;

export const FINDING_IDS = Object.keys(FINDINGS) as FindingId[];

export function findingOf(id: FindingId): FindingDefinition {
  return FINDINGS[id];
}

/** A finding as a person established it. */
export interface Finding {
  /** Absent for findings that are established or not. */
  readonly value?: string;
  readonly grounds: string;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
