/** `contacts` and all below it, with the domain's own decisions and views behind them. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { formatContacts } from '../../client/cli/contacts';
import { addContacts } from '../../client/cli/commands/contacts';
import { communicationOf, type PartyView } from '../../domain/communication-view';
import type { Incident } from '../../domain/incident';
import { momentOf } from '../../domain/note';
import { FOLDER, file } from '../support/cli';
import { inMemory } from '../support/in-memory';
import {
  after,
  approve,
  COMMUNICATION,
  CUSTOMER_ONE,
  declared,
  FIELD_OFFICE,
  forensicsPerformed,
  IC,
  INSURER,
  logContact,
  MARKETING,
  POLICE,
  reach,
  respond,
  systemsSecured,
  THREE_AM,
} from '../support/incidents';

const CODENAME = 'sapphire-unicorn';
const NOW = THREE_AM + 5 * 3_600_000;
const WITHOUT_APPROVAL =
  'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.';
const BEFORE_FORENSICS =
  'Do not communicate with anyone not on the response team about the incident until forensics has been performed. The attack could be happening internally.';

const begun = () => after(declared({ company: { communication: COMMUNICATION } }), respond());
const analysed = () => forensicsPerformed(systemsSecured(begun()));
const approved = () => after(analysed(), approve(IC, 'contact:cyberInsurance'));

const printed = (incident: Incident, now = NOW) => formatContacts(communicationOf(incident, now), now);
/** What is said of one party. */
function said(incident: Incident, id: string, now = NOW): string {
  const text = printed(incident, now);
  const from = text.indexOf(`${id}: `);
  const end = text.indexOf('\n\n', from);
  return text.slice(from, end < 0 ? undefined : end);
}

const rig = (incident: Incident) => inMemory(incident, addContacts);

