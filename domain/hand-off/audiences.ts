/**
 * Who outside may see what of an incident, and why. What stands nowhere in these tables is in no pack: it is made from what is
 * named here, not from the incident with something taken out. docs/contacts.md holds the same table; a test compares them.
 */
import type { ContactId } from '../contacts';
import type { FindingId } from '../findings';
import type { Role } from '../roles';
import type { StepId } from '../steps';

/** The parts of a pack, in their order, as their headings say it. */
export const SECTIONS = {
  timeline: 'Timeline',
  addresses: 'Addresses of the attacker',
  ownAddresses: 'Addresses that concern you',
  instances: 'Affected instances',
  affected: 'What was affected',
  measures: 'Measures taken',
  evidence: 'Evidence that is kept',
  contactLog: 'Our conversations with you',
} as const;

export type SectionId = keyof typeof SECTIONS;

export const SECTION_IDS = Object.keys(SECTIONS) as SectionId[];

/** Each section that an audience sees, with the reason why it does. */
const LAW_ENFORCEMENT = {
  timeline: 'an investigation starts from what happened when',
  addresses: 'the source of the attack is found through them',
  evidence: 'they may ask for it: what there is, its hashes, and who had it when',
  contactLog: 'both sides keep the same record of what was said',
} as const;

export const AUDIENCES: Readonly<Record<ContactId, Readonly<Partial<Record<SectionId, string>>>>> = {
  localLawEnforcement: LAW_ENFORCEMENT,
  fbi: LAW_ENFORCEMENT,
  systemOperators: {
    addresses: 'with the times, they find in their own logs what was done from their systems',
    contactLog: 'both sides keep the same record of what was said',
  },
  securityCompanies: {
    timeline: 'the risk is assessed from what happened when',
    addresses: 'they look for the same attacker elsewhere',
    instances: 'they work on these very systems',
    evidence: 'they analyse it: what there is, its hashes, and who had it when',
    contactLog: 'both sides keep the same record of what was said',
  },
  cyberInsurance: {
    timeline: 'a claim needs when it began, was noticed and was stopped',
    affected: 'a claim needs how much of what kind was affected, not which',
    measures: 'a policy asks what was done against the damage',
    contactLog: 'both sides keep the same record of what was said',
  },
  externalParties: {
    ownAddresses:
      'they look at their own systems; an address that concerns somebody else would tell them who that is',
    contactLog: 'both sides keep the same record of what was said',
  },
};

export function mayShow(contact: ContactId, section: SectionId): boolean {
  return AUDIENCES[contact][section] !== undefined;
}

/** What may be called by its own name. Whoever sees neither reads "an instance", "an address of the attacker". */
export function mayName(contact: ContactId, what: 'instance' | 'address'): boolean {
  return what === 'instance'
    ? mayShow(contact, 'instances') || mayShow(contact, 'evidence')
    : mayShow(contact, 'addresses');
}

/** Findings that are facts of the attack or of its containment. The others are about the public statement. */
export const FINDINGS_TOLD: Readonly<Partial<Record<FindingId, string>>> = {
  systemsSecured: 'Established: the systems are secured',
  monitoringInPlace: 'Established: enough monitoring is in place to detect another attack',
  compromisedDataKnown: 'Established: which information was compromised',
  methodKnown: 'Established: how it was compromised',
};

/** Where the attack came from tells of suspects: it is for those who look for the attacker. */
export const SOURCE_TOLD: Readonly<Record<string, string>> = {
  external: 'Established: the attack came from outside of the company',
  internal: 'Established: the attack came from inside of the company',
};

/** Steps whose tasks, once done, are told by their titles to those who see evidence: how far the analysis has come. */
export const STEPS_TOLD: readonly StepId[] = [
  'identifyTimeline',
  'identifyCompromisedData',
  'applyMitigations',
  'forensicAnalysis',
];

/** People by what they do, not by name. Several roles have one word: outsiders need no chart of the team. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  incidentCommander: 'incident command',
  deputy: 'incident command',
  scribe: 'incident command',
  internalLiaison: 'incident command',
  externalLiaison: 'liaison',
  securityTeam: 'security',
  forensicsLead: 'forensics',
  serviceRepresentative: 'engineering',
  engineeringLeader: 'engineering',
  executive: 'management',
  legalCounsel: 'legal counsel',
  marketing: 'communication',
};

/** Whoever has no role any more, or never had one. */
export const SOMEBODY = 'a responder';
export const BY_MACHINE = 'automatic';
