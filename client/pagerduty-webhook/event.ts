/** What PagerDuty's v3 webhooks tell, as far as it concerns a page: somebody has it. */
import { z } from 'zod';
import { isCodename } from '../../domain/codename';

export interface PagerDutyEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Left out where it says nothing of that kind. */
  readonly acknowledged?: {
    readonly codename: string;
    /** PagerDuty's id of the person. */
    readonly agent: string;
  };
}

const EVENT = z.looseObject({
  event: z.looseObject({
    id: z.string().min(1).max(256),
    event_type: z.string(),
    occurred_at: z.iso.datetime({ offset: true }),
    agent: z.looseObject({ id: z.string(), type: z.string() }).nullish(),
    data: z.unknown(),
  }),
});

/** Its key is the codename: the title can be edited by whoever sees the page. */
const INCIDENT = z.looseObject({ incident_key: z.string() });

/** What is answered to a request for more responders; the reference to its incident has the title and no key. */
const REPLY = z.looseObject({
  state: z.literal('accepted'),
  incident: z.looseObject({ summary: z.string() }),
});

/** Nothing where it is no event. Never throws. */
export function readEvent(body: Buffer): PagerDutyEvent | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  const parsed = EVENT.safeParse(raw);
  if (!parsed.success) return undefined;
  const { id, event_type: type, occurred_at: occurredAt, agent, data } = parsed.data.event;
  const codename = codenameIn(type, data);
  return {
    id,
    at: Date.parse(occurredAt),
    ...(codename !== undefined &&
      agent?.type === 'user_reference' && { acknowledged: { codename, agent: agent.id } }),
  };
}

function codenameIn(type: string, data: unknown): string | undefined {
  switch (type) {
    case 'incident.acknowledged':
      return codename(INCIDENT.safeParse(data).data?.incident_key);
    case 'incident.responder.replied':
      // A reference elsewhere in PagerDuty begins with the number: "[#12] sapphire-unicorn".
      return codename(REPLY.safeParse(data).data?.incident.summary.replace(/^\[#\d+\] /, ''));
    default:
      return undefined;
  }
}

function codename(text: string | undefined): string | undefined {
  return text !== undefined && isCodename(text) ? text : undefined;
}
