/** What a drill leaves to be judged, asked of the incident and of every stand-in when it is over. */
import { createHash } from 'node:crypto';
import { checklistOf, timelineOf } from '../client/incidents';
import { TOOLS } from '../client/evidence/tools';
import { LEDGER_TOOLS } from '../client/ledger/tools';
import { checkEvidence } from '../domain/evidence/check';
import { sentenceOfFinding } from '../domain/evidence/finding';
import { isReadByCheck } from '../domain/evidence/manifest';
import { checkLedger, hasEvidence, isReadByLedgerCheck } from '../domain/ledger/check';
import { executivesAndCounsel, marketingTeam, operationalResponders, type Responder } from '../domain/roles';
import type { ChecklistView } from '../domain/view';
import { QUARANTINE_GROUP_NAME } from '../integrations/aws/quarantine';
import type { IncidentResult } from '../workflows/incident/messages';
import { gatherMessages } from './messages';
import type { Records } from './records';
import type { Scenario } from './scenario';
import type { Stage } from './stage';
import type { Call } from './stand-ins/recording-proxy';
import { lookAtColdLocks } from './stand-ins/aws-company';
import { lookAtFleet } from './stand-ins/aws-fleet';
import { lookAtAcls, lookAtIpSets, lookAtLocks, lookAtUser } from './stand-ins/aws-inspection';

export async function gather(
  scenario: Scenario,
  stage: Stage,
  codename: string,
  result: IncidentResult,
  evidence: ReadonlyMap<string, Uint8Array>,
): Promise<Records> {
  const { client, pagerduty, slack, aws, fleet, configuration, ipSets } = stage;
  const [checklist, entries] = await Promise.all([
    checklistOf(client, codename),
    timelineOf(client, codename),
  ]);
  // What a stopped member's scaling group would do to it later, it does now.
  await aws.checkHealth();
  const {
    coldStorage,
    aws: { region },
  } = configuration;
  const roster = configuration.roster as readonly Responder[];
  const services = checklist.scope.services;
  const isExcluded = (email: string) =>
    checklist.people.some((person) => person.email === email && person.excluded !== undefined);
  // Whoever's only role was taken is not asked into a room that is opened later.
  const takesPart = (email: string) =>
    checklist.people.some((person) => person.email === email && person.roles.length > 0);
  // Into a room that is opened once step 14 is open, marketing comes in with the others.
  const opened = entries.find(({ kind, text }) => kind === 'gate' && /^step 14 .* is open$/.test(text));
  const movedLate = entries.some(
    ({ kind, decision, seq }) =>
      kind === 'decision' && decision === 'moveRoom' && opened !== undefined && opened.seq < seq,
  );
  const contained = Object.values(fleet).filter(({ id }) => isContained(checklist, id));
  return {
    codename,
    summary: scenario.declare.summary,
    entries: entries,
    checklist,
    outcome: result.outcome,
    expected: {
      outcome: scenario.expect.outcome,
      steps: scenario.expect.steps,
      refusals: scenario.acts
        .flatMap(({ together }) => together)
        .filter(({ refused }) => refused !== undefined),
      operational: operationalResponders(roster, services).filter(
        (email) => !isExcluded(email) && takesPart(email),
      ),
      later: [...executivesAndCounsel(roster, services), ...(movedLate ? [] : marketingTeam(roster))],
      ...(scenario.door === 'slack' && { door: 'slack' }),
    },
    pagerduty: { calls: pagerduty.calls, incidents: pagerduty.incidents() },
    slack: { calls: slack.calls, room: await slack.room(checklist.room?.name ?? codename) },
    people: {
      idOf: orNobody(slack.userIdOf),
      pagerIdOf: orNobody(pagerduty.userIdOf),
      deliveries: slack.app.deliveries,
      rooms: idsMadeBy(slack.calls, 'conversations.create'),
      direct: idsMadeBy(slack.calls, 'conversations.open'),
      company: await companyChannels(stage),
      rung: pagerduty.rung(),
    },
    messages: await gatherMessages(stage),
    evidence: checkedEvidence(evidence),
    aws: {
      calls: [...aws.calls],
      fleet:
        contained.length > 0
          ? await lookAtFleet(
              aws.url,
              region,
              contained.map(({ id }) => id),
            )
          : {},
      released: checklist.containments
        .filter(({ release }) => release?.doneAt !== undefined)
        .map(({ target }) => target.id),
      acls: await aclsOf(contained, aws.url, region),
      locks: await lookAtLocks(aws.url, region),
      coldLocks: await lookAtColdLocks(aws.url, coldStorage),
      attackers: checklist.containments
        .filter(({ target, status }) => target.kind === 'address' && status === 'finished')
        .map(({ target }) => target.id),
      blockedByWaf: await lookAtIpSets(aws.url, region, ipSets),
      users: Object.fromEntries(
        await Promise.all(
          (scenario.expect.outcome === 'closed' ? scenario.users : []).map(
            async (name) => [name, await lookAtUser(aws.url, region, name)] as const,
          ),
        ),
      ),
      quarantineGroup: QUARANTINE_GROUP_NAME,
      lost: [...aws.lost],
    },
  };
}

/** Somebody may take part whom the vendor does not know. */
function orNobody(idOf: (email: string) => string): (email: string) => string | undefined {
  return (email) => {
    try {
      return idOf(email);
    } catch {
      return undefined;
    }
  };
}

/** Of the conversations that such calls have made or found. */
function idsMadeBy(calls: readonly Call[], name: string): string[] {
  const made = calls.filter((call) => call.name === name);
  return [...new Set(made.flatMap(({ answer }) => /"channel":\s*\{"id":\s*"(\w+)"/.exec(answer)?.[1] ?? []))];
}

/** Where the company is told. */
async function companyChannels({ slack, configuration }: Stage): Promise<string[]> {
  const names = configuration.communication.inside.flatMap((one) => one.slack ?? []);
  const rooms = await Promise.all(names.map((name) => slack.room(name)));
  return rooms.flatMap((room) => room?.id ?? []);
}

/** Of every VPC in which something was contained. */
async function aclsOf(fleet: readonly { readonly vpcId: string }[], url: string, region: string) {
  const vpcs = [...new Set(fleet.map(({ vpcId }) => vpcId))];
  return (await Promise.all(vpcs.map((vpcId) => lookAtAcls(url, region, vpcId)))).flat();
}

/** As `firebreak verify` would check it; a ledger of an incident that has ended has to close besides. */
function checkedEvidence(files: ReadonlyMap<string, Uint8Array>): string[] {
  const folder = new Map(
    [...files].map(([path, content]) => {
      const isRead = isReadByCheck(path) || isReadByLedgerCheck(path);
      const text = isRead ? { text: Buffer.from(content).toString('utf8') } : {};
      return [path, { bytes: content.length, sha256: sha256(content), ...text }];
    }),
  );
  const ledger = checkLedger(folder, LEDGER_TOOLS);
  return [
    ...(hasEvidence(folder.keys()) ? checkEvidence(folder, TOOLS).findings : []).map(sentenceOfFinding),
    ...ledger.findings.map(sentenceOfFinding),
    ...(ledger.closes ? [] : ['the ledger does not close, though the incident has ended']),
  ];
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function isContained(checklist: ChecklistView, id: string): boolean {
  return checklist.containments.some(({ target, status }) => target.id === id && status === 'finished');
}
