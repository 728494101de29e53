/** Hand-off packs: what each audience is told, and that nothing else of an incident ever is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { CONTACT_IDS, CONTACTS, type ContactId, type Party } from '../../domain/contacts';
import { NO_COMMUNICATION } from '../../domain/communication';
import { FINDING_IDS } from '../../domain/findings';
import { answerPack } from '../../domain/hand-off/answer';
import {
  AUDIENCES,
  ROLE_WORDS,
  SECTION_IDS,
  SECTIONS,
  type SectionId,
} from '../../domain/hand-off/audiences';
import { packFor } from '../../domain/hand-off/pack';
import { renderPack } from '../../domain/hand-off/render';
import type { Incident } from '../../domain/incident';
import { requestIdOf } from '../../domain/requests';
import { ROLE_IDS } from '../../domain/roles';
import {
  after,
  afterReports,
  COPY,
  COUNSEL,
  declared,
  exclude,
  FIVE_FACTS,
  FORENSICS,
  forensicsPerformed,
  IC,
  IMAGE,
  imagesKept,
  INSTANCE,
  record,
  respond,
  SECURITY,
  stored,
  subSteps,
  systemsSecured,
  THREE_AM,
} from '../support/incidents';

const ADDRESS = '198.51.100.7';
const OTHER_ADDRESS = '2001:db8::7';
const IDENTITY = 'arn:aws:iam::123456789012:user/deploy-bot';
const SECRET = 'prod/payments/api-key';
const MINUTE = 60_000;

const PARTIES = {
  police: { id: 'police', kind: 'localLawEnforcement', name: 'Example Police' },
  fbi: { id: 'field-office', kind: 'fbi', name: 'Example Field Office' },
  host: { id: 'example-host', kind: 'systemOperators', name: 'Example Hosting' },
  forensics: { id: 'example-forensics', kind: 'securityCompanies', name: 'Example Forensics' },
  insurer: {
    id: 'insurer',
    kind: 'cyberInsurance',
    name: 'Example Insurance',
    email: 'claims@insurer.example',
  },
  vendor: { id: 'vendor', kind: 'externalParties', name: 'Example Vendor' },
} as const satisfies Record<string, Party>;

/** A second external party, named during the incident. */
const OTHER_VENDOR: Party = { id: 'other-vendor', kind: 'externalParties', name: 'Another Vendor' };
const CUSTOMER: Party = { id: 'customer-one', kind: 'customer', name: 'Customer One' };

const partyOf = (contact: ContactId): Party =>
  Object.values(PARTIES).find(({ kind }) => kind === contact) as Party;

