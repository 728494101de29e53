/** Slack's views as pure functions: Slack would take each of them, whatever the incident holds, and every decision has a form. */
import * as fc from 'fast-check';
import { parseDecision, DECISION_NAMES, type DecisionName } from '../../domain/decisions';
import { viewOf, type ChecklistView } from '../../domain/view';
import { TASK_IDS } from '../../domain/checklist';
import { pressedOf } from '../../client/slack-app/actions';
import { summaryOf, callIn } from '../../client/slack-app/declare';
import { SLACK } from '../../client/slack-app/limits';
import { fieldsOf, readForm, type State } from '../../client/slack-app/views/fields';
import { formView } from '../../client/slack-app/views/forms';
import {
  askedView,
  endedView,
  helpView,
  moreView,
  peopleView,
  requestsView,
  stepView,
  whyView,
} from '../../client/slack-app/views/pages';
import type { Modal } from '../../client/slack-app/views/blocks';
import { escaped, pieces, plain, written } from '../../client/slack-app/views/text';
import { NO_PART, outcomeInWords, statusLines, takesPart } from '../../client/slack-app/views/words';
import { problemsOfView } from '../../drill/stand-ins/slack/views';
import { declared, IC, SECURITY, STRANGER, THREE_AM } from '../support/incidents';

const NOW = THREE_AM + 60_000;
const fresh = viewOf(declared());

/** Everything as long and as many as it can be, and full of what Slack would read as something else. */
const NASTY = '<!channel> <@U0IC> &amp; `x` *b* \u202eevil\u2066 \ud800 \u0000 😀\n'
  .repeat(150)
  .slice(0, 4_000);
const largest: ChecklistView = {
  ...fresh,
  steps: fresh.steps.map((step) => ({
    ...step,
    blockers: Array.from({ length: 20 }, (_, i) => ({ gate: `g${i}`, reason: NASTY, source: NASTY })),
    withheldBecause: NASTY,
    tasks: step.tasks.map((task) => ({ ...task, state: 'failed' as const, note: NASTY, who: NASTY })),
  })),
  requests: Array.from({ length: 300 }, (_, i) => ({
    id: `contain:arn:aws:iam::123456789012:role/${'x'.repeat(i % 2 === 0 ? 20 : 230)}${i}`,
    state: 'open' as const,
    due: i % 3 === 0,
    waitsFor: [NASTY],
    since: THREE_AM,
  })),
  asked: Array.from({ length: 20 }, (_, i) => ({
    id: `asked-${i + 1}`,
    by: NASTY,
    what: NASTY,
    at: THREE_AM,
  })),
  people: Array.from({ length: 500 }, (_, i) => ({
    email: `${'p'.repeat(200)}${i}@example.com`,
    roles: ['executive' as const],
    ...(i % 5 === 0 && { excluded: { at: THREE_AM, by: IC, reason: NASTY } }),
  })),
  audience: {
    at: THREE_AM,
    members: Array.from({ length: 500 }, () => NASTY),
    owners: Array.from({ length: 500 }, () => NASTY),
    pagerAdministrators: [NASTY],
    problems: [NASTY, NASTY],
  },
  paging: {
    ...fresh.paging,
    state: 'failed',
    cause: NASTY,
    line: Array.from({ length: 100 }, () => ({ email: NASTY, as: 'primary' as const, phone: '+1 555 0100' })),
  },
};

function pagesOf(view: ChecklistView): [string, Modal][] {
  return [
    ...view.steps.map((step): [string, Modal] => [`step ${step.number}`, stepView(view, step, NOW, NASTY)]),
    ...view.steps.map((step): [string, Modal] => [`why ${step.number}`, whyView(step.tasks[0]!)]),
    ['requests', requestsView(view, NOW, NASTY)],
    ['asked', askedView(view, NOW)],
    ['people', peopleView(view, NOW)],
    ['more', moreView(view)],
    ['help', helpView()],
    ['ended', endedView({ ...view, phase: { name: 'closed', by: NASTY, at: NOW } })],
  ];
}

const formOf = (name: DecisionName, view: ChecklistView) =>
  formView({ codename: view.codename, name, preset: {} }, view, 'amber-lark');

describe.each([
  ['an incident that was just declared', fresh],
  ['the largest incident', largest],
])('of %s', (_, view) => {
  test.each(pagesOf(view))('Slack takes the page %s', (_name, modal) => {
    expect(problemsOfView(modal)).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(modal))).toBeLessThan(250_000);
  });

  test.each(DECISION_NAMES)('Slack takes the form of %s', (name) => {
    if (fieldsOf(name).length === 0) return;
    expect(problemsOfView(formOf(name, view))).toEqual([]);
  });
});

