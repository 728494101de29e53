/** The people outside whom steps 12 and 13 may bring in, each only after approval of its own. */
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