/** One in which everything has happened of which a pack could tell. */
function rich(): Incident {
  const kept = stored({
    systems: ['github', 'vpn'],
    roster: [
      { email: IC, roles: ['incidentCommander'], phone: '+1 555 0101' },
      { email: SECURITY, roles: ['securityTeam'], phone: '+1 555 0102' },
      { email: FORENSICS, roles: ['forensicsLead'] },
      { email: COUNSEL, roles: ['legalCounsel'] },
    ],
    communication: {
      ...NO_COMMUNICATION,
      contacts: Object.values(PARTIES),
      customers: [CUSTOMER],
      domains: ['example.com'],
    },
  });
  const scoped = after(
    kept,
    { name: 'widenScope', by: SECURITY, what: 'address', which: ADDRESS },
    { name: 'widenScope', by: SECURITY, what: 'address', which: OTHER_ADDRESS },
    { name: 'widenScope', by: SECURITY, what: 'identity', which: IDENTITY },
    { name: 'widenScope', by: SECURITY, what: 'secret', which: SECRET },
    { name: 'widenScope', by: SECURITY, what: 'user', which: 'deploy-bot' },
    { name: 'widenScope', by: SECURITY, what: 'account', which: 'Unnamed Cloud' },
  );
  const contained = afterReports(
    scoped,
    subSteps(ADDRESS, { state: 'done' }, 'block', 'verify'),
    subSteps(IDENTITY, { state: 'done' }, 'disableKeys', 'denySessions', 'verify'),
    subSteps(SECRET, { state: 'done' }, 'rotate'),
    {
      name: 'containmentReported',
      told: {
        target: INSTANCE,
        items: [
          {
            id: `captures/${INSTANCE}.json`,
            kind: 'capture',
            of: INSTANCE,
            bytes: 4711,
            sha256: 'ab'.repeat(32),
            createdAt: THREE_AM,
            state: 'complete',
          },
          {
            id: 's3://evidence-bucket/memory/1.lime',
            kind: 'memory',
            of: INSTANCE,
            noHashBecause: 'the document gave none',
            createdAt: THREE_AM,
            state: 'complete',
          },
          {
            id: 'captures/identity.json',
            kind: 'capture',
            of: IDENTITY,
            createdAt: THREE_AM,
            state: 'complete',
            lock: { mode: 'governance', until: Date.UTC(2027, 10, 24) },
          },
        ],
        custody: [
          {
            at: THREE_AM,
            item: 's3://evidence-bucket/memory/1.lime',
            event: 'captured',
            by: 'firebreak',
            holder: 's3://evidence-bucket/memory/1.lime',
            note: 'by the role responder-role',
          },
        ],
      },
    },
    {
      name: 'sealed',
      seal: { sequence: 1, path: 'manifest-1.json', sha256: 'cd'.repeat(32), at: THREE_AM, records: 3 },
    },
  );
  const analysed = after(
    forensicsPerformed(systemsSecured(contained)),
    record(FORENSICS, 'attackSource', 'external'),
    ...FIVE_FACTS.map((finding) => record(FORENSICS, finding)),
    { name: 'handOver', by: FORENSICS, item: IMAGE, to: 'Example Police', reason: 'case 4711' },
    { name: 'handOver', by: FORENSICS, item: COPY, to: 'Example Insurance', reason: 'a claim' },
    exclude(IC, 'suspect@example.com'),
  );
  const talk = (party: Party, about: string) => ({
    party: party.id,
    by: IC,
    with: `the desk of ${party.name}`,
    about,
    at: THREE_AM + 90 * MINUTE,
    nextAt: Date.UTC(2026, 10, 26, 9),
  });
  return {
    ...analysed,
    parties: { [OTHER_VENDOR.id]: OTHER_VENDOR },
    conversations: [
      ...Object.values(PARTIES).map((party) => talk(party, `first call of ${party.id}`)),
      talk(PARTIES.vendor, `traffic of ${ADDRESS}, seen by them too.`),
      talk(OTHER_VENDOR, 'words for another'),
      talk(CUSTOMER, 'words for a customer'),
    ],
  };
}

const INCIDENT = rich();
const pack = (
  contact: ContactId,
  incident: Incident = INCIDENT,
  party: Party | undefined = partyOf(contact),
) => renderPack(packFor(contact, incident, party));

/** The part under one heading. */
function section(text: string, id: SectionId): string {
  const [, body = ''] = text.split(`\n## ${SECTIONS[id]}\n`);
  return body.split('\n## ')[0] ?? '';
}

