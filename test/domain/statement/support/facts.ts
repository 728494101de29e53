/** What the statements of this folder are checked against. */
import type { IncidentFacts, StatementFacts } from '../../../../domain/statement/facts';

const grounded = (grounds: string) => ({ grounds });

export const INCIDENT: IncidentFacts = {
  declaredAt: Date.UTC(2026, 10, 22, 2, 14),
  entries: 14,
  instances: 3,
  identities: 1,
  secrets: 2,
  addresses: ['192.0.2.7', '198.51.100.9'],
  users: ['deploy-bot'],
  services: ['billing-api'],
  findings: {
    systemsSecured: grounded('every key of the kind is revoked'),
    monitoringInPlace: grounded('an alert for each sign-in'),
    attackSource: { value: 'external', grounds: 'sign-ins from 192.0.2.7' },
    informationValidated: grounded('checked against the logs by two people'),
    timelineEstablished: grounded('14 entries, each with its source'),
    compromisedDataKnown: grounded('the billing addresses of 12 customers were copied'),
    methodKnown: grounded('a deployment key of 2024'),
    recurrencePrevented: grounded('keys expire after an hour'),
  },
};

export const FACTS: StatementFacts = {
  date: '2026-11-24',
  parties: [
    { name: 'Example Mail', disclosure: 'https://mail.example.net/disclosure' },
    { name: 'Sample Chat' },
  ],
  domains: ['example.com'],
  incident: INCIDENT,
};
