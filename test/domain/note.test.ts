/** The internal note of step 11: what it has to tell and must not, who says yes to it, and that it goes out once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayIn, nameChannel } from '../../domain/communication';
import type { Incident } from '../../domain/incident';
import { lintNote, momentOf, noteTemplate } from '../../domain/note';
import { dispatchesOf } from '../../domain/outbox';
import { textHash } from '../../domain/statement/hash';
import { EMPTY_SCOPE } from '../../domain/scope';
import {
  after,
  afterReports,
  analysed,
  approve,
  attempt,
  COMMUNICATION,
  connected,
  declared,
  dispatch,
  dropSend,
  ENGINEERING,
  externalConfirmed,
  FOLLOW_UP,
  FORENSICS,
  IC,
  INSTANCE,
  internalFound,
  messageFailed,
  messageSent,
  NOTE,
  noteApproved,
  noteFor,
  reasonsAgainst,
  record,
  refuse,
  requestOfNote,
  retrySend,
  SECURITY,
  SERVICE,
  submitNote,
  withdraw,
} from '../support/incidents';

const SEED = readFileSync(join(__dirname, '../../docs/seed/security-incident-response.md'), 'utf8');

const AFFECTED = {
  ...EMPTY_SCOPE,
  instances: [{ id: INSTANCE }],
  services: [SERVICE],
  identities: ['arn:aws:iam::123456789012:user/deploy'],
  users: ['deploy-bot', 'bob'],
  secrets: ['payments/database'],
  accounts: ['Example Mail'],
};
const KNOWN = declared({ declaration: { scope: AFFECTED } });
const wrongWith = (text: string, followUp = FOLLOW_UP) => lintNote(text, followUp, KNOWN);
/** The note, with more in the section on what has been done. */
const saying = (more: string) => NOTE.replace('keys are changed.', `keys are changed. ${more}`);
const DETAIL = "Don't go into too much detail.";

