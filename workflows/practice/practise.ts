/**
 * Practice: has the shape of an incident, to whoever can't read payloads, and does nothing. It has no store, no decisions
 * and no containment; of activities it runs the no-op alone, and reads the company's configuration as an incident does. People
 * with the keys are told what it is. No timer of its own waits for people, as an incident has none either: the worker stands
 * in for them (`worker/practice.ts`). Long, since each of an incident's own loops has its shadow here.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { LedgerActivities } from '../../activities/ledger';
import type { Company } from '../../domain/company';
import type { Outcome } from '../../domain/decide';
import { EFFECTS } from '../../domain/effects';
import {
  createChance,
  isBeginning,
  padding,
  practiceMessageIn,
  practiceName,
  tellsOfPractice,
  type Chance,
  type PracticeAnswer,
} from '../../domain/practice';
import { TOLD_EVERY_MS } from '../../domain/refusals';
import { executivesAndCounsel, operationalResponders } from '../../domain/roles';
import { evidence } from '../containment/activities';
import { CRYPTO } from '../crypto';
import { company, MESSAGES_A_CALL, paging, room as rooms, roomFeed } from '../incident/activities';
import {
  decisionSignal,
  decisionUpdate,
  practiceQuery,
  reportSignal,
  VIEW_NAMES,
  type IncidentResult,
  type PracticeInput,
} from '../incident/messages';
import { PART_WORKFLOW, partWorkflowId } from '../names';
import { phaseKey, type PublicPhase } from '../search-attributes';
import { callsBy } from './call';
import { keepClocks } from './clocks';
import { PART_KINDS, type PracticePartInput } from './part';
import { keepAssignments, keepAudience, keepPage, keepStatusRequests, type Practising } from './people';

/** It has the time-outs of evidence (test/workflows/practice.test.ts holds that). */
const ledger = evidence as unknown as ActivityInterfaceFor<LedgerActivities>;

/** As an incident's (`workflows/incident/ledger.ts`, `workflows/incident/store.ts`). */
const GATHER_MS = 1_000;
const FLOOD = 100;

export function isPractice(input: unknown): input is { readonly practice: PracticeInput } {
  return (
    typeof input === 'object' && input !== null && isBeginning((input as { practice?: unknown }).practice)
  );
}