describe('contacts', () => {
  it('says of everybody outside that they may not be spoken to, and why, with the sentences of the seed', () => {
    const text = said(begun(), INSURER);
    expect(text).toContain('insurer: Example Insurance (Cyber insurance provider)');
    expect(text).toContain(
      `MAY NOT BE SPOKEN TO: forensic analysis (step 10) has not been performed\n        "${BEFORE_FORENSICS}"`,
    );
    expect(text).toContain(
      `MAY NOT BE SPOKEN TO: this contact is not approved (request contact:cyberInsurance)\n        "${WITHOUT_APPROVAL}"`,
    );
    expect(text).toContain('to be approved with: firebreak approve sapphire-unicorn contact:cyberInsurance');
    expect(text).not.toContain('may be spoken to\n');
  });

  it('says who may be, once they may', () => {
    const text = said(approved(), INSURER);
    expect(text).toContain('      may be spoken to\n');
    expect(text).not.toMatch(/MAY NOT|to be approved/);
    expect(said(approved(), POLICE)).toContain('MAY NOT BE SPOKEN TO');
  });

  it('says how to reach them, and whether mail can go there', () => {
    expect(said(begun(), INSURER)).toContain('reach: claims@insurer.example\n      key for mail: on file');
    expect(said(begun(), FIELD_OFFICE)).toContain('key for mail: NONE, so no mail can go there');
    expect(said(begun(), POLICE)).toContain('reach: +1 555 0160');
    expect(said(begun(), POLICE)).not.toContain('key for mail');
    const view = communicationOf(begun(), NOW);
    const unreachable: PartyView = { ...(view.parties[1] as PartyView), id: 'x' };
    const { phone: _none, ...rest } = unreachable;
    expect(formatContacts({ ...view, parties: [rest] }, NOW)).toContain('reach: nobody has said how');
  });

  it('says the last word, how many were before it, and when the next is due', () => {
    expect(said(approved(), INSURER)).toContain(
      'no word yet; after one: firebreak contacts log sapphire-unicorn insurer --with WHO --about TEXT',
    );
    const spoken = after(
      approved(),
      logContact(INSURER),
      logContact(INSURER, { about: 'the claim', next: '2026-11-26' }),
    );
    const at = spoken.conversations[1]?.at ?? 0;
    const text = said(spoken, INSURER, at + 600_000);
    expect(text).toContain('(10 min ago), ic@example.com with the desk: the claim; 1 before it');
    expect(text).toMatch(/next word: 2026-11-26, in 2 days|next word: 2026-11-26, in \d+ h/);
    expect(said(spoken, INSURER, momentOf('2026-11-26') + 7_200_000)).toContain(
      'next word: 2026-11-26, OVERDUE by 2 h',
    );
    // A later word keeps what was promised before it.
    expect(said(after(spoken, logContact(INSURER)), INSURER)).not.toContain('next word');
  });

  it('says of customers that they hear the statement alone, and whether they know', () => {
    const text = said(begun(), CUSTOMER_ONE);
    expect(text).toContain('customer-one: Customer One (customer)');
    expect(text).not.toContain('MAY NOT');
    expect(text).toContain('their security team hears the approved statement');
    expect(text).toContain('not reached yet; when they are, or why not: firebreak contacts reached');
    const told = after(begun(), reach(CUSTOMER_ONE, { outcome: 'notReached', how: 'nobody answers' }));
    const at = told.reached[CUSTOMER_ONE]?.at ?? 0;
    expect(said(told, CUSTOMER_ONE, at + 60_000)).toContain(
      `NOT REACHED 60 s ago, says ${MARKETING}: nobody answers`,
    );
  });

  it('names the kinds of which nobody is known, and how to name somebody', () => {
    expect(printed(begun())).toContain(
      'Nobody is known of: Operators of systems used in the attack (systemOperators), Security companies (securityCompanies), External parties',
    );
    expect(
      printed(declared({ company: { communication: { ...COMMUNICATION, contacts: [], customers: [] } } })),
    ).toContain('sapphire-unicorn: nobody outside is known.');
  });

  it('answers as a command, in words and as one document', async () => {
    const memory = rig(begun());
    expect((await memory.run('contacts', CODENAME)).out).toContain('insurer: Example Insurance');
    const document = JSON.parse((await memory.run('contacts', CODENAME, '--json')).out) as {
      parties: PartyView[];
    };
    expect(document.parties.map(({ id }) => id)).toContain(INSURER);
    expect((await memory.run('contacts')).status).toBe(2);
    expect((await memory.run('contacts', '--help')).out).toMatch(/add .*log .*reached .*pack /s);
  });
});

