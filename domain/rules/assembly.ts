/** The assembly while it runs: the page, the room, and how often people are asked. */
import type { DecisionInput } from '../decisions';
import type { EffectId, EffectState } from '../effects';
import type { Incident } from '../incident';
import { everySoOften, pacesOf } from '../paces';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** The first one stops the calls. Others may say so as well: two people press a button at one moment. */
export function acknowledge(
  incident: Incident,
  { by, door }: DecisionInput<'acknowledge'>,
  at: number,
): Ruling {
  const { calling } = incident;
  const first = calling.acknowledged;
  if (first)
    return accept(incident, `acknowledged the page${first.by === undefined ? '' : `, as ${first.by} had`}`);
  const { isUrgent: _over, ...rest } = calling;
  return accept(
    { ...incident, calling: { ...rest, acknowledged: { by, at, ...(door && { door }) } } },
    'acknowledged the page',
  );
}

const OF_THE_ROOM: readonly EffectId[] = [
  'openRoom',
  'inviteResponders',
  'briefRoom',
  'inviteExecutives',
  'inviteMarketing',
];

/** Everything is told there again, from the beginning; nobody hears of the new name who is not invited into it. */
export function moveRoom(incident: Incident, { room: name, reason }: DecisionInput<'moveRoom'>): Ruling {
  const { room, roomName, invitations: _before, ...rest } = incident;
  if (!room) return refuse([notSo('thereIsARoom', 'there is no room yet to move from')]);
  const names = [
    incident.declaration.codename,
    ...incident.leftRooms,
    room.name,
    ...(roomName === undefined ? [] : [roomName]),
  ];
  if (names.includes(name))
    return refuse([notSo('nameIsNew', `${name} is or was this incident's own: take another`)]);
  const waiting = Object.fromEntries(
    OF_THE_ROOM.map((id): [EffectId, EffectState] => [id, { state: 'waiting' }]),
  );
  return accept(
    {
      ...rest,
      roomName: name,
      leftRooms: [...incident.leftRooms, room.name],
      effects: { ...incident.effects, ...waiting },
    },
    `ordered a new room, #${name} — ${reason}`,
  );
}

export function setPace(
  incident: Incident,
  { reminders, status, acknowledge: within }: DecisionInput<'setPace'>,
): Ruling {
  if (reminders === undefined && status === undefined && within === undefined)
    return refuse([notSo('somethingIsChanged', 'name reminders, status or acknowledge, in minutes')]);
  if (within === 0)
    return refuse([
      notSo('pageMayWait', 'a page waits at least one minute before the next in line is called'),
    ]);
  const paces = {
    ...incident.paces,
    ...(reminders !== undefined && { remindEveryMs: reminders * 60_000 }),
    ...(status !== undefined && { statusEveryMs: status * 60_000 }),
    ...(within !== undefined && { acknowledgeWithinMs: within * 60_000 }),
  };
  const after = { ...incident, paces };
  const { remindEveryMs, statusEveryMs, acknowledgeWithinMs } = pacesOf(after);
  return accept(
    after,
    `set the pace: reminders ${everySoOften(remindEveryMs)}; status of the room ${everySoOften(statusEveryMs)}; the next in line is called after ${acknowledgeWithinMs / 60_000} min`,
  );
}
