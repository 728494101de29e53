/** The public statement: what may be submitted, and to whom it is released. */
import { blockersOfStep, distinctBlockers } from '../blockers';
import { taskOf, TASK_IDS } from '../checklist';
import { NO_COMMUNICATION } from '../communication';
import { customersOf, vectorsOf } from '../contacts';
import type { DecisionInput } from '../decisions';
import { MACHINE } from '../entries';
import type { Blocker } from '../gates';
import type { Incident } from '../incident';
import { enqueue, type Content } from '../outbox';
import { blockersOfStatement, pass } from '../outgoing';
import { raiseRequest, requestOfStatement } from '../requests';
import { factsOf, type StatementFacts } from '../statement/facts';
import type { StatementFinding } from '../statement/finding';
import { textHash } from '../statement/hash';
import { lintStatement } from '../statement/lint';
import { isNew, withDone } from './communication';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** "Only then should you prepare and release a public statement": even a draft waits for the five facts. */
export function submitStatement(
  incident: Incident,
  { text, by }: DecisionInput<'submitStatement'>,
  at: number,
): Ruling {
  const reasons = blockersOfStep('externalCommunication', incident);
  if (reasons.length === 0) reasons.push(...blockersOfText(text, incident));
  if (reasons.length > 0) return refuse(reasons);
  const { statement: before } = incident;
  const version = (before?.version ?? 0) + 1;
  const statement = { version, text, sha256: textHash(text), by, at };
  const request = requestOfStatement(statement);
  const subject = { kind: 'statement', version, sha256: statement.sha256 } as const;
  return accept(
    withLintPassed(
      {
        ...incident,
        statement,
        earlierStatements: [...incident.earlierStatements, ...(before ? [withoutText(before)] : [])],
        requests: { ...incident.requests, [request]: raiseRequest(subject, at) },
      },
      at,
    ),
    `submitted version ${version} of the public statement; it passed its lint (request ${request})`,
  );
}

/** What the incident knows may have changed since the text was submitted: it is held against that again before anybody says yes. */
export function blockersOfCurrentText(incident: Incident): Blocker[] {
  const { statement } = incident;
  return statement ? blockersOfText(statement.text, incident) : [];
}

function blockersOfText(text: string, incident: Incident): Blocker[] {
  return firstOf(lintStatement(text, factsOfStatement(incident))).map(
    ({ message, source, line, column }) => ({
      gate: 'statementPassesItsLint',
      reason: `line ${line}, column ${column}: ${message}`,
      source,
    }),
  );
}

/** Its tasks are done, also those that were in doubt while a fact was withdrawn. */
export function withLintPassed(incident: Incident, at: number): Incident {
  const note = `version ${incident.statement?.version ?? 0} passed its lint`;
  const tasks = TASK_IDS.filter((id) => taskOf(id).by.kind === 'lint');
  return withDone(incident, tasks, { state: 'done', by: MACHINE, at, note });
}

/** What a statement is held against. The day of its release is asked for when it is released. */
export function factsOfStatement(incident: Incident): StatementFacts {
  const { domains } = incident.company.communication ?? NO_COMMUNICATION;
  return { ...factsOf(incident, vectorsOf(incident)), domains };
}

/** As many as somebody mends at a time; `firebreak statement lint` tells all of them. */
function firstOf(findings: readonly StatementFinding[]): readonly StatementFinding[] {
  return findings.slice(0, MOST_FINDINGS_TOLD);
}

const MOST_FINDINGS_TOLD = 20;

function withoutText<S extends { readonly text: string }>({ text: _text, ...rest }: S): Omit<S, 'text'> {
  return rest;
}

export function releaseStatement(
  incident: Incident,
  { to, by }: DecisionInput<'releaseStatement'>,
  at: number,
): Ruling {
  return to === 'customers' ? releaseToCustomers(incident, by, at) : releaseToPublic(incident, by, at);
}

/** Whoever can be reached by mail is; who can't is named, and reached by people. */
function releaseToCustomers(incident: Incident, by: string, at: number): Ruling {
  const version = incident.statement?.version ?? 0;
  const customers = customersOf(incident);
  if (customers.length === 0)
    return refuse([
      notSo(
        'customersAreKnown',
        'the register has no customers (communication.customers): reach them another way, and complete tellCustomersSecurityTeams',
      ),
    ]);
  // Why nobody may hear it goes before who is left.
  const closed = blockersOfStatement(incident, at).customers;
  if (closed.length > 0) return refuse(closed);
  const findings = blockersOfCurrentText(incident);
  if (findings.length > 0) return refuse(findings);
  const left = customers.filter(({ id }) => incident.reached[id]?.outcome !== 'reached');
  const contents = left
    .map(({ id }): Content => ({ kind: 'customer', party: id, version }))
    .filter(isNew(incident));
  const tried = contents.map((content) => ({ content, passed: pass(content, incident, at) }));
  const open = tried.filter(({ passed }) => passed.ok).map(({ content }) => content);
  const reasons = tried.flatMap(({ passed }) => (passed.ok ? [] : passed.blockers));
  if (open.length === 0)
    return refuse(
      reasons.length > 0
        ? distinctBlockers(reasons)
        : [
            notSo(
              'somebodyIsLeft',
              'the statement has gone to every customer of the register, is on its way, or waits for somebody (messages retry)',
            ),
          ],
    );
  const others = reasons.map(({ reason }) => reason);
  const rest =
    others.length === 0
      ? ''
      : `; not by mail, reach them another way or record why not: ${others.join('; ')}`;
  return accept(
    enqueue(incident, open, by, at),
    `released version ${version} of the statement to ${open.length} of ${customers.length} customers' security teams${rest}`,
  );
}

function releaseToPublic(incident: Incident, by: string, at: number): Ruling {
  const { statement, company } = incident;
  const channels = (company.communication ?? NO_COMMUNICATION).public.map(({ name }) => name);
  const version = statement?.version ?? 0;
  const contents = channels.map((channel): Content => ({ kind: 'public', channel, version }));
  const reasons =
    channels.length === 0
      ? [
          notSo(
            'wayIsConfigured',
            'no public channel is configured (communication.public): publish it by hand, and complete releaseStatement',
          ),
        ]
      : contents.flatMap((content) => {
          const passed = pass(content, incident, at);
          return passed.ok ? [] : passed.blockers;
        });
  if (reasons.length === 0) reasons.push(...blockersOfCurrentText(incident));
  if (reasons.length > 0) return refuse(distinctBlockers(reasons));
  const fresh = contents.filter(isNew(incident));
  if (fresh.length === 0)
    return refuse([
      notSo(
        'isNotReleased',
        `version ${version} is released already, is on its way, or waits for somebody (messages retry)`,
      ),
    ]);
  return accept(
    enqueue(incident, fresh, by, at),
    `released version ${version} of the statement to the public: ${channels.join(', ')}`,
  );
}