describe('contacts add', () => {
  const key = () => file('cert.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

  it('names somebody, who then needs an approval of their own', async () => {
    const memory = rig(begun());
    const more = ['--email', 'soc@host.example', '--phone', '+1 555 0170', '--how', 'ask for the desk'];
    const ran = await memory.run(
      ...[
        'contacts',
        'add',
        CODENAME,
        'example-host',
        '--kind',
        'system-operators',
        '--name',
        'Example Hosting',
      ],
      ...[...more, '--disclosure', 'https://host.example/notice', '--key-file', key(), '--as', IC],
    );
    expect(ran).toMatchObject({ status: 0, problems: [] });
    expect(ran.out).toContain('request contact:systemOperators/example-host');
    expect(memory.decisions[0]).toMatchObject({
      name: 'addContact',
      id: 'example-host',
      kind: 'systemOperators',
      called: 'Example Hosting',
      email: 'soc@host.example',
      phone: '+1 555 0170',
      how: 'ask for the desk',
      disclosure: 'https://host.example/notice',
      key: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    const shown = said(memory.incident, 'example-host');
    expect(shown).toContain('(Operators of systems used in the attack, named during the incident)');
    expect(shown).toContain('key for mail: on file');
    expect(shown).toContain('firebreak approve sapphire-unicorn contact:systemOperators/example-host');
    expect(shown).toContain('their own disclosure: https://host.example/notice');
  });

  it('takes a customer too, and says everything that is wrong at once', async () => {
    const memory = rig(begun());
    expect(
      (await memory.run('contacts', 'add', CODENAME, 'c3', '--kind', 'Customer', '--name', 'C', '--as', IC))
        .status,
    ).toBe(0);
    const ran = await memory.run(
      ...[
        'contacts',
        'add',
        CODENAME,
        'a b',
        '--kind',
        'friends',
        '--email',
        'nobody',
        '--disclosure',
        'http://x',
      ],
      ...['--key-file', join(FOLDER, 'none.pem')],
    );
    expect(ran.status).toBe(2);
    const problems = ran.problems.join('\n');
    for (const wanted of [
      "none.pem: can't be read (ENOENT); name a certificate (PEM)",
      '--as EMAIL (or FIREBREAK_AS): missing',
      'ID: letters, digits and hyphens are needed',
      '--kind KIND: one of localLawEnforcement, fbi,',
      '--name NAME: missing',
      '--email ADDRESS: an e-mail address is needed',
      '--disclosure URL: an address is needed that begins with https://',
    ])
      expect(problems).toContain(wanted);
    expect(ran.problems).toHaveLength(7);
    expect(memory.decisions).toHaveLength(1);
  });

  it.each([
    ['-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n', /holds a private key/],
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----\n', /holds a private key/],
    ['ssh-ed25519 AAAA', /holds no key for mail; name a certificate/],
  ])('takes no file that is no public key for mail, and quotes none', async (content, says) => {
    const memory = rig(begun());
    const ran = await memory.run(
      ...['contacts', 'add', CODENAME, 'x', '--kind', 'fbi', '--name', 'X', '--as', IC],
      ...['--key-file', file('wrong.pem', content)],
    );
    expect(ran.status).toBe(2);
    expect(ran.problems).toEqual([expect.stringMatching(says)]);
    expect(JSON.stringify(ran)).not.toContain('c2VjcmV0');
    expect(memory.decisions).toEqual([]);
  });
});

describe('contacts log', () => {
  it('records a conversation with somebody who may be spoken to', async () => {
    const memory = rig(approved());
    const ran = await memory.run(
      ...[
        'contacts',
        'log',
        CODENAME,
        INSURER,
        '--with',
        'the claims desk',
        '--about',
        'the policy',
        '--next',
        '2026-11-26',
      ],
      ...['--as', IC],
    );
    expect(ran.status).toBe(0);
    expect(memory.incident.conversations).toMatchObject([
      { party: INSURER, with: 'the claims desk', about: 'the policy', nextAt: momentOf('2026-11-26') },
    ]);
  });

  it('is refused with its reasons, and ends with 3, where nobody should have spoken yet', async () => {
    const ran = await rig(begun()).run(
      ...['contacts', 'log', CODENAME, INSURER, '--with', 'x', '--about', 'y', '--as', IC],
    );
    expect(ran.status).toBe(3);
    expect(ran.out).toContain(`"${BEFORE_FORENSICS}"`);
    expect(ran.out).toContain(`"${WITHOUT_APPROVAL}"`);
  });

  it('says everything that is missing', async () => {
    const ran = await rig(begun()).run(
      'contacts',
      'log',
      CODENAME,
      INSURER,
      '--next',
      'tomorrow',
      '--as',
      IC,
    );
    expect(ran.problems).toEqual([
      '--with WHO: missing',
      '--about TEXT: missing',
      '--next DAY: a day is needed, such as 2026-11-24',
    ]);
  });
});

describe('contacts reached', () => {
  it('records why not, at any time', async () => {
    const memory = rig(begun());
    const ran = await memory.run(
      ...[
        'contacts',
        'reached',
        CODENAME,
        CUSTOMER_ONE,
        '--not-reached',
        '--how',
        'nobody answers',
        '--as',
        MARKETING,
      ],
    );
    expect(ran.status).toBe(0);
    expect(memory.incident.reached[CUSTOMER_ONE]).toMatchObject({
      outcome: 'notReached',
      how: 'nobody answers',
    });
  });

  it('is refused before there is a statement that they could have heard', async () => {
    const memory = rig(begun());
    const ran = await memory.run(
      'contacts',
      'reached',
      CODENAME,
      CUSTOMER_ONE,
      '--how',
      'by phone',
      '--as',
      MARKETING,
    );
    expect(ran.status).toBe(3);
    expect(memory.incident.reached).toEqual({});
  });
});

describe('contacts pack', () => {
  it('is refused with the sentences of the seed while they may not be spoken to, and writes nothing', async () => {
    const out = join(FOLDER, 'early.md');
    const ran = await rig(begun()).run('contacts', 'pack', CODENAME, INSURER, '--out', out);
    expect(ran.status).toBe(3);
    expect(ran.out).toContain('Refused: make the hand-off pack of insurer');
    expect(ran.out).toContain(`"${BEFORE_FORENSICS}"`);
    expect(existsSync(out)).toBe(false);
    const document = JSON.parse(
      (await rig(begun()).run('contacts', 'pack', CODENAME, INSURER, '--json')).out,
    ) as object;
    expect(document).toMatchObject({
      accepted: false,
      reasons: [{ gate: 'forensicAnalysisIsPerformed' }, {}],
    });
  });

  it('is printed, or given as one document', async () => {
    const memory = rig(approved());
    const ran = await memory.run('contacts', 'pack', CODENAME, 'cyber-insurance');
    expect(ran.status).toBe(0);
    expect(ran.out.startsWith('Attorney Work Project\n')).toBe(true);
    const document = JSON.parse(
      (await memory.run('contacts', 'pack', CODENAME, INSURER, '--json')).out,
    ) as object;
    expect(document).toMatchObject({
      title: 'Attorney Work Project',
      markdown: expect.stringContaining('For Example Insurance'),
    });
    expect(memory.decisions).toEqual([]);
  });

  it('is written into a file that only its owner can read, as Markdown or PDF, and never over another', async () => {
    const memory = rig(approved());
    const [markdown, pdf] = [join(FOLDER, 'pack.md'), join(FOLDER, 'pack.pdf')];
    expect((await memory.run('contacts', 'pack', CODENAME, INSURER, '--out', markdown)).out).toContain(
      `${markdown}: written.`,
    );
    expect(readFileSync(markdown, 'utf8')).toContain('Attorney Work Project');
    expect(statSync(markdown).mode & 0o777).toBe(0o600);
    expect((await memory.run('contacts', 'pack', CODENAME, INSURER, '--out', pdf, '--pdf')).status).toBe(0);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(statSync(pdf).mode & 0o777).toBe(0o600);
    const before = readFileSync(markdown, 'utf8');
    const again = await memory.run('contacts', 'pack', CODENAME, INSURER, '--out', markdown, '--pdf');
    expect(again).toMatchObject({ status: 2, problems: [expect.stringContaining('nothing is overwritten')] });
    expect(readFileSync(markdown, 'utf8')).toBe(before);
  });

  it("follows no link, and says why a file can't be written", async () => {
    const memory = rig(approved());
    const target = join(FOLDER, 'target.md');
    const link = join(FOLDER, 'link.md');
    symlinkSync(target, link);
    expect((await memory.run('contacts', 'pack', CODENAME, INSURER, '--out', link)).status).toBe(2);
    expect(existsSync(target)).toBe(false);
    mkdirSync(join(FOLDER, 'folder'));
    for (const [out, code] of [
      [join(FOLDER, 'nowhere', 'pack.md'), 'ENOENT'],
      [join(FOLDER, 'folder'), 'nothing is overwritten'],
    ] as const)
      expect(
        (await memory.run('contacts', 'pack', CODENAME, INSURER, '--out', out)).problems.join(),
      ).toContain(code);
  });

  it('prints no PDF, and has none for a customer or somebody unknown', async () => {
    const memory = rig(approved());
    const unprinted = await memory.run('contacts', 'pack', CODENAME, INSURER, '--pdf');
    expect(unprinted).toMatchObject({ status: 2, problems: [expect.stringContaining('--out FILE')] });
    expect(memory.asked).toEqual([]);
    for (const named of [CUSTOMER_ONE, 'nobody'])
      expect((await memory.run('contacts', 'pack', CODENAME, named)).status).toBe(3);
  });
});
