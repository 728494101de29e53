/** How an incident stands, what happened in it, and which ones there are. */
import { findStep } from '../../../domain/checklist';
import { InvalidInput } from '../../errors';
import { checklistOf, listIncidents, taskOfIncident, timelineOf } from '../../incidents';
import { entriesOfLedger } from '../../ledger/audit';
import type { Options } from '../declaration';
import { formatList, formatStatus, formatTask, formatTimeline } from '../format';
import { readTask } from '../input';
import type { Shell } from '../shell';

export function addLooks({ command, around, client, answer }: Shell): void {
  command('status <codename> [task]', 'what is done, open or locked, and why; or one task or step of it')
    .option('--all', 'every task, settled ones too')
    .action(async (codename: string, named: string | undefined, options: Options) => {
      const step = named === undefined ? undefined : findStep(named);
      const problems: string[] = [];
      const task = named === undefined || step ? undefined : readTask(named, problems);
      if (problems.length > 0) throw new InvalidInput(problems);
      if (task !== undefined) {
        const view = await taskOfIncident(await client(), codename, task);
        if (!view) throw new InvalidInput([`${codename} has no task ${task}`]);
        answer(options, view, (one) => formatTask(one, Date.now()));
        return;
      }
      const whole = await checklistOf(await client(), codename);
      const view = step ? { ...whole, steps: whole.steps.filter(({ id }) => id === step) } : whole;
      const all = options['all'] === true || step !== undefined;
      answer(options, view, (one) => formatStatus(one, Date.now(), all));
    });

  command('timeline <codename>', 'what happened, in order')
    .option('--ledger <folder>', "from the incident's ledger, without a server")
    .action(async (codename: string, options: Options) => {
      const folder = options['ledger'];
      const entries =
        typeof folder === 'string'
          ? await entriesOfLedger(codename, folder)
          : await timelineOf(await client(), codename);
      answer(options, entries, formatTimeline);
    });

  command('list', 'the open incidents').action(async (options: Options) => {
    const incidents = await listIncidents(await client());
    const plain = incidents.map(({ codename, since, checklist, practice }) => ({
      codename,
      since,
      phase: checklist?.phase.name,
      ...(practice && { practice }),
    }));
    around.print(options['json'] ? JSON.stringify(plain) : formatList(incidents, Date.now()));
  });
}