/** Values of each type that a decision takes. */
const GIVEN: Record<string, unknown> = {
  tasks: { selected_options: [{ value: TASK_IDS[0] }] },
  task: { selected_option: { value: TASK_IDS[0] } },
  step: { selected_option: { value: 'lawEnforcement' } },
  finding: { selected_option: { value: 'systemsSecured' } },
  determination: { selected_option: { value: 'respond' } },
  rotation: { selected_option: { value: 'rotated' } },
  scopeKind: { selected_option: { value: 'service' } },
  role: { selected_option: { value: 'deputy' } },
  minutes: { value: '15' },
  codename: { value: 'amber-lark' },
  instance: { value: 'i-0abc1234def567890' },
  email: { value: 'deputy@example.com' },
  sms: { selected_option: { value: 'joinSlack' } },
  contact: { selected_option: { value: 'fbi' } },
  partyKind: { selected_option: { value: 'customer' } },
  reached: { selected_option: { value: 'notReached' } },
  release: { selected_option: { value: 'public' } },
  addresses: { value: 'insurer, ic@example.com' },
  date: { value: '2026-11-27' },
  moment: { value: '2026-11-24T02:50:00Z' },
  url: { value: 'https://hosting.example/incident' },
};

test.each(DECISION_NAMES)('%s can be sent from Slack, by its button and its form', (name) => {
  const found = pressedOf('firebreak.decide.3', `sapphire-unicorn ${name}`);
  const button = JSON.stringify(moreView(fresh)).includes(`sapphire-unicorn ${name}"`);
  expect([name, button, found?.codename]).toEqual([name, true, 'sapphire-unicorn']);
  const fields = fieldsOf(name);
  if (fields.length === 0) {
    expect(found?.pressed).toMatchObject({ kind: 'send', name });
    return;
  }
  expect(found?.pressed).toMatchObject({ kind: 'form', name });
  const state = Object.fromEntries(
    fields.map(({ id, type }) => [id, { [id]: GIVEN[type] ?? { value: 'something' } }]),
  ) as State;
  const read = readForm(name, {}, state, IC);
  expect(read).toMatchObject({ ok: true });
  if (read.ok) expect(parseDecision(name, { by: IC, ...read.fields })).toMatchObject({ ok: true });
});

describe('a form', () => {
  const text = (id: string, value: string) => ({ [id]: { [id]: { value } } });

  it('says beside the field what is missing', () => {
    expect(readForm('refuse', { request: 'contact:fbi' }, {}, IC)).toEqual({
      ok: false,
      errors: { reason: 'This is needed.' },
    });
  });

  it('says beside the field what the incident would not take', () => {
    expect(readForm('moveRoom', {}, { ...text('room', 'no codename'), ...text('reason', 'r') }, IC)).toEqual({
      ok: false,
      errors: { room: 'Two words are needed, such as sapphire-unicorn.' },
    });
    const long = readForm('refuse', { request: 'contact:fbi' }, text('reason', 'x'.repeat(4_001)), IC);
    expect(long).toEqual({ ok: false, errors: { reason: 'At most 4000 characters.' } });
  });

  it('says beside what was typed that it is no address', () => {
    const state = { ...text('person~other', 'nobody'), ...text('reason', 'r') };
    expect(readForm('exclude', {}, state, IC)).toEqual({
      ok: false,
      errors: { 'person~other': 'An e-mail address is needed.' },
    });
  });

  it('takes one person, and not two', () => {
    const state = {
      person: { person: { selected_option: { value: SECURITY } } },
      ...text('person~other', 'other@example.com'),
      ...text('reason', 'r'),
    };
    expect(readForm('exclude', {}, state, IC)).toMatchObject({
      ok: false,
      errors: { person: expect.any(String) },
    });
  });

  it('names the wrong thing of a scope beside its name', () => {
    const state = { what: { what: { selected_option: { value: 'instance' } } }, ...text('which', 'nothing') };
    expect(readForm('widenScope', {}, state, IC)).toMatchObject({
      ok: false,
      errors: { which: expect.stringContaining('instance') },
    });
  });

  it('reads several recipients from one line', () => {
    const state = {
      ...text('to', ' insurer,ic@example.com ; deputy@example.com,'),
      ...text('text', 'Words.'),
    };
    expect(readForm('send', {}, state, IC)).toEqual({
      ok: true,
      fields: { to: ['insurer', 'ic@example.com', 'deputy@example.com'], text: 'Words.' },
    });
  });

  it('says beside the field what is no day, and no moment', () => {
    const note = { ...text('text', 'Words.'), ...text('followUp', 'Friday') };
    expect(readForm('submitNote', {}, note, IC)).toEqual({
      ok: false,
      errors: { followUp: 'A day is needed, such as 2026-11-24.' },
    });
    const aware = { ...text('at', '3 a.m.'), ...text('reason', 'the first alert') };
    expect(readForm('setAwareness', {}, aware, IC)).toMatchObject({
      ok: false,
      errors: { at: expect.stringContaining('A moment with its zone is needed') },
    });
  });

  it('joins the parts of a statement', () => {
    const state = { ...text('text', '# One'), ...text('text~2', 'Two') };
    expect(readForm('submitStatement', {}, state, IC)).toEqual({
      ok: true,
      fields: { text: '# One\n\nTwo' },
    });
  });
});

