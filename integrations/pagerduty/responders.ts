/** Asking people to join a page, each of them once. */
import { ApplicationFailure } from '@temporalio/common';
import type { Page } from '../../activities/paging';
import { invalidRequest } from '../../activities/failures';
import { anyAnswer, incidentStateAnswer, usersAnswer } from './answers';
import type { PagerDutyClient } from './client';

/** Read out by phone and shown on locked screens: one of the fixed texts that move somebody to a safer channel. */
const MESSAGE = 'Please join Slack ASAP';

export function createResponderRequests(client: PagerDutyClient, fromEmail: string) {
  let requester: Promise<string> | undefined;

  /** PagerDuty searches names and addresses, in part and whatever their case; only the same address is the person. */
  async function userIdOf(email: string): Promise<string | undefined> {
    const { users } = await client.call({
      name: 'users.list',
      method: 'GET',
      path: '/users',
      query: { query: email, limit: '100' },
      answer: usersAnswer,
    });
    return users.find((user) => isSameAddress(user.email, email))?.id;
  }

  /** The user behind the From address, looked up once. */
  async function requesterId(): Promise<string> {
    requester ??= userIdOf(fromEmail).then((id) => {
      if (id === undefined)
        throw invalidRequest(
          'PagerDuty knows no user with the configured From address: set it to the e-mail of a PagerDuty user.',
        );
      return id;
    });
    try {
      return await requester;
    } catch (failure) {
      requester = undefined;
      throw failure;
    }
  }

  /** Everyone who was asked before, whether they have answered or not. */
  async function idsAskedOn(page: Page): Promise<Set<string>> {
    const { incident } = await client.call({
      name: 'incidents.get',
      method: 'GET',
      path: `/incidents/${encodeURIComponent(page.id)}`,
      answer: incidentStateAnswer,
    });
    const targets = (incident.responder_requests ?? []).flatMap(
      (request) => request.responder_request_targets,
    );
    return new Set([
      ...(incident.incidents_responders ?? []).map((responder) => responder.user.id),
      ...targets.map((each) => ('id' in each ? each.id : each.responder_request_target.id)),
    ]);
  }

  /**
   * Idempotent by reading before writing: PagerDuty would take the same request twice, and wake people twice.
   * Everyone is looked up at once, and one request asks all, so that the last on the list waits no longer than the first.
   */
  return async function requestResponders({ page, emails }: { page: Page; emails: readonly string[] }) {
    const asked = withoutRepeats(emails);
    if (asked.length === 0) return { requested: [], unknown: [] };
    const [requester_id, alreadyAsked, ids] = await Promise.all([
      requesterId(),
      idsAskedOn(page),
      Promise.all(asked.map(userIdOf)),
    ]);
    const newIds = [...new Set(ids.filter((id): id is string => id !== undefined && !alreadyAsked.has(id)))];
    const refused = new Set(await askEach(page, requester_id, newIds));
    const isAsked = (index: number) => ids[index] !== undefined && !refused.has(ids[index]);
    return {
      requested: asked.filter((_, index) => isAsked(index)),
      unknown: asked.filter((_, index) => !isAsked(index)),
    };
  };

  /** Asks all in one request; where PagerDuty refuses that for the sake of one, each alone. Returns whom it refused. */
  async function askEach(page: Page, requester_id: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    try {
      await askTogether(page, requester_id, ids);
      return [];
    } catch (failure) {
      if (!(failure instanceof ApplicationFailure) || failure.type !== 'InvalidRequest') throw failure;
      if (ids.length === 1) return [...ids];
    }
    const refused = await Promise.all(ids.map((id) => askEach(page, requester_id, [id])));
    return refused.flat();
  }

  async function askTogether(page: Page, requester_id: string, ids: readonly string[]): Promise<void> {
    await client.call({
      name: 'responder_requests.create',
      method: 'POST',
      path: `/incidents/${encodeURIComponent(page.id)}/responder_requests`,
      body: {
        requester_id,
        message: MESSAGE,
        responder_request_targets: ids.map((id) => ({
          responder_request_target: { id, type: 'user_reference' },
        })),
      },
      answer: anyAnswer,
    });
  }
}

function withoutRepeats(emails: readonly string[]): string[] {
  return emails.filter(
    (email, index) => emails.findIndex((earlier) => isSameAddress(earlier, email)) === index,
  );
}

function isSameAddress(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
