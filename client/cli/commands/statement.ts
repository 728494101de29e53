/** The public statement: checked on this machine alone; drafted, submitted, approved and released in an incident. */
import { dayIn } from '../../../domain/communication';
import type { CommunicationView } from '../../../domain/communication-view';
import type { Blocker } from '../../../domain/gates';
import { inWords, isCalendarDay } from '../../../domain/statement/dates';
import { lintStatement, type StatementFacts } from '../../../domain/statement/lint';
import { statementTemplate } from '../../../domain/statement/template';
import { InvalidInput } from '../../errors';
import { communicationOf } from '../../incidents';
import type { Options } from '../declaration';
import { EXIT } from '../exit';
import type { Shell } from '../shell';
import {
  differenceOf,
  formatFindings,
  formatRefused,
  headOf,
  readStatement,
  today,
  writeDraft,
  type ShownStatement,
} from '../statement';

export function addStatement(shell: Shell, lookAt: typeof communicationOf = communicationOf): void {
  const { program, command, acting, around, client, decide, answer } = shell;
  const statement = program
    .command('statement')
    .description('the public statement: lint checks a file without a server');
  const view = async (codename: string) => lookAt(await client(), codename);
  /** Nothing was sent: what has to be so for it is not so. */
  const refuse = (options: Options, text: string, reasons: readonly Blocker[]) => {
    answer(options, { accepted: false, text, reasons }, () => formatRefused(text, reasons));
    around.exit(EXIT.refused);
  };

  command('lint <file>', 'check a statement, in Markdown; - is standard input', statement)
    .option('--date <day>', 'the day of its release, YYYY-MM-DD; else today')
    .option('--incident <codename>', 'hold it against what that incident knows as well')
    .action(async (file: string, options: Options) => {
      const day = readDay(options['date']);
      const text = await readStatement(file);
      const codename = options['incident'];
      const facts =
        typeof codename === 'string'
          ? factsFrom(await view(codename), day)
          : { parties: [], date: day ?? today() };
      const findings = lintStatement(text, facts);
      answer(options, { file, date: facts.date, clean: findings.length === 0, findings }, () =>
        formatFindings(file, findings),
      );
      around.exit(findings.length === 0 ? EXIT.done : FINDINGS);
    });

  command('draft <codename> [file]', 'begin the statement, with what the incident knows', statement)
    .option('--date <day>', 'the day of its release, YYYY-MM-DD; else today')
    .action(async (codename: string, file: string | undefined, options: Options) => {
      const day = readDay(options['date']);
      const seen = await view(codename);
      if (seen.draft.length > 0) return refuse(options, 'draft the public statement', seen.draft);
      const facts = factsFrom(seen, day);
      const text = statementTemplate({ date: facts.date, facts });
      if (file !== undefined) await writeDraft(file, text);
      answer(options, { codename, date: facts.date, ...(file === undefined ? { text } : { file }) }, () =>
        file === undefined
          ? text.trimEnd()
          : `${file}: a draft for ${inWords(facts.date)}. What stands in [… …] is yours to write; then: firebreak statement lint ${file} --incident ${codename}`,
      );
    });

  command('show <codename>', 'the statement as it was submitted, and who has to approve it', statement)
    .option('--version <number>', 'an earlier one')
    .action(async (codename: string, options: Options) => {
      const seen = await view(codename);
      const { statement: current } = seen;
      if (!current) return refuse(options, 'show the public statement', [NONE_SUBMITTED]);
      const wanted = options['version'];
      if (wanted === undefined || Number(wanted) === current.version)
        return answer(options, current, () => `${headOf(current)}\n\n${current.text.trimEnd()}`);
      const earlier = seen.statements.find(({ version }) => version === Number(wanted));
      if (!earlier)
        throw new InvalidInput([
          `--version ${String(wanted)}: there is none; the current one is version ${current.version}`,
        ]);
      answer(
        options,
        earlier,
        ({ version, by, sha256 }) =>
          `version ${version}, submitted by ${by}, was replaced\nSHA-256 ${sha256}\nIts text is in the ledger and in the timeline: firebreak timeline ${codename} --json`,
      );
    });

  acting(
    'submit <codename> <file>',
    'submit the statement; a new version needs new approvals',
    statement,
  ).action(async (codename: string, file: string, options: Options) => {
    await decide('submitStatement', codename, options, { text: await readStatement(file) });
  });

  acting(
    'approve <codename> [file]',
    'say yes to the very text that was submitted; with a file, only if that is it',
    statement,
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, file: string | undefined, options: Options) => {
      const own = file === undefined ? undefined : await readStatement(file);
      const { statement: current } = await view(codename);
      if (!current) return refuse(options, 'approve the public statement', [NONE_SUBMITTED]);
      const differs = own === undefined ? undefined : notTheSame(file ?? '', own, current);
      if (differs) return refuse(options, `approve version ${current.version} of the statement`, [differs]);
      if (!options['json'] && own === undefined) around.print(headOf(current));
      await decide('approve', codename, options, { request: current.request, reason: options['reason'] });
    });

  acting(
    'release <codename>',
    "release the statement: to customers' security teams first, then to the public",
    statement,
  )
    .option('--to <audience>', 'customers or public; else whichever comes next')
    .action(async (codename: string, options: Options) => {
      const to = options['to'] ?? nextAudience(await view(codename));
      await decide(
        'releaseStatement',
        codename,
        options,
        { to },
        to === 'customers' || to === 'public' ? [] : [`--to "${String(to)}": customers or public`],
      );
    });
}

/** As compilers end where they have complained. */
const FINDINGS = EXIT.changed;

const NONE_SUBMITTED: Blocker = {
  gate: 'statementIsSubmitted',
  reason: 'no statement has been submitted (firebreak statement submit CODENAME FILE)',
};

function readDay(given: Options[string]): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && isCalendarDay(given)) return given;
  throw new InvalidInput([`--date "${String(given)}": a day of the calendar is needed, such as 2026-11-24`]);
}

/** Without a day: today where the company is. */
function factsFrom(
  { facts, timeZone }: CommunicationView,
  day: string | undefined,
): StatementFacts & { readonly date: string } {
  return { ...facts, date: day ?? dayIn(timeZone, Date.now()) };
}

function notTheSame(file: string, own: string, { text, version }: ShownStatement): Blocker | undefined {
  const place = differenceOf(own, text);
  return (
    place && {
      gate: 'textIsTheOneSubmitted',
      reason: `${file} is not version ${version}: they differ from line ${place.line}, column ${place.column} on (firebreak statement show CODENAME)`,
    }
  );
}

function nextAudience({ release, parties }: CommunicationView): 'customers' | 'public' {
  const waiting = parties.some(({ kind, reached }) => kind === 'customer' && reached === undefined);
  return release.customers.length === 0 && waiting ? 'customers' : 'public';
}
