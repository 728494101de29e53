/** Scenarios are data: what is wrong with one is found here, before a minute of a drill. */
import { parseDecision } from '../../domain/decisions';
import { lintStatement } from '../../domain/statement/lint';
import { fieldsOf } from '../../drill/fields';
import { DECISION, readScenario, scenarioNames, type ScenarioDecision } from '../../drill/scenario';

const NOW = Date.parse('2026-11-24T23:30:00Z');
const SURROUNDINGS = {
  fleet: { 'web-1': { id: 'i-0123456789abcdef0' } },
  codename: 'sapphire-unicorn',
  now: NOW,
};
const filled = (fields: Record<string, unknown>, openTasks: readonly string[] = []) =>
  fieldsOf({ with: fields }, openTasks, SURROUNDINGS);

describe('the fields of a decision', () => {
  test.each<[what: string, given: unknown, wanted: unknown]>([
    ['an instance', '${web-1.id}', 'i-0123456789abcdef0'],
    ['one that is not there', '${db-1.id}', '${db-1.id}'],
    ['the codename', 'status ${codename}', 'status sapphire-unicorn'],
    ['the day', '# It happened, ${today}', '# It happened, 2026-11-24'],
    ['a day to come, in the next month too', '${today+7}', '2026-12-01'],
    ['a moment', '${now-2h}', '2026-11-24T21:30:00.000Z'],
    ['each of a list', ['${today}', 'x'], ['2026-11-24', 'x']],
    ['what is within', { a: ['${today}'] }, { a: ['2026-11-24'] }],
    ['what is no text', 7, 7],
  ])('have %s filled in', (_, given, wanted) => {
    expect(filled({ field: given })).toEqual({ field: wanted });
  });

  test('have steps spread into the tasks of it that are open', () => {
    expect(filled({ tasks: ['internalCommunication', '12.2'] }, ['followUp', 'contactFbi'])).toEqual({
      tasks: ['followUp', 'contactFbi'],
    });
    expect(() => filled({ tasks: ['no-such-step'] })).toThrow('no task or step "no-such-step"');
  });
});

describe.each(scenarioNames())('%s', (name) => {
  const { acts } = readScenario(name);
  const decisions = acts.flatMap(({ together }) => together);
  const all = { ...SURROUNDINGS, fleet: new Proxy({}, { get: () => ({ id: 'i-0123456789abcdef0' }) }) };
  const contentOf = (decision: ScenarioDecision) => {
    // Which tasks are open, only the drill knows.
    const { tasks, ...rest } = decision.with;
    const fields = fieldsOf({ with: rest }, [], all);
    return { by: decision.by, ...fields, ...(tasks !== undefined && { tasks: ['followUp'] }) };
  };

  test('has decisions that can be read, but for those that are not to be', () => {
    for (const decision of decisions) {
      const parsed = parseDecision(decision.does, contentOf(decision));
      expect([decision.does, parsed.ok ? [] : parsed.problems, parsed.ok]).toEqual([
        decision.does,
        decision.raw ? expect.anything() : [],
        decision.raw !== true,
      ]);
    }
  });

  test('has statements that pass their lint, but for those that are refused', () => {
    const isRefused = ({ refused }: ScenarioDecision) => refused?.includes('statementPassesItsLint');
    for (const decision of decisions.filter(({ does }) => does === 'submitStatement')) {
      const { text } = contentOf(decision) as unknown as { text: string };
      const found = lintStatement(text, { parties: [], domains: ['example.com'], date: '2026-11-24' });
      if (isRefused(decision)) expect(found).not.toEqual([]);
      else if (!decision.refused) expect(found).toEqual([]);
    }
  });
});

test.each([
  ['words that are quoted where nothing is refused', { quoting: ['x'] }, 'only a refusal quotes'],
  ['what is no decision and is to be accepted', { raw: true }, 'refused by isWellFormed'],
  [
    'what is no decision, in a form of Slack',
    { raw: true, as: 'slack', refused: ['isWellFormed'] },
    'as an update',
  ],
])('%s is a problem of the scenario', (_, more, problem) => {
  const read = DECISION.safeParse({ by: 'ic@example.com', does: 'close', ...more });
  expect(read.error?.issues.map(({ message }) => message).join()).toContain(problem);
});
