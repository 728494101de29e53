/** `send`, `note`, `sms` and `messages`, with the domain's own decisions and views behind them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addMessages } from '../../client/cli/commands/messages';
import { formatMessages, formatNote } from '../../client/cli/messages';
import { communicationOf, type DispatchView } from '../../domain/communication-view';
import type { Incident } from '../../domain/incident';
import { SMS_SOURCE, SMS_TEXTS } from '../../domain/sms';
import { FOLDER, file } from '../support/cli';
import { inMemory } from '../support/in-memory';
import {
  after,
  approve,
  COMMUNICATION,
  COUNSEL,
  declared,
  ENGINEERING,
  externalConfirmed,
  FIELD_OFFICE,
  FOLLOW_UP,
  forensicsPerformed,
  IC,
  INSURER,
  NOTE,
  requestOfNote,
  respond,
  ROSTER,
  send,
  submitNote,
  systemsSecured,
  THREE_AM,
  WORDS,
} from '../support/incidents';

const CODENAME = 'sapphire-unicorn';
const NOW = THREE_AM + 5 * 3_600_000;
const BEFORE_FORENSICS =
  'Do not communicate with anyone not on the response team about the incident until forensics has been performed. The attack could be happening internally.';

const ROSTER_WITH_PHONES = ROSTER.map((person) => ({ ...person, phone: '+1 555 0101' }));
const begun = () =>
  after(declared({ company: { communication: COMMUNICATION, roster: ROSTER_WITH_PHONES } }), respond());
const analysed = () => forensicsPerformed(systemsSecured(begun()));
const approved = () => after(analysed(), approve(IC, 'contact:cyberInsurance'));
const external = () => externalConfirmed(analysed());

const rig = (incident: Incident) => inMemory(incident, addMessages);
const draft = () => file('message.md', WORDS);

describe('send', () => {
  it('orders a mail to approved contacts and the team, with a pack', async () => {
    const memory = rig(approved());
    const ran = await memory.run(
      ...[
        'send',
        CODENAME,
        '--to',
        INSURER,
        '--cc',
        IC,
        COUNSEL,
        '--file',
        draft(),
        '--pack',
        'cyber-insurance',
        '--as',
        IC,
      ],
    );
    expect(ran).toMatchObject({ status: 0, problems: [] });
    expect(ran.out).toMatch(/^ordered mail to insurer, ic@example\.com, counsel@example\.com \(message-1\)/);
    expect(memory.decisions).toMatchObject([
      { name: 'send', to: [INSURER], cc: [IC, COUNSEL], text: WORDS, pack: 'cyberInsurance' },
    ]);
  });

  it('takes an option more than once', async () => {
    const memory = rig(approved());
    await memory.run(
      'send',
      CODENAME,
      '--to',
      INSURER,
      '--to',
      IC,
      '--bcc',
      COUNSEL,
      '--file',
      draft(),
      '--as',
      IC,
    );
    expect(memory.decisions).toMatchObject([{ to: [INSURER, IC], bcc: [COUNSEL] }]);
  });

  it('is refused with every reason and the sentences of the seed, and ends with 3', async () => {
    const memory = rig(begun());
    const ran = await memory.run(
      'send',
      CODENAME,
      '--to',
      INSURER,
      FIELD_OFFICE,
      '--file',
      draft(),
      '--as',
      IC,
    );
    expect(ran.status).toBe(3);
    expect(ran.out).toContain(`"${BEFORE_FORENSICS}"`);
    expect(ran.out).toContain('make sure your emails are encrypted');
    expect(memory.incident.outbox).toEqual({});
    expect(memory.incident.entries.at(-1)).toMatchObject({ kind: 'refusal', decision: 'send' });
  });

  it('says everything that is wrong at once', async () => {
    const memory = rig(begun());
    const ran = await memory.run('send', CODENAME, '--pack', 'friends', '--follow-up', FOLLOW_UP);
    expect(ran.status).toBe(2);
    expect(ran.problems).toEqual([
      '--follow-up: it is for the internal note (--internal FILE)',
      expect.stringMatching(/^--pack "friends": one of localLawEnforcement, fbi, .* is needed$/),
      '--as EMAIL (or FIREBREAK_AS): missing',
      '--to WHO: missing',
      '--file FILE: missing',
    ]);
    expect(memory.decisions).toEqual([]);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['a file that is not there', '', /can't be read \(ENOENT\)/],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), /holds no text/],
    ['another encoding', Buffer.from([0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68]), /not in UTF-8/],
    ['10 MB', 'a'.repeat(10_000_000), /10000000 bytes/],
    ['more than 64,000 characters', 'ä'.repeat(64_001), /64001 characters/],
    ['nothing', ' \n', /is empty/],
  ])('takes no draft that is %s', async (what, content, says) => {
    const memory = rig(approved());
    const path = join(FOLDER, `${what.replace(/\W/g, '-')}.md`);
    if (content !== '') writeFileSync(path, content);
    const ran = await memory.run('send', CODENAME, '--to', INSURER, '--file', path, '--as', IC);
    expect(ran.status).toBe(2);
    expect(ran.problems).toEqual([expect.stringMatching(says)]);
    expect(memory.decisions).toEqual([]);
  });

  it('takes no folder', async () => {
    mkdirSync(join(FOLDER, 'drafts'));
    const ran = await rig(approved()).run(
      'send',
      CODENAME,
      '--to',
      INSURER,
      '--file',
      join(FOLDER, 'drafts'),
      '--as',
      IC,
    );
    expect(ran).toMatchObject({ status: 2, problems: [expect.stringContaining('is a folder')] });
  });
});

describe('the internal note', () => {
  it('is submitted, with the day on which more is told', async () => {
    const memory = rig(external());
    const ran = await memory.run(
      ...[
        'send',
        CODENAME,
        '--internal',
        file('note.md', NOTE),
        '--follow-up',
        FOLLOW_UP,
        '--as',
        ENGINEERING,
      ],
    );
    expect(ran).toMatchObject({ status: 0, problems: [] });
    expect(memory.incident.note).toMatchObject({ version: 1, text: NOTE, followUp: FOLLOW_UP });
  });

  it('has no recipients of its own, and needs its day', async () => {
    const memory = rig(external());
    const ran = await memory.run(
      ...[
        'send',
        CODENAME,
        '--internal',
        file('note.md', NOTE),
        '--to',
        INSURER,
        '--pack',
        'fbi',
        '--as',
        ENGINEERING,
      ],
    );
    expect(ran).toMatchObject({
      status: 2,
      problems: [
        '--to: the internal note goes to the configured channels; leave it out',
        '--pack: the internal note goes to the configured channels; leave it out',
        '--follow-up DAY: missing',
      ],
    });
    const other = await memory.run(
      ...[
        'send',
        CODENAME,
        '--internal',
        file('note.md', NOTE),
        '--follow-up',
        '2026-02-30',
        '--as',
        ENGINEERING,
      ],
    );
    expect(other.problems).toEqual(['--follow-up DAY: a day is needed, such as 2026-11-24']);
  });

  it('is refused with the sentences of the seed while it is too early', async () => {
    const ran = await rig(begun()).run(
      ...[
        'send',
        CODENAME,
        '--internal',
        file('note.md', NOTE),
        '--follow-up',
        FOLLOW_UP,
        '--as',
        ENGINEERING,
      ],
    );
    expect(ran.status).toBe(3);
    expect(ran.out).toContain('"Communicate internally only once you are confident (via forensic analysis)');
  });

  it('begins with a template, for which no server is asked', async () => {
    const memory = rig(begun());
    const ran = await memory.run('note', CODENAME, '--template');
    expect(ran.status).toBe(0);
    expect(ran.out).toMatch(
      /## What happened.*## What has been done.*## What comes next.*more on \[YYYY-MM-DD\]/s,
    );
    expect((await memory.run('note', CODENAME, '--template', '--follow-up', FOLLOW_UP)).out).toContain(
      FOLLOW_UP,
    );
    expect(JSON.parse((await memory.run('note', CODENAME, '--template', '--json')).out)).toHaveProperty(
      'template',
    );
    expect(memory.asked).toEqual([]);
  });

  const shown = (incident: Incident) => formatNote(communicationOf(incident, NOW));

  it('is shown as it stands: none, waiting, approved, sent', async () => {
    expect(shown(begun())).toContain('It may not be prepared yet:\n');
    expect(shown(external())).toContain('It begins with: firebreak note sapphire-unicorn --template');
    const submitted = after(external(), submitNote());
    expect(shown(submitted)).toContain('version 1 of the internal note, by engineering@example.com');
    expect(shown(submitted)).toContain(
      `waits for the incident commander: firebreak approve sapphire-unicorn ${requestOfNote()}`,
    );
    expect(shown(submitted)).toContain(
      `goes to #engineering, everybody@example.com\nmore is promised on ${FOLLOW_UP}`,
    );
    expect(shown(submitted)).toContain('## What has been done');
    const yes = after(submitted, approve(IC, requestOfNote()));
    expect(shown(yes)).toContain(`approved (${requestOfNote()})`);
    expect(shown({ ...yes, note: { ...yes.note, sentAt: NOW } as NonNullable<Incident['note']> })).toContain(
      'sent 2026-11-24 08:00:00 UTC to #engineering',
    );
    const memory = rig(submitted);
    expect((await memory.run('note', CODENAME)).out).toContain('version 1');
    expect(JSON.parse((await memory.run('note', CODENAME, '--json')).out)).toMatchObject({
      note: { version: 1 },
    });
  });
});

describe('sms', () => {
  it.each([
    ['joinSlack', 'joinSlack'],
    ['join-call', 'joinCall'],
    ['Please join Slack ASAP', 'joinSlack'],
    ['check pager', 'checkPager'],
  ])('sends a fixed text: "%s"', async (typed, id) => {
    const memory = rig(begun());
    const ran = await memory.run('sms', CODENAME, COUNSEL, ...typed.split(' '), '--as', IC);
    expect(ran).toMatchObject({ status: 0, problems: [] });
    expect(memory.decisions).toMatchObject([{ name: 'sendSms', person: COUNSEL, text: id }]);
  });

  it.each([['we were hacked'], ['Please join Slack ASAP, we were hacked'], ['toString'], ['']])(
    'sends no other text, and says why: "%s"',
    async (typed) => {
      const memory = rig(begun());
      const ran = await memory.run('sms', CODENAME, COUNSEL, typed, '--as', IC);
      expect(ran.status).toBe(2);
      expect(ran.problems).toEqual([expect.stringContaining(`"${SMS_SOURCE}"`)]);
      for (const text of Object.values(SMS_TEXTS)) expect(ran.problems[0]).toContain(text);
      expect(memory.decisions).toEqual([]);
    },
  );

  it('says everything that is wrong at once, and lists the texts in its help', async () => {
    const ran = await rig(begun()).run('sms', CODENAME, 'nobody', 'hello', '--as', IC);
    expect(ran.problems).toEqual([
      expect.stringContaining(SMS_SOURCE),
      'PERSON: an e-mail address is needed',
    ]);
    const help = (await rig(begun()).run('sms', '--help')).out;
    for (const [id, text] of Object.entries(SMS_TEXTS)) expect(help).toContain(`${id} ("${text}")`);
    expect(help).toContain(`"${SMS_SOURCE}"`);
  });
});

describe('messages', () => {
  const view = communicationOf(after(approved(), send([INSURER])), NOW);
  const [ordered] = view.outbox as [DispatchView];
  const blocker = { gate: 'x', reason: 'this contact is not approved', source: 'Do not disseminate' };
  const printed = (changes: Partial<DispatchView>) =>
    formatMessages({ ...view, outbox: [{ ...ordered, ...changes }] }, NOW);

  it('says what was ordered, by whom, and how it stands', () => {
    expect(printed({ at: NOW - 180_000 })).toMatch(
      /│ message-1 +│ mail to insurer +│ waiting +│ 3 min ago by +│/,
    );
    expect(printed({ state: 'sent', sentAt: NOW })).toContain('sent 2026-11-24 08:00:00 UTC');
    expect(formatMessages({ ...view, outbox: [] }, NOW)).toBe(
      'sapphire-unicorn: nobody has ordered a message yet.',
    );
  });

  it.each<[Partial<DispatchView>, string[]]>([
    [{ blockers: [blocker] }, ['! message-1: waits, and may not go out now:', '"Do not disseminate"']],
    [
      { state: 'failed', cause: 'the server is down', nextTryAt: NOW + 20_000 },
      [
        '! message-1: failed: the server is down',
        'Tried again in 20 s; at once: firebreak messages retry sapphire-unicorn message-1',
      ],
    ],
    [
      { state: 'failed', cause: 'it is not known whether the server took it' },
      [
        'It is not tried again by itself. Mend that, then: firebreak messages retry',
        'drop sapphire-unicorn message-1 --reason TEXT',
      ],
    ],
    [
      { state: 'stopped', cause: 'its gates have closed', blockers: [blocker] },
      [
        '! message-1: stopped: its gates have closed',
        'this contact is not approved',
        'Once that is mended: firebreak',
      ],
    ],
    [{ state: 'stopped' }, ['It may go out again: firebreak messages retry']],
    [{ state: 'dropped', cause: 'said by telephone' }, ['- message-1: dropped: said by telephone']],
  ])('says what keeps one back, and what to do about it: %j', (changes, says) => {
    for (const one of says) expect(printed(changes)).toContain(one);
  });

  it('says nothing more of what is out', () => {
    expect(printed({ state: 'sent', sentAt: NOW }).split('\n').at(-1)).toMatch(/^└/);
    expect(printed({ state: 'sending' }).split('\n').at(-1)).toMatch(/^└/);
  });

  it('answers as a command, also as one document', async () => {
    const memory = rig(after(approved(), send([INSURER])));
    expect((await memory.run('messages', CODENAME)).out).toContain('mail to insurer');
    expect(JSON.parse((await memory.run('messages', CODENAME, '--json')).out)).toMatchObject({
      codename: CODENAME,
      outbox: [{ id: 'message-1', state: 'waiting' }],
    });
  });

  it('drops a message with a reason, and tries one again that failed', async () => {
    const begunOne = after(approved(), send([INSURER]), send([IC]));
    const failed: Incident = {
      ...begunOne,
      outbox: Object.fromEntries(
        Object.entries(begunOne.outbox).map(([id, one]) => [id, { ...one, state: 'failed', cause: 'down' }]),
      ),
    };
    const memory = rig(failed);
    expect((await memory.run('messages', 'retry', CODENAME, 'message-2', '--as', IC)).status).toBe(0);
    expect((await memory.run('messages', 'drop', CODENAME, 'message-1', '--as', IC)).problems).toEqual([
      '--reason TEXT: missing',
    ]);
    const dropped = await memory.run(
      ...['messages', 'drop', CODENAME, 'message-1', '--reason', 'said by telephone', '--as', IC, '--json'],
    );
    expect(JSON.parse(dropped.out)).toMatchObject({ accepted: true });
    expect(memory.incident.outbox['message-1']).toMatchObject({ state: 'dropped' });
    const none = await memory.run('messages', 'retry', CODENAME, 'message-9', '--as', IC);
    expect(none.status).toBe(3);
    expect(none.out).toContain('there is no message-9; on their way are: message-2');
  });
});
