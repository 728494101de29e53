/** What machines do by themselves: each effect waits until it may, is tried, and tried again, until it is done. */
import { condition } from '@temporalio/workflow';
import { blockersOfEffect, EFFECTS, EFFECT_IDS, type EffectId } from '../../domain/effects';
import { hasEnded, type Incident, type Page, type Room } from '../../domain/incident';
import { buttonsOfPinned } from '../../domain/buttons';
import { effectIsWanted } from '../../domain/machine-tasks';
import { taskOf, tasksOfStep } from '../../domain/checklist';
import { renderBriefing, renderPinned } from '../../domain/markdown';
import { executivesAndCounsel, marketingTeam, operationalResponders } from '../../domain/roles';
import { lineOf, rosterOf } from '../../domain/people';
import { paging, room as rooms } from './activities';
import { causeOf } from './causes';
import type { Store } from './store';

/** What an effect brought back: it is done, or people are missing and it is tried again. */
interface Brought {
  readonly page?: Page;
  readonly room?: Room;
  readonly note?: string;
  readonly missing?: string;
}

/** Keeps every effect going until `draining` says that no new attempt may begin. */
export async function keepEffects(store: Store, draining: () => boolean): Promise<void> {
  await Promise.all([
    ...EFFECT_IDS.map((id) => keepEffect(id, store, draining)),
    watchJoining(store, draining),
  ]);
}

async function keepEffect(id: EffectId, store: Store, draining: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => draining() || mayStart(id, store.incident));
    if (draining()) return;
    const before = store.incident.effects[id];
    if (before.state === 'failed') {
      const settled = () => draining() || orderedOrUnwanted(id, store.incident);
      const wait = before.nextTryAt - Date.now();
      if (wait > 0) await condition(settled, wait, { summary: `Next try: ${EFFECTS[id].title}` });
      if (draining() || !mayStart(id, store.incident)) continue;
    }
    store.report({ name: 'effectStarted', effect: id });
    try {
      const { missing, ...brought } = await run(id, store);
      if (missing === undefined) store.report({ name: 'effectDone', effect: id, ...brought });
      else store.report({ name: 'effectFailed', effect: id, cause: missing });
    } catch (error) {
      store.report({ name: 'effectFailed', effect: id, cause: causeOf(error) });
    }
  }
}

function mayStart(id: EffectId, incident: Incident): boolean {
  const { state } = incident.effects[id];
  return (
    (state === 'waiting' || state === 'failed') &&
    !hasEnded(incident) &&
    effectIsWanted(id, incident) &&
    blockersOfEffect(id, incident).length === 0
  );
}

function orderedOrUnwanted(id: EffectId, incident: Incident): boolean {
  const effect = incident.effects[id];
  return (effect.state === 'failed' && effect.retryOrdered === true) || !mayStart(id, incident);
}

async function run(id: EffectId, store: Store): Promise<Brought> {
  const { declaration, scope, page, room, roomName } = store.incident;
  const { codename } = declaration;
  const roster = rosterOf(store.incident);
  const options = { summary: EFFECTS[id].title };
  switch (id) {
    case 'pageIncidentCommander': {
      const opened = await paging.pageIncidentCommander.executeWithOptions(options, [codename]);
      return { page: opened };
    }
    case 'openRoom': {
      const name = roomName ?? codename;
      const opened = await rooms.openRoom.executeWithOptions(options, [
        name,
        `Attorney Work Project ${name}`,
        renderPinned(store.incident),
        buttonsOfPinned(store.incident),
      ]);
      return { room: { ...opened.room, checklistId: opened.checklistId } };
    }
    case 'inviteResponders': {
      const people = respondersOf(store);
      const { present } = await rooms.inviteToRoom.executeWithOptions(options, [the(room), people]);
      if (haveGrown(people, store)) return run(id, store);
      reportJoined(store, people, present);
      return invited(people, present);
    }
    case 'pageResponders': {
      const responders = respondersOf(store);
      const people = withOnCall(responders, store);
      const { unknown } = await paging.pageResponders.executeWithOptions(options, [the(page), people]);
      if (haveGrown(responders, store)) return run(id, store);
      return unknown.length === 0 ? {} : { missing: `unknown to the pager: ${unknown.join(', ')}` };
    }
    case 'briefRoom': {
      const rules = tasksOfStep('assembleTeam')
        .map(taskOf)
        .filter(({ by }) => by.kind === 'effects' && by.effects.includes('briefRoom'))
        .map(({ source }) => source);
      const message = { key: 'briefing', markdown: renderBriefing(store.incident, rules) };
      await rooms.tellRoom.executeWithOptions(options, [
        opened(the(room)),
        [message],
        renderPinned(store.incident),
        buttonsOfPinned(store.incident),
      ]);
      return {};
    }
    case 'noteOnPage':
      await paging.noteOnPage.executeWithOptions(options, [the(page), `Please join Slack: #${codename}`]);
      return {};
    case 'inviteExecutives': {
      const people = executivesAndCounsel(roster, scope.services);
      const { present } = await rooms.inviteToRoom.executeWithOptions(options, [the(room), people]);
      return invited(people, present);
    }
    case 'inviteMarketing': {
      const people = marketingTeam(roster);
      const { present } = await rooms.inviteToRoom.executeWithOptions(options, [the(room), people]);
      return invited(people, present);
    }
  }
}

