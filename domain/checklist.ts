/**
 * The checklist: a task for every bullet of the seed, under its step, in the seed's order. This file is long because the
 * seed is: it is one table, and nothing in it but the table.
 */
import type { ContactId } from './contacts';
import type { EffectId } from './effects';
import {
  contactIsApproved,
  customersTeamsAreReached,
  everyCustomerIsAccountedFor,
  forensicsOrBrokenGlass,
  operationalRespondersCameFirst,
  statementIsApproved,
  type Gate,
} from './gates';
import type { Role } from './roles';
import { rotationsAreSettled } from './rotations';
import { STEPS, STEP_IDS, type StepId } from './steps';

/** What the chains of containment show, for everything affected of their kind, before a machine task is done. */
export type ContainmentProof =
  | 'verified'
  | 'snapshotted'
  | 'stored'
  | 'deniedElsewhere'
  | 'stopped'
  | 'addressesBlocked'
  | 'credentialsRevoked';

/** Who does it: a person, or the machine by something it did, showed or checked. */
export type DoneBy =
  | { readonly kind: 'person' }
  | { readonly kind: 'declaration' }
  | { readonly kind: 'effects'; readonly effects: readonly EffectId[] }
  | { readonly kind: 'containment'; readonly proof: ContainmentProof }
  | { readonly kind: 'lint' };

export interface TaskDefinition {
  readonly step: StepId;
  readonly title: string;
  /** The seed's own words. */
  readonly source: string;
  readonly owner: Role;
  readonly by: DoneBy;
  /** What it needs besides its step's gates. */
  readonly opensWhen?: readonly Gate[];
  /** Whom outside it brings in. */
  readonly contact?: ContactId;
  /** The step would be a pretence without it: it can't be marked "not needed". */
  readonly essential?: true;
}

const PERSON = { kind: 'person' } as const;
const DECLARATION = { kind: 'declaration' } as const;
const LINT = { kind: 'lint' } as const;
const effects = (...ids: EffectId[]) => ({ kind: 'effects', effects: ids }) as const;
const containment = (proof: ContainmentProof) => ({ kind: 'containment', proof }) as const;
const outside = (contact: ContactId) =>
  ({ contact, opensWhen: [forensicsOrBrokenGlass(contact), contactIsApproved(contact)] }) as const;

