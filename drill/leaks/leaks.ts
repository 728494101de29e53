/** The leak scan at the end of every drill: did a word of it get out, or a field that nothing explains? */
import { readFileSync } from 'node:fs';
import { evidenceOf } from '../../client/incidents';
import { standingAt } from '../audit-standing';
import { DOOR_NAMES } from '../doors';
import { fieldsOf } from '../fields';
import type { Records } from '../records';
import { readFindingOf, type Scenario } from '../scenario';
import type { Stage } from '../stage';
import { canariesOf, type Canaries } from './canaries';
import { clearFieldsIn } from './clear-fields';
import { gatherPlaces } from './places';
import { scan, type LeakScan } from './scan';

/** `history` is what `history.json` will hold. */
export async function scanForLeaks(
  scenario: Scenario,
  stage: Stage,
  records: Records,
  history: string,
): Promise<LeakScan> {
  const { places, documents } = await gatherPlaces(stage, records, history);
  const scanned = scan(await canariesOfDrill(scenario, stage, records), places);
  const unexplained = [...documents].flatMap(([name, document]) =>
    clearFieldsIn(document, records.codename).map((what) => `${name}: ${what}, in the clear`),
  );
  return { ...scanned, hits: [...scanned.hits, ...unexplained] };
}

async function canariesOfDrill(scenario: Scenario, stage: Stage, records: Records): Promise<Canaries> {
  const { codename, entries, checklist, aws } = records;
  const { fleet, configuration } = stage;
  const { by: _by, ...declared } = scenario.declare;
  const decisions = scenario.acts.flatMap(({ together }) => together);
  const { items } = await evidenceOf(stage.client, codename);
  const standing = standingAt(entries, Infinity);
  const { contacts, customers, groups, mail } = configuration.communication;
  const outside = [...contacts, ...customers, ...standing.named];
  return canariesOf({
    typed: [
      declared,
      scenario.faults,
      ...decisions.map((one) => fieldsOf(one, [], { fleet, codename, now: Date.now() })),
    ],
    entries,
    detection: readFindingOf(scenario, fleet),
    scope: checklist.scope,
    things: [
      ...Object.keys(fleet),
      ...Object.values(fleet).flatMap(({ interfaceIds, volumeIds, ...one }) => [
        ...Object.values(one),
        ...interfaceIds,
        ...volumeIds,
      ]),
      ...Object.values(aws.fleet).flatMap(({ addresses, volumes }) => [
        ...addresses,
        ...volumes.flatMap(({ snapshots }) => snapshots.map(({ id }) => id)),
      ]),
      ...Object.keys(aws.locks),
      ...Object.keys(aws.coldLocks),
      ...Object.values(items).map(({ id }) => id),
      ...scenario.users,
      ...scenario.secrets,
    ],
    people: [
      ...configuration.roster.map(({ email }) => email),
      ...configuration.roster.flatMap(({ keys = [] }) => keys.map((key) => key.split(' ')[1] ?? '')),
      ...configuration.roster.flatMap(({ phone }) => phone ?? []),
      ...decisions.map(({ by }) => by),
      ...outside.flatMap(({ email }) => email ?? []),
      ...Object.keys(groups),
      mail.from,
    ],
    notes: standing.notes.filter(({ request }) => standing.approvedBy(request) >= 1).map(({ text }) => text),
    statements: standing.statements
      .filter(({ request }) => standing.approvedBy(request) >= 3)
      .map(({ text }) => text),
    secrets: [...stage.secrets, ...secretsIn(stage)],
  });
}

/** Lines of the keyring and of people's keys; what a line says in words is no secret. */
function secretsIn({ keyringFile, people, doorKeys, configuration, waysOut }: Stage): string[] {
  const files = [
    keyringFile,
    ...configuration.roster.map(({ email }) => people.keyFile(email)),
    ...DOOR_NAMES.map((name) => doorKeys.keyFile(name)),
  ];
  const texts = [
    ...files.map((file) => readFileSync(file, 'utf8')),
    ...Object.values(waysOut.keys).map(({ privateKey }) => privateKey),
  ];
  return texts.flatMap((text) => text.split(/\s+/)).filter((word) => /^[A-Za-z0-9+/]{30,}=*$/.test(word));
}
