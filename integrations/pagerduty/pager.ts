/** PagerDuty as the pager. */
import { ApplicationFailure } from '@temporalio/common';
import type { Page, Pager } from '../../activities/paging';
import { invalidRequest } from '../../activities/failures';
import { anyAnswer, incidentAnswer, incidentsAnswer, notesAnswer } from './answers';
import { createCalling } from './calling';
import { createPagerDutyClient, type PagerDutySettings } from './client';
import { createOnCallQuestion, type Schedules } from './on-call';
import { createPeople, type KnownPeople } from './people';
import { pathOf, readPage } from './read-page';
import { createResponderRequests } from './responders';

export interface PagerSettings extends PagerDutySettings, KnownPeople {
  /** The ids of the schedules that say who is on call. Left out: the levels of the escalation policy do. */
  readonly schedules?: Schedules;
}

/**
 * A pager that speaks to PagerDuty's REST API v2.
 *
 * Its calls fail with the failures of `activities/failures.ts`; it never retries and never waits longer than
 * `timeoutMs` for an answer's head and its body each. Throws a `TypeError` where a setting can't be used.
 */
export function createPagerDuty(settings: PagerSettings): Pager {
  const client = createPagerDutyClient(settings);
  const people = createPeople(client, settings);
  const requests = createResponderRequests(client, people, settings.fromEmail);

  async function findOpenPage(codename: string): Promise<Page | undefined> {
    const { incidents } = await client.call({
      name: 'incidents.list',
      method: 'GET',
      path: '/incidents',
      query: {
        incident_key: codename,
        'service_ids[]': [settings.serviceId],
        'statuses[]': ['triggered', 'acknowledged'],
        // Without it PagerDuty looks back one month only.
        date_range: 'all',
      },
      answer: incidentsAnswer,
    });
    const open = incidents.find(
      (incident) => incident.incident_key === codename && incident.service.id === settings.serviceId,
    );
    return open && pageOf(open);
  }

  return {
    /**
     * Idempotent by `incident_key`: PagerDuty refuses a second open incident with the same one, and then the first is
     * looked for. It is asked for state rather than judged by the error's text, and the first call costs one request.
     */
    async openPage({ codename, bridge }) {
      // An empty key would match every open incident.
      if (codename === '') throw invalidRequest('A page needs a codename.');
      try {
        const { incident } = await client.call({
          name: 'incidents.create',
          method: 'POST',
          path: '/incidents',
          body: {
            incident: {
              type: 'incident',
              // What everybody with access to PagerDuty sees, and what the phone reads out: the codename, no more.
              title: codename,
              incident_key: codename,
              urgency: 'high',
              service: { id: settings.serviceId, type: 'service_reference' },
              escalation_policy: { id: settings.escalationPolicyId, type: 'escalation_policy_reference' },
              conference_bridge: {
                conference_url: bridge.url,
                ...(bridge.phone !== undefined && { conference_number: bridge.phone }),
              },
            },
          },
          answer: incidentAnswer,
        });
        return pageOf(incident);
      } catch (failure) {
        if (!isRefusal(failure)) throw failure;
        const open = await findOpenPage(codename);
        if (!open) throw failure;
        return open;
      }
    },

    requestResponders: requests.requestResponders,

    ...createCalling(client, people, requests),

    administrators: people.administrators,

    onCall: createOnCallQuestion(client, people, settings),

    /** Idempotent by reading before writing. */
    async addNote({ page, text }) {
      const path = `${pathOf(page)}/notes`;
      const { notes } = await client.call({ name: 'notes.list', method: 'GET', path, answer: notesAnswer });
      // Trimmed, in case PagerDuty trims what it keeps.
      if (notes.some((note) => note.content.trim() === text.trim())) return;
      await client.call({
        name: 'notes.create',
        method: 'POST',
        path,
        body: { note: { content: text } },
        answer: anyAnswer,
      });
    },

    /** Idempotent: PagerDuty may refuse to resolve what is resolved, and then that is looked up. */
    async resolvePage({ page }) {
      try {
        await client.call({
          name: 'incidents.update',
          method: 'PUT',
          path: pathOf(page),
          body: { incident: { type: 'incident_reference', status: 'resolved' } },
          answer: anyAnswer,
        });
      } catch (failure) {
        if (!isRefusal(failure)) throw failure;
        const { status } = await readPage(client, page);
        if (status !== 'resolved') throw failure;
      }
    },
  };
}

function pageOf(incident: { id: string; html_url: string }): Page {
  return { id: incident.id, url: incident.html_url };
}

/** PagerDuty understood and said no, which may mean: it is done already. */
function isRefusal(failure: unknown): boolean {
  return (
    failure instanceof ApplicationFailure &&
    (failure.type === 'InvalidRequest' || failure.type === 'Conflict')
  );
}