export const TASKS = {
  // 1. Stop the attack in progress.
  shutDownInstances: {
    step: 'stopAttack',
    title: 'Shut the affected instances down, never terminate them',
    source:
      "Shutdown the instance from the provider console (do not delete or terminate if you can help it, as we'll need to do forensics).",
    owner: 'securityTeam',
    by: containment('stopped'),
  },
  actOnHost: {
    step: 'stopAttack',
    title: 'Where somebody is logged into an affected host: agree who acts on it',
    source: 'If you happen to be logged into the box you can try to,',
    owner: 'securityTeam',
    by: PERSON,
  },
  restoreFirewallRules: {
    step: 'stopAttack',
    title: 'On the host: re-instate the default iptables rules',
    source: 'Re-instate our default iptables rules to restrict traffic.',
    owner: 'securityTeam',
    by: PERSON,
  },
  killAttackerSessions: {
    step: 'stopAttack',
    title: 'On the host: kill -9 any session that may be an attacker',
    source: 'kill -9 any active session you think is an attacker.',
    owner: 'securityTeam',
    by: PERSON,
  },
  lockOutUsers: {
    step: 'stopAttack',
    title: 'On the host: change the root password and lock out all other users',
    source: 'Change root password, and update /etc/shadow to lock out all other users.',
    owner: 'securityTeam',
    by: PERSON,
  },
  shutDownHost: {
    step: 'stopAttack',
    title: 'On the host: sudo shutdown now',
    source: 'sudo shutdown now',
    owner: 'securityTeam',
    by: PERSON,
  },

  // 2. Cut off the attack vector.
  secureThirdParty: {
    step: 'cutOffVector',
    title:
      'At a compromised third-party provider: delete all accounts but your own and those of people physically present; rotate your password and MFA tokens',
    source:
      'If you suspect a third-party provider is compromised, delete all accounts except your own (and those of others who are physically present) and immediately rotate your password and MFA tokens.',
    owner: 'securityTeam',
    by: PERSON,
  },
  disableVectorService: {
    step: 'cutOffVector',
    title: 'In a service that was the vector: disable the code paths, or shut the service down',
    source:
      'If you suspect a service application was an attack vector, disable any relevant code paths, or shut down the service entirely.',
    owner: 'serviceRepresentative',
    by: PERSON,
  },

  // 3. Assemble the response team.
  pageCommander: {
    step: 'assembleTeam',
    title: 'Page an incident commander',
    source: 'Page an Incident Commander if not already done so.',
    owner: 'incidentCommander',
    by: effects('pageIncidentCommander'),
  },
  appointCommandRoles: {
    step: 'assembleTeam',
    title: 'Appoint the incident command roles, who document actions and notify internal stakeholders',
    source:
      'They will also appoint the usual incident command roles. The incident command team will be responsible for keeping documentation of actions taken, and for notifying internal stakeholders as appropriate.',
    owner: 'incidentCommander',
    by: PERSON,
  },
  giveCodename: {
    step: 'assembleTeam',
    title: 'Give the incident an innocuous codename',
    source:
      "Give the project an innocuous codename that can be used for chats/documents so if anyone overhears they don't realize it's a security incident. (e.g. sapphire-unicorn).",
    owner: 'incidentCommander',
    by: DECLARATION,
  },
  startCall: {
    step: 'assembleTeam',
    title: 'Start the voice call',
    source: 'Start the voice call if not already in progress.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  setUpRoom: {
    step: 'assembleTeam',
    title: 'Set up the chat room under the codename',
    source: 'Setup chat room using the codename of the incident.',
    owner: 'incidentCommander',
    by: effects('openRoom'),
  },
  inviteAllResponders: {
    step: 'assembleTeam',
    title: 'Invite all responders to the call and the room',
    source: 'Invite all responders to the voice call and chat room.',
    owner: 'incidentCommander',
    by: effects('inviteResponders', 'pageResponders', 'noteOnPage'),
  },
  includeSecurityTeam: {
    step: 'assembleTeam',
    title: 'Include the security team',
    source: 'The security team should always be included.',
    owner: 'incidentCommander',
    by: effects('inviteResponders'),
  },
  includeServiceRepresentatives: {
    step: 'assembleTeam',
    title: 'Include a representative for every affected service',
    source: 'A representative for any affected services should be included.',
    owner: 'incidentCommander',
    by: effects('inviteResponders'),
  },
  inviteExecutives: {
    step: 'assembleTeam',
    title: 'Invite executive stakeholders and legal counsel, after the operational responders',
    source:
      'Executive stakeholders and legal counsel should be invited at earliest possible opportunity, but prioritize operational responders first.',
    owner: 'incidentCommander',
    by: effects('inviteExecutives'),
    opensWhen: [operationalRespondersCameFirst],
  },
  keepToResponders: {
    step: 'assembleTeam',
    title: 'Tell the room: not a word to anyone not on the response team until forensics has been performed',
    source:
      'Do not communicate with anyone not on the response team about the incident until forensics has been performed. The attack could be happening internally.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  prefixTopics: {
    step: 'assembleTeam',
    title: 'Prefix the chat topic with "Attorney Work Project", and tell the room to do so with e-mails',
    source: 'Prefix all emails, and chat topics with "Attorney Work Project".',
    owner: 'incidentCommander',
    by: effects('openRoom', 'briefRoom'),
  },
  preferVoiceAndChat: {
    step: 'assembleTeam',
    title: 'Tell the room: voice call and Slack before any other method',
    source: 'Prefer voice call and Slack over any other methods.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  avoidEmail: {
    step: 'assembleTeam',
    title: 'Tell the room: avoid e-mail',
    source: 'Avoid email, but if you absolutely need to for some reason,',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  neutralSubject: {
    step: 'assembleTeam',
    title: 'Tell the room: the subject of an e-mail is "Attorney Work Project" and nothing else',
    source: 'Subject of emails should be "Attorney Work Project" and nothing else.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  encryptExternalEmail: {
    step: 'assembleTeam',
    title: "Tell the room: an e-mail with any contact outside the company's domain is encrypted",
    source:
      'If email chain has ANY contacts not with the @pagerduty.com domain, make sure your emails are encrypted.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  avoidSms: {
    step: 'assembleTeam',
    title: 'Tell the room: nothing about the incident by SMS',
    source: 'Do not use SMS to communicate about the incident.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  smsOnlyToMove: {
    step: 'assembleTeam',
    title: 'Tell the room: an SMS may only tell someone to move to a more secure channel',
    source:
      'The only exception is to tell someone to move to a more secure channel. e.g. "Please join Slack ASAP".',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },
  waitForApproval: {
    step: 'assembleTeam',
    title: 'Tell the room: nothing to those outside the response team until it is approved',
    source:
      'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.',
    owner: 'incidentCommander',
    by: effects('briefRoom'),
  },

  // 4. Isolate affected instances.
  isolateAffected: {
    step: 'isolateInstances',
    title: 'Isolate the affected instances from all others, and prove it',
    source:
      'Any instances which were affected by the attack should be immediately isolated from any other instances.',
    owner: 'securityTeam',
    by: containment('verified'),
  },
  denyAffectedAddresses: {
    step: 'isolateInstances',
    title: "Deny the affected instances' addresses on all other hosts",
    source: 'Blacklist the IP addresses for any affected instances from all other hosts.',
    owner: 'securityTeam',
    by: containment('deniedElsewhere'),
  },
  turnOffInstances: {
    step: 'isolateInstances',
    title: 'Turn the affected instances off, if that was not done to stop the attack',
    source: "Turn off and shutdown the instances immediately if you didn't do that to stop the attack.",
    owner: 'securityTeam',
    by: containment('stopped'),
  },
  takeDiskImages: {
    step: 'isolateInstances',
    title: 'Take an image of every disk attached to the affected instances',
    source:
      'Take a disk image for any disks attached to the instances, and ship them to an off-site cold storage location.',
    owner: 'securityTeam',
    by: containment('snapshotted'),
  },
  shipDiskImages: {
    step: 'isolateInstances',
    title: 'Ship the images to off-site cold storage: read-only, and safe from tampering',
    source: 'You should make sure these images are read-only and cannot be tampered with.',
    owner: 'securityTeam',
    by: containment('stored'),
  },

  // 5. Identify timeline of attack.
  findReconnaissance: {
    step: 'identifyTimeline',
    title: 'Find reconnaissance from before the attack',
    source: 'Any reconnaissance the attacker performed on the system before the attack started.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findFirstAccess: {
    step: 'identifyTimeline',
    title: 'Find when the attacker gained access',
    source: 'When the attacker gained access to the system.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findActions: {
    step: 'identifyTimeline',
    title: 'Find what the attacker did, and when',
    source: 'What actions the attacker performed on the system, and when.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findDwellTime: {
    step: 'identifyTimeline',
    title: 'Find how long the attacker had access before detection, and before being kicked out',
    source:
      'Identify how long the attacker had access to the system before they were detected, and before they were kicked out.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findQueries: {
    step: 'identifyTimeline',
    title: 'Find any queries that the attacker ran on databases',
    source: 'Identify any queries the attacker ran on databases.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findBackDoors: {
    step: 'identifyTimeline',
    title: 'Look for another back door, and watch the logs',
    source:
      'Try to identify if the attacker still has access to the system via another back door. Monitor logs for unusual activity, etc.',
    owner: 'securityTeam',
    by: PERSON,
  },

  // 6. Identify compromised data.
  findCompromisedData: {
    step: 'identifyCompromisedData',
    title: 'Identify any data that was compromised',
    source: 'Identify any data that was compromised during the attack.',
    owner: 'securityTeam',
    by: PERSON,
  },
  findExfiltration: {
    step: 'identifyCompromisedData',
    title: 'Was data exfiltrated from a database?',
    source: 'Was any data exfiltrated from a database?',
    owner: 'serviceRepresentative',
    by: PERSON,
  },
  findCompromisedKeys: {
    step: 'identifyCompromisedData',
    title: 'Which keys on the system now count as compromised?',
    source: 'What keys were on the system that are now considering compromised?',
    owner: 'serviceRepresentative',
    by: PERSON,
  },
  findMappedComponents: {
    step: 'identifyCompromisedData',
    title: 'Could the attacker identify other components, or map the network?',
    source: 'Was the attacker able to identify other components of the system (map out the network, etc).',
    owner: 'securityTeam',
    by: PERSON,
  },
  findCustomerData: {
    step: 'identifyCompromisedData',
    title: 'Find exactly what customer data was compromised, if any',
    source: 'Find exactly what customer data has been compromised, if any.',
    owner: 'securityTeam',
    by: PERSON,
  },

  // 7. Assess risk to other systems.
  assessAnotherWayIn: {
    step: 'assessOtherSystems',
    title: 'Does the attacker know enough to find another way in?',
    source: 'Does the attacker have enough information to find another way in?',
    owner: 'securityTeam',
    by: PERSON,
  },
  assessStoredSecrets: {
    step: 'assessOtherSystems',
    title: 'Count every password and key stored on the host as compromised, however it was stored',
    source:
      'Were any passwords or keys stored on the host? If so, they should be considered compromised, regardless of how they were stored.',
    owner: 'securityTeam',
    by: PERSON,
  },
  rotateAttackAccounts: {
    step: 'assessOtherSystems',
    title: 'For accounts used in the attack: rotate keys and passwords on every other system',
    source:
      'Any user accounts that were used in the initial attack should rotate all of their keys and passwords on every other system they have an account.',
    owner: 'securityTeam',
    by: PERSON,
    opensWhen: [rotationsAreSettled],
  },

  // 8. Assess risk of re-attack. The seed gives it no bullets of its own: the step is the task.
  assessRiskOfReattack: {
    step: 'assessReattack',
    title: 'Assess the risk of re-attack',
    source: 'Assess risk of re-attack.',
    owner: 'securityTeam',
    by: PERSON,
  },

  // 9. Apply additional mitigations, additions to monitoring, etc.
  rotateCompromisedData: {
    step: 'applyMitigations',
    title: 'Rotate any compromised data',
    source: 'Rotate any compromised data.',
    owner: 'securityTeam',
    by: PERSON,
  },
  identifyAlerting: {
    step: 'applyMitigations',
    title: 'Identify new alerting for a similar breach',
    source: 'Identify any new alerting which is needed to notify of a similar breach.',
    owner: 'securityTeam',
    by: PERSON,
  },
  blockAttackAddresses: {
    step: 'applyMitigations',
    title: 'Block the IP addresses associated with the attack',
    source: 'Block any IP addresses associated with the attack.',
    owner: 'securityTeam',
    by: containment('addressesBlocked'),
  },
  revokeCredentials: {
    step: 'applyMitigations',
    title: 'Identify compromised keys and credentials, and revoke them',
    source: 'Identify any keys/credentials that are compromised and revoke their access immediately.',
    owner: 'securityTeam',
    by: containment('credentialsRevoked'),
  },

  // 10. Forensic analysis of compromised systems.
  combThroughEvidence: {
    step: 'forensicAnalysis',
    title: 'Comb through the images and access logs',
    source:
      'Take any read-only images you created, any access logs you have, and comb through them for more information about the attack.',
    owner: 'forensicsLead',
    by: PERSON,
    essential: true,
  },
  identifyWhatHappened: {
    step: 'forensicAnalysis',
    title: 'Identify exactly what happened, how, and how to prevent it in future',
    source: 'Identify exactly what happened, how it happened, and how to prevent it in future.',
    owner: 'forensicsLead',
    by: PERSON,
    essential: true,
  },
  trackAttackAddresses: {
    step: 'forensicAnalysis',
    title: 'Keep track of all IP addresses involved',
    source: 'Keep track of all IP addresses involved in the attack.',
    owner: 'forensicsLead',
    by: PERSON,
  },
  watchForReturn: {
    step: 'forensicAnalysis',
    title: 'Monitor the logs for any attempt to regain access',
    source: 'Monitor logs for any attempt to regain access to the system by the attacker.',
    owner: 'forensicsLead',
    by: PERSON,
  },

  // 11. Internal communication.
  keepDetailsOut: {
    step: 'internalCommunication',
    title: 'Write it without too much detail',
    source: "Don't go into too much detail.",
    owner: 'engineeringLeader',
    by: PERSON,
  },
  overviewTimeline: {
    step: 'internalCommunication',
    title: 'Overview the timeline',
    source: 'Overview the timeline.',
    owner: 'engineeringLeader',
    by: PERSON,
  },
  discussMitigation: {
    step: 'internalCommunication',
    title: 'Discuss the mitigation steps taken',
    source: 'Discuss mitigation steps taken.',
    owner: 'engineeringLeader',
    by: PERSON,
  },
  followUp: {
    step: 'internalCommunication',
    title: 'Follow up with more information once it is known',
    source: 'Follow up with more information once it is known.',
    owner: 'engineeringLeader',
    by: PERSON,
  },

  // 12. Involve law enforcement.
  contactLocalLawEnforcement: {
    step: 'lawEnforcement',
    title: 'Contact local law enforcement',
    source: 'Contact local law enforcement.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('localLawEnforcement'),
  },
  contactFbi: {
    step: 'lawEnforcement',
    title: 'Contact the FBI',
    source: 'Contact FBI.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('fbi'),
  },
  contactSystemOperators: {
    step: 'lawEnforcement',
    title: 'Contact the operators of any systems used in the attack',
    source:
      'Contact operators for any systems used in the attack, their systems may also have been compromised.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('systemOperators'),
  },
  contactSecurityCompanies: {
    step: 'lawEnforcement',
    title: 'Contact security companies, for assessing risk and PR',
    source: 'Contact security companies to help in assessing risk and any PR next steps.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('securityCompanies'),
  },
  contactCyberInsurance: {
    step: 'lawEnforcement',
    title: 'Contact the cyber insurance provider',
    source: 'Contact cyber insurance provider.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('cyberInsurance'),
  },

  // 13. Reach out to external parties. The seed gives it no bullets of its own: the step is the task.
  contactExternalParties: {
    step: 'externalParties',
    title: 'Reach out to external parties that may have been used as vector',
    source: 'Reach out to external parties that may have been used as vector for attack.',
    owner: 'engineeringLeader',
    by: PERSON,
    ...outside('externalParties'),
  },

  // 14. External communication.
  dateInTitle: {
    step: 'externalCommunication',
    title: 'The date is in the title',
    source:
      "Include the date in the title of any announcement, so that it's never confused for a potential new breach.",
    owner: 'marketing',
    by: LINT,
  },
  avoidBannedPhrase: {
    step: 'externalCommunication',
    title: 'The phrase that makes everyone cringe is not in it',
    source: 'Don\'t say "We take security very seriously". It makes everyone cringe when they read it.',
    owner: 'marketing',
    by: LINT,
  },
  beHonest: {
    step: 'externalCommunication',
    title: 'It is honest, accepts responsibility, presents the facts and how we prevent it in future',
    source:
      'Be honest, accept responsibility, and present the facts, along with exactly how we plan to prevent such things in future.',
    owner: 'marketing',
    by: PERSON,
  },
  detailTimeline: {
    step: 'externalCommunication',
    title: 'Its timeline is as detailed as possible',
    source: 'Be as detailed as possible with the timeline.',
    owner: 'marketing',
    by: PERSON,
  },
  detailImpact: {
    step: 'externalCommunication',
    title: 'It says in detail what was compromised and how that affects customers',
    source:
      "Be as detailed as possible in what information was compromised, and how it affects customers. If we were storing something we shouldn't have been, be honest about it. It'll come out later and it'll be much worse.",
    owner: 'marketing',
    by: PERSON,
  },
  nameNobody: {
    step: 'externalCommunication',
    title: 'It names no external party, unless it links to that party’s own disclosure',
    source:
      "Don't name and shame any external parties that might have caused the compromise. It's bad form. (Unless they've already publicly disclosed, in which case we can link to their disclosure).",
    owner: 'marketing',
    by: LINT,
  },
  releaseStatement: {
    step: 'externalCommunication',
    title: 'Release the approved statement',
    source:
      'Release the external communication as soon as possible, preferably within a few days of the compromise. The longer we wait, the worse it will be.',
    owner: 'marketing',
    by: PERSON,
    opensWhen: [statementIsApproved, customersTeamsAreReached],
    // Not telling the public is for two to decide: the step is withheld.
    essential: true,
  },
  tellCustomersSecurityTeams: {
    step: 'externalCommunication',
    title: "Reach the customers' internal security teams before the public",
    source:
      "If possible, get in touch with customers' internal security teams before the general public notice is sent.",
    owner: 'marketing',
    by: PERSON,
    opensWhen: [everyCustomerIsAccountedFor],
  },
} as const satisfies Record<string, TaskDefinition>;

export type TaskId = keyof typeof TASKS;

export const TASK_IDS = Object.keys(TASKS) as TaskId[];

export function taskOf(id: TaskId): TaskDefinition {
  return TASKS[id];
}

/** Every contact has one task that makes it. */
export function taskOfContact(contact: ContactId): TaskId {
  const found = TASK_IDS.find((id) => taskOf(id).contact === contact);
  if (!found) throw new Error(`no task makes the contact ${contact}`);
  return found;
}

export function tasksOfStep(step: StepId): TaskId[] {
  return TASK_IDS.filter((id) => TASKS[id].step === step);
}

/** "11.2": the step's number and the task's place in it. */
export function numberOfTask(id: TaskId): string {
  const { step } = TASKS[id];
  return `${STEPS[step].number}.${tasksOfStep(step).indexOf(id) + 1}`;
}

/**
 * The step or task that a person means by a number (`11`, `11.2`) or a name in any spelling (`overviewTimeline`,
 * `overview-timeline`).
 */
export function findStep(named: string): StepId | undefined {
  return STEP_IDS.find((id) => String(STEPS[id].number) === named || sameName(id, named));
}

export function findTask(named: string): TaskId | undefined {
  return TASK_IDS.find((id) => numberOfTask(id) === named || sameName(id, named));
}

export function sameName(id: string, named: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '');
  return plain(id) === plain(named);
}
