/** What left a drill is judged by the stand-ins' own records: what breaks a rule of communication is found wherever it is planted. */
import { createHash } from 'node:crypto';
import { messages } from '../../drill/audit-messages';
import { written, seen, type MailContent, type MessageRecords, type SeenMail } from '../../drill/messages';
import { countMessages, messageLines } from '../../drill/report-messages';
import type { Records } from '../../drill/records';
import { createMailKeys } from '../../drill/stand-ins/mail-keys';
import { startSmtp } from '../../drill/stand-ins/smtp';
import type { Entry } from '../../domain/entries';
import { mailerAt, mailTo } from '../support/mail';

const INSURER = 'claims@insurer.example';
const CUSTOMER = 'security@customer-one.example';
const GROUP = 'engineering@example.com';
const COUNSEL = 'counsel@example.com';
const IC = 'ic@example.com';
const SUSPECT = 'suspect@example.com';

/** The day of 2026-11-24, at which everything here happens: a minute is a minute after its midnight. */
const DAY = Date.parse('2026-11-24T00:00:00Z');
const at = (minute: number) => DAY + minute * 60_000;

const NOTE = '## Timeline\n\nSomebody got in.\n';
const STATEMENT = '# Somebody got in, 2026-11-24\n\n## What *happened*\n\nThey & we were there.\n';
const STATEMENT_HTML =
  '<h1>Somebody got in, 2026-11-24</h1>\n<h2>What <em>happened</em></h2>\n<p>They &amp; we were there.</p>\n';
const CLAIM = 'We were attacked.';
const MEMO = 'Between ourselves.';

