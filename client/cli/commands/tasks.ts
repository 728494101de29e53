/** Tasks: done, failed, tried again, not needed, given to somebody, begun. */
import { checklistOf } from '../../incidents';
import type { Options } from '../declaration';
import { readMinutes, readTask, readTasks } from '../input';
import type { Shell } from '../shell';

export function addTasks({ acting, client, decide }: Shell): void {
  acting(
    'complete <codename> <task...>',
    'say that tasks are done; a step stands for the tasks in it that people do',
  )
    .option('--note <text>', 'what was done')
    .action(async (codename: string, named: string[], options: Options) => {
      const problems: string[] = [];
      const tasks = await leaveSettledOut(codename, named, readTasks(named, problems), problems);
      await decide('completeTasks', codename, options, { tasks, note: options['note'] }, problems);
    });

  acting('fail <codename> <task>', 'say that a task failed')
    .option('--cause <text>', 'why')
    .option('--reason <text>', 'the same as --cause')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      const task = readTask(named, problems);
      await decide(
        'failTask',
        codename,
        options,
        { task, cause: options['cause'] ?? options['reason'] },
        problems,
      );
    });

  acting('retry <codename> <task>', 'try a failed task again now').action(
    async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      await decide('retryTask', codename, options, { task: readTask(named, problems) }, problems);
    },
  );

  acting('not-needed <codename> <task...>', 'say that tasks are not needed')
    .option('--reason <text>', 'why')
    .action(async (codename: string, named: string[], options: Options) => {
      const problems: string[] = [];
      const tasks = await leaveSettledOut(codename, named, readTasks(named, problems), problems);
      await decide('markNotNeeded', codename, options, { tasks, reason: options['reason'] }, problems);
    });

  acting('assign <codename> <task> [person]', 'give a task to a responder, who is asked and reminded')
    .option('--to <email>', 'to whom: the same as PERSON')
    .option('--within <time>', 'how long it may take, such as 30m or 2h: then others are told')
    .action(async (codename: string, named: string, person: string | undefined, options: Options) => {
      const problems: string[] = [];
      const task = readTask(named, problems);
      const { to: option } = options;
      if (person !== undefined && option !== undefined && person !== option)
        problems.push(`"${person}" and --to "${String(option)}": name one person`);
      const minutes = readMinutes('--within', options['within'], problems, { off: false });
      await decide('assignTask', codename, options, { task, to: person ?? option, minutes }, problems);
    });

  acting('start <codename> <task>', 'say that you are working on a task: nobody reminds you for a while')
    .option('--note <text>', 'what you are at')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      const task = readTask(named, problems);
      await decide('startTask', codename, options, { task, note: options['note'] }, problems);
    });

  /** A whole step was named: tasks of it that are settled, or that the machine is at, are left as they are. */
  async function leaveSettledOut<T extends string>(
    codename: string,
    named: readonly string[],
    tasks: T[],
    problems: readonly string[],
  ): Promise<T[]> {
    if (problems.length > 0 || tasks.length === named.length) return tasks;
    const view = await checklistOf(await client(), codename);
    const open = view.steps
      .flatMap((step) => step.tasks)
      .filter(
        ({ state, machine, inDoubt }) =>
          (state === 'open' && !machine) || state === 'failed' || inDoubt !== undefined,
      )
      .map(({ id }) => id as string);
    const left = tasks.filter((task) => open.includes(task));
    return left.length > 0 ? left : tasks;
  }
}
