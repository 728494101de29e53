/** Asking people to join a page, each of them once. */
import { ApplicationFailure } from '@temporalio/common';
import type { Page } from '../../activities/paging';
import { invalidRequest } from '../../activities/failures';
import { anyAnswer, type IncidentState } from './answers';
import type { PagerDutyClient } from './client';
import { isSameAddress, type People } from './people';
import { pathOf, readPage } from './read-page';

/** Read out by phone and shown on locked screens: one of the fixed texts that move somebody to a safer channel. */
const MESSAGE = 'Please join Slack ASAP';

export interface ResponderRequests {
  requestResponders(request: {
    page: Page;
    emails: readonly string[];
  }): Promise<{ requested: string[]; unknown: string[] }>;
  /** Asks them in one request, whether they were asked before or not. */
  ask(page: Page, ids: readonly string[]): Promise<void>;
  /** Takes back what was asked of one and not answered yet. */
  cancel(page: Page, id: string): Promise<void>;
  /** In whose name. `InvalidRequest` where PagerDuty does not know the From address. */
  requesterId(): Promise<string>;
}

export function createResponderRequests(
  client: PagerDutyClient,
  people: People,
  fromEmail: string,
): ResponderRequests {
  let requester: Promise<string> | undefined;

  /** The user behind the From address, looked up once. */
  async function requesterId(): Promise<string> {
    requester ??= people.idOf(fromEmail).then((id) => {
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

  /** Asks all in one request; where PagerDuty refuses that for the sake of one, each alone. Returns whom it refused. */
  async function askEach(page: Page, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    try {
      await ask(page, ids);
      return [];
    } catch (failure) {
      if (!(failure instanceof ApplicationFailure) || failure.type !== 'InvalidRequest') throw failure;
      if (ids.length === 1) return [...ids];
    }
    const refused = await Promise.all(ids.map((id) => askEach(page, [id])));
    return refused.flat();
  }

  async function ask(page: Page, ids: readonly string[]): Promise<void> {
    await client.call({
      name: 'responder_requests.create',
      method: 'POST',
      path: `${pathOf(page)}/responder_requests`,
      body: {
        requester_id: await requesterId(),
        message: MESSAGE,
        responder_request_targets: ids.map((id) => ({
          responder_request_target: { id, type: 'user_reference' },
        })),
      },
      answer: anyAnswer,
    });
  }

  async function cancel(page: Page, id: string): Promise<void> {
    await client.call({
      name: 'responder_requests.cancel',
      method: 'PUT',
      path: `${pathOf(page)}/responder_requests/cancel`,
      body: {
        requester_id: await requesterId(),
        responder_request_targets: [{ id, type: 'user_reference' }],
      },
      answer: anyAnswer,
    });
  }

  return {
    ask,
    cancel,
    requesterId,

    /**
     * Idempotent by reading before writing: PagerDuty would take the same request twice, and wake people twice.
     * Everyone is looked up at once, and one request asks all, so that the last on the list waits no longer than the first.
     */
    async requestResponders({ page, emails }) {
      const asked = withoutRepeats(emails);
      if (asked.length === 0) return { requested: [], unknown: [] };
      const [, incident, ids] = await Promise.all([
        requesterId(),
        readPage(client, page),
        Promise.all(asked.map((email) => people.idOf(email))),
      ]);
      const before = idsAskedOn(incident);
      const newIds = [...new Set(ids.filter((id): id is string => id !== undefined && !before.has(id)))];
      const refused = new Set(await askEach(page, newIds));
      const isAsked = (index: number) => ids[index] !== undefined && !refused.has(ids[index]);
      return {
        requested: asked.filter((_, index) => isAsked(index)),
        unknown: asked.filter((_, index) => !isAsked(index)),
      };
    },
  };
}

/** Everyone who was asked before, whether they have answered or not. */
function idsAskedOn(incident: IncidentState): Set<string> {
  return new Set([
    ...(incident.incidents_responders ?? []).map((responder) => responder.user.id),
    ...(incident.responder_requests ?? []).flatMap(targetsOf),
  ]);
}

/** Whom a request asks: the ids of users and policies. */
export function targetsOf(request: NonNullable<IncidentState['responder_requests']>[number]): string[] {
  return request.responder_request_targets.map((each) =>
    'id' in each ? each.id : each.responder_request_target.id,
  );
}

function withoutRepeats(emails: readonly string[]): string[] {
  return emails.filter(
    (email, index) => emails.findIndex((earlier) => isSameAddress(earlier, email)) === index,
  );
}