const requestOf = (kind: string, version: number, text: string) =>
  `${kind}@${version}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
const NOTE_1 = requestOf('note', 1, NOTE);
const STATEMENT_1 = requestOf('statement', 1, STATEMENT);

const FIVE = [
  'informationValidated',
  'timelineEstablished',
  'compromisedDataKnown',
  'methodKnown',
  'recurrencePrevented',
];

type Step = readonly [by: string, decision: string, details: Record<string, unknown>];

/** What people decided, a minute each. */
const STEPS: readonly Step[] = [
  ['ic', 'determine', { determination: 'respond' }],
  ['ic', 'send', { to: [IC, COUNSEL], text: MEMO }],
  ['ic', 'exclude', { person: SUSPECT, reason: 'seen at night' }],
  ['security', 'recordFinding', { finding: 'systemsSecured' }],
  ['security', 'recordFinding', { finding: 'monitoringInPlace' }],
  ['forensics', 'completeTasks', { tasks: ['combThroughEvidence', 'identifyWhatHappened'] }],
  ['forensics', 'recordFinding', { finding: 'attackSource', value: 'external' }],
  ['vp', 'submitNote', { text: NOTE }],
  ['ic', 'approve', { request: NOTE_1 }],
  ['ic', 'approve', { request: 'contact:cyberInsurance' }],
  ['vp', 'send', { to: ['insurer'], text: CLAIM, pack: 'cyberInsurance' }],
  ...FIVE.map((finding): Step => ['forensics', 'recordFinding', { finding }]),
  ['marketing', 'submitStatement', { text: STATEMENT }],
  ['marketing', 'approve', { request: STATEMENT_1 }],
  ['ic', 'approve', { request: STATEMENT_1 }],
  ['counsel', 'approve', { request: STATEMENT_1 }],
  ['marketing', 'reachCustomer', { party: 'customer-two', outcome: 'notReached' }],
];

function entriesOf(steps: readonly Step[]): Entry[] {
  return steps.map(
    ([by, decision, details], index) =>
      ({
        seq: index + 1,
        at: at(index),
        kind: 'decision',
        by,
        decision,
        details,
        text: '',
      }) as unknown as Entry,
  );
}

/** A minute after that decision was taken. */
const after = (decision: string, wanted: Record<string, unknown> = {}) => {
  const index = STEPS.findLastIndex(
    ([, name, details]) =>
      name === decision && Object.entries(wanted).every(([key, value]) => details[key] === value),
  );
  if (index === -1) throw new Error(`nobody decided ${decision}`);
  return at(index + 1);
};
const RELEASED = after('reachCustomer');

const PACK = [
  { name: 'document-1.md', content: Buffer.from('# Attorney Work Project') },
  { name: 'document-2.pdf', content: Buffer.from('%PDF-1.7 …') },
];

const HEADERS: SeenMail['headers'] = [
  ['From', 'incident-response@example.com'],
  ['Subject', 'Attorney Work Project'],
  ['Message-ID', '<1@example.com>'],
];

function mail(
  to: readonly string[],
  text: string,
  receivedAt: number,
  more: Partial<SeenMail> = {},
): SeenMail {
  const content: MailContent = { text, documents: [] };
  const isOutside = to.some((address) => !address.endsWith('@example.com'));
  return {
    from: 'incident-response@example.com',
    to,
    raw: `raw ${text}`,
    receivedAt,
    secure: true,
    greeted: 'localhost',
    headers: HEADERS,
    form: isOutside ? 'smime' : 'clear',
    opened: isOutside ? Object.fromEntries(to.map((address) => [address, content])) : {},
    ...(!isOutside && { clear: content }),
    ...more,
  };
}

const withPack = { opened: { [INSURER]: { text: CLAIM, documents: PACK } } };
const MAILS = {
  memo: mail([IC, COUNSEL], MEMO, after('send', { text: MEMO })),
  note: mail([GROUP], NOTE, after('approve', { request: NOTE_1 })),
  claim: mail([INSURER], CLAIM, after('send', { text: CLAIM }), withPack),
  customer: mail([CUSTOMER], STATEMENT, RELEASED, { form: 'pgp' }),
};

function clean(): MessageRecords {
  return {
    mails: Object.values(MAILS),
    asked: [IC, COUNSEL, GROUP, INSURER, CUSTOMER],
    sms: [
      { at: at(1), to: '+15550102', from: '+15550199', text: 'Please join Slack ASAP', idempotencyKey: '1' },
    ],
    statements: [
      {
        at: RELEASED + 1,
        idempotencyKey: '2',
        title: 'Somebody got in, 2026-11-24',
        markdown: STATEMENT,
        html: STATEMENT_HTML,
      },
    ],
    statusPage: [
      {
        at: RELEASED + 1,
        id: 'inc1',
        name: 'Somebody got in, 2026-11-24',
        status: 'resolved',
        impact: 'none',
        body: STATEMENT_HTML,
        metadata: {},
        delivered: true,
        shortlink: '',
      },
    ],
    files: [
      { name: 'somebody-got-in-1.md', content: STATEMENT, at: RELEASED + 1 },
      {
        name: 'somebody-got-in-1.html',
        content: `<title>x</title><body>${STATEMENT_HTML}</body>`,
        at: RELEASED + 1,
      },
    ],
    announcements: [{ channel: 'engineering', at: after('approve', { request: NOTE_1 }), markdown: NOTE }],
    register: {
      domains: ['example.com'],
      from: 'incident-response@example.com',
      groups: { [GROUP]: [IC, 'frontend@example.com'] },
      inside: ['engineering', GROUP],
      public: [
        { name: 'website', kind: 'webhook' },
        { name: 'folder', kind: 'file' },
        { name: 'status page', kind: 'statusPage' },
      ],
      contacts: [{ id: 'insurer', kind: 'cyberInsurance', name: 'Example Insurance', email: INSURER }],
      customers: [
        { id: 'customer-one', name: 'Customer One', email: CUSTOMER },
        { id: 'customer-two', name: 'Customer Two' },
      ],
      phones: { 'ic-second@example.com': '+1 555 0102', [SUSPECT]: '+1 555 0103' },
    },
  };
}

function recordsOf(change: Partial<MessageRecords> = {}, steps: readonly Step[] = STEPS, more: Entry[] = []) {
  return {
    entries: [...entriesOf(steps), ...more],
    messages: { ...clean(), ...change },
    checklist: {
      people: [IC, COUNSEL, SUSPECT].map((email) => ({ email, roles: ['scribe'] })),
    },
  } as unknown as Records;
}

const judged = (...args: Parameters<typeof recordsOf>) => messages(recordsOf(...args));
const without = (isLeftOut: (step: Step) => boolean) => STEPS.filter((step) => !isLeftOut(step));
const sent = (content: object): Entry => ({
  seq: 99,
  at: RELEASED,
  kind: 'effect',
  by: 'firebreak',
  text: '',
  details: { content },
});
const base = clean();
const [STATEMENT_PUBLISHED] = base.statements;
const [ON_THE_PAGE] = base.statusPage;
const [FILE] = base.files;
const [TOLD] = base.announcements;
const [SMS] = base.sms;
if (!STATEMENT_PUBLISHED || !ON_THE_PAGE || !FILE || !TOLD || !SMS)
  throw new Error('the clean records lack something');

test('messages that keep the rules are no violation', () => {
  expect(judged()).toEqual([]);
  expect(
    judged({}, STEPS, [
      sent({ kind: 'note', version: 1, channel: '#engineering' }),
      sent({ kind: 'note', version: 1, channel: GROUP }),
      sent({ kind: 'mail', to: ['insurer'] }),
      sent({ kind: 'customer', version: 1, party: 'customer-one' }),
      sent({ kind: 'sms', person: 'ic-second@example.com' }),
      ...['website', 'folder', 'status page'].map((channel) => sent({ kind: 'public', version: 1, channel })),
    ]),
  ).toEqual([]);
});

const mails = (...all: SeenMail[]) => ({ mails: all });
const header = (name: string, value: string): Partial<SeenMail> => ({ headers: [...HEADERS, [name, value]] });

test.each<[what: string, change: Partial<MessageRecords>, said: RegExp]>([
  [
    'another subject',
    mails({ ...MAILS.memo, headers: [['Subject', 'Re: Attorney Work Project']] }),
    /has the subject "Re: Attorney Work Project"/,
  ],
  ['no subject', mails({ ...MAILS.memo, headers: [] }), /has the subject ""/],
  ['two subjects', mails({ ...MAILS.memo, ...header('subject', 'Breach') }), /has the subject/],
  [
    'a header that tells something',
    mails({ ...MAILS.memo, ...header('X-Incident', '1') }),
    /has the header X-Incident/,
  ],
  ['a header for blind copies', mails({ ...MAILS.memo, ...header('Bcc', COUNSEL) }), /has the header Bcc/],
  ['mail without TLS', mails({ ...MAILS.memo, secure: false }), /without TLS/],
  ['another sender', mails({ ...MAILS.memo, from: IC }), /is from ic@example.com/],
  [
    'clear text to somebody outside',
    mails({ ...MAILS.claim, form: 'clear', clear: { text: CLAIM, documents: PACK } }),
    /a mail to claims@insurer.example is not encrypted/,
  ],
  [
    'clear text to a sub-domain',
    mails(
      mail(['counsel@mail.example.com'], MEMO, at(5), {
        form: 'clear',
        clear: { text: MEMO, documents: [] },
      }),
    ),
    /counsel@mail.example.com is not encrypted/,
  ],
  [
    'clear text to a domain that ends like ours',
    mails(
      mail(['counsel@notexample.com'], MEMO, at(5), { form: 'clear', clear: { text: MEMO, documents: [] } }),
    ),
    /counsel@notexample.com is not encrypted/,
  ],
  [
    'what its reader can not open',
    mails({ ...MAILS.claim, opened: { [INSURER]: null } }),
    /claims@insurer.example can't read what was encrypted/,
  ],
  [
    'a mail to a stranger',
    mails(mail(['editor@news.example'], CLAIM, at(12))),
    /editor@news.example was sent a mail and is nobody/,
  ],
  [
    'a mail that nobody ordered',
    mails(mail([COUNSEL], 'Something else.', at(12))),
    /counsel@example.com was sent a mail that nobody ordered/,
  ],
  [
    'other words than were ordered',
    mails({ ...MAILS.claim, opened: { [INSURER]: { text: `${CLAIM} And more.`, documents: PACK } } }),
    /claims@insurer.example was sent a mail that nobody ordered/,
  ],
  [
    'a contact before its approval',
    mails({ ...MAILS.claim, receivedAt: at(9) }),
    /claims@insurer.example was sent a mail/,
  ],
  [
    'a document that nobody ordered',
    mails({ ...MAILS.memo, clear: { text: MEMO, documents: PACK } }),
    /was sent the documents "document-1.md, document-2.pdf", not ""/,
  ],
  [
    'a document whose name tells something',
    mails({
      ...MAILS.claim,
      opened: {
        [INSURER]: { text: CLAIM, documents: [{ name: 'breach.pdf', content: Buffer.from('%PDF-') }] },
      },
    }),
    /was sent the documents "breach.pdf"/,
  ],
  [
    'a PDF that is none',
    mails({
      ...MAILS.claim,
      opened: {
        [INSURER]: { text: CLAIM, documents: PACK.map((one) => ({ ...one, content: Buffer.from('x') })) },
      },
    }),
    /was sent a PDF that is none/,
  ],
  ['the same mail twice', mails(MAILS.claim, MAILS.claim), /claims@insurer.example got the same mail twice/],
  [
    'the note in the group before its approval',
    mails({ ...MAILS.note, receivedAt: at(7) }),
    /engineering@example.com was sent a mail before its gate/,
  ],
  [
    'the note in other words',
    mails(mail([GROUP], `${NOTE}!`, at(12))),
    /engineering@example.com was sent a mail that is no note/,
  ],
  [
    'a customer before the approvals',
    mails({ ...MAILS.customer, receivedAt: after('approve', { request: STATEMENT_1 }) - 60_000 - 1 }),
    /security@customer-one.example was sent a mail before the five facts and three approvals/,
  ],
  [
    'a customer who hears something else',
    mails(mail([CUSTOMER], MEMO, RELEASED)),
    /security@customer-one.example was sent a mail that is no statement/,
  ],
  [
    'a mail to somebody excluded',
    mails(mail([SUSPECT], MEMO, at(12))),
    /suspect@example.com was sent a mail after the exclusion/,
  ],
  [
    'somebody whom nobody ordered to write to',
    { asked: ['editor@news.example'] },
    /wanted to write to editor@news.example/,
  ],
  [
    'an SMS of its own',
    { sms: [{ ...SMS, text: 'Please join Slack, we were hacked' }] },
    /an SMS says something of its own/,
  ],
  ['an SMS to a stranger', { sms: [{ ...SMS, to: '+15550999' }] }, /the number of nobody on the team/],
  [
    'an SMS to somebody excluded',
    { sms: [{ ...SMS, to: '+15550103', at: at(12) }] },
    /suspect@example.com was sent an SMS/,
  ],
  [
    'a channel that was told before its gate',
    { announcements: [{ ...TOLD, at: at(7) }] },
    /#engineering was told before its gate/,
  ],
  [
    'a channel that was told something else',
    { announcements: [{ ...TOLD, markdown: 'We were hacked' }] },
    /#engineering was told something that nobody submitted/,
  ],
  ['a channel that was told twice', { announcements: [TOLD, TOLD] }, /#engineering was told the same twice/],
  [
    'a website that had it early',
    { statements: [{ ...STATEMENT_PUBLISHED, at: RELEASED - 120_000 - 1 }] },
    /the website had the statement before the five facts and three approvals/,
  ],
  [
    'a website with other words',
    { statements: [{ ...STATEMENT_PUBLISHED, markdown: STATEMENT.replace('got in', 'was in') }] },
    /the website has something that nobody submitted/,
  ],
  [
    'a website with other words in its HTML',
    { statements: [{ ...STATEMENT_PUBLISHED, html: STATEMENT_HTML.replace('They', 'Others') }] },
    /the website had the statement in other words as HTML/,
  ],
  [
    'a website that has it twice',
    { statements: [STATEMENT_PUBLISHED, STATEMENT_PUBLISHED] },
    /the website has the same statement twice/,
  ],
  [
    'a status page with other words',
    { statusPage: [{ ...ON_THE_PAGE, body: '<p>We were hacked</p>' }] },
    /the status page has something that nobody submitted/,
  ],
  [
    'a status page on another day than the title says',
    { statusPage: [{ ...ON_THE_PAGE, at: RELEASED + 86_400_000 }] },
    /the status page had the statement under another day/,
  ],
  [
    'a file with other words',
    { files: [{ ...FILE, content: 'We were hacked' }] },
    /a folder has something that nobody submitted/,
  ],
  ['a file that is no statement', { files: [{ ...FILE, name: 'plan.txt' }] }, /a folder holds plan.txt/],
  [
    'the public before a customer',
    { mails: Object.values(MAILS).filter((one) => one !== MAILS.customer) },
    /before customer-one was reached/,
  ],
])('%s is found', (_, change, said) => {
  expect(judged(change).join('\n')).toMatch(said);
});

test('a copy in clear of a mail that goes outside too is found', () => {
  const steps = [...STEPS, ['vp', 'send', { to: ['insurer', COUNSEL], text: 'To both.' }] as const];
  const both = [mail([INSURER], 'To both.', at(60)), mail([COUNSEL], 'To both.', at(60))];
  expect(judged({ mails: [...base.mails, ...both] }, steps)).toEqual([
    'a mail that goes outside too reached counsel@example.com in clear',
  ]);
});

const withdrawn = (finding: string): Step => [
  'forensics',
  'withdrawFinding',
  { finding, reason: 'it was wrong' },
];

test.each(FIVE)('once %s is withdrawn, nothing of the statement may go out', (finding) => {
  const again: Step = ['forensics', 'recordFinding', { finding }];
  // The mail to the customer, and what was published, are later than this.
  const late = {
    mails: [{ ...MAILS.customer, receivedAt: at(60) }],
    statements: [{ ...STATEMENT_PUBLISHED, at: at(61) }],
    statusPage: [],
    files: [],
  };
  expect(judged(late)).toEqual([]);
  for (const steps of [
    [...STEPS, withdrawn(finding)],
    [...STEPS, withdrawn(finding), again],
  ])
    expect(judged(late, steps).join('\n')).toMatch(
      /customer-one.*before the five facts[^]*website had the statement before/,
    );
});

test('once the systems are not secure any more, neither the company nor a contact may be told', () => {
  const steps = [...STEPS, withdrawn('systemsSecured')];
  const late = {
    mails: [{ ...MAILS.claim, receivedAt: at(60) }],
    announcements: [{ ...TOLD, at: at(60) }],
    statements: [],
    statusPage: [],
    files: [],
  };
  expect(judged(late, steps)).toEqual([
    'claims@insurer.example was sent a mail before forensics and the approval of that contact',
    `#engineering was told before its gate (${NOTE_1})`,
  ]);
});

