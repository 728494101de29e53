/** `npm run drill`: a whole incident against stand-ins, on this machine alone. */
import { copyFileSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Command, CommanderError } from 'commander';
import { partWorkflowId } from '../workflows/names';
import { auditDrill } from './audit';
import type { Records } from './records';
import { breakAsTold, breakEveryChange } from './hardships';
import { scanForLeaks } from './leaks/leaks';
import { showNothing, showProgress } from './progress';
import { renderTimings, summaryOf, writeFiles, type Judged } from './report';
import { runScenario } from './runner';
import { readScenario, scenarioNames } from './scenario';
import { setStage, type Stage } from './stage';

const ROOT = join(__dirname, '..', '..');

interface Options {
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly killWorker?: boolean;
  readonly faults?: boolean;
  readonly latency?: boolean;
}

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('npm run drill --')
    .description('Runs a whole incident on this machine, against stand-ins for every vendor.')
    .argument('[scenario]', `one of: ${scenarioNames().join(', ')}`, 'ssh-brute-force')
    .option('--keep', 'leave everything running, and say how to look around')
    .option('--json', 'end with one JSON object')
    .option('--kill-worker', 'kill the worker (kill -9) in the middle of containment, and start another')
    .option(
      '--faults',
      'break every call that changes AWS twice: throttled once, done once with its answer lost',
    )
    .option('--latency', 'let every call to AWS take 50 to 250 ms')
    .exitOverride();
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
  const [name = 'ssh-brute-force'] = program.args;
  return drill(name, program.opts<Options>());
}

async function drill(name: string, options: Options): Promise<number> {
  const scenario = readScenario(name);
  const drills = join(ROOT, '.firebreak', 'drills');
  mkdirSync(drills, { recursive: true });
  const folder = mkdtempSync(join(drills, 'running-'));
  const progress = options.json ? showNothing() : showProgress();
  let stage: Stage | undefined;
  let setting: Promise<Stage> | undefined;
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const work = async (): Promise<number> => {
    progress.begin('Set the stage: Temporal, PagerDuty, Slack, AWS, mail and other ways out, the worker');
    const { killWorker = false, faults = false, latency = false } = options;
    setting = setStage({ root: ROOT, folder, scenario, latency });
    stage = await setting;
    if (faults) breakEveryChange(stage.aws);
    breakAsTold(stage, scenario.faults);
    const run = await runScenario(scenario, stage, progress, { killWorker });
    const { codename } = run.records;
    const history = historyToJSON(await stage.client.workflow.getHandle(codename).fetchHistory());
    progress.begin('Scan for leaks');
    const leaks = await scanForLeaks(scenario, stage, run.records, history);
    await progress.end();
    const violations = [...auditDrill(run.records), ...run.surprises, ...leaks.hits];
    const judged: Judged = { scenario, run, violations, leaks };
    const results = join(drills, codename);
    // A drill under the same name leaves nothing of the one before.
    rmSync(results, { recursive: true, force: true });
    writeFiles(results, judged, JSON.parse(history));
    await writeParts(stage, run.records, results);
    // Good for this drill alone: with it, its history can be read again.
    copyFileSync(stage.keyringFile, join(results, 'keyring.yaml'));
    if (!options.json) {
      print(`\n${renderTimings(judged)}`);
      print(
        `Written: ${['report.md', 'messages.json', 'history.json', 'keyring.yaml'].map((file) => join('.firebreak', 'drills', codename, file)).join(', ')}`,
      );
      print(
        run.evidence.size === 0
          ? 'Evidence: none was kept.'
          : `Evidence and ledger: ${run.evidence.size} files; check them with: npx firebreak verify ${join('.firebreak', 'drills', codename)}`,
      );
    }
    if (options.keep) {
      print(howToLookAround(stage, codename));
      await interrupted;
    }
    if (options.json) print(JSON.stringify(summaryOf(judged)));
    return violations.length === 0 ? 0 : 1;
  };
  try {
    const status = await Promise.race([
      work(),
      interrupted.then(() => (options.keep ? new Promise<number>(() => undefined) : 130)),
    ]);
    return status;
  } finally {
    // Whatever can't be shown any more, and however far it had come: what was started is ended.
    await progress.end().catch(() => undefined);
    await (stage ?? (await setting?.catch(() => undefined)))?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The history of each containment and release, beside the incident's own. */
async function writeParts(
  { client }: Stage,
  { codename, checklist }: Records,
  folder: string,
): Promise<void> {
  const numbers = checklist.containments.flatMap(({ number, release }) => [number, release?.number ?? 0]);
  for (const number of numbers.filter((one) => one > 0)) {
    const part = client.workflow.getHandle(partWorkflowId(codename, number));
    const history = await part.fetchHistory().catch(() => undefined);
    if (history) writeFileSync(join(folder, `history-${number}.json`), historyToJSON(history));
  }
}

function howToLookAround(stage: Stage, codename: string): string {
  const { temporal, spare, folder, people, keyringFile, codecServer, waysOut } = stage;
  return [
    '',
    'Everything is still running. Ctrl-C ends it.',
    '',
    `  Temporal Web UI    ${temporal.ui}/namespaces/default/workflows/${codename}`,
    `  … in clear text    1. sign in at ${codecServer.url} with what this prints: npx firebreak token`,
    `                     2. in the Web UI, "Configure Codec Server": use the browser's own endpoint, ${codecServer.url},`,
    '                        and tick "Include cross-origin credentials"',
    `  Mail, SMS          ${waysOut.smtp.host}:${waysOut.smtp.port}, ${waysOut.sms.url}; keys of people outside: ${keyFolderOf(stage)}`,
    `  Published          ${waysOut.publishing.webhookUrl}, ${waysOut.publishing.statusPageUrl}${waysOut.folders.map((one) => `, ${one}`).join('')}`,
    `  Logs               ${folder}`,
    '',
    'By hand, in another terminal:',
    '',
    `  export TEMPORAL_ADDRESS=${temporal.address} FIREBREAK_UI_URL=${temporal.ui} FIREBREAK_AS=ic@example.com`,
    `  export FIREBREAK_KEYRING_FILE=${keyringFile} FIREBREAK_KEY=${people.keyFile('ic@example.com')}`,
    `  npx firebreak timeline ${codename}`,
    `  npx firebreak declare --summary "Try it" --instance ${spare[0]?.id ?? ''} --service web`,
    '  npx firebreak status CODENAME',
    '',
    `Instances that no scenario touched: ${spare.map(({ id }) => id).join(', ')}`,
    '',
  ].join('\n');
}

function keyFolderOf({ folder, configuration }: Stage): string {
  return join(folder, configuration.communication.mail.keys);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(
      `The drill could not be run.\n${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(4);
  },
);
