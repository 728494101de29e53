/** By when somebody outside may have to be told, and since when that is counted. */
import { checklistOf } from '../../incidents';
import { clocksDocument, formatClocks, readSince } from '../clocks';
import type { Options } from '../declaration';
import type { Shell } from '../shell';

export function addClocks({ acting, command, program, client, decide, answer }: Shell): void {
  command('clocks <codename>', 'by when whom to tell; not legal advice').action(
    async (codename: string, options: Options) => {
      const view = await checklistOf(await client(), codename);
      answer(options, clocksDocument(view), () => formatClocks(view, Date.now()));
    },
  );

  const clock = program
    .command('clock')
    .description('say that what a clock counts down to has been done, or has not after all');
  acting('met <codename> <clock>', 'it warns no longer', clock)
    .option('--note <text>', 'what was done, when and by whom')
    .action(async (codename: string, id: string, options: Options) => {
      await decide('meetClock', codename, options, { clock: id, note: options['note'] });
    });

  acting('reopen <codename> <clock>', 'it was called met by mistake: it runs and warns again', clock)
    .option('--reason <text>', 'why')
    .action(async (codename: string, id: string, options: Options) => {
      await decide('reopenClock', codename, options, { clock: id, reason: options['reason'] });
    });

  acting(
    'aware <codename> <time...>',
    'since when the company has been aware of it: a time with its zone, or 2 hours ago',
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, time: string[], options: Options) => {
      const problems: string[] = [];
      const at = readSince(time.join(' '), Date.now(), problems);
      await decide('setAwareness', codename, options, { at, reason: options['reason'] }, problems);
    });
}
