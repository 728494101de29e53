/** Direct messages: what is shown on locked screens says the codename, what to look at, and where to go. */
import type { Button } from '../../domain/buttons';
import { hasEnded, type Incident } from '../../domain/incident';
import { passToResponder } from '../../domain/outgoing';
import { holdersOf, isExcluded } from '../../domain/people';
import { words } from './activities';
import { unless } from './break-off';
import { causeOf } from './causes';
import type { Store } from './store';

interface Said {
  /** What makes it one of its kind in this incident: it is said once to each. */
  readonly key: string;
  readonly text: string;
  readonly buttons?: readonly Button[];
}

/** Tells each of them, all at once. Who could not be told, of those who still take part. */
export async function tellInPerson(people: readonly string[], store: Store, said: Said): Promise<string[]> {
  const reached = await Promise.all(people.map((email) => tell(email, store, said)));
  return people.filter((email, index) => !reached[index] && !isExcluded(email, store.incident));
}

async function tell(email: string, store: Store, { key, text, buttons = [] }: Said): Promise<boolean> {
  const { codename } = store.incident.declaration;
  const isOver = () => isExcluded(email, store.incident) || hasEnded(store.incident);
  const passed = passToResponder(`${codename}: ${text}`, email, store.incident);
  if (!passed.ok) return false;
  try {
    const answer = await unless(isOver, () =>
      words.tellPerson.executeWithOptions({ summary: 'Tell somebody in person' }, [
        email,
        // One conversation serves every incident.
        `${codename} ${key}`,
        passed.message,
        [...buttons],
      ]),
    );
    return answer?.told === true;
  } catch (error) {
    causeOf(error);
    return false;
  }
}

/** Whoever commands, and the deputies. */
export function commandOf(incident: Incident): string[] {
  return [...new Set([...holdersOf('incidentCommander', incident), ...holdersOf('deputy', incident)])];
}

export function meetingPlaceOf({ room, company }: Incident): string {
  return room ? `Slack: #${room.name}` : `the call: ${company.bridge.url}`;
}
