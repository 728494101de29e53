import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findStep,
  findTask,
  numberOfTask,
  sameName,
  taskOf,
  TASK_IDS,
  tasksOfStep,
} from '../../domain/checklist';
import { FINDING_IDS, findingOf } from '../../domain/findings';
import { ESSENTIAL_FORENSIC_TASKS, FORENSIC_TASKS } from '../../domain/gates';
import { STEP_IDS, stepOf } from '../../domain/steps';

const SEED = readFileSync(join(__dirname, '../../docs/seed/security-incident-response.md'), 'utf8');

/**
 * Lines of the seed that ask for nothing to be ticked off: the page's cover, and the paragraphs above a list, whose rules are
 * gates (gates.test.ts), findings or authority, and no tasks.
 */
const NO_TASKS = [
  'cover | description |',
  '---|---|',
  'assets/img/covers/security_incident.png |',
  'Checklist of actions for responding to a security incident at PagerDuty. |',
  '!!! warning "Incident Commander Required"',
  'As with all major incidents at PagerDuty, security ones will also involve an Incident Commander, who will delegate the tasks to relevant resolvers. Tasks may be performed in parallel as assigned by the IC. Page one at the earliest possible opportunity !ic page',
  '.',
  `!!! question "Not Sure it's a Security Incident?" Trigger the process anyway. It's better to be safe than sorry. The Incident Commander will make a determination on if response is needed.`,
  'Details for each of these items are available in the next section.',
  'Stop the attack as quickly as you can, via any means necessary. Shut down servers, network isolate them, turn off a data center if you have to. Some common things to try,',
  'Identify the likely attack vectors and path/fix them so they cannot be re-exploited immediately after stopping the attack.',
  'Identify the key responders for the security incident, and keep them all in the loop. Set up a secure method of communicating all information associated with the incident. Details on the incident (or even the fact that an incident has occurred) should be kept private to the responders until you are confident the attack is not being triggered internally.',
  'Any instances which were affected by the attack should be immediately isolated from any other instances. As soon as possible, an image of the system should be taken and put into a read-only cold storage for later forensic analysis.',
  'Work with all tools at your disposal to identify the timeline of the attack, along with exactly what the attacker did.',
  'Using forensic analysis of log files, time-series graphs, and any other information/tools at your disposal, attempt to identify what information was compromised (if any),',
  'Based on the data that was compromised, assess the risk to other systems.',
  'Start applying mitigations to other parts of your system.',
  'Once you are confident the systems are secured, and enough monitoring is in place to detect another attack, you can move onto the forensic analysis stage.',
  'Delegate to: VP or Director of Engineering',
  'Communicate internally only once you are confident (via forensic analysis) that the attack was not sourced internally.',
  'Delegate to: VP or Director of Engineering',
  'Work with law enforcement to identify the source of the attack, letting any system owners know that systems under their control may be compromised, etc.',
  'Delegate to: Marketing Team',
  "Once you have validated all of the information you have is accurate, have a timeline of events, and know exactly what information was compromised, how it was compromised, and sure that it won't happen again. Only then should you prepare and release a public statement to customers informing them of the compromised information and any steps they need to take.",
];

