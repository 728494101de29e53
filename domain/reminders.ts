/** What was promised for a day: the next word inside the company, the next word with somebody outside. */
import { isSettled, isWithheld } from './blockers';
import { MACHINE, type NewEntry } from './entries';
import { findParty } from './contacts';
import { hasEnded, type Incident } from './incident';
import { promiseOf } from './note';
import { holdersOf } from './people';

export interface Reminder {
  /** `note-1`, or `conversation-3`: the third one. */
  readonly about: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly to: readonly string[];
  /** By its number: this is read on locked screens. */
  readonly task: string;
}

export interface ReminderReport {
  readonly name: 'reminded';
  readonly about: string;
  readonly untold: readonly string[];
}

/** The earliest that nobody has been reminded of. */
export function nextReminder(incident: Incident): Reminder | undefined {
  if (hasEnded(incident)) return undefined;
  return [...ofNote(incident), ...ofConversations(incident)].sort((a, b) => a.at - b.at)[0];
}

function ofNote(incident: Incident): Reminder[] {
  const promise = promiseOf(incident.note);
  const isOver = isSettled(incident.tasks.followUp) || isWithheld('internalCommunication', incident);
  if (!promise || promise.remindedAt !== undefined || isOver) return [];
  const to = holdersOf('engineeringLeader', incident);
  return [{ about: `note-${promise.version}`, at: promise.followUpAt, to, task: '11.4' }];
}

function ofConversations(incident: Incident): Reminder[] {
  return incident.conversations.flatMap(({ party, by, nextAt, remindedAt }, index) => {
    // Whoever spoke with them since has kept the promise.
    const isKept = incident.conversations.slice(index + 1).some((later) => later.party === party);
    if (nextAt === undefined || remindedAt !== undefined || isKept) return [];
    const step = findParty(party, incident)?.kind === 'externalParties' ? '13' : '12';
    return [{ about: `conversation-${index + 1}`, at: nextAt, to: [by], task: step }];
  });
}

export function applyReminder(
  incident: Incident,
  { about, untold }: ReminderReport,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const unreached = untold.length === 0 ? '' : `; not reached by direct message: ${untold.join(', ')}`;
  const warn = (text: string): NewEntry[] => [{ kind: 'warning', by: MACHINE, text: `${text}${unreached}` }];
  const { note } = incident;
  const promise = promiseOf(note);
  if (note && promise && about === `note-${promise.version}`) {
    const isItsOwn = promise.version === note.version;
    return {
      incident: {
        ...incident,
        note: isItsOwn ? { ...note, remindedAt: at } : { ...note, promised: { ...promise, remindedAt: at } },
      },
      entries: warn(
        `more was promised inside the company for today (${promise.followUp}): ${isItsOwn ? 'submit the next note' : `have version ${note.version} approved`}, or complete 11.4`,
      ),
    };
  }
  const index = Number(about.replace('conversation-', '')) - 1;
  const conversation = incident.conversations[index];
  if (!conversation) return { incident, entries: [] };
  return {
    incident: {
      ...incident,
      conversations: incident.conversations.with(index, { ...conversation, remindedAt: at }),
    },
    entries: warn(
      `the next word with ${conversation.party} is due today (${conversation.by} spoke with them)`,
    ),
  };
}
