/** The page as PagerDuty has it now. */
import type { Page } from '../../activities/paging';
import { incidentStateAnswer, type IncidentState } from './answers';
import type { PagerDutyClient } from './client';

export function pathOf(page: Page): string {
  return `/incidents/${encodeURIComponent(page.id)}`;
}

/** @param include what is to come with more than a reference, e.g. `acknowledgers` with their addresses */
export async function readPage(
  client: PagerDutyClient,
  page: Page,
  include: readonly string[] = [],
): Promise<IncidentState> {
  const { incident } = await client.call({
    name: 'incidents.get',
    method: 'GET',
    path: pathOf(page),
    ...(include.length > 0 && { query: { 'include[]': [...include] } }),
    answer: incidentStateAnswer,
  });
  return incident;
}
