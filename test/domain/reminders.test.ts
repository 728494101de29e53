/** What was promised for a day: whoever has to keep it is told on that day, once, unless it was kept before. */
import type { Incident } from '../../domain/incident';
import { nextReminder } from '../../domain/reminders';
import {
  addContact,
  after,
  afterReports,
  analysed,
  approve,
  complete,
  COUNSEL,
  declared,
  dropSend,
  ENGINEERING,
  exclude,
  externalConfirmed,
  FOLLOW_UP,
  IC,
  INSURER,
  lastEntry,
  logContact,
  messageSent,
  noteApproved,
  noteFor,
  notNeeded,
  POLICE,
  reasonsAgainst,
  requestOfNote,
  standDown,
  submitNote,
  withhold,
} from '../support/incidents';

const NINE = Date.UTC(2026, 10, 27, 9);

/** The first note has gone out to both channels. */
const sent = () => afterReports(noteApproved(), ...messageSent('message-1'), ...messageSent('message-2'));

/** Contacts are approved, and nothing was promised. */
const speaking = (incident = analysed()) =>
  after(
    incident,
    approve(IC, 'contact:cyberInsurance'),
    approve(IC, 'contact:localLawEnforcement'),
    addContact('vendor', { kind: 'externalParties' }),
    approve(IC, 'contact:externalParties/vendor'),
  );

const reminded = (about: string, ...untold: string[]) => ({ name: 'reminded', about, untold }) as const;

describe('more that was promised inside the company', () => {
  test('is due at nine of the day, for whoever leads engineering', () => {
    expect(nextReminder(sent())).toEqual({ about: 'note-1', at: NINE, to: [ENGINEERING], task: '11.4' });
  });

  test.each<[when: string, incident: () => Incident]>([
    ['before the note is out', noteApproved],
    ['before the last channel has it', () => afterReports(noteApproved(), ...messageSent('message-1'))],
    ['where it was told by another way', () => after(sent(), complete(ENGINEERING, 'followUp'))],
    ['where it is not needed', () => after(sent(), notNeeded(ENGINEERING, 'followUp'))],
    [
      'where the step is withheld after all',
      () => after(sent(), withhold(IC, 'internalCommunication'), withhold(COUNSEL, 'internalCommunication')),
    ],
    ['once they were reminded', () => afterReports(sent(), reminded('note-1'))],
    ['after the end', () => after(declared(), standDown())],
  ])('is not due %s', (_, incident) => {
    expect(nextReminder(incident())).toBeUndefined();
  });

  test('is due where the last channel was given up', () => {
    const incident = after(afterReports(noteApproved(), ...messageSent('message-1')), dropSend('message-2'));
    expect(nextReminder(incident)).toMatchObject({ about: 'note-1', at: NINE });
  });

  test('is told to the room too, with what to do', () => {
    const incident = afterReports(sent(), reminded('note-1'));
    expect(lastEntry(incident)).toMatchObject({
      kind: 'warning',
      text: `more was promised inside the company for today (${FOLLOW_UP}): submit the next note, or complete 11.4`,
    });
  });

  test('names whom nobody could tell', () => {
    expect(lastEntry(afterReports(sent(), reminded('note-1', ENGINEERING))).text).toContain(
      `; not reached by direct message: ${ENGINEERING}`,
    );
  });

  test('is told by the next note: of that one nothing is due', () => {
    const text = noteFor('2026-12-01');
    const next = after(sent(), submitNote(text, '2026-12-01'), approve(IC, requestOfNote(2, text)));
    const out = afterReports(next, ...messageSent('message-3'), ...messageSent('message-4'));
    expect(out.tasks.followUp.state).toBe('done');
    expect(nextReminder(out)).toBeUndefined();
  });

  test('stays due while the next note is written, and waits for its approval', () => {
    const text = noteFor('2026-12-01');
    const writing = after(sent(), submitNote(text, '2026-12-01'));
    expect(nextReminder(writing)).toEqual({ about: 'note-1', at: NINE, to: [ENGINEERING], task: '11.4' });
    const told = afterReports(writing, reminded('note-1'));
    expect(lastEntry(told).text).toBe(
      `more was promised inside the company for today (${FOLLOW_UP}): have version 2 approved, or complete 11.4`,
    );
    expect(nextReminder(told)).toBeUndefined();
    const rewritten = after(writing, submitNote(noteFor('2026-12-02'), '2026-12-02'));
    expect(nextReminder(rewritten)).toMatchObject({ about: 'note-1', at: NINE });
    expect(nextReminder(after(told, submitNote(text, '2026-12-01')))).toBeUndefined();
  });

  test('is not told by the second version of a note whose first nobody has read', () => {
    const text = noteFor('2026-12-01');
    const unread = after(noteApproved(), submitNote(text, '2026-12-01'), approve(IC, requestOfNote(2, text)));
    const out = afterReports(unread, ...messageSent('message-3'), ...messageSent('message-4'));
    expect(out.note?.sentAt).toBeDefined();
    expect(out.tasks.followUp.state).toBe('open');
    expect(nextReminder(out)).toMatchObject({ about: 'note-2', at: Date.UTC(2026, 11, 1, 9) });
  });

  test('goes to nobody who is excluded', () => {
    const incident = after(sent(), exclude(IC, ENGINEERING));
    expect(nextReminder(incident)?.to).toEqual([]);
  });
});

