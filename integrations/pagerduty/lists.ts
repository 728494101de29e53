/** Lists that PagerDuty gives in parts. */
import { z } from 'zod';
import { invalidRequest } from '../../activities/failures';
import type { PagerDutyCall, PagerDutyClient } from './client';

const PART = 100;

/** PagerDuty shows no more of any list. Source: its page on pagination. */
const MOST = 10_000;

/**
 * All of a list, part after part.
 *
 * @param field what the answer calls the list, e.g. `users`
 * @throws `InvalidRequest` where it is longer than PagerDuty shows: a list that looks complete would be a lie
 */
export async function listAll<Item>(
  client: PagerDutyClient,
  call: Pick<PagerDutyCall<unknown>, 'name' | 'path' | 'query'>,
  field: string,
  item: z.ZodType<Item>,
): Promise<Item[]> {
  const answer = z.object({ [field]: z.array(item), more: z.boolean().nullish() });
  const all: Item[] = [];
  for (let offset = 0; offset < MOST; offset += PART) {
    const part = await client.call({
      ...call,
      method: 'GET',
      query: { ...call.query, limit: String(PART), offset: String(offset) },
      answer,
    });
    all.push(...(part[field] as Item[]));
    if (!part.more) return all;
  }
  throw invalidRequest(
    `PagerDuty's answers to ${call.name} go on after ${MOST}, where PagerDuty ends its lists: look into the account by hand.`,
  );
}