describe('every pack', () => {
  it.each(CONTACT_IDS)(
    'of %s begins with the words of the seed, and has the sections of its audience alone',
    (contact) => {
      const text = pack(contact);
      expect(text.startsWith('Attorney Work Project\n=')).toBe(true);
      const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
      expect(headings).toEqual(
        SECTION_IDS.filter((id) => AUDIENCES[contact][id] !== undefined).map((id) => SECTIONS[id]),
      );
      expect(packFor(contact, INCIDENT).title).toBe('Attorney Work Project');
    },
  );

  it.each(CONTACT_IDS)('of %s says for whom it is, which project it is, and as of when', (contact) => {
    expect(pack(contact)).toContain(`For ${partyOf(contact).name} (${CONTACTS[contact]}) alone`);
    expect(pack(contact)).toContain('Our reference: sapphire-unicorn. As it stood at 2026-11-24 0');
  });

  it.each(CONTACT_IDS)('of %s can be made of an incident in which nothing has happened', (contact) => {
    const text = renderPack(packFor(contact, declared()));
    expect(text).toContain('Attorney Work Project');
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  it('is the same whenever it is made of the same incident', () => {
    expect(pack('fbi')).toBe(pack('fbi', structuredClone(INCIDENT)));
  });

  it('does not change the incident', () => {
    const before = JSON.stringify(INCIDENT);
    for (const contact of CONTACT_IDS) pack(contact);
    expect(JSON.stringify(INCIDENT)).toBe(before);
  });
});

describe('law enforcement', () => {
  it.each(['localLawEnforcement', 'fbi'] as const)(
    '%s reads what happened when, by whom in the sense of a role',
    (contact) => {
      const timeline = section(pack(contact), 'timeline');
      expect(timeline).toMatch(/\| 2026-11-24 03:00:00 UTC \| The incident was declared \| security \|/);
      expect(timeline).toContain('| The response was decided on | incident command |');
      expect(timeline).toContain(`Address ${ADDRESS}: known |`);
      expect(timeline).toContain(`Address ${ADDRESS}: blocked, and that was checked | automatic |`);
      expect(timeline).toContain(`Instance ${INSTANCE}: cut off from the network, and that was checked`);
      expect(timeline).toContain(`Instance ${INSTANCE}: shut down`);
      expect(timeline).toContain('Established: the systems are secured | security |');
      expect(timeline).toContain('Established: the attack came from outside of the company | forensics |');
      expect(timeline).toContain('Done: Comb through the images and access logs | forensics |');
      expect(timeline).toContain('The evidence was sealed (seal 1)');
      const times = [...timeline.matchAll(/^\| (2026-\S+ \S+) UTC/gm)].map(([, time]) => time);
      expect(times.length).toBeGreaterThan(15);
      expect(times).toEqual([...times].sort());
    },
  );

  it('reads what a detector had reported, unless that is no word of a detector', () => {
    const withType = (type: string) =>
      pack('fbi', {
        ...INCIDENT,
        declaration: {
          ...INCIDENT.declaration,
          finding: { id: 'x', type, title: 'i-0abc odd', severity: 8 },
        },
      });
    expect(withType('UnauthorizedAccess:EC2/SSHBruteForce')).toContain(
      'The incident was declared; a detector had reported UnauthorizedAccess:EC2/SSHBruteForce',
    );
    expect(withType('ask ic@example.com about it')).not.toContain('a detector');
  });

  it('has the evidence by numbers: what, of what, when, how large, its hash, and who had it', () => {
    const evidence = section(pack('localLawEnforcement'), 'evidence');
    expect(evidence).toContain(`Image of a disk, in the affected account, running | Instance ${INSTANCE} |`);
    expect(evidence).toContain('| 4711 bytes | complete |');
    expect(evidence).toContain(`| E3 | ${'ab'.repeat(32)} |`);
    expect(evidence).toContain('of a user, role or secret |'.slice(3));
    expect(evidence).toContain('complete, locked until 2027-11-24');
    expect(evidence).toContain('| captured | automatic | us, in cold storage |');
    expect(evidence).toContain('| requested | automatic | us, in the affected account |');
    expect(evidence).toContain(`its SHA-256 is ${'cd'.repeat(32)}`);
    // How it is reached, and what gives access to it, is not told.
    expect(evidence).not.toMatch(/s3:|bucket|snap-|captures\/|999999999999|eu-central|manifest-1|governance/);
  });

  it('reads that it was handed an item itself, and of others only that there is another holder', () => {
    const police = section(pack('localLawEnforcement'), 'evidence');
    expect(police).toContain('| handed over | forensics | Example Police |');
    expect(police).toContain('| handed over | forensics | another holder, whom our record names |');
    expect(police).not.toContain('Example Insurance');
    expect(section(pack('fbi'), 'evidence')).not.toContain('Example Police');
  });

  it('is told of a source inside of the company; an insurer is not', () => {
    const internal = {
      ...INCIDENT,
      findings: {
        ...INCIDENT.findings,
        attackSource: { value: 'internal', grounds: 'x', by: FORENSICS, at: THREE_AM },
      },
    };
    expect(pack('fbi', internal)).toContain('Established: the attack came from inside of the company');
    expect(pack('securityCompanies', internal)).toContain('from inside of the company');
    expect(pack('cyberInsurance', internal)).not.toMatch(/inside|outside of the company/);
  });

  it('is not told what is in doubt, or was withdrawn', () => {
    const fallen = after(INCIDENT, {
      name: 'withdrawFinding',
      by: SECURITY,
      finding: 'systemsSecured',
      reason: 'a back door',
    });
    expect(fallen.tasks.combThroughEvidence).toMatchObject({ inDoubt: {} });
    const timeline = section(pack('fbi', fallen), 'timeline');
    expect(timeline).not.toContain('the systems are secured');
    expect(timeline).not.toContain('Comb through the images');
  });
});

describe('operators of systems used in the attack', () => {
  it('read the addresses and since when they are known, and nothing of our systems', () => {
    const text = pack('systemOperators');
    expect(section(text, 'addresses')).toMatch(
      new RegExp(
        `\\| address \\| known since \\|\\n.*\\n\\| ${ADDRESS} \\| 2026-11-24 0\\d:\\d\\d:00 UTC \\|`,
      ),
    );
    expect(text).toContain(OTHER_ADDRESS);
    expect(text).not.toMatch(/i-0abc|deploy-bot|blocked|shut down|secured|evidence|payments/i);
  });
});

describe('external parties', () => {
  it('read the addresses that a conversation with them has named, and no other', () => {
    const own = section(pack('externalParties'), 'ownAddresses');
    expect(own).toContain(ADDRESS);
    expect(own).not.toContain(OTHER_ADDRESS);
    const other = pack('externalParties', INCIDENT, OTHER_VENDOR);
    expect(other).not.toContain(ADDRESS);
    expect(section(other, 'ownAddresses')).toContain('None that we have spoken with you about.');
  });

  it.each([
    [`from ${ADDRESS}.`, true],
    [`traffic:${ADDRESS}, and more`, true],
    [`${ADDRESS}:22`, true],
    [`${ADDRESS}7`, false],
    [`1${ADDRESS}`, false],
    [`${ADDRESS}.1`, false],
    [`${ADDRESS}/24`, false],
    ['198x51x100x7', false],
  ])('an address is named by itself, and not as part of another: "%s"', (about, isNamed) => {
    const incident = {
      ...INCIDENT,
      conversations: [{ party: 'vendor', by: IC, with: 'them', about, at: THREE_AM }],
    };
    expect(section(pack('externalParties', incident), 'ownAddresses').includes(`| ${ADDRESS} |`)).toBe(
      isNamed,
    );
  });

  it.each([
    [`it was ${OTHER_ADDRESS}.`, true],
    [`vendor:${OTHER_ADDRESS}: seen`, true],
    [`1:${OTHER_ADDRESS}`, false],
    [`${OTHER_ADDRESS}:1`, false],
    [`(${OTHER_ADDRESS.toUpperCase()})`, true],
    [`${OTHER_ADDRESS}1`, false],
    ['2001:db8::', false],
  ])('an address is named by itself: "%s"', (about, isNamed) => {
    const incident = {
      ...INCIDENT,
      conversations: [{ party: 'vendor', by: IC, with: 'them', about, at: THREE_AM }],
    };
    expect(section(pack('externalParties', incident), 'ownAddresses').includes(OTHER_ADDRESS)).toBe(isNamed);
  });

  it('never reads what was said with another one, and without a name reads nothing of either', () => {
    expect(pack('externalParties', INCIDENT, OTHER_VENDOR)).toContain('words for another');
    expect(pack('externalParties', INCIDENT, OTHER_VENDOR)).not.toContain('first call of vendor');
    expect(pack('externalParties')).not.toContain('words for another');
    const nameless = renderPack(packFor('externalParties', INCIDENT));
    expect(nameless).not.toMatch(/first call|words for|198\.51\.100\.7/);
    expect(nameless).toContain('None is on record.');
  });
});

describe('security companies', () => {
  it('read which instances are affected and how far each has come', () => {
    const instances = section(pack('securityCompanies'), 'instances');
    expect(instances).toMatch(
      new RegExp(`\\| ${INSTANCE} \\| 2026-11-24 03:00:00 UTC \\| 2026-.* \\| 2026-.* \\| 2026-`),
    );
    expect(pack('securityCompanies')).toContain(ADDRESS);
  });
});

describe('the insurer', () => {
  const text = pack('cyberInsurance');

  it('reads how much of what kind was affected, and what was done', () => {
    expect(section(text, 'affected')).toContain('| instances | 1 |');
    expect(section(text, 'affected')).toContain('| addresses of the attacker | 2 |');
    expect(section(text, 'measures')).toContain('| addresses of the attacker blocked | 1 of 2 |');
    expect(section(text, 'measures')).toContain('| secrets replaced | 1 of 1 |');
    expect(section(text, 'measures')).toContain('keys and passwords replaced | 0 of 2 |');
    expect(section(text, 'measures')).toMatch(/the systems are secured \| yes, since 2026-/);
  });

  it('reads no name of anything that was affected, and no address', () => {
    expect(text).not.toMatch(/i-0abc|198\.51|2001:db8|deploy-bot|payments|Unnamed Cloud/);
    expect(section(text, 'timeline')).toContain('An instance: shut down');
    expect(section(text, 'timeline')).toContain('An address of the attacker: known');
  });

  it('reads one line of many things that it may not tell apart', () => {
    const addresses = Array.from({ length: 40 }, (_, n) => `203.0.113.${n}`);
    const many = {
      ...INCIDENT,
      containments: Object.fromEntries(
        addresses.map((id, n) => [
          id,
          {
            target: { kind: 'address', id },
            number: n,
            status: 'running',
            since: THREE_AM,
            subSteps: {},
            unproven: [],
          },
        ]),
      ),
    } as unknown as Incident;
    expect(section(pack('cyberInsurance', many), 'timeline').match(/known/g)).toHaveLength(1);
    expect(pack('cyberInsurance', many)).toContain('An address of the attacker: known (40 of them)');
    expect(section(pack('fbi', many), 'timeline')).toContain('Address 203.0.113.39: known');
  });
});

describe('conversations', () => {
  it.each(CONTACT_IDS)('%s reads its own, with its next word, and by role who of us spoke', (contact) => {
    const { id, name } = partyOf(contact);
    expect(section(pack(contact), 'contactLog')).toContain(
      `| 2026-11-24 04:30:00 UTC | incident command | the desk of ${name} | first call of ${id} | 2026-11-26 |`,
    );
  });

  it('are told of the only party of its kind where none was named', () => {
    expect(renderPack(packFor('fbi', INCIDENT))).toContain('first call of field-office');
  });

  it('are not told to a party of another kind', () => {
    expect(renderPack(packFor('fbi', INCIDENT, PARTIES.insurer))).not.toMatch(/first call|Example Insurance/);
  });

  it('name somebody who was excluded since, or has no role any more, no otherwise than anybody', () => {
    const said = { party: 'insurer', with: 'them', about: 'hello', at: THREE_AM } as const;
    const incident = {
      ...after(INCIDENT, exclude(IC, SECURITY)),
      conversations: [
        { ...said, by: SECURITY },
        { ...said, by: 'gone@example.com' },
      ],
    };
    const log = section(pack('cyberInsurance', incident), 'contactLog');
    expect(log).toContain('| security | them |');
    expect(log).toContain('| a responder | them |');
    expect(log).not.toMatch(/exclu/i);
  });
});

/**
 * What a pack is made of. A canary is put in place of every text of the incident, one after the other, the names of fields that
 * are people's or things' own too; where it appears and is not named here, something is told that nobody decided to tell.
 */
describe('nothing else of the incident', () => {
  const all = CONTACT_IDS;
  const evidenceReaders: readonly ContactId[] = ['localLawEnforcement', 'fbi', 'securityCompanies'];
  const TOLD: readonly (readonly [path: RegExp, to: readonly ContactId[]])[] = [
    [/^declaration\.codename$/, all],
    [/^conversations\.\d+\.(with|about)$/, all],
    [/^company\.communication\.contacts\.\d+\.name$/, all],
    [/^scope\.addresses\.\d+$/, [...evidenceReaders, 'systemOperators', 'externalParties']],
    [/^scope\.instances\.\d+\.id$/, ['securityCompanies']],
    [/^containments\.[^ ]*target\.id$/, evidenceReaders],
    [/^evidence\.items\..*\.(of|sha256)$/, evidenceReaders],
    [/^evidence\.custody\.\d+\.holder$/, evidenceReaders],
    [/^evidence\.seals\.\d+\.sha256$/, evidenceReaders],
    [/^declaration\.finding\.type$/, [...evidenceReaders, 'cyberInsurance']],
  ];

  const SOURCE = {
    ...INCIDENT,
    declaration: {
      ...INCIDENT.declaration,
      finding: {
        id: 'finding-1',
        type: 'UnauthorizedAccess:EC2/SSHBruteForce',
        title: 'somebody tries',
        severity: 8,
      },
    },
    note: {
      version: 1,
      text: 'a note',
      sha256: 'ee',
      by: IC,
      at: THREE_AM,
      followUp: '2026-11-26',
      followUpAt: THREE_AM,
    },
    statement: { version: 1, text: 'a statement', sha256: 'ff', by: IC, at: THREE_AM },
    outbox: {
      'message-1': {
        id: 'message-1',
        content: { kind: 'mail', to: ['insurer'], cc: [], bcc: [], text: 'dear' },
        by: IC,
        at: THREE_AM,
        state: 'failed',
        attempt: 1,
        cause: 'no key',
      },
    },
    reached: { 'customer-one': { outcome: 'notReached', how: 'nobody answers', by: IC, at: THREE_AM } },
    page: { id: 'PAGE1', url: 'https://pages.example.com/PAGE1' },
    room: { id: 'ROOM1', name: 'sapphire-unicorn', checklistId: 'PIN1' },
    audience: { at: THREE_AM, members: [IC], owners: [IC], pagerAdministrators: [IC], problems: ['one'] },
  } as unknown as Incident;

  type Path = readonly string[];
  function leaves(value: unknown, path: Path = []): Path[] {
    if (typeof value === 'string') return [path];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  }

  const LEAVES = leaves(SOURCE);
  const valueAt = (path: Path) =>
    path.reduce<unknown>((now, key) => (now as Record<string, unknown>)[key], SOURCE) as string;

  /** The copy with another text there; of what shares the rest, nothing is copied. */
  function withText(value: unknown, path: Path, text: string): unknown {
    const [key, ...rest] = path;
    if (key === undefined) return text;
    if (Array.isArray(value))
      return (value as unknown[]).map((one, n) => (String(n) === key ? withText(one, rest, text) : one));
    const record = value as Record<string, unknown>;
    return { ...record, [key]: withText(record[key], rest, text) };
  }

  /** As like the one before as it can be: what checks the form of a text must not be what saves us. */
  function canaryFor(text: string): string {
    if (/^[0-9a-f]{64}$/.test(text)) return 'c0ffee'.padStart(64, '0');
    if (/^i-[0-9a-f]+$/.test(text)) return 'i-0c0ffeec0ffeec0ff';
    if (/^[\d.]+$/.test(text) || text.includes('::')) return '192.0.2.254';
    return `${text} Canary`;
  }
  const isSeen = (text: string) => /c0ffee|192\.0\.2\.254|Canary/.test(text);
  /** Words of the domain's own: another word is no state of an incident. */
  const isOneOfOurs = (path: Path) => {
    const name = path.join('.');
    return (
      /\.(kind|event|state|status|subject\.contact|decision|finding|gate)$/.test(name) ||
      /^(phase\.name|containments\..*\.target\.kind)$/.test(name)
    );
  };

  it('has enough to hide', () => {
    expect(LEAVES.length).toBeGreaterThan(500);
    expect(Object.keys(SOURCE.findings)).toHaveLength(FINDING_IDS.length);
    expect(SOURCE.excluded).not.toEqual({});
    expect(SOURCE.requests[requestIdOf({ kind: 'contact', contact: 'fbi' })]).toBeDefined();
  });

  it.each(CONTACT_IDS)('is told to %s: not one text more than those that were decided on', (contact) => {
    const party = (incident: Incident) =>
      incident.company.communication?.contacts.find(({ kind }) => kind === contact);
    const told = new Set<string>();
    for (const path of LEAVES.filter((one) => !isOneOfOurs(one))) {
      const changed = withText(SOURCE, path, canaryFor(valueAt(path))) as Incident;
      if (isSeen(pack(contact, changed, party(changed)))) told.add(path.join('.'));
    }
    const undecided = [...told].filter(
      (name) => !TOLD.some(([path, to]) => path.test(name) && to.includes(contact)),
    );
    expect(undecided).toEqual([]);
    // It can fail: what is to be told was found.
    expect(told.has('declaration.codename')).toBe(true);
    expect([...told].some((name) => /^conversations\.\d+\.about$/.test(name))).toBe(true);
    // Of the conversations, those of this party alone.
    const whose = [...told].flatMap((name) => /^conversations\.(\d+)\./.exec(name)?.[1] ?? []);
    expect(new Set(whose.map((n) => SOURCE.conversations[Number(n)]?.party))).toEqual(
      new Set([partyOf(contact).id]),
    );
  });

  it.each(CONTACT_IDS)('is told to %s by the name of a field', (contact) => {
    const renamed = {
      ...SOURCE,
      excluded: { 'canary@example.com': SOURCE.excluded['suspect@example.com'] },
      roleChanges: { 'canary@example.com': ['scribe'] },
      parties: { canary: { id: 'canary', kind: 'systemOperators', name: 'canary' } },
      glass: { 'contact:canary': [] },
      counting: {
        canary: { entry: { kind: 'refusal', by: IC, text: 'canary' }, toldAt: 1, seq: 1, unsaid: 1 },
      },
    } as unknown as Incident;
    expect(pack(contact, renamed)).not.toMatch(/canary/i);
  });
});

describe('the tables', () => {
  it('give each audience its own conversations, and a reason for each section', () => {
    for (const contact of CONTACT_IDS) {
      expect(AUDIENCES[contact].contactLog).toBeDefined();
      for (const reason of Object.values(AUDIENCES[contact])) expect(reason).toMatch(/^[a-z].{20,}$/);
    }
  });

  it('have a word for each role, and none of them a name or an address', () => {
    for (const role of ROLE_IDS) expect(ROLE_WORDS[role]).toMatch(/^[a-z ]+$/);
  });

  it('are those of docs/contacts.md', () => {
    const documented = readFileSync(join(__dirname, '../../docs/contacts.md'), 'utf8');
    const rows = documented.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const contact of CONTACT_IDS)
      for (const [id, reason] of Object.entries(AUDIENCES[contact]))
        expect(rows).toContainEqual(['', CONTACTS[contact], SECTIONS[id as SectionId], reason, '']);
    const own = rows.filter(([, who = '']) => Object.values(CONTACTS).includes(who as never));
    expect(own.filter((cells) => cells.length === 5)).toHaveLength(
      CONTACT_IDS.reduce((sum, contact) => sum + Object.keys(AUDIENCES[contact]).length, 0),
    );
  });
});

describe('as Markdown', () => {
  const HOSTILE = [
    '# not a heading',
    '![x](file:///etc/passwd) <img src=http://evil.example/x>',
    '| a | b |\n| --- | --- |',
    '[link](http://evil.example) **bold** `code` ~~gone~~ &amp; \\',
    '1. no list',
    'turned \u202e around, \u200b hidden, \u{e0001} tag, \u0007 bell',
    '- item\n\n## heading\n\n> quote\n\n---',
    '<!-- comment -->',
  ];
  const html = (text: string) => new MarkdownIt({ html: true, linkify: true }).render(text);

  it.each(HOSTILE)('text stays text: %j', (hostile) => {
    const incident = {
      ...INCIDENT,
      conversations: [{ party: 'insurer', by: IC, with: hostile, about: hostile, at: THREE_AM }],
    };
    const text = pack('cyberInsurance', incident);
    const shape = (one: string) => html(one).match(/<\/?[a-z0-9]+/g);
    const plain = {
      ...incident,
      conversations: [{ party: 'insurer', by: IC, with: 'x', about: 'x', at: THREE_AM }],
    };
    expect(shape(text)?.filter((tag) => !/^<\/?a$/.test(tag))).toEqual(shape(pack('cyberInsurance', plain)));
  });

  it.each(HOSTILE)('is so in a paragraph, a list and a heading too: %j', (hostile) => {
    const text = renderPack({
      title: hostile,
      blocks: [
        { kind: 'heading', text: hostile },
        { kind: 'paragraph', text: hostile },
        { kind: 'list', items: [hostile] },
      ],
    });
    const tags = new MarkdownIt({ html: true }).render(text).match(/<\/?[a-z0-9]+/g);
    expect(tags).toEqual(['<h1', '</h1', '<h2', '</h2', '<p', '</p', '<ul', '<li', '</li', '</ul']);
  });

  it('writes out what would not be seen', () => {
    const text = renderPack({ title: 'x', blocks: [{ kind: 'paragraph', text: HOSTILE[5] ?? '' }] });
    expect(text).toContain('turned \\\\u202e around, \\\\u200b hidden, \\\\u{e0001} tag, \\\\u0007 bell');
  });

  it('says how many rows it leaves out', () => {
    const conversations = Array.from({ length: 503 }, (_, n) => ({
      party: 'insurer',
      by: IC,
      with: 'them',
      about: `call ${n}`,
      at: THREE_AM + n,
    }));
    const log = section(pack('cyberInsurance', { ...INCIDENT, conversations }), 'contactLog');
    expect(log).toContain('call 499 ');
    expect(log).not.toContain('call 500 ');
    expect(log).toContain('And 3 more: ask us for them.');
  });
});

describe('a pack that somebody asks for', () => {
  const open = () => [];
  const locked = { gate: 'forensicAnalysisIsPerformed', reason: 'forensics has not been performed' };
  const markdownOf = (named: string) => {
    const answer = answerPack(named, INCIDENT, open);
    return 'markdown' in answer ? answer.markdown : JSON.stringify(answer);
  };

  it.each([
    ['insurer', 'For Example Insurance (Cyber insurance provider)'],
    ['INSURER', 'For Example Insurance (Cyber insurance provider)'],
    ['cyber-insurance', 'For Cyber insurance provider alone'],
    ['fbi', 'For FBI alone'],
    ['other-vendor', 'For Another Vendor'],
  ])('is found by the name %s', (named, says) => {
    expect(markdownOf(named)).toContain(says);
  });

  it('is not there while the contact may not be spoken to', () => {
    const asked: unknown[] = [];
    const answer = answerPack('insurer', INCIDENT, (contact, party) => {
      asked.push([contact, party?.id]);
      return [locked];
    });
    expect(answer).toEqual({ blockers: [locked] });
    expect(asked).toEqual([['cyberInsurance', 'insurer']]);
  });

  it('is there for no customer, and for nobody unknown', () => {
    expect(answerPack('customer-one', INCIDENT, open)).toMatchObject({
      blockers: [{ gate: 'packIsForContacts', source: expect.stringContaining('security teams') }],
    });
    for (const named of ['nobody', '__proto__', 'constructor', ''])
      expect(answerPack(named, INCIDENT, open)).toMatchObject({ blockers: [{ gate: 'contactIsKnown' }] });
  });

  it('leaves an incident that has only just begun alone', () => {
    const begun = after(declared(), respond());
    expect(answerPack('fbi', begun, open)).toHaveProperty('markdown');
    expect(imagesKept()).toBeDefined();
  });
});
