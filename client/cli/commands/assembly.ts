/** The room, and how fast people are asked. */
import { candidates } from '../../codenames';
import type { Options } from '../declaration';
import { readMinutes } from '../input';
import type { Shell } from '../shell';

export function addAssembly({ acting, decide }: Shell): void {
  acting('move-room <codename>', 'open a new room under another codename, and go on there')
    .option('--room <codename>', 'its name; left out, one by chance')
    .option('--reason <text>', 'why')
    .action(async (codename: string, options: Options) => {
      const [byChance] = candidates();
      const room = options['room'] ?? byChance;
      await decide('moveRoom', codename, options, { room, reason: options['reason'] });
    });

  acting('pace <codename>', 'change how often people are reminded and asked, and how long a page may wait')
    .option('--reminders <time>', 'of tasks, such as 15m; or off')
    .option('--status <time>', 'the room is asked how it stands, such as 30m; or off')
    .option('--acknowledge <time>', 'until the next in line is called, such as 5m')
    .action(async (codename: string, options: Options) => {
      const problems: string[] = [];
      const read = (name: string, off: boolean) => readMinutes(`--${name}`, options[name], problems, { off });
      const paces = {
        reminders: read('reminders', true),
        status: read('status', true),
        acknowledge: read('acknowledge', false),
      };
      if (!['reminders', 'status', 'acknowledge'].some((name) => options[name] !== undefined))
        problems.push('--reminders, --status or --acknowledge TIME: say what changes');
      await decide('setPace', codename, options, paces, problems);
    });
}
