/** The determination, and what somebody has to say yes to. */
import type { Options } from '../declaration';
import { readStep } from '../input';
import type { Shell } from '../shell';

export function addApprovals({ acting, decide }: Shell): void {
  acting(
    'determine <codename> <determination>',
    "the incident commander's determination: respond or stand-down",
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, determination: string, options: Options) => {
      await decide('determine', codename, options, { determination, reason: options['reason'] });
    });

  for (const name of ['approve', 'refuse'] as const)
    acting(
      `${name} <codename> <request>`,
      `${name} a request: contain:ID, release:INSTANCE, contact:NAME or statement@VERSION`,
    )
      .option('--reason <text>', 'why')
      .action(async (codename: string, request: string, options: Options) => {
        await decide(name, codename, options, { request, reason: options['reason'] });
      });

  acting(
    'withhold <codename> <step>',
    'end a step of communication without it: incident commander and legal counsel, both',
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      await decide(
        'withhold',
        codename,
        options,
        { step: readStep(named, problems), reason: options['reason'] },
        problems,
      );
    });

  acting(
    'break-glass <codename> <request>',
    'open one outside contact before forensics: incident commander and legal counsel, both',
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, request: string, options: Options) => {
      await decide('breakGlass', codename, options, { request, reason: options['reason'] });
    });
}
