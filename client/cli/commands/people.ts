/** Who takes part and as what, who may not, and who can see it. */
import type { Command } from 'commander';
import { checklistOf } from '../../incidents';
import type { Options } from '../declaration';
import { EXIT } from '../exit';
import { formatOutcome } from '../format';
import { readRole } from '../input';
import {
  AFTER_EXCLUSION,
  audienceDocument,
  authorityDocument,
  formatAudience,
  formatAuthority,
  formatPeople,
  peopleDocument,
} from '../people';
import type { Shell } from '../shell';

/** How long the vendors are waited for, in ms: they are asked one after the other. */
const ASKED_WITHIN_MS = 20_000;

export function addPeople(shell: Shell): void {
  const { acting, command, around, program, client, ask, decide, answer } = shell;

  command(
    'roles [codename]',
    'who may decide what; with an incident, who takes part in it and as what',
  ).action(async (codename: string | undefined, options: Options) => {
    if (codename === undefined) return answer(options, authorityDocument(), formatAuthority);
    const view = await checklistOf(await client(), codename);
    answer(options, peopleDocument(view), () => formatPeople(view, Date.now()));
  });

  const role = program.command('role').description('give somebody a role in an incident, or take it');
  acting('give <codename> <person> <role>', 'also to somebody who is not on the roster yet', role).action(
    async (codename: string, person: string, named: string, options: Options) => {
      const problems: string[] = [];
      await decide('giveRole', codename, options, { person, role: readRole(named, problems) }, problems);
    },
  );
  acting('take <codename> <person> <role>', 'from then on without it', role)
    .option('--reason <text>', 'why')
    .action(async (codename: string, person: string, named: string, options: Options) => {
      const problems: string[] = [];
      const fields = { person, role: readRole(named, problems), reason: options['reason'] };
      await decide('takeRole', codename, options, fields, problems);
    });

  acting('hand-over-command <codename> <person>', 'offer the command to somebody, who has to accept it')
    .option('--reason <text>', 'why')
    .action(async (codename: string, person: string, options: Options) => {
      await decide('offerCommand', codename, options, { person, reason: options['reason'] });
    });
  acting('accept-command <codename>', 'take the command that was offered to you').action(
    (codename: string, options: Options) => decide('acceptCommand', codename, options, {}),
  );

  withReason(
    acting('exclude <codename> <person>', 'a suspect: hears and decides nothing from then on'),
  ).action(async (codename: string, person: string, options: Options) => {
    const outcome = await ask('exclude', codename, options, { person, reason: options['reason'] });
    answer(options, outcome, (told) =>
      told.accepted ? `${formatOutcome(told)}\n${AFTER_EXCLUSION}` : formatOutcome(told),
    );
    around.exit(outcome.accepted ? EXIT.done : EXIT.refused);
  });
  withReason(acting('readmit <codename> <person>', 'take an exclusion back')).action(
    async (codename: string, person: string, options: Options) => {
      await decide('readmit', codename, options, { person, reason: options['reason'] });
    },
  );

  acting('who <codename>', 'who can see this, as far as the vendors tell, and what they do not')
    .option('--again', 'ask them anew, in your name')
    .action(async (codename: string, options: Options) => {
      if (options['again'] === true) {
        const outcome = await ask('lookWho', codename, options, {});
        if (!outcome.accepted) {
          answer(options, outcome, formatOutcome);
          return around.exit(EXIT.refused);
        }
      }
      const isAsked = options['again'] === true;
      const view = await (isAsked ? askedAnew(shell, codename) : checklistOf(await client(), codename));
      answer(options, audienceDocument(view), () => formatAudience(view, Date.now()));
    });
}

function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why');
}

/** The answer of the vendors, or what was known before where they take too long. */
async function askedAnew({ client }: Shell, codename: string) {
  const until = Date.now() + ASKED_WITHIN_MS;
  const first = await checklistOf(await client(), codename);
  for (let view = first; ; view = await checklistOf(await client(), codename)) {
    if (view.audience?.at !== first.audience?.at || Date.now() > until) return view;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
