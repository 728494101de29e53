/** What we read of PagerDuty's answers, and no more: a field that PagerDuty adds or drops elsewhere breaks nothing. */
import { z } from 'zod';

const incident = z.object({ id: z.string(), html_url: z.string() });

export const incidentAnswer = z.object({ incident });

export const incidentsAnswer = z.object({
  incidents: z.array(
    incident.extend({
      incident_key: z.string().nullish(),
      service: z.object({ id: z.string() }),
    }),
  ),
});

/** PagerDuty's examples wrap each target; its schema does not. Both are read. */
const target = z.union([
  z.object({ responder_request_target: z.object({ id: z.string() }) }),
  z.object({ id: z.string() }),
]);

/** Accounts without responder requests leave both lists out. */
export const incidentStateAnswer = z.object({
  incident: z.object({
    status: z.string(),
    incidents_responders: z.array(z.object({ user: z.object({ id: z.string() }) })).nullish(),
    responder_requests: z.array(z.object({ responder_request_targets: z.array(target) })).nullish(),
  }),
});

export const usersAnswer = z.object({ users: z.array(z.object({ id: z.string(), email: z.string() })) });

export const notesAnswer = z.object({ notes: z.array(z.object({ content: z.string() })) });

/** For writes whose answer nobody reads; that it is JSON was checked. */
export const anyAnswer = z.unknown();
