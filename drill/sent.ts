/** Who was sent what, read out of the stand-ins' own records: invitations, messages, and what one person alone is shown. */
import type { Call } from './stand-ins/recording-proxy';
import type { Delivery } from './stand-ins/slack';

/** Something of the app's that reached a person in Slack. */
export interface Sent {
  /** When Slack was told to, in milliseconds since the epoch. */
  readonly at: number;
  /** The person's id. */
  readonly to: string;
  /** `answer` is what comes of something that this person did: a view, or a message that nobody else sees. */
  readonly how: 'invitation' | 'message' | 'direct message' | 'answer';
  readonly call: Call;
}

/** What people did, as far as answers to it can be told by: Slack's own names of them. */
interface Done {
  readonly user: string;
  readonly channel: string | undefined;
  readonly trigger: string | undefined;
  readonly responseUrl: string | undefined;
}

export interface SlackTraffic {
  readonly calls: readonly Call[];
  readonly deliveries: readonly Delivery[];
}

/** In the order in which Slack was told. */
export function whatPeopleWereSent(traffic: SlackTraffic): Sent[] {
  const members = new Map<string, Set<string>>();
  const direct = new Map<string, string>();
  const answered = answersIn(traffic);
  return traffic.calls.flatMap((call): Sent[] => {
    const { name, at } = call;
    const sent = (to: Iterable<string>, how: Sent['how']) =>
      [...to].map((one): Sent => ({ at, to: one, how, call }));
    const own = answered.get(call);
    if (own !== undefined) return sent([own.user], 'answer');
    if (!isDone(call)) return [];
    const fields = fieldsOf(call);
    const channel = fields['channel'] ?? '';
    switch (name) {
      case 'conversations.invite': {
        const users = (fields['users'] ?? '').split(',');
        members.set(channel, new Set([...(members.get(channel) ?? []), ...users]));
        return sent(users, 'invitation');
      }
      case 'conversations.kick':
        members.get(channel)?.delete(fields['user'] ?? '');
        return [];
      case 'conversations.open':
        direct.set(idIn(call) ?? '', fields['users'] ?? '');
        return [];
      case 'chat.postMessage':
      case 'chat.update': {
        const person = direct.get(channel);
        return person === undefined
          ? sent(members.get(channel) ?? [], 'message')
          : sent([person], 'direct message');
      }
      default:
        return [];
    }
  });
}

/** What one person alone is shown for having done something: to whom, and in which conversation, where it was in one. */
export function answersIn({
  calls,
  deliveries,
}: SlackTraffic): Map<Call, { user: string; channel?: string }> {
  const all = deliveries.map(({ payload }) => doneIn(payload));
  const views = new Map<string, string>();
  const found = new Map<Call, { user: string; channel?: string }>();
  for (const call of calls) {
    const fields = fieldsOf(call);
    const keep = (user: string | undefined, channel?: string) => {
      if (user !== undefined) found.set(call, { user, ...(channel !== undefined && { channel }) });
    };
    if (call.name === 'chat.postEphemeral') keep(fields['user'], fields['channel']);
    else if (call.name === 'response_url') {
      const done = all.find(({ responseUrl }) => responseUrl?.endsWith(call.path));
      keep(done?.user, done?.channel);
    } else if (call.name === 'views.update') keep(views.get(fields['view_id'] ?? ''));
    else if (/^views\.(open|push)$/.test(call.name)) {
      const user = all.find(({ trigger }) => trigger === fields['trigger_id'])?.user;
      const id = /"id":"(V\w+)"/.exec(call.answer)?.[1];
      if (user !== undefined && id !== undefined) views.set(id, user);
      keep(user);
    }
  }
  return found;
}

function doneIn(payload: Readonly<Record<string, unknown>>): Done {
  const idOf = (value: unknown) =>
    typeof value === 'object' && value !== null ? (value as { id?: string }).id : undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    user: idOf(payload['user']) ?? text(payload['user_id']) ?? '',
    channel: idOf(payload['channel']) ?? text(payload['channel_id']),
    trigger: text(payload['trigger_id']),
    responseUrl: text(payload['response_url']),
  };
}

function isDone({ answer }: Call): boolean {
  return /"ok":\s*true/.test(answer);
}

function idIn({ answer }: Call): string | undefined {
  try {
    return (JSON.parse(answer) as { channel?: { id?: string } }).channel?.id;
  } catch {
    return undefined;
  }
}

/** Slack's clients send forms; an answer to an address is JSON. */
export function fieldsOf({ body }: Pick<Call, 'body'>): Readonly<Record<string, string | undefined>> {
  if (/^\s*\{/.test(body)) {
    const parsed = JSON.parse(body) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(parsed).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  }
  return Object.fromEntries(new URLSearchParams(body));
}
