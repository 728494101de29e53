/** The fourteen steps of the checklist, in the seed's order and words. */
import {
  attackIsConfirmedExternal,
  FIVE_FACTS,
  forensicAnalysisIsPerformed,
  monitoringIsInPlace,
  responseIsDetermined,
  systemsAreSecured,
  type Gate,
} from './gates';
import type { Role } from './roles';

export interface StepDefinition {
  readonly number: number;
  readonly title: string;
  /** The seed's own words. */
  readonly source: string;
  /** To whom the incident commander delegates the step. */
  readonly owner: Role;
  /** What must be so before any of its tasks may be done. Steps that share their gates may run in parallel. */
  readonly opensWhen: readonly Gate[];
  /** Where the step may end as withheld, by the incident commander and legal counsel together. */
  readonly canBeWithheld?: true;
}

export const STEPS = {
  stopAttack: {
    number: 1,
    title: 'Stop the attack in progress',
    source: 'Stop the attack in progress.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  cutOffVector: {
    number: 2,
    title: 'Cut off the attack vector',
    source: 'Cut off the attack vector.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  assembleTeam: {
    number: 3,
    title: 'Assemble the response team',
    source: 'Assemble the response team.',
    owner: 'incidentCommander',
    opensWhen: [],
  },
  isolateInstances: {
    number: 4,
    title: 'Isolate affected instances',
    source: 'Isolate affected instances.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  identifyTimeline: {
    number: 5,
    title: 'Identify timeline of attack',
    source: 'Identify timeline of attack.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  identifyCompromisedData: {
    number: 6,
    title: 'Identify compromised data',
    source: 'Identify compromised data.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  assessOtherSystems: {
    number: 7,
    title: 'Assess risk to other systems',
    source: 'Assess risk to other systems.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  assessReattack: {
    number: 8,
    title: 'Assess risk of re-attack',
    source: 'Assess risk of re-attack.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  applyMitigations: {
    number: 9,
    title: 'Apply additional mitigations, additions to monitoring, etc.',
    source: 'Apply additional mitigations, additions to monitoring, etc.',
    owner: 'securityTeam',
    opensWhen: [responseIsDetermined],
  },
  forensicAnalysis: {
    number: 10,
    title: 'Forensic analysis of compromised systems',
    source: 'Forensic analysis of compromised systems.',
    owner: 'forensicsLead',
    opensWhen: [responseIsDetermined, systemsAreSecured, monitoringIsInPlace],
  },
  internalCommunication: {
    number: 11,
    title: 'Internal communication',
    source: 'Internal communication.',
    owner: 'engineeringLeader',
    opensWhen: [responseIsDetermined, forensicAnalysisIsPerformed, attackIsConfirmedExternal],
    canBeWithheld: true,
  },
  lawEnforcement: {
    number: 12,
    title: 'Involve law enforcement',
    source: 'Involve law enforcement.',
    owner: 'engineeringLeader',
    // Each contact has a gate of its own: forensics and that contact's approval, or broken glass.
    opensWhen: [responseIsDetermined],
    canBeWithheld: true,
  },
  externalParties: {
    number: 13,
    title: 'Reach out to external parties that may have been used as vector for attack',
    source: 'Reach out to external parties that may have been used as vector for attack.',
    owner: 'engineeringLeader',
    opensWhen: [responseIsDetermined],
    canBeWithheld: true,
  },
  externalCommunication: {
    number: 14,
    title: 'External communication',
    source: 'External communication.',
    owner: 'marketing',
    opensWhen: [responseIsDetermined, ...FIVE_FACTS],
    canBeWithheld: true,
  },
} as const satisfies Record<string, StepDefinition>;

export type StepId = keyof typeof STEPS;

export const STEP_IDS = Object.keys(STEPS) as StepId[];

export function stepOf(id: StepId): StepDefinition {
  return STEPS[id];
}
