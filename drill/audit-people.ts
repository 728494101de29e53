/** The judgement of a drill, of people: who was sent what, by which door decisions came, and whether Slack was answered in time. */
import type { Records } from './records';
import { fieldsOf, whatPeopleWereSent } from './sent';

type People = NonNullable<Records['people']>;

/** Slack waits no longer. */
const ANSWERED_WITHIN_MS = 3_000;

export function people(records: Records): string[] {
  const { people: seen } = records;
  if (!seen) return [];
  return [...excluded(records, seen), ...elsewhere(records, seen), ...answers(seen), ...doors(records)];
}

/** "The attack could be happening internally": from the exclusion on, nothing goes there, by any way. */
function excluded(
  { checklist, slack, pagerduty }: Records,
  { idOf, pagerIdOf, deliveries, rung }: People,
): string[] {
  const sent = whatPeopleWereSent({ calls: slack.calls, deliveries });
  return checklist.people.flatMap(({ email, excluded: exclusion }) => {
    if (!exclusion) return [];
    const isAfter = ({ at }: { readonly at: number }) => at > exclusion.at;
    const pagerId = pagerIdOf(email);
    return [
      // What this person asks is answered: with nothing, as the leak scan finds.
      ...sent
        .filter((one) => isAfter(one) && one.to === idOf(email) && one.how !== 'answer')
        .map(({ how, call }) => `${email} was sent a ${how} after the exclusion (${call.name})`),
      ...rung
        .filter((one) => isAfter(one) && one.email === email)
        .map(() => `${email} was called after the exclusion`),
      ...pagerduty.calls
        .filter(
          (one) =>
            isAfter(one) &&
            one.method !== 'GET' &&
            // What they were asked before is taken back.
            one.name !== 'responder_requests.cancel' &&
            pagerId !== undefined &&
            one.body.includes(`"${pagerId}"`),
        )
        .map(({ name }) => `PagerDuty was told of ${email} after the exclusion (${name})`),
      ...(slack.room?.members.includes(email) ? [`${email} is in the room at the end`] : []),
    ];
  });
}

/** Outside of the room: the codename to everybody, and to one person alone also which task, and where to go. */
function elsewhere({ codename, slack }: Records, { rooms, direct, company = [] }: People): string[] {
  return slack.calls.flatMap((call) => {
    if (!/^chat\.(postMessage|update)$/.test(call.name)) return [];
    const { channel = '', text = '', blocks } = fieldsOf(call);
    if ([rooms, direct, company].some((known) => known.includes(channel))) return [];
    return text === codename && blocks === undefined
      ? []
      : ['a message went elsewhere than into the room, and says more than the codename'];
  });
}

function answers({ deliveries }: People): string[] {
  return deliveries.flatMap(({ type, tookMs, acknowledged }) =>
    acknowledged && tookMs !== undefined && tookMs < ANSWERED_WITHIN_MS
      ? []
      : [
          `Slack was not answered within three seconds (${type}${tookMs === undefined ? '' : `, ${tookMs} ms`})`,
        ],
  );
}

/** In a drill through Slack, every decision came by Slack, but for the telephone that rang. */
function doors({ entries, expected }: Records): string[] {
  if (expected.door !== 'slack') return [];
  return entries.flatMap(({ seq, kind, by, door, decision }) => {
    if (kind !== 'decision' && kind !== 'refusal' && kind !== 'declared') return [];
    const isByPhone = door === 'pagerduty' && decision === 'acknowledge';
    return door === 'slack' || isByPhone
      ? []
      : [`entry ${seq}: ${by} decided through ${door ?? 'no door'}, not through Slack`];
  });
}