function respondersOf({ incident }: Store): string[] {
  return operationalResponders(rosterOf(incident), incident.scope.services);
}

/** "!ic page" wakes every incident commander on call: the primary, the backup, and who shadows them. */
function withOnCall(people: readonly string[], { incident }: Store): string[] {
  const onCall = lineOf(incident).filter(({ as }) => ['primary', 'backup', 'shadowing'].includes(as));
  const known = new Set(people.map((email) => email.toLowerCase()));
  return [...people, ...onCall.map(({ email }) => email).filter((email) => !known.has(email.toLowerCase()))];
}

/** A service was named while they were called: its representative was not among them. */
function haveGrown(people: readonly string[], store: Store): boolean {
  return respondersOf(store).length > people.length;
}

/** Asks who is in the room until every operational responder is, or the time box runs out. */
async function watchJoining(store: Store, draining: () => boolean): Promise<void> {
  const waiting = () => {
    const { invitations } = store.incident;
    return invitations !== undefined && !invitations.allJoined && !invitations.timeBoxRanOut;
  };
  for (;;) {
    await condition(() => draining() || hasEnded(store.incident) || waiting());
    if (draining() || hasEnded(store.incident)) return;
    const { company, invitations, room } = store.incident;
    const left = (invitations?.at ?? 0) + company.executivesAfterMs - Date.now();
    if (left <= 0) {
      store.report({
        name: 'invitationsChecked',
        invitations: { at: invitations?.at ?? Date.now(), allJoined: false, timeBoxRanOut: true },
      });
      continue;
    }
    const pause = Math.min(company.joinCheckMs, left);
    await condition(() => draining() || !waiting(), pause, { summary: 'Next look at who has joined' });
    if (draining() || !waiting()) continue;
    const people = respondersOf(store);
    try {
      const present = await rooms.whoIsInTheRoom.executeWithOptions({ summary: 'Look who has joined' }, [
        the(room),
      ]);
      reportJoined(store, people, present);
    } catch (error) {
      // Not knowing who has joined delays executives until the time box runs out, and nothing else.
      causeOf(error);
    }
  }
}

function reportJoined(store: Store, people: readonly string[], present: readonly string[]): void {
  const before = store.incident.invitations;
  store.report({
    name: 'invitationsChecked',
    invitations: {
      at: before?.at ?? Date.now(),
      allJoined: missingFrom(people, present).length === 0,
      timeBoxRanOut: before?.timeBoxRanOut ?? false,
    },
  });
}

function invited(people: readonly string[], present: readonly string[]): Brought {
  const missing = missingFrom(people, present);
  return missing.length === 0
    ? { note: `${people.length} ${people.length === 1 ? 'person' : 'people'}` }
    : { missing: `not in the room: ${missing.join(', ')}; bring them in by hand, then complete the task` };
}

function missingFrom(people: readonly string[], present: readonly string[]): string[] {
  const here = new Set(present.map((email) => email.toLowerCase()));
  return people.filter((email) => !here.has(email.toLowerCase()));
}

function opened(room: Room) {
  return { room, checklistId: room.checklistId };
}

/** An effect starts only when its gates are open: what they ask for is there. */
function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an effect was started before its gate was open');
  return value;
}