describe('a note', () => {
  test('that tells the three things without detail is all right', () => {
    expect(wrongWith(NOTE)).toEqual([]);
  });

  test.each<[why: string, text: string, reason: string, source: string]>([
    [
      'does not tell the timeline',
      NOTE.replace('## What happened: the timeline in short', ''),
      'there is no section on the timeline',
      'Overview the timeline.',
    ],
    [
      'has the heading of the timeline alone',
      NOTE.replace(/Somebody from outside.*\n/, ''),
      'the section on the timeline is empty',
      'Overview the timeline.',
    ],
    [
      'does not tell what has been done',
      NOTE.replace('## What has been done', ''),
      'there is no section on the mitigation steps taken',
      'Discuss mitigation steps taken.',
    ],
    [
      'has nothing to say of what has been done',
      NOTE.replace(/What they used is shut down.*\n/, '  \n'),
      'the section on the mitigation steps taken is empty',
      'Discuss mitigation steps taken.',
    ],
    [
      'promises nothing',
      NOTE.replace('## What comes next', ''),
      'there is no section on when more will follow',
      'Follow up with more information once it is known.',
    ],
    [
      'promises it for another day',
      NOTE.replace(FOLLOW_UP, '2026-11-28'),
      `it does not say that more follows on ${FOLLOW_UP}`,
      'Follow up with more information once it is known.',
    ],
    ['is a template still', saying('[The mitigation steps taken.]'), 'placeholders in [brackets]', DETAIL],
    ['is long', saying('We changed it. '.repeat(250)), 'characters; 3000 say enough', DETAIL],
    ['names an address', saying('They came from 198.51.100.7.'), 'it names an IP address', DETAIL],
    ['names an address of IPv6', saying('It was 2001:db8:0:1:2:3:4:5.'), 'it names an IP address', DETAIL],
    ['names a short address of IPv6', saying('It was (2001:db8::7).'), 'it names an IP address', DETAIL],
    ['names an instance', saying('We stopped i-0fed9876cba543210.'), 'it names an instance', DETAIL],
    ['names a resource', saying('arn:aws:s3:::backups was read.'), 'it names a resource of AWS', DETAIL],
    ['names a key', saying('AKIAIOSFODNN7EXAMPLE is gone.'), 'it names an access key', DETAIL],
    ['names a hash', saying(`The tool was ${'0a1b'.repeat(10)}.`), 'it names a hash', DETAIL],
    [
      'names a vulnerability',
      saying('They used cve-2026-12345.'),
      'it names a vulnerability by its number',
      DETAIL,
    ],
    [
      'names an instance of the scope',
      saying(`It was ${INSTANCE.toUpperCase()}.`),
      `it names ${INSTANCE}`,
      DETAIL,
    ],
    ['names a user', saying('The account Deploy-Bot is locked.'), 'it names deploy-bot', DETAIL],
    ['names a secret', saying('We changed payments/database.'), 'it names payments/database', DETAIL],
    ['names a third party', saying('Example Mail was told.'), 'it names Example Mail', DETAIL],
    ['names the incident', saying('We call it Sapphire-Unicorn.'), 'it names sapphire-unicorn', DETAIL],
  ])('is refused where it %s', (_, text, reason, source) => {
    const found = wrongWith(text).filter((one) => one.reason.includes(reason));
    expect(found).toEqual([{ gate: 'noteKeepsTheRules', reason: expect.any(String), source }]);
    expect(SEED).toContain(source);
  });

  test.each([
    ['a service that everybody sees is down', saying(`The service ${SERVICE} was off for an hour.`)],
    ['a name of three letters, which is in other words', saying('The bobsled is fine.')],
    ['a link, and a list of what is done', saying('[Read on](https://wiki.example.com). - [x] Keys')],
    [
      'a version and a time, which are no addresses',
      saying('Version 1.2.3 runs since 03:04:05, 1.2.3.4.5 before; Abc::Def is gone.'),
    ],
    [
      'other headings for the same',
      NOTE.replace('What has been done', 'Measures').replace('comes next', 'follows'),
    ],
  ])('may hold %s', (_, text) => {
    expect(wrongWith(text)).toEqual([]);
  });

  test('says everything that is wrong with it at once, each once', () => {
    const reasons = wrongWith('198.51.100.7, 198.51.100.8 and [more]').map(({ reason }) => reason);
    expect(reasons).toEqual([
      'there is no section on the timeline',
      'there is no section on the mitigation steps taken',
      'there is no section on when more will follow',
      "the template's placeholders in [brackets] are not all replaced",
      `it does not say that more follows on ${FOLLOW_UP}`,
      'it names an IP address',
    ]);
  });

  test('of 64,000 characters is read in no time', () => {
    const began = Date.now();
    for (const filler of [' ', '[', '#', '1.', 'a', ':', '\n#', '0123456789abcdef'])
      wrongWith(`${NOTE}${filler.repeat(64_000 / filler.length)}`);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('begins with a template that holds the three sections and the day, and is not all right as it is', () => {
    const reasons = wrongWith(noteTemplate(FOLLOW_UP)).map(({ reason }) => reason);
    expect(reasons).toEqual(["the template's placeholders in [brackets] are not all replaced"]);
  });
});

// Who drafts it, who says yes.

const READY = externalConfirmed(analysed());
const request = requestOfNote();
const notesOf = (incident: Incident) =>
  dispatchesOf(incident).map(({ id, content, state }) => [
    id,
    content.kind === 'note' ? `${content.version} ${content.channel}` : content.kind,
    state,
  ]);

describe('the note of an incident', () => {
  test.each<[when: string, incident: () => Incident, reason: string]>([
    ['forensics has not been performed', connected, 'step 10'],
    ['the source is not known', analysed, 'finding attackSource=external'],
    ['the source is internal', () => internalFound(analysed()), 'was sourced internally'],
    [
      'no channel is configured',
      () => externalConfirmed(analysed({ inside: [] })),
      'no channel inside the company is configured (communication.inside)',
    ],
  ])('is not even drafted where %s', (_, incident, reason) => {
    const { outcome, incident: now } = attempt(incident(), submitNote());
    expect(outcome.reasons.map((one) => one.reason).join()).toContain(reason);
    for (const { gate, source } of outcome.reasons)
      expect([gate, gate === 'wayIsConfigured' || SEED.includes(source ?? 'none')]).toEqual([gate, true]);
    expect(now.note).toBeUndefined();
  });

  test.each(['2026-11-23', '2027-02-22', '2030-01-01'])('promises nothing for %s', (day) => {
    const { outcome } = attempt(READY, submitNote(noteFor(day), day));
    expect(outcome.reasons).toEqual([
      {
        gate: 'followUpIsAhead',
        reason: `${day} is not a day ahead, within 90 days`,
        source: 'Follow up with more information once it is known.',
      },
    ]);
  });

  test.each(['2026-11-24', '2026-11-25', '2027-02-21'])('may promise more for %s', (day) => {
    expect(attempt(READY, submitNote(noteFor(day), day)).outcome.accepted).toBe(true);
  });

  test('is kept with its hash, its day and whoever drafted it, and waits for the incident commander', () => {
    const incident = after(READY, submitNote());
    expect(incident.note).toMatchObject({
      version: 1,
      text: NOTE,
      sha256: textHash(NOTE),
      by: ENGINEERING,
      followUp: FOLLOW_UP,
      followUpAt: Date.UTC(2026, 10, 27, 9),
    });
    expect(incident.requests[request]).toMatchObject({ state: 'open', needs: [['incidentCommander']] });
    expect(dispatchesOf(incident)).toEqual([]);
  });

  test('waits in the outbox for every channel once it is approved, in the name of whoever drafted it', () => {
    const incident = after(READY, submitNote(), approve(IC, request));
    expect(notesOf(incident)).toEqual([
      ['message-1', '1 #engineering', 'waiting'],
      ['message-2', '1 everybody@example.com', 'waiting'],
    ]);
    expect(dispatchesOf(incident).map(({ by }) => by)).toEqual([ENGINEERING, ENGINEERING]);
    expect(COMMUNICATION.inside.map(nameChannel)).toEqual(['#engineering', 'everybody@example.com']);
  });

  test('is approved by its text: of another one the same yes says nothing', () => {
    const changed = `${NOTE}\n`;
    const twice = after(READY, submitNote(), submitNote(changed));
    expect(reasonsAgainst(twice, approve(IC, request))).toContain('version 1 has been replaced by version 2');
    expect(reasonsAgainst(twice, approve(IC, requestOfNote(2)))).toContain('there is no request');
    expect(notesOf(after(twice, approve(IC, requestOfNote(2, changed))))).toHaveLength(2);
  });

  test('is not approved again, and not sent again, by whoever says yes twice', () => {
    expect(reasonsAgainst(noteApproved(), approve(IC, request))).toContain('is approved already');
    const again = after(noteApproved(), refuse(IC, request), approve(IC, request));
    expect(notesOf(again)).toEqual([
      ['message-1', '1 #engineering', 'stopped'],
      ['message-2', '1 everybody@example.com', 'stopped'],
    ]);
  });

  test('is stopped, and asked for anew, where the source falls before it is out', () => {
    const fallen = after(noteApproved(), withdraw(FORENSICS, 'attackSource'));
    expect(fallen.requests[request]).toMatchObject({ state: 'open', approvals: [] });
    expect(notesOf(fallen).map(([, , state]) => state)).toEqual(['stopped', 'stopped']);
    expect(fallen.entries.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        `the approvals of ${request} fall with it: it has to be approved again`,
        expect.stringMatching(/^message-1 is stopped \(the internal note, version 1, to #engineering\): /),
      ]),
    );
    // Neither comes back by itself.
    const found = after(fallen, record(FORENSICS, 'attackSource', 'external'));
    expect(reasonsAgainst(found, retrySend('message-1'))).toContain(`not approved (request ${request})`);
    const approved = after(found, approve(IC, request));
    expect(notesOf(approved).map(([, , state]) => state)).toEqual(['stopped', 'stopped']);
    expect(dispatch('message-1', after(approved, retrySend('message-1'))).state).toBe('waiting');
  });

  test('is stopped where the systems turn out not to be secure', () => {
    const fallen = after(noteApproved(), withdraw(SECURITY, 'systemsSecured'));
    expect(notesOf(fallen).map(([, , state]) => state)).toEqual(['stopped', 'stopped']);
    expect(fallen.requests[request]?.state).toBe('open');
  });

  test('is out when every channel has it: its three tasks are done with it, and no earlier', () => {
    const half = afterReports(noteApproved(), ...messageSent('message-1'));
    expect(half.tasks.overviewTimeline.state).toBe('open');
    expect(half.note).not.toHaveProperty('sentAt');
    const sent = afterReports(half, ...messageSent('message-2', 'encrypted to each'));
    for (const task of ['keepDetailsOut', 'overviewTimeline', 'discussMitigation'] as const)
      expect(sent.tasks[task]).toMatchObject({ state: 'done', note: 'version 1 of the note is sent' });
    expect(sent.tasks.followUp.state).toBe('open');
    expect(sent.note?.sentAt).toBe(sent.entries.at(-1)?.at);
  });

  test('is out as well when the channel that has it not is given up', () => {
    const half = afterReports(
      noteApproved(),
      ...messageSent('message-1'),
      ...messageFailed('message-2', 'no such mailbox', true),
    );
    expect(half.note).not.toHaveProperty('sentAt');
    const dropped = after(half, dropSend('message-2'));
    expect(dropped.note?.sentAt).toBe(dropped.entries.at(-1)?.at);
    expect(dropped.tasks.overviewTimeline.state).toBe('done');
  });

  test('is not out where all of its channels are given up', () => {
    const dropped = after(noteApproved(), dropSend('message-1'), dropSend('message-2'));
    expect(dropped.note).not.toHaveProperty('sentAt');
    expect(dropped.tasks.overviewTimeline.state).toBe('open');
  });

  test('is followed by another: that is the word that was promised', () => {
    const first = afterReports(noteApproved(), ...messageSent('message-1'), ...messageSent('message-2'));
    const text = noteFor('2026-12-01');
    const second = after(first, submitNote(text, '2026-12-01'), approve(IC, requestOfNote(2, text)));
    expect(notesOf(second).slice(2)).toEqual([
      ['message-3', '2 #engineering', 'waiting'],
      ['message-4', '2 everybody@example.com', 'waiting'],
    ]);
    expect(second.tasks.followUp.state).toBe('open');
    const sent = afterReports(second, ...messageSent('message-3'), ...messageSent('message-4'));
    expect(sent.tasks.followUp).toMatchObject({ state: 'done', note: 'version 2 of the note is sent' });
  });

  test('leaves what somebody has settled by hand as they said', () => {
    const settled = after(noteApproved(), {
      name: 'markNotNeeded',
      by: IC,
      tasks: ['discussMitigation'],
      reason: 'it was said in the all-hands',
    });
    const sent = afterReports(settled, ...messageSent('message-1'), ...messageSent('message-2'));
    expect(sent.tasks.discussMitigation.state).toBe('notNeeded');
    expect(sent.tasks.overviewTimeline.state).toBe('done');
  });
});

describe('a day', () => {
  test.each([
    ['UTC', '2026-11-24T23:59:59Z', '2026-11-24'],
    ['Pacific/Auckland', '2026-11-24T11:00:00Z', '2026-11-25'],
    ['Pacific/Auckland', '2026-11-24T10:59:59Z', '2026-11-24'],
    ['America/Los_Angeles', '2026-11-25T07:59:59Z', '2026-11-24'],
    ['America/Los_Angeles', '2026-11-25T08:00:00Z', '2026-11-25'],
  ])('is one of %s: %s is %s there', (timeZone, moment, day) => {
    expect(dayIn(timeZone, Date.parse(moment))).toBe(day);
  });

  test('that was promised begins at nine in the morning', () => {
    expect(new Date(momentOf('2026-11-27')).toISOString()).toBe('2026-11-27T09:00:00.000Z');
  });
});
