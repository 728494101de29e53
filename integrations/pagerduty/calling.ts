/** Calling one after the other until somebody has the page, and seeing whether somebody has. */
import { ApplicationFailure } from '@temporalio/common';
import type { Page, Pager, PageState } from '../../activities/paging';
import { anyAnswer, type IncidentState, type Someone } from './answers';
import type { PagerDutyClient } from './client';
import type { People } from './people';
import { pathOf, readPage } from './read-page';
import { targetsOf, type ResponderRequests } from './responders';

export function createCalling(
  client: PagerDutyClient,
  people: People,
  requests: ResponderRequests,
): Pick<Pager, 'stateOf' | 'callNext' | 'acknowledge' | 'withdraw'> {
  return {
    acknowledge,

    async withdraw({ page, email }) {
      const [incident, id] = await Promise.all([readPage(client, page), people.idOf(email)]);
      const isPending = incident.incidents_responders?.some(
        ({ user, state }) => user.id === id && state === 'pending',
      );
      if (id !== undefined && isPending && incident.status !== 'resolved') await requests.cancel(page, id);
    },

    async stateOf({ page, excluded }) {
      const incident = await readPage(client, page, ['acknowledgers']);
      const { status, who } = await standFor(incident, excluded);
      const by = who && (await people.emailOf(who));
      return by === undefined ? { status } : { status, by };
    },

    /**
     * By what makes a phone ring. Sources: PagerDuty's knowledge base, "Reassign Incidents" ("only the selected user will be
     * notified. The incident's escalation policy will no longer be used") and "Notification Rules" (they run "when an incident is
     * assigned to you"); the API's description of responder requests ("notified via their high urgency notification rules, until
     * the target user has either accepted or declined").
     *
     * So the page is assigned to this person alone. Where it is theirs already, nothing would be assigned, and nothing would ring:
     * a responder request rings. Not the escalation policy once more, as its first level may be somebody else, and even somebody
     * who must not hear of it.
     *
     * Reassigning takes an acknowledgement back, so the page is read first. PagerDuty has no way to make the two one; whoever
     * acknowledges in the moment between is seen by the webhook.
     */
    async callNext({ page, email, excluded, since }) {
      const [incident, id] = await Promise.all([readPage(client, page), people.idOf(email)]);
      const { status } = await standFor(incident, excluded);
      if (status !== 'triggered') return { called: false, answered: true };
      if (id === undefined) return { called: false };
      const isTheirs = assigneesOf(incident).length === 1 && assigneesOf(incident)[0]?.id === id;
      if (isTheirs && since !== undefined && wasRung(incident, id, since)) return { called: true };
      return {
        called: await unlessRefused(() =>
          isTheirs ? requests.ask(page, [id]) : assign(id, pathOf(page), incident.urgency),
        ),
      };
    },
  };

  /** By PagerDuty's own address of the person: the From header says who acknowledges. Where it has none, in the settings' name. */
  async function acknowledge({ page, email }: { page: Page; email: string }): Promise<void> {
    const [incident, id] = await Promise.all([readPage(client, page), people.idOf(email)]);
    if (incident.status !== 'triggered') return;
    const from = id === undefined ? undefined : await people.addressOf(id);
    await client.call({
      name: 'incidents.update',
      method: 'PUT',
      path: pathOf(page),
      ...(from !== undefined && isHeader(from) && { from }),
      body: { incident: { type: 'incident_reference', status: 'acknowledged' } },
      answer: anyAnswer,
    });
  }

  /** The excluded are looked up only where there is an answer that might be theirs. */
  async function standFor(incident: IncidentState, excluded: readonly string[] = []): Promise<Stand> {
    const stand = standOf(incident, []);
    if (stand.status !== 'acknowledged' || excluded.length === 0) return stand;
    return standOf(incident, await Promise.all(excluded.map((email) => people.idOf(email))));
  }

  /**
   * PagerDuty gave the page a moment ago, by the same token. Where it knows the From address too, what it refuses is this person:
   * an id of nobody, or somebody who can't be called. That keeps nobody else from being called.
   */
  async function unlessRefused(call: () => Promise<void>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (failure) {
      const isRefusal =
        failure instanceof ApplicationFailure &&
        (failure.type === 'InvalidRequest' || failure.type === 'NotFound');
      if (!isRefusal) throw failure;
      await requests.requesterId();
      return false;
    }
  }

  async function assign(id: string, path: string, urgency: string | null | undefined): Promise<void> {
    await client.call({
      name: 'incidents.update',
      method: 'PUT',
      path,
      body: {
        incident: {
          type: 'incident_reference',
          assignments: [{ assignee: { id, type: 'user_reference' } }],
          // At low urgency nobody's phone rings at night. Somebody may have lowered it by hand.
          ...(urgency !== 'high' && { urgency: 'high' }),
        },
      },
      answer: anyAnswer,
    });
  }
}

/** What no header may carry is left out, and the settings' own address taken. */
function isHeader(address: string): boolean {
  return /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(address);
}

interface Stand {
  readonly status: PageState['status'];
  readonly who?: Someone;
}

/**
 * Acknowledged is also a page whose own assignee has accepted a responder request: on the phone that rang, "accept" is what was
 * offered. Others who accept one say that they come, not that they have the page.
 *
 * @param excluded ids of those whose answer does not count
 */
function standOf(incident: IncidentState, excluded: readonly (string | undefined)[]): Stand {
  if (incident.status === 'resolved') return { status: 'resolved' };
  const acknowledgements = incident.status === 'acknowledged' ? (incident.acknowledgements ?? []) : [];
  if (incident.status === 'acknowledged' && acknowledgements.length === 0) return { status: 'acknowledged' };
  const answers = [
    ...acknowledgements
      .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
      .map(({ acknowledger }) => acknowledger),
    ...assigneesOf(incident).filter(({ id }) =>
      incident.incidents_responders?.some(({ user, state }) => user.id === id && state === 'joined'),
    ),
  ];
  const who = answers.find(({ id }) => !excluded.includes(id));
  return who ? { status: 'acknowledged', who } : { status: 'triggered' };
}

function assigneesOf(incident: IncidentState): Someone[] {
  return (incident.assignments ?? []).map(({ assignee }) => assignee);
}

function wasRung(incident: IncidentState, id: string, since: number): boolean {
  const rings = [
    ...(incident.assignments ?? []).map(({ at }) => at),
    ...(incident.responder_requests ?? [])
      .filter((request) => targetsOf(request).includes(id))
      .map((request) => request.requested_at ?? ''),
  ];
  // PagerDuty writes whole seconds.
  return rings.some((at) => Date.parse(at) >= Math.floor(since / 1000) * 1000);
}