describe('the next word with somebody outside', () => {
  const next = '2026-11-26';
  const AT = Date.UTC(2026, 10, 26, 9);

  test.each([
    [INSURER, '12'],
    [POLICE, '12'],
    ['vendor', '13'],
  ])('with %s is due for whoever spoke with them, by the number of the step', (party, task) => {
    const incident = after(speaking(), logContact(party, { by: COUNSEL, next }));
    expect(nextReminder(incident)).toEqual({ about: 'conversation-1', at: AT, to: [COUNSEL], task });
  });

  test('is not due where none was promised', () => {
    expect(nextReminder(after(speaking(), logContact(INSURER)))).toBeUndefined();
  });

  test('is not due any more once somebody has spoken with them since', () => {
    const promised = after(speaking(), logContact(INSURER, { next }));
    expect(nextReminder(after(promised, logContact(POLICE)))).toMatchObject({ about: 'conversation-1' });
    expect(nextReminder(after(promised, logContact(INSURER, { by: COUNSEL })))).toBeUndefined();
    expect(nextReminder(after(promised, logContact(INSURER, { next: '2026-11-28' })))).toMatchObject({
      about: 'conversation-2',
      at: Date.UTC(2026, 10, 28, 9),
    });
  });

  test('comes in the order of the days, among all that is due, each once', () => {
    const promised = after(
      speaking(externalConfirmed(analysed())),
      logContact(INSURER, { next: '2026-11-28' }),
      logContact('vendor', { by: COUNSEL, next: '2026-11-25' }),
      submitNote(),
      approve(IC, requestOfNote()),
    );
    let incident = afterReports(promised, ...messageSent('message-1'), ...messageSent('message-2'));
    const order: string[] = [];
    for (let due = nextReminder(incident); due; due = nextReminder(incident)) {
      order.push(due.about);
      incident = afterReports(incident, reminded(due.about));
    }
    expect(order).toEqual(['conversation-2', 'note-1', 'conversation-1']);
  });

  test('is told to the room too', () => {
    const incident = after(speaking(), logContact(INSURER, { next }));
    expect(lastEntry(afterReports(incident, reminded('conversation-1'))).text).toBe(
      `the next word with ${INSURER} is due today (${IC} spoke with them)`,
    );
  });

  test.each(['conversation-9', 'conversation-', 'note-7', 'constructor'])(
    'what names nothing (%s) changes nothing',
    (about) => {
      const incident = after(speaking(), logContact(INSURER, { next }));
      expect(afterReports(incident, reminded(about))).toEqual(incident);
    },
  );

  test('is not promised for a day that is over', () => {
    expect(reasonsAgainst(speaking(), logContact(INSURER, { next: '2026-11-23' }))).toContain(
      'the next word is due on a day ahead, and 2026-11-23 is not',
    );
  });
});
