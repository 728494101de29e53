/** What PagerDuty's API description lets a request hold. A strict object refuses what it does not name. */
import { z } from 'zod';
import { invalidInput } from './errors';

const reference = (type: string) =>
  z.strictObject({ id: z.string(), type: z.enum([type, `${type}_reference`]) });

const conferenceBridge = z.strictObject({
  conference_number: z.string().optional(),
  conference_url: z.url().optional(),
});
const urgency = z.enum(['high', 'low']);
const assignments = z.array(z.strictObject({ assignee: reference('user') })).optional();
const incidentType = z.strictObject({ name: z.string() }).optional();

export const createIncidentBody = z.strictObject({
  incident: z.strictObject({
    type: z.literal('incident'),
    title: z.string().min(1),
    service: reference('service'),
    priority: reference('priority').optional(),
    urgency: urgency.optional(),
    body: z.strictObject({ type: z.literal('incident_body'), details: z.string().optional() }).optional(),
    incident_key: z.string().min(1).optional(),
    assignments,
    incident_type: incidentType,
    escalation_policy: reference('escalation_policy').optional(),
    conference_bridge: conferenceBridge.optional(),
  }),
});

export const updateIncidentBody = z.strictObject({
  incident: z.strictObject({
    type: z.enum(['incident', 'incident_reference']),
    status: z.enum(['triggered', 'acknowledged', 'resolved']).optional(),
    title: z.string().min(1).optional(),
    urgency: urgency.optional(),
    assignments,
    resolution: z.string().optional(),
  }),
});

export const createNoteBody = z.strictObject({ note: z.strictObject({ content: z.string().min(1) }) });

export const createResponderRequestBody = z.strictObject({
  requester_id: z.string(),
  message: z.string(),
  responder_request_targets: z
    .array(
      z.strictObject({
        responder_request_target: z.strictObject({
          id: z.string(),
          type: z.enum(['user_reference', 'escalation_policy_reference']),
        }),
      }),
    )
    .min(1),
});

export const cancelResponderRequestBody = z.strictObject({
  requester_id: z.string(),
  responder_request_targets: z
    .array(
      z.strictObject({ id: z.string(), type: z.enum(['user_reference', 'escalation_policy_reference']) }),
    )
    .min(1),
});

const page = { limit: z.coerce.number().int().min(1).max(100), offset: z.coerce.number().int().min(0) };

export const listIncidentsQuery = z.strictObject({
  incident_key: z.string().optional(),
  'service_ids[]': z.array(z.string()).optional(),
  'statuses[]': z.array(z.enum(['triggered', 'acknowledged', 'resolved'])).optional(),
  date_range: z.literal('all').optional(),
  limit: page.limit.default(25),
  offset: page.offset.default(0),
});

export const listUsersQuery = z.strictObject({
  query: z.string().optional(),
  limit: page.limit.default(25),
  offset: page.offset.default(0),
});

const include = (...names: string[]) => z.array(z.enum(names)).optional();

export const getIncidentQuery = z.strictObject({
  'include[]': include(
    'acknowledgers',
    'agents',
    'assignees',
    'conference_bridge',
    'custom_fields',
    'escalation_policies',
    'first_trigger_log_entries',
    'priorities',
    'services',
    'teams',
    'users',
  ),
});

export const listOnCallsQuery = z.strictObject({
  'include[]': include('escalation_policies', 'users', 'schedules'),
  'user_ids[]': z.array(z.string()).optional(),
  'escalation_policy_ids[]': z.array(z.string()).optional(),
  'schedule_ids[]': z.array(z.string()).optional(),
  limit: page.limit.default(25),
  offset: page.offset.default(0),
});

/** No parameters at all, where Firebreak sends none. */
export const noQuery = z.strictObject({});

export function read<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(
    ...parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`),
  );
}

export function readQuery<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.infer<Schema> {
  const names = [...new Set(query.keys())];
  const plain = names.map((name) => [name, name.endsWith('[]') ? query.getAll(name) : query.get(name)]);
  return read(schema, Object.fromEntries(plain));
}
