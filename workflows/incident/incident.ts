/**
 * The incident: it lives for as long as people need, holds the state, starts what machines can do, and waits for
 * decisions. What may happen, and why not, is `domain`'s to say.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Company } from '../../domain/company';
import { declare } from '../../domain/decide';
import { hasEnded, NOTHING_SAID, type Declaration } from '../../domain/incident';
import { addressOnRoster } from '../../domain/roles';
import { SCOPE_LISTS } from '../../domain/scope';
import { problemOfProof, problemOfProofShape } from '../../domain/trust/check';
import { NAMESPACES, statementOf } from '../../domain/trust/proof';
import { CRYPTO } from '../crypto';
import { refusalsOf } from '../../domain/refusals';
import { phaseKey, type PublicPhase } from '../search-attributes';
import { company, paging } from './activities';
import { causeOf } from './causes';
import { Containments } from './containments';
import { EvidenceKeeper } from './evidence';
import { keepEffects } from './effects';
import { setHandlers, type Running } from './handlers';
import type { CarriedOver, IncidentInput, IncidentResult } from './messages';
import { waitForOurKey } from '../own-key';
import { keepCounts, keepDetails, keepKeys, keepStatusRequests } from './housekeeping';
import { Inbox } from './inbox';
import { keepAssignments } from './assignments';
import { keepClocks } from './clocks';
import { LedgerKeeper } from './ledger';
import { keepOutbox } from './outbox';
import { keepPage } from './paging';
import { keepAudience, People } from './people';
import { keepReminders } from './reminders';
import { RoomFeed } from './room-feed';
import { Store } from './store';
import { isPractice, practise } from '../practice/practise';

export async function incident(input: IncidentInput): Promise<IncidentResult> {
  // Before all else: practice has neither a state nor anything to act with.
  waitForOurKey(input);
  if (isPractice(input)) return practise(input.practice);
  let running: Running | undefined;
  setHandlers(() => running);

  const carried = await assemble(input);
  const store = new Store(carried.incident, carried.nonces);
  const containments = new Containments(store, carried);
  const people = new People(store);
  const feed = new RoomFeed(store, people, carried);
  const ledger = new LedgerKeeper(store, carried.ledger);
  const inbox = new Inbox(store);
  running = { store, containments, ledger, inbox };
  let isOver = false;
  // People are heard until the very end, whatever else is being finished.
  void inbox.run(() => isOver);
  void keepDetails(store, () => isOver);

  const ended = () => hasEnded(store.incident);
  // Work is finished and no new one begun, either because the incident has ended or because its history has grown long.
  const draining = () => ended() || workflowInfo().continueAsNewSuggested;
  const keeper = new EvidenceKeeper(store);
  const machines = Promise.all([
    keepEffects(store, people, draining),
    keepPage(store, draining),
    containments.run(draining),
    keeper.run(draining),
    ledger.run(draining),
    keepCounts(store, draining),
    keepKeys(store, draining),
    people.run(draining),
    keepAudience(store, people, draining),
    keepAssignments(store, draining),
    keepStatusRequests(store, draining),
    keepOutbox(store, draining),
    keepReminders(store, draining),
    keepClocks(store, draining),
  ]);
  // The room hears of all that is written down, also of what comes last.
  let allIsSaid = false;
  const told = feed.run(() => allIsSaid, ended);
  await machines;
  // Where it ends only while this run is being finished, the next one has all of the end to do.
  const isLast = ended();
  if (isLast) {
    await Promise.all([resolvePage(store), keeper.sealAtTheEnd()]);
    store.tellRefusals(true);
  }
  allIsSaid = true;
  await told;
  await condition(allHandlersFinished);
  await finish();
  isOver = true;

  if (!isLast)
    await continueAsNew<typeof incident>({
      carried: {
        incident: store.incident,
        ...feed.progress,
        nonces: store.carryNonces(),
        tokens: containments.carryTokens(),
        children: containments.carryChildren(),
        ...(ledger.head && { ledger: ledger.head }),
      },
    });
  upsertSearchAttributes([{ key: phaseKey, value: 'ended' satisfies PublicPhase }]);
  return resultOf(store);

  /** What came meanwhile, before this run ends, is written down: it goes with the state, or into the ledger before that closes. */
  async function finish(): Promise<void> {
    for (let rounds = 0; rounds < LAST_ROUNDS; rounds += 1) {
      await condition(() => inbox.isEmpty);
      if (!isLast) return;
      store.tellRefusals(true);
      await ledger.writeAll();
      if (inbox.isEmpty && !ledger.isBehind) break;
    }
    await ledger.close();
  }
}