test.each<[what: string, steps: readonly Step[], said: RegExp]>([
  ['the note', without(([, , { request }]) => request === NOTE_1), /#engineering was told before its gate/],
  [
    'a contact',
    without(([, , { request }]) => request === 'contact:cyberInsurance'),
    /before forensics and the approval of that contact/,
  ],
  [
    'the statement, by one of three',
    without(([by, name]) => by === 'counsel' && name === 'approve'),
    /three approvals/,
  ],
  [
    'another text',
    STEPS.map(([by, name, details]): Step =>
      details['request'] === STATEMENT_1
        ? [by, name, { request: requestOf('statement', 1, `${STATEMENT} `) }]
        : [by, name, details],
    ),
    /three approvals of that very text/,
  ],
  [
    'an attack from inside',
    STEPS.map(([by, name, details]): Step => [
      by,
      name,
      details['value'] === 'external' ? { ...details, value: 'internal' } : details,
    ]),
    /#engineering was told before its gate/,
  ],
])('without a yes to %s, what went out is found', (_, steps, said) => {
  expect(judged({}, steps).join('\n')).toMatch(said);
});

test('whoever was named later has an approval of their own; broken glass needs two', () => {
  const named: Step = [
    'vp',
    'addContact',
    { id: 'agency', kind: 'cyberInsurance', called: 'Agency', email: 'desk@agency.example' },
  ];
  const ordered: Step = ['vp', 'send', { to: ['agency'], text: 'To the agency.' }];
  const out = { mails: [...base.mails, mail(['desk@agency.example'], 'To the agency.', at(60))] };
  const tooEarly = ['desk@agency.example was sent a mail before forensics and the approval of that contact'];
  const yes = (request: string): Step => ['ic', 'approve', { request }];
  const glass = (by: string): Step => [by, 'breakGlass', { request: 'contact:cyberInsurance/agency' }];
  expect(judged(out, [...STEPS, named, ordered])).toEqual(tooEarly);
  expect(judged(out, [...STEPS, named, yes('contact:cyberInsurance/agency'), ordered])).toEqual([]);
  expect(judged(out, [...STEPS, named, glass('ic'), glass('ic'), ordered])).toEqual(tooEarly);
  expect(judged(out, [...STEPS, named, glass('ic'), glass('counsel'), ordered])).toEqual([]);
});

test.each([
  ['a note', { kind: 'note', version: 1, channel: '#web' }],
  ['a note to a group', { kind: 'note', version: 1, channel: 'web@example.com' }],
  ['a mail', { kind: 'mail', to: ['deputy@example.com'] }],
  ['a statement for a customer', { kind: 'customer', version: 1, party: 'customer-two' }],
  ['an SMS', { kind: 'sms', person: SUSPECT }],
  ['a statement for the website', { kind: 'public', version: 2, channel: 'website' }],
  ['a statement for the folder', { kind: 'public', version: 2, channel: 'folder' }],
  ['a statement for the status page', { kind: 'public', version: 2, channel: 'status page' }],
])('%s that is said to be sent, and is nowhere, is found', (_, content) => {
  expect(judged({}, STEPS, [sent(content)])).toEqual([expect.stringMatching(/nobody has it/)]);
});

test('of a mail is read what a relay reads, and what each reader opens with their own key', async () => {
  const keys = await createMailKeys({ [INSURER]: 'smime', [CUSTOMER]: 'pgp', [COUNSEL]: 'smime' });
  const smtp = await startSmtp();
  try {
    const mailer = mailerAt(smtp, keys);
    await mailer.send(mailTo([COUNSEL], { markdown: MEMO }));
    await mailer.send(
      mailTo([INSURER], {
        markdown: CLAIM,
        encrypt: true,
        attachments: [{ kind: 'markdown', content: 'A timeline.' }],
      }),
    );
    await mailer.send(mailTo([CUSTOMER], { markdown: STATEMENT, encrypt: true }));
    const [memo, claim, statement] = await Promise.all(smtp.mails.map((one) => seen(one, keys)));
    expect(memo).toMatchObject({ form: 'clear', clear: { text: expect.stringContaining(MEMO) }, opened: {} });
    expect(claim).toMatchObject({
      form: 'smime',
      opened: { [INSURER]: { text: expect.stringContaining(CLAIM), documents: [{ name: 'document-1.md' }] } },
    });
    expect(claim).not.toHaveProperty('clear');
    expect(statement?.form).toBe('pgp');
    expect(statement?.opened[CUSTOMER]?.text.trim()).toBe(STATEMENT.trim());
    // Somebody else's key, and none.
    const [, , raw] = smtp.mails;
    expect(await seen(raw as SeenMail, { [CUSTOMER]: keys[INSURER] })).toMatchObject({
      opened: { [CUSTOMER]: null },
    });
    expect(await seen(raw as SeenMail, {})).toMatchObject({ opened: { [CUSTOMER]: null } });
  } finally {
    await smtp.close();
  }
});

test('the report says who was written to, when and how, and never what', () => {
  const refusal = {
    ...entriesOf([['vp', 'send', {}]])[0],
    kind: 'refusal',
    reasons: [
      {
        gate: 'contactIsApproved',
        reason: 'this contact is not approved',
        source: 'until you have approval',
      },
    ],
  } as Entry;
  const records = recordsOf({}, STEPS, [refusal]);
  const text = messageLines(records).join('\n');
  expect(text).toMatch(
    /\| 2026-11-24 \S+ UTC \| mail \| contact \| claims@insurer.example \| encrypted \(S\/MIME\) \|/,
  );
  expect(text).toMatch(/\| mail \| customer \| security@customer-one.example \| encrypted \(OpenPGP\) \|/);
  expect(text).toMatch(/\| mail \| inside \| engineering@example.com \| in clear \|/);
  expect(text).toMatch(/\| SMS \| responder \| \+15550102 \| a fixed text \|/);
  expect(text).toMatch(/\| webhook \| public \| website \| in clear \|/);
  expect(text).toContain('1 refused');
  expect(text).toContain('> until you have approval');
  for (const said of [CLAIM, MEMO, 'Somebody got in']) expect(text).not.toContain(said);
  expect(countMessages(records)).toBe(
    "messages: 4 by mail, 2 of them encrypted; 1 by SMS; 1 in the company's channels; 3 public",
  );
  expect(JSON.stringify(written(clean()))).not.toContain('Buffer');
});