describe('text', () => {
  it('never breaks what Slack takes, nor mentions anybody', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 12_000 }),
        fc.integer({ min: 2, max: 3_000 }),
        (text, most) => {
          const shown = plain(text, most);
          expect(shown.length).toBeGreaterThan(0);
          expect(shown.length).toBeLessThanOrEqual(most);
          expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u);
          expect(escaped(text)).not.toMatch(/[<>]/);
        },
      ),
    );
  });

  it('is cut into pieces that each fit, and says what is left out', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4_000 }), { maxLength: 60 }), (lines) => {
        const made = pieces(lines, SLACK.section, 3);
        expect(made.length).toBeLessThanOrEqual(3);
        for (const piece of made) expect(piece.length).toBeLessThanOrEqual(SLACK.section);
      }),
    );
    expect(
      pieces(
        Array.from({ length: 9 }, () => 'x'.repeat(2_900)),
        3_000,
        3,
      ).at(-1),
    ).toContain('and 6 more');
  });

  it('reads what Slack makes of words', () => {
    expect(written('&lt;b&gt; &amp; <https://a.example.com|a> <@U0IC> <!here> <#C1|general>')).toBe(
      '<b> & https://a.example.com @U0IC @here general',
    );
  });
});

describe('a call', () => {
  it.each([
    ['!ic page', ''],
    ['  !IC   Page  hosts are down', 'hosts are down'],
    ['!ic page: <@U0IC> look', '<@U0IC> look'],
    ['! ic page\nnow', 'now'],
  ])('is heard in %j', (text, words) => expect(callIn(text)).toBe(words));

  it.each(['ic page', 'please !ic page', '!ic pages', '!ice page', '!ic pager', '', '!ic'])(
    'is not heard in %j',
    (text) => expect(callIn(text)).toBeUndefined(),
  );

  it('is one line of 500 characters at most, whatever was written', () => {
    const { summary, isCut } = summaryOf(`a\n\n${'😀'.repeat(5_000)}`);
    expect([summary.length <= 500, isCut, /\n/.test(summary), /\p{Surrogate}/u.test(summary)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(summaryOf('   ').summary).toMatch(/without a word/);
  });
});

describe('who takes part', () => {
  it('is who has a role and is not excluded', () => {
    const excluded = { at: 1, by: IC, reason: 'r' };
    const people = [
      { email: IC, roles: ['incidentCommander' as const] },
      { email: SECURITY, roles: ['securityTeam' as const], excluded },
      { email: 'none@example.com', roles: [] },
    ];
    expect(
      [IC, 'IC@Example.com', SECURITY, 'none@example.com', STRANGER].map((one) => takesPart({ people }, one)),
    ).toEqual([true, true, false, false, false]);
    expect(NO_PART).not.toMatch(/sapphire/);
  });
});

test('a refusal is told with every reason and the sentence behind it', () => {
  const reasons = [{ gate: 'g', reason: 'too early', source: 'Once you are confident' }];
  expect(outcomeInWords({ accepted: false, text: 'do it', reasons, seq: 1 })).toBe(
    'Refused: do it. Because:\n• too early\n   “Once you are confident”',
  );
});

test('the status names what is locked and why', () => {
  expect(statusLines(fresh, NOW).join('\n')).toMatch(/10\. Forensic analysis.*: locked, because/);
});

test.each(['firebreak.step', 'firebreak.nothing.1', 'firebreak.constructor.1', 'other.step.1'])(
  'what is no button is nothing: %s',
  (id) => expect(pressedOf(id, 'Not A Codename')).toBeUndefined(),
);