/** Somebody who goes on sending to an incident that has ended can't keep it from ending. */
const LAST_ROUNDS = 5;

/** The state to begin with: carried over, or new from a declaration and the company's own configuration. */
async function assemble(input: IncidentInput): Promise<CarriedOver> {
  const { workflowId, startTime, continuedFromExecutionRunId } = workflowInfo();
  // Only a run of this incident hands its state on: a caller that brings one would bring a roster of its own.
  if (continuedFromExecutionRunId !== undefined && 'carried' in input)
    // What a run before an update did not know of yet.
    return { ...input.carried, incident: { ...NOTHING_SAID, ...input.carried.incident } };
  if (!isDeclared(input))
    throw ApplicationFailure.nonRetryable('An incident starts from a declaration.', 'InvalidRequest');
  const current = await company.loadCompany();
  const declared = { ...input.declaration, codename: workflowId, at: startTime.getTime() };
  const unproven = whyUnproven(declared, current);
  const declaration = { ...declared, ...(unproven !== undefined && { unproven }) };
  return { incident: declare(declaration, current), toldUpTo: 0, nonces: [], tokens: {} };
}

/** "Trigger the process anyway": one that nothing proves is an incident too. What it names waits for somebody's approval. */
function whyUnproven(
  { codename, at, proof, by, door, summary, scope, finding }: Omit<Declaration, 'unproven'>,
  { roster, doors }: Company,
): string | undefined {
  if (problemOfProofShape(proof) !== undefined || !proof) return 'it is not signed';
  const email = addressOnRoster(by, roster);
  const own = roster.find((person) => person.email === email)?.keys ?? [];
  return problemOfProof({
    proof,
    namespace: NAMESPACES.declaration,
    statement: statementOf(codename, 'declare', { by, door, summary, scope, finding }, proof),
    keys: door === 'command line' ? own : (doors?.[door] ?? []),
    at,
    crypto: CRYPTO,
  })?.reason;
}

/** Anybody can start a workflow with anything; what can't be read must end at once, and not be tried for ever. */
function isDeclared(input: unknown): input is Extract<IncidentInput, { declaration: unknown }> {
  const declaration = (input as { declaration?: Record<string, unknown> } | null)?.declaration;
  const scope = declaration?.['scope'] as Record<string, unknown> | undefined;
  return (
    typeof declaration?.['summary'] === 'string' &&
    typeof declaration['by'] === 'string' &&
    SCOPE_LISTS.every((list) => Array.isArray(scope?.[list])) &&
    (scope?.['instances'] as unknown[]).every(
      (one) => typeof (one as { id?: unknown } | null)?.id === 'string',
    )
  );
}

/** The page ends with the incident. One that can't be resolved is left to a person: the incident ends all the same. */
async function resolvePage(store: Store): Promise<void> {
  const { page } = store.incident;
  if (!page) return;
  const summary = 'Resolve the page';
  try {
    await paging.resolvePage.executeWithOptions({ summary }, [page]);
    store.report({ name: 'warned', text: 'the page is resolved' });
  } catch (error) {
    store.report({
      name: 'warned',
      text: `the page could not be resolved (${causeOf(error)}); resolve it by hand`,
    });
  }
}

function resultOf({ incident: { declaration, phase, entries } }: Store): IncidentResult {
  return {
    codename: declaration.codename,
    outcome: phase.name === 'closed' ? 'closed' : 'stoodDown',
    entries: entries.length,
    refusals: refusalsOf(entries),
  };
}