/** The seed's lines, with its one broken list item whole again and its two run-together items apart. */
function linesOf(seed: string): string[] {
  return seed
    .replace(/^kill -9\n/m, '- kill -9 ')
    .replace(/\.- (?=[A-Z])/g, '.\n- ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const QUOTES = [...TASK_IDS.map((id) => taskOf(id).source), ...STEP_IDS.map((id) => stepOf(id).source)];

/** What is left of a line once everything that a task or a step quotes of it is taken out. */
function unquoted(line: string): string {
  const quoted = new Array<boolean>(line.length).fill(false);
  for (const quote of QUOTES)
    for (let at = line.indexOf(quote); at !== -1; at = line.indexOf(quote, at + 1))
      quoted.fill(true, at, at + quote.length);
  return [...line]
    .filter((_, at) => !quoted[at])
    .join('')
    .trim();
}

function linesWithoutTask(seed: string): string[] {
  return linesOf(seed).filter((line) => unquoted(line.replace(/^- /, '')) !== '');
}

describe('the checklist and the seed', () => {
  test('every bullet of the seed is quoted in full by tasks and steps; only the known paragraphs are not', () => {
    expect(linesWithoutTask(SEED)).toEqual(NO_TASKS);
  });

  test('no bullet is among the lines that have no task', () => {
    expect(NO_TASKS.filter((line) => line.startsWith('- '))).toEqual([]);
  });

  test.each([
    ['a new bullet', '- Tell the regulator within 72 hours.'],
    ['a new sentence in an old bullet', '- Overview the timeline. Attach the evidence.'],
    ['a new paragraph', 'Never pay a ransom.'],
  ])('%s in the seed would be missed', (_, line) => {
    expect(linesWithoutTask(`${SEED}\n${line}`)).toEqual([...NO_TASKS, line]);
  });

  test.each(TASK_IDS.map((id) => [id, taskOf(id).source]))(
    '%s quotes the seed word for word',
    (_, source) => {
      expect(linesOf(SEED).filter((line) => line.includes(source))).not.toEqual([]);
    },
  );

  test.each(STEP_IDS.map((id) => [id, stepOf(id).source]))(
    'step %s is a bullet of the list of steps',
    (_, source) => {
      expect(linesOf(SEED)).toContain(`- ${source}`);
    },
  );

  test.each(FINDING_IDS.map((id) => [id, findingOf(id).source]))(
    'finding %s quotes the seed',
    (_, source) => {
      expect(SEED).toContain(source);
    },
  );

  test('the fourteen steps stand in the order of the seed, which is the order of its first fourteen bullets', () => {
    const bullets = linesOf(SEED)
      .filter((line) => line.startsWith('- '))
      .slice(0, 14);
    expect(STEP_IDS.map((id) => `- ${stepOf(id).source}`)).toEqual(bullets);
    expect(STEP_IDS.map((id) => stepOf(id).number)).toEqual(bullets.map((_, index) => index + 1));
  });

  test('the steps are delegated as the seed delegates them', () => {
    const { internalCommunication, lawEnforcement, externalCommunication } = Object.fromEntries(
      STEP_IDS.map((id) => [id, stepOf(id).owner]),
    );
    expect([internalCommunication, lawEnforcement, externalCommunication]).toEqual([
      'engineeringLeader',
      'engineeringLeader',
      'marketing',
    ]);
  });

  test('only the steps of communication, 11 to 14, can be withheld', () => {
    expect(STEP_IDS.filter((id) => stepOf(id).canBeWithheld).map((id) => stepOf(id).number)).toEqual([
      11, 12, 13, 14,
    ]);
  });
});

describe('tasks', () => {
  test('every step has tasks, and every task stands under a step in the order of the steps', () => {
    expect(STEP_IDS.filter((id) => tasksOfStep(id).length === 0)).toEqual([]);
    expect(STEP_IDS.flatMap((id) => tasksOfStep(id))).toEqual(TASK_IDS);
  });

  test('no two tasks share a number', () => {
    expect(new Set(TASK_IDS.map(numberOfTask)).size).toBe(TASK_IDS.length);
  });

  test('numbers count within the step from 1', () => {
    expect(tasksOfStep('internalCommunication').map(numberOfTask)).toEqual(['11.1', '11.2', '11.3', '11.4']);
  });

  test('no two tasks or steps could be meant by one name, in whatever spelling', () => {
    const ids = [...TASK_IDS, ...STEP_IDS];
    const alike = ids.flatMap((one, at) =>
      ids
        .slice(at + 1)
        .filter((other) => sameName(one, other))
        .map((other) => `${one} = ${other}`),
    );
    expect(alike).toEqual([]);
  });

  test('the forensic tasks are the tasks of step 10, and the essential ones are among them', () => {
    expect([...FORENSIC_TASKS]).toEqual(tasksOfStep('forensicAnalysis'));
    expect(TASK_IDS.filter((id) => taskOf(id).essential)).toEqual([
      ...ESSENTIAL_FORENSIC_TASKS,
      // A statement that is not to be released is withheld, by two.
      'releaseStatement',
    ]);
  });
});

describe('names that people type', () => {
  const kebab = (id: string) => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

  test.each(TASK_IDS)('task %s is found by number, camelCase, kebab-case and words', (id) => {
    for (const named of [numberOfTask(id), id, kebab(id), kebab(id).replaceAll('-', ' '), id.toUpperCase()])
      expect(findTask(named)).toBe(id);
  });

  test.each(STEP_IDS)('step %s is found by number, camelCase and kebab-case', (id) => {
    for (const named of [String(stepOf(id).number), id, kebab(id)]) expect(findStep(named)).toBe(id);
  });

  test.each(['', '0', '15', '11.9', '11.', '1.01', 'releaseStatements', '__proto__', 'constructor'])(
    '"%s" is neither a task nor a step',
    (named) => {
      expect([findTask(named), findStep(named)]).toEqual([undefined, undefined]);
    },
  );

  test('a number of a step is no task, and a number of a task is no step', () => {
    expect([findTask('11'), findStep('11.2')]).toEqual([undefined, undefined]);
  });
});
