/** What `declare` reads, and what it tells the declarer at once. */
import type { Client } from '@temporalio/client';
import type { DetectionFinding } from '../../domain/incident';
import { commandersOf, type Callable } from '../../domain/people';
import { EMPTY_SCOPE, problemOfScopeId, SCOPE_KIND_IDS, widen, type Scope } from '../../domain/scope';
import { companyFile, defaultActor } from '../config';
import { InvalidInput, NoWorkerAnswers } from '../errors';
import { readFinding as readGuardDuty } from '../guardduty';
import { checklistOf } from '../incidents';
import { readText } from '../read-text';
import { readRoster } from '../roster';

/** Paging takes a moment; who declares at night waits no longer than this to hear that nobody comes. */
const PAGED_WITHIN_MS = 5_000;

/** As commander reads them. */
export type Options = Readonly<Record<string, string | string[] | boolean | undefined>>;

/** Who acts. */
export function actor(options: Options): unknown {
  return options['as'] ?? defaultActor();
}

interface Declaration {
  readonly summary: string;
  readonly by: string;
  readonly scope: Scope;
  readonly finding?: DetectionFinding;
}

/** The declaration, or one error with everything that is wrong with it. */
export function readDeclaration(options: Options): { request: Declaration; notes: readonly string[] } {
  const problems: string[] = [];
  const { finding: file } = options;
  const summary = typeof options['summary'] === 'string' ? inOneLine(options['summary']) : '';
  const by = actor(options);
  if (summary === '' || summary.length > 500)
    problems.push('--summary TEXT: say in one line what happens (at most 500 characters)');
  if (typeof by !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(by))
    problems.push('--as EMAIL (or FIREBREAK_AS): say who declares');
  let scope: Scope = EMPTY_SCOPE;
  let finding: DetectionFinding | undefined;
  let notes: readonly string[] = [];
  if (typeof file === 'string') {
    const read = readGuardDuty(readText(file, 'finding'));
    if (read.ok) ({ finding, scope, notes } = read);
    else problems.push(...read.problems.map((problem) => `--finding ${file}: ${problem}`));
  }
  for (const kind of SCOPE_KIND_IDS)
    for (const id of (options[kind] as string[] | undefined) ?? []) {
      const problem = problemOfScopeId(kind, id);
      if (problem) problems.push(`--${kind} ${problem.slice(problem.indexOf(': ') + 2)}`);
      else scope = widen(scope, kind, id);
    }
  if (problems.length > 0) throw new InvalidInput(problems);
  return {
    request: { summary, by: by as string, scope, ...(finding && { finding }) },
    notes,
  };
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

export interface Assembling {
  readonly paged: boolean;
  /** One line. */
  readonly text: string;
  /** Whom to ring by hand, where the page did not go out. */
  readonly call: readonly Callable[];
}

/** What the declarer wants to know at once: is somebody being woken? The declaration stands, whatever comes of asking. */
export async function assembling(client: Client, codename: string): Promise<Assembling> {
  const until = Date.now() + PAGED_WITHIN_MS;
  let why = 'no worker took the incident up. Call the incident commander yourself, and start a worker.';
  let call: readonly Callable[] | undefined;
  while (Date.now() < until) {
    try {
      const { paging } = await checklistOf(client, codename, until - Date.now());
      if (paging.state === 'calling' || paging.state === 'acknowledged')
        return { paged: true, text: 'The incident commander is being paged.', call: [] };
      call = paging.line;
      if (paging.state === 'failed')
        return {
          paged: false,
          text: `PAGING FAILED: ${paging.cause ?? 'no cause given'}. Call the incident commander yourself; it is being retried.`,
          call,
        };
      why = 'the pager has not answered. Call the incident commander yourself; it is being retried.';
    } catch (error) {
      if (!(error instanceof NoWorkerAnswers))
        why = 'the incident does not answer. Call the incident commander yourself.';
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { paged: false, text: `NOBODY HAS BEEN PAGED YET: ${why}`, call: call ?? lineOfFile(companyFile()) };
}

/** Where no incident tells whom to call, the company's configuration on this machine may. Nobody, where it is none. */
export function lineOfFile(file = 'firebreak.yaml'): readonly Callable[] {
  let text: string;
  try {
    text = readText(file, "company's configuration");
  } catch {
    return [];
  }
  const read = readRoster(text, file);
  if (!read.ok) return [];
  return commandersOf(read.people);
}
