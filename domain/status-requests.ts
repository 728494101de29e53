/** "About every 30 minutes" the room is asked how it stands. */
import { hasEnded, type Incident } from './incident';
import { pacesOf } from './paces';

/** When the room is asked next; nothing while there is no room, and none once the incident has ended. */
export function nextStatusRequestAt(incident: Incident): number | undefined {
  const { statusEveryMs } = pacesOf(incident);
  if (!incident.room || statusEveryMs === 0 || hasEnded(incident)) return undefined;
  return (incident.statusAskedAt ?? incident.declaration.at) + statusEveryMs;
}
