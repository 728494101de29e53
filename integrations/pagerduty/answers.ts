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

/** A user, or a reference to one, which has no address. Services acknowledge too; their `type` says so. */
export const someone = z.object({ id: z.string(), type: z.string().nullish(), email: z.string().nullish() });
export type Someone = z.infer<typeof someone>;

/** PagerDuty's examples wrap each target; its schema does not. Both are read. */
const target = z.union([
  z.object({ responder_request_target: z.object({ id: z.string() }) }),
  z.object({ id: z.string() }),
]);

/** Accounts without responder requests leave both of their lists out. */
export const incidentStateAnswer = z.object({
  incident: z.object({
    status: z.string(),
    urgency: z.string().nullish(),
    assignments: z.array(z.object({ at: z.string(), assignee: someone })).nullish(),
    acknowledgements: z.array(z.object({ at: z.string(), acknowledger: someone })).nullish(),
    incidents_responders: z.array(z.object({ state: z.string().nullish(), user: someone })).nullish(),
    responder_requests: z
      .array(z.object({ requested_at: z.string().nullish(), responder_request_targets: z.array(target) }))
      .nullish(),
  }),
});
export type IncidentState = z.infer<typeof incidentStateAnswer>['incident'];

export const userAnswer = z.object({ user: z.object({ email: z.string() }) });

export const usersAnswer = z.object({ users: z.array(z.object({ id: z.string(), email: z.string() })) });

export const userWithRole = z.object({ email: z.string(), role: z.string().nullish() });

export const onCallEntry = z.object({
  user: someone.extend({ name: z.string().nullish() }),
  schedule: z.object({ id: z.string() }).nullish(),
  escalation_level: z.number(),
});
export type OnCallEntry = z.infer<typeof onCallEntry>;

export const contactMethodsAnswer = z.object({
  contact_methods: z.array(
    z.object({ type: z.string(), address: z.string().nullish(), country_code: z.number().nullish() }),
  ),
});

export const notesAnswer = z.object({ notes: z.array(z.object({ content: z.string() })) });

/** For writes whose answer nobody reads; that it is JSON was checked. */
export const anyAnswer = z.unknown();
