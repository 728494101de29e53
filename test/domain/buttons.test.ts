/** Buttons of the room: each names the incident and what it is about, and none is there that can't be of use. */
import { stateOfStep } from '../../domain/blockers';
import { BUTTONS, buttonsOfEntry, buttonsOfPinned, type Button } from '../../domain/buttons';
import { ask } from '../../domain/decide';
import type { Decision } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import type { Incident } from '../../domain/incident';
import { STEP_IDS } from '../../domain/steps';
import {
  after,
  afterReports,
  approve,
  closed,
  complete,
  declared,
  DEPUTY,
  effectsDone,
  everythingSettled,
  IC,
  INSTANCE,
  lastEntry,
  nextMinute,
  refuse,
  responding,
  SCRIBE,
  SECURITY,
  STATES,
  stoodDown,
} from '../support/incidents';

const CODENAME = 'sapphire-unicorn';
const ids = (buttons: readonly Button[]) => buttons.map(({ id }) => id);
const labels = (incident: Incident) => buttonsOfPinned(incident).map(({ label }) => label);

describe('under the pinned checklist', () => {
  test.each(STATES)('each names the incident, once, in short words: "%s"', (_, incident) => {
    const buttons = buttonsOfPinned(incident);
    for (const { id, value, label } of buttons) {
      expect(BUTTONS).toContain(id);
      expect(value.split(' ')[0]).toBe(CODENAME);
      expect([value.length <= 2_000, label.length <= 75, label.length > 0]).toEqual([true, true, true]);
    }
    // One by Slack's own rule: an action's id and value are not there twice.
    expect(new Set(buttons.map(({ id, value }) => `${id} ${value}`)).size).toBe(buttons.length);
  });

  test.each(STATES)('every step that is open or locked has one: "%s"', (_, incident) => {
    const steps = buttonsOfPinned(incident).filter(({ id }) => id === 'step');
    const wanted = STEP_IDS.filter((id) => ['open', 'locked'].includes(stateOfStep(id, incident)));
    const isOver = ['closed', 'stoodDown'].includes(incident.phase.name);
    expect(steps.map(({ value }) => value)).toEqual(isOver ? [] : wanted.map((id) => `${CODENAME} ${id}`));
    for (const { value, label } of steps)
      expect(label.includes('why locked?')).toBe(
        stateOfStep(value.split(' ')[1] as (typeof STEP_IDS)[number], incident) === 'locked',
      );
  });

  test('what waits stands first, and goes when it is answered', () => {
    const paged = afterReports(declared(), ...effectsDone('pageIncidentCommander', 'openRoom'));
    expect(labels(paged).slice(0, 3)).toEqual([
      'Acknowledge the page',
      'Respond or stand down',
      'Approve or refuse (1)',
    ]);
    const answered = after(
      paged,
      { name: 'acknowledge', by: IC },
      { name: 'determine', by: IC, determination: 'respond', reason: 'it is real' },
      approve(SECURITY, `contain:${INSTANCE}`),
    );
    expect(ids(buttonsOfPinned(answered)).slice(0, 1)).toEqual(['step']);
    expect(ids(buttonsOfPinned(answered)).slice(-4)).toEqual(['finding', 'people', 'more', 'help']);
  });

  test('requests of the Web UI are counted, and the end is offered when it may come', () => {
    const asked = ask(responding(), SCRIBE, { name: 'lookWho', by: SCRIBE }, nextMinute(responding()));
    expect(labels(asked.incident)).toContain('Confirm requests (1)');
    expect(labels(responding()).join()).not.toContain('Confirm');
    expect(ids(buttonsOfPinned(everythingSettled()))).toContain('close');
    expect(ids(buttonsOfPinned(responding()))).not.toContain('close');
  });
});

describe('under a message', () => {
  const waiting = () =>
    declared().entries.find(({ details }) => details?.['request'] === `contain:${INSTANCE}`) as Entry;

  test('that asks for an approval are yes and no, until it is answered', () => {
    const value = `${CODENAME} contain:${INSTANCE}`;
    expect(buttonsOfEntry(waiting(), declared())).toEqual([
      { id: 'approve', value, label: 'Approve', style: 'primary' },
      { id: 'refuse', value, label: 'Refuse', style: 'danger' },
    ]);
    for (const answer of [approve(SECURITY, `contain:${INSTANCE}`), refuse(IC, `contain:${INSTANCE}`)])
      expect(buttonsOfEntry(waiting(), after(declared(), answer))).toEqual([]);
  });

  test('of an assignment or a reminder: begin and complete, while that can be done', () => {
    const assign: Decision = { name: 'assignTask', by: IC, task: 'findQueries', to: SECURITY };
    const assigned = after(responding(), assign);
    const value = `${CODENAME} findQueries`;
    const both = [
      { id: 'start', value, label: 'I am working on it' },
      { id: 'complete', value, label: 'Complete', style: 'primary' },
    ];
    expect(buttonsOfEntry(lastEntry(assigned), assigned)).toEqual(both);
    const reminded = afterReports(assigned, {
      name: 'nudged',
      task: 'findQueries',
      nudge: 'remind',
      to: [SECURITY],
      untold: [],
    });
    expect(buttonsOfEntry(lastEntry(reminded), reminded)).toEqual(both);
    const done = after(assigned, complete(SECURITY, 'findQueries'));
    expect(buttonsOfEntry(lastEntry(assigned), done)).toEqual([]);
    expect(buttonsOfEntry(lastEntry(done), done)).toEqual([]);
    const locked = after(responding(), { ...assign, task: 'combThroughEvidence' });
    expect(buttonsOfEntry(lastEntry(locked), locked)).toEqual([]);
  });

  test('of the command: accept it, until it is accepted', () => {
    const offered = after(responding(), { name: 'offerCommand', by: IC, person: DEPUTY });
    expect(buttonsOfEntry(lastEntry(offered), offered)).toEqual([
      { id: 'acceptCommand', value: CODENAME, label: 'Accept the command', style: 'primary' },
    ]);
    const accepted = after(offered, { name: 'acceptCommand', by: DEPUTY });
    expect(buttonsOfEntry(lastEntry(offered), accepted)).toEqual([]);
  });

  test('of a request from the Web UI: confirm that one, until it is confirmed', () => {
    const wanted: Decision = { name: 'assignTask', by: SCRIBE, task: 'findQueries', to: SCRIBE };
    const first = ask(responding(), SCRIBE, wanted, nextMinute(responding())).incident;
    const second = ask(first, SCRIBE, { ...wanted, to: DEPUTY }, nextMinute(first)).incident;
    const confirm = (id: string) => [
      { id: 'confirm', value: `${CODENAME} ${id}`, label: 'Confirm', style: 'primary' },
    ];
    expect(buttonsOfEntry(lastEntry(first), second)).toEqual(confirm('asked-1'));
    expect(buttonsOfEntry(lastEntry(second), second)).toEqual(confirm('asked-2'));
    const confirmed = after(second, { name: 'confirm', by: IC, request: 'asked-1' });
    expect(buttonsOfEntry(lastEntry(first), confirmed)).toEqual([]);
  });

  test('of a refusal there are none, and none at all after the end', () => {
    for (const incident of [closed(), stoodDown()])
      for (const entry of [...incident.entries, waiting()])
        expect(buttonsOfEntry(entry, incident)).toEqual([]);
    const refusal = { ...waiting(), kind: 'refusal' } as const;
    expect(buttonsOfEntry(refusal, declared())).toEqual([]);
  });
});
