/** What machines do by themselves: each effect waits until it may, is tried, and tried again, until it is done. */
import { condition } from '@temporalio/workflow';
import { blockersOfEffect, EFFECTS, EFFECT_IDS, type EffectId } from '../../domain/effects';
import { hasEnded, type Incident, type Page, type Room } from '../../domain/incident';
import { buttonsOfPinned } from '../../domain/buttons';
import { effectIsWanted } from '../../domain/machine-tasks';
import { taskOf, tasksOfStep } from '../../domain/checklist';
import { renderBriefing, renderPinned } from '../../domain/markdown';
import { passToRoom } from '../../domain/outgoing';
import { executivesAndCounsel, marketingTeam, operationalResponders } from '../../domain/roles';
import { isExcluded, lineOf, rosterOf } from '../../domain/people';
import { paging, room as rooms } from './activities';
import { unless } from './break-off';
import { causeOf } from './causes';
import type { People } from './people';
import type { Store } from './store';

/** What an effect brought back: it is done, or people are missing and it is tried again. */
interface Brought {
  readonly page?: Page;
  readonly room?: Room;
  readonly note?: string;
  readonly missing?: string;
}

/** Keeps every effect going until `draining` says that no new attempt may begin. */
export async function keepEffects(store: Store, people: People, draining: () => boolean): Promise<void> {
  await Promise.all([
    ...EFFECT_IDS.map((id) => keepEffect(id, store, people, draining)),
    watchJoining(store, people, draining),
  ]);
}

async function keepEffect(
  id: EffectId,
  store: Store,
  people: People,
  draining: () => boolean,
): Promise<void> {
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
    const started = store.incident.effects[id];
    // Ordered anew meanwhile, for another room: what comes of this attempt is nothing of that.
    const isStale = () => store.incident.effects[id] !== started;
    try {
      const { missing, ...brought } = await run(id, store, people);
      if (isStale()) continue;
      if (missing === undefined) store.report({ name: 'effectDone', effect: id, ...brought });
      else store.report({ name: 'effectFailed', effect: id, cause: missing });
    } catch (error) {
      const cause = causeOf(error);
      if (!isStale()) store.report({ name: 'effectFailed', effect: id, cause });
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

async function run(id: EffectId, store: Store, people: People): Promise<Brought> {
  const { declaration, page, room, roomName } = store.incident;
  const { codename } = declaration;
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
    case 'inviteResponders':
    case 'inviteExecutives':
    case 'inviteMarketing': {
      const wanted = invitedBy(id, store);
      const since = Date.now();
      const answer = await people.invite(the(room), wanted, options.summary);
      if (!answer || areOthers(wanted, invitedBy(id, store))) return again(id, store, people);
      people.saw(answer.present, since);
      if (id === 'inviteResponders') reportJoined(store, the(room), wanted, answer.present);
      return invited(wanted, answer.present);
    }
    case 'pageResponders': {
      const wanted = withOnCall(store);
      const answer = await unless(
        () => wanted.some((email) => isExcluded(email, store.incident)),
        () => paging.pageResponders.executeWithOptions(options, [the(page), wanted]),
      );
      if (!answer || areOthers(wanted, withOnCall(store))) return again(id, store, people);
      const { unknown } = answer;
      return unknown.length === 0 ? {} : { missing: `unknown to the pager: ${unknown.join(', ')}` };
    }
    case 'briefRoom': {
      const rules = tasksOfStep('assembleTeam')
        .map(taskOf)
        .filter(({ by }) => by.kind === 'effects' && by.effects.includes('briefRoom'))
        .map(({ source }) => source);
      const message = { key: 'briefing', markdown: renderBriefing(store.incident, rules) };
      const passed = passToRoom([message], store.incident);
      if (!passed.ok) return { missing: passed.blockers.map(({ reason }) => reason).join('; ') };
      await rooms.tellRoom.executeWithOptions(options, [
        opened(the(room)),
        passed.message,
        renderPinned(store.incident),
        buttonsOfPinned(store.incident),
      ]);
      return {};
    }
    case 'noteOnPage':
      // Whoever is excluded may read the page: it never tells where the others went.
      if (roomName !== undefined) return { note: 'the page does not tell the name of the new room' };
      await paging.noteOnPage.executeWithOptions(options, [the(page), `Please join Slack: #${codename}`]);
      return {};
  }
}

/** People changed while they were called. Not where the incident has gone on to another room: then all of it begins anew. */
function again(id: EffectId, store: Store, people: People): Promise<Brought> {
  return store.incident.effects[id].state === 'running' ? run(id, store, people) : Promise.resolve({});
}

function invitedBy(id: 'inviteResponders' | 'inviteExecutives' | 'inviteMarketing', store: Store): string[] {
  const roster = rosterOf(store.incident);
  const { services } = store.incident.scope;
  switch (id) {
    case 'inviteResponders':
      return operationalResponders(roster, services);
    case 'inviteExecutives':
      return executivesAndCounsel(roster, services);
    case 'inviteMarketing':
      return marketingTeam(roster);
  }
}

/** "!ic page" wakes every incident commander on call: the primary, the backup, and who shadows them. */
function withOnCall(store: Store): string[] {
  const people = invitedBy('inviteResponders', store);
  const onCall = lineOf(store.incident).filter(({ as }) => ['primary', 'backup', 'shadowing'].includes(as));
  const known = new Set(people.map((email) => email.toLowerCase()));
  return [...people, ...onCall.map(({ email }) => email).filter((email) => !known.has(email.toLowerCase()))];
}

/** A service was named while they were called, whose representative was not among them; or somebody has a role now. */
function areOthers(people: readonly string[], now: readonly string[]): boolean {
  return now.some((email) => !people.includes(email)) || people.some((email) => !now.includes(email));
}

/** Asks who is in the room until every operational responder is, or the time box runs out. */
async function watchJoining(store: Store, people: People, draining: () => boolean): Promise<void> {
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
    const since = Date.now();
    try {
      const present = await rooms.whoIsInTheRoom.executeWithOptions({ summary: 'Look who has joined' }, [
        the(room),
      ]);
      people.saw(present, since);
      reportJoined(store, the(room), invitedBy('inviteResponders', store), present);
    } catch (error) {
      // Not knowing who has joined delays executives until the time box runs out, and nothing else.
      causeOf(error);
    }
  }
}

function reportJoined(store: Store, room: Room, people: readonly string[], present: readonly string[]): void {
  // Who is in a room that was left meanwhile says nothing of the new one.
  if (store.incident.room?.id !== room.id) return;
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
