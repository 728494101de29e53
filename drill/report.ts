/** What a drill writes and prints when it is over. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Table from 'cli-table3';
import { CHAINS, type Containment, type SubStep } from '../domain/containment';
import { sentenceOf, timeOf } from '../domain/markdown';
import { refusalsOf } from '../domain/refusals';
import type { StepView } from '../domain/view';
import type { LeakScan } from './leaks/scan';
import type { Run } from './runner';
import { written } from './messages';
import { countMessages, messageLines } from './report-messages';
import type { Scenario } from './scenario';
import { TIMING_TITLES, type Timings } from './timings';

export interface Judged {
  readonly scenario: Scenario;
  readonly run: Run;
  /** The audit's findings, decisions that went otherwise than the scenario says, and what got out. */
  readonly violations: readonly string[];
  readonly leaks: LeakScan;
}

/** The one object that `--json` ends with. */
export function summaryOf({ scenario, run, violations, leaks }: Judged) {
  const { records, timings, historyEvents, cloud } = run;
  return {
    scenario: scenario.name,
    codename: records.codename,
    outcome: records.outcome,
    steps: Object.fromEntries(records.checklist.steps.map(({ id, state }) => [id, state])),
    refusals: refusalsOf(records.entries),
    violations: violations.length,
    violationTexts: violations,
    timingsMs: timings,
    cloud,
    endState: run.endState,
    historyEvents,
    leaks: { words: leaks.words, places: leaks.places, hits: leaks.hits.length },
  };
}

/** Writes report.md, messages.json and history.json, and the evidence with the ledger beside them. */
export function writeFiles(folder: string, judged: Judged, history: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.md'), renderReport(judged));
  const { messages } = judged.run.records;
  // What the stand-ins' own records have of everything that left: for whoever wants to look by themselves.
  if (messages)
    writeFileSync(join(folder, 'messages.json'), `${JSON.stringify(written(messages), null, 2)}\n`);
  writeFileSync(join(folder, 'history.json'), `${JSON.stringify(history, null, 2)}\n`);
  for (const [path, content] of judged.run.evidence) {
    const file = join(folder, 'evidence', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** The table at the end of a drill, for a terminal. */
export function renderTimings({ run, violations, scenario, leaks }: Judged): string {
  const table = new Table({
    head: ['from the declaration', 'ms'],
    colAligns: ['left', 'right'],
    style: { head: [], border: [] },
  });
  for (const [key, title] of Object.entries(TIMING_TITLES)) {
    const ms = run.timings[key as keyof Timings];
    if (ms !== undefined) table.push([title, ms.toLocaleString('en-US')]);
  }
  const { records, historyEvents } = run;
  const settled = records.checklist.steps.filter(({ state }) => !isUnsettled(state)).length;
  return [
    table.toString(),
    ...cloudLines(run.cloud),
    countMessages(records),
    leakLine(leaks),
    `${scenario.name}: ${records.codename} ${records.outcome === 'closed' ? 'closed' : 'stood down'}; ${settled} of 14 steps settled; ${counted(refusalsOf(records.entries), 'refusal')}; ${counted(violations.length, 'violation')}; ${historyEvents} events in its history`,
    ...violations.map((violation) => `  VIOLATION  ${violation}`),
  ].join('\n');
}

function cloudLines({ calls, refused, broken, criticalPathMs, ratio }: Run['cloud']): string[] {
  const percent = calls === 0 ? 0 : (100 * refused) / calls;
  const count = broken.throttled.length + broken.lost.length;
  return [
    `${calls.toLocaleString('en-US')} calls to AWS, ${refused} of them refused as too many (${percent.toFixed(1)} %)${count > 0 ? `; broken on purpose: ${broken.throttled.length} kinds throttled, ${broken.lost.length} done with their answer lost` : ''}`,
    ...(criticalPathMs === undefined
      ? []
      : [
          `contained and verified in ${ratio} times the critical path: ${criticalPathMs.toLocaleString('en-US')} ms, in which a call about the last instance was under way`,
        ]),
  ];
}

function leakLine({ words, places, hits }: LeakScan): string {
  return `leak scan: ${words.toLocaleString('en-US')} words in ${places} places: ${counted(hits.length, 'hit')}`;
}

function cellOf({ subSteps }: Containment, subStep: SubStep): string {
  const seen = subSteps[subStep];
  return `${subStep} ${seen ? (seen.state === 'done' ? timeOf(seen.at).slice(11) : seen.state) : 'waits'}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isUnsettled(state: StepView['state']): boolean {
  return state === 'open' || state === 'locked';
}

function renderReport({ scenario, run, violations, leaks }: Judged): string {
  const { records, timings, historyEvents } = run;
  const refused = records.entries.filter(({ kind }) => kind === 'refusal');
  return [
    `# ${scenario.title}`,
    '',
    scenario.description.trim(),
    '',
    `Codename \`${records.codename}\`, ${records.outcome === 'closed' ? 'closed' : 'stood down'}. ${violations.length === 0 ? 'No rule was broken.' : `**${violations.length} violations.**`}`,
    ...violations.map((violation) => `- ${violation}`),
    '',
    '## Timings',
    '',
    '| from the declaration | ms |',
    '| --- | ---: |',
    ...Object.entries(TIMING_TITLES).flatMap(([key, title]) => {
      const ms = timings[key as keyof Timings];
      return ms === undefined ? [] : [`| ${title} | ${ms} |`];
    }),
    '',
    `The incident's history has ${historyEvents} events. ${leakLine(leaks)}.`,
    '',
    '## Steps',
    '',
    '| step | state | tasks |',
    '| --- | --- | ---: |',
    ...records.checklist.steps.map(
      ({ number, title, state, settled, total }) =>
        `| ${number}. ${title} | ${state} | ${settled}/${total} |`,
    ),
    '',
    '## Refused',
    '',
    ...refused.map((entry) => `- ${sentenceOf(entry)}`),
    '',
    ...messageLines(records),
    '## Contained',
    '',
    '| what | sub-steps |',
    '| --- | --- |',
    ...records.checklist.containments.map(
      (one) =>
        `| ${one.target.kind} ${one.target.id} | ${CHAINS[one.target.kind].map((subStep) => cellOf(one, subStep)).join(', ')} |`,
    ),
    '',
    '## Everything, in order',
    '',
    ...records.entries.map((entry) => `${entry.seq}. ${timeOf(entry.at)} ${sentenceOf(entry)}`),
    '',
  ].join('\n');
}