export async function practise({ seed, lastsMs }: PracticeInput): Promise<IncidentResult> {
  const { workflowId: codename, startTime } = workflowInfo();
  const chance = createChance(seed, (message) => CRYPTO.sha256(message));
  const chanceOf = (what: string) => createChance(`${seed}/${what}`, (message) => CRYPTO.sha256(message));
  const call = callsBy(chance, lastsMs);
  let entries = 1;
  const decidedAt: number[] = [];
  let ended = false;
  const refusals = { all: 0, unsaid: 0, toldAt: -Infinity };
  /** Where an incident would go on in a new run, this ends: there is nothing to carry over. */
  const isOver = () => ended || workflowInfo().continueAsNewSuggested;

  setHandler(decisionUpdate, take, { validator: keepFloodOut });
  setHandler(decisionSignal, (raw: unknown) => void take(raw));
  setHandler(reportSignal, (raw: unknown) => void (isReport(raw) ? (entries += 1) : refused()));
  setHandler(practiceQuery, answer);
  setCurrentDetails(
    `# Practice\n\n${tellsOfPractice(codename)}. See docs/practice.md.\n\n<!-- ${padding(chance.around(2_500))} -->`,
  );

  const ours = await company.loadCompany();
  const size = sizesOf(codename, ours, chance);
  const shared: Practising = {
    company: ours,
    chance,
    call,
    size,
    decidedAt,
    isOver,
    note: () => void (entries += 1),
  };
  /** How often is looked whether all have joined: mostly they have at once. */
  let looks = chance.happens(0.6) ? 0 : chance.between(1, 12);
  let executivesMayCome = false;
  /** In milliseconds since the epoch. */
  const doneAt: Partial<Record<keyof typeof LIKE, number>> = {};
  const pageIsOpen = () => doneAt.pageIncidentCommander !== undefined;
  const roomIsOpen = () => doneAt.openRoom !== undefined;
  const areInvited = () => doneAt.inviteResponders !== undefined;
  let toldUpTo = 0;
  let written = 0;
  let running = 0;
  await Promise.all([
    assemble(),
    keepPage(shared, () => doneAt.pageIncidentCommander),
    haveParts(),
    keepLedger(),
    keepCounts(),
    keepAudience(shared, areInvited),
    keepAssignments(shared),
    keepStatusRequests(shared, startTime.getTime(), roomIsOpen),
    keepClocks(shared, chanceOf('clocks'), codename, startTime.getTime()),
    keepTelling(),
  ]);
  await call(paging, 'resolvePage', 'Resolve the page', { takes: [size.page] });
  entries += refusals.unsaid > 0 ? 2 : 1;
  while (toldUpTo < entries) await tell();
  await condition(allHandlersFinished);
  if (ours.ledger === true) await write();
  upsertSearchAttributes([{ key: phaseKey, value: 'ended' satisfies PublicPhase }]);
  return { codename, outcome: 'practice', entries, refusals: refusals.all };

  /** Total, as an incident's: whatever arrives is answered. */
  function take(raw: unknown): Outcome {
    const own = practiceMessageIn(raw);
    if (own) {
      entries += 1;
      decidedAt.push(Date.now());
      if (own.ends) ended = true;
      return { accepted: true, text: padding(own.answer), reasons: [], seq: entries };
    }
    refused();
    return {
      accepted: false,
      text: 'decide in practice',
      reasons: [{ gate: 'isNoPractice', reason: tellsOfPractice(codename) }],
      seq: entries,
    };
  }

  /** Told at once, then once a minute, as an incident's. */
  function refused(): void {
    refusals.all += 1;
    if (Date.now() - refusals.toldAt < TOLD_EVERY_MS) refusals.unsaid += 1;
    else tellRefusal();
  }

  function tellRefusal(): void {
    entries += 1;
    refusals.unsaid = 0;
    refusals.toldAt = Date.now();
  }

  /** Synchronous, as validators must be. */
  function keepFloodOut(raw: unknown): void {
    if (refusals.unsaid >= FLOOD && !practiceMessageIn(raw))
      throw ApplicationFailure.nonRetryable(
        'Too many messages that prove nothing arrive; this one was not taken in. Sign it, or wait a minute.',
        'RateLimited',
      );
  }

  function answer(name: unknown): PracticeAnswer {
    // As an incident, so that who can't seal a question learns nothing from the failure.
    if (!VIEW_NAMES.some((known) => known === name))
      throw ApplicationFailure.nonRetryable(`Ask for one of ${VIEW_NAMES.join(', ')}.`, 'InvalidRequest');
    return { practice: { seed, lastsMs, startedAt: startTime.getTime() } };
  }

  /** What an incident does first, each as soon as it may and in the order of its effects: the page, the room, and everybody into it. */
  async function assemble(): Promise<void> {
    const { codename: name, room, people, executives, paged } = size;
    await Promise.all([
      effect('pageIncidentCommander', () => true, paging, { takes: [name], gives: size.page }),
      effect('openRoom', () => true, rooms, {
        takes: [name, name + 22, size.checklist, size.buttons],
        gives: size.opened,
      }),
      effect('inviteResponders', roomIsOpen, rooms, { takes: [room, people], gives: people + 28 }),
      effect('pageResponders', pageIsOpen, paging, { takes: [size.page, paged], gives: paged + 30 }),
      effect('briefRoom', roomIsOpen, rooms, { takes: [size.opened, 560, size.checklist, size.buttons] }),
      effect('noteOnPage', () => pageIsOpen() && roomIsOpen(), paging, { takes: [size.page, name + 20] }),
      effect('inviteExecutives', () => executivesMayCome, rooms, {
        takes: [room, executives],
        gives: executives + 28,
      }),
      waitForPeople(),
    ]);
  }

  async function waitForPeople(): Promise<void> {
    await condition(() => isOver() || areInvited());
    const timeBox = Date.now() + ours.executivesAfterMs;
    for (; looks > 0 && Date.now() < timeBox && !isOver(); looks -= 1) {
      const summary = 'Next look at who has joined';
      if (await condition(isOver, Math.min(ours.joinCheckMs, timeBox - Date.now()), { summary })) return;
      await call(rooms, 'whoIsInTheRoom', 'Look who has joined', { takes: [size.room], gives: size.people });
    }
    executivesMayCome = true;
  }

  async function effect(
    id: keyof typeof LIKE,
    mayBegin: () => boolean,
    group: typeof paging | typeof rooms,
    takesAndGives: { readonly takes: readonly number[]; readonly gives?: number },
  ): Promise<void> {
    await condition(() => isOver() || mayBegin());
    if (isOver()) return;
    // An invitation waits for whoever is on the way out of the room: so it begins after all else that begins with it.
    if (LIKE[id] === 'inviteToRoom') await condition(() => true);
    await call(group as typeof rooms, LIKE[id] as 'openRoom', EFFECTS[id].title, takesAndGives);
    doneAt[id] = Date.now();
    entries += 1;
  }

  async function haveParts(): Promise<void> {
    const parts = chance.happens(0.2) ? 0 : 1 + Math.floor(chance.around(0.8));
    const going: number[] = [];
    for (let number = 1; number <= parts; number += 1) {
      // Where each is approved first, a person does that.
      const due = ours.authority === 'approve' ? chance.between(1, 4) : 0;
      await condition(() => isOver() || decidedAt.length >= due);
      if (isOver()) break;
      const kind =
        PART_KINDS[chance.happens(0.6) ? 0 : chance.between(1, PART_KINDS.length - 1)] ?? PART_KINDS[0];
      const input: PracticePartInput = {
        codename,
        kind,
        seed: `${seed}/${number}`,
        lastsMs,
        keeps: ours.coldStorage !== undefined,
        padding: padding(chance.around(60)),
      };
      const child = await startChild(PART_WORKFLOW, {
        workflowId: partWorkflowId(codename, number),
        args: [practiceName(kind), input],
        staticSummary: `${codename}, ${number}`,
        workflowTaskTimeout: '5 seconds',
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
      going.push(number);
      running += 1;
      const end = () => {
        running -= 1;
        going.splice(going.indexOf(number), 1);
      };
      child.result().then(end, end);
    }
    if (ours.coldStorage !== undefined && parts > 0) {
      await condition(() => isOver() || running === 0);
      await call(evidence, 'sealEvidence', 'Seal the evidence', {
        takes: [chance.around(4_000), chance.around(1_500)],
        gives: chance.around(450),
      });
      entries += 1;
    }
    await condition(isOver);
    await Promise.all(
      going.map(async (number) => {
        try {
          await getExternalWorkflowHandle(partWorkflowId(codename, number)).cancel();
        } catch (error) {
          if (isCancellation(error)) throw error;
        }
      }),
    );
  }

  async function keepTelling(): Promise<void> {
    for (;;) {
      await condition(() => isOver() || (roomIsOpen() && toldUpTo < entries));
      if (isOver()) return;
      await tell();
    }
  }

  async function tell(): Promise<void> {
    const news = Math.min(entries - toldUpTo, MESSAGES_A_CALL);
    await call(roomFeed, 'tellRoom', 'Tell the room', {
      takes: [
        size.opened,
        news * chance.around(130),
        size.checklist + chance.between(-200, 200),
        // There is nothing more to press in the end.
        ended ? NO_BUTTONS : size.buttons - chance.between(0, 200),
      ],
      // Slack's own pace.
      ms: 1_000 * news,
    });
    toldUpTo += news;
  }

  async function keepLedger(): Promise<void> {
    while (ours.ledger === true) {
      await condition(() => isOver() || written < entries);
      if (isOver()) return;
      await condition(isOver, GATHER_MS, { summary: 'More entries may come' });
      await write();
    }
  }

  async function write(): Promise<void> {
    const news = entries - written;
    await call(ledger, 'appendToLedger', 'Write the ledger', {
      takes: [(written > 0 ? 330 : 80) + news * chance.around(420)],
      gives: 2 * size.codename + 190,
    });
    written += news;
  }

  async function keepCounts(): Promise<void> {
    for (;;) {
      await condition(() => isOver() || refusals.unsaid > 0);
      const wait = refusals.toldAt + TOLD_EVERY_MS - Date.now();
      if (isOver() || (await condition(isOver, wait, { summary: 'Next count of refusals' }))) return;
      tellRefusal();
    }
  }
}

/** A part's own; what others send could not be read. */
function isReport(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && 'token' in raw;
}

/** Which activity an effect is. */
const LIKE = {
  pageIncidentCommander: 'pageIncidentCommander',
  openRoom: 'openRoom',
  inviteResponders: 'inviteToRoom',
  pageResponders: 'pageResponders',
  briefRoom: 'tellRoom',
  noteOnPage: 'noteOnPage',
  inviteExecutives: 'inviteToRoom',
} as const;

const NO_BUTTONS = '[]'.length;

/** How long an incident's arguments are as JSON, in characters. */
function sizesOf(codename: string, company: Company, chance: Chance) {
  const length = codename.length + 2;
  const { roster } = company;
  const people = operationalResponders(roster, []);
  const onCall = (company.onCall?.people ?? []).map(({ email }) => email);
  return {
    codename: length,
    /** PagerDuty's id and link. */
    page: 95,
    room: 29 + length,
    opened: 68 + length,
    checklist: 2_300,
    buttons: chance.between(1_300, 1_700),
    people: JSON.stringify(people).length,
    /** Whoever is on call, too. */
    paged: JSON.stringify([...new Set([...people, ...onCall])]).length,
    executives: JSON.stringify(executivesAndCounsel(roster, [])).length,
  };
}
