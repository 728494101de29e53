/**
 * Where a company publishes, for a drill: a website that takes the webhook as docs/ways-out.md tells it to, and Statuspage, as
 * its description of the API has it: https://developer.statuspage.io.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { objectIn, startReceiver, type Received, type Receiver, type Reply } from './receiver';

export interface PublishedStatement {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly idempotencyKey: string;
  readonly title: string;
  readonly markdown: string;
  readonly html: string;
}

export interface StatusPageIncident {
  readonly at: number;
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly impact: string;
  readonly body: string;
  readonly metadata: Readonly<Record<string, object>>;
  /** Subscribers were told. */
  readonly delivered: boolean;
  readonly shortlink: string;
}

export interface PublishingStandIn {
  /** The webhook's address. */
  readonly webhookUrl: string;
  /** To be used in the place of Statuspage's own. */
  readonly statusPageUrl: string;
  /** What the website took, once for each key. */
  readonly statements: readonly PublishedStatement[];
  /** The page's incidents, the oldest first. */
  readonly incidents: readonly StatusPageIncident[];
  /** Everything that arrived, as `webhook`, `incidents.list`, `incidents.create` or `unknown`. */
  readonly received: readonly Received[];
  readonly fail: Receiver['fail'];
  /** Incidents of the page's own, before the next. */
  addIncidents(count: number): void;
  close(): Promise<void>;
}

const WEBHOOK = '/hooks/statement';
const INCIDENTS = /^\/v1\/pages\/([^/]+)\/incidents(?:\.json)?$/;
const ALLOWED_AGE_S = 5 * 60;
const STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'];
const IMPACTS = ['none', 'maintenance', 'minor', 'major', 'critical'];

export async function startPublishing(options: {
  /** What the website and Firebreak share. */
  secret: string;
  statusPage: { pageId: string; token: string };
  port?: number;
}): Promise<PublishingStandIn> {
  const statements: PublishedStatement[] = [];
  const incidents: StatusPageIncident[] = [];
  const receiver = await startReceiver({
    ...(options.port !== undefined && { port: options.port }),
    nameOf(method, path) {
      const { pathname } = new URL(path, 'http://localhost');
      if (method === 'POST' && pathname === WEBHOOK) return 'webhook';
      if (!INCIDENTS.test(pathname)) return 'unknown';
      return method === 'GET' ? 'incidents.list' : method === 'POST' ? 'incidents.create' : 'unknown';
    },
    answer(request) {
      if (request.name === 'webhook') return takeStatement(request);
      if (request.name === 'unknown') return { status: 404, body: { error: 'Not found' } };
      const refused = refusalOf(request);
      if (refused) return refused;
      return request.name === 'incidents.list' ? list(request) : create(request);
    },
  });

  function takeStatement({ headers, body, at }: Received): Reply {
    if (!isSigned(headers, body, at)) return { status: 401, body: { error: 'The signature is wrong' } };
    const asked = objectIn(body);
    const key = headers['idempotency-key'];
    if (!asked || typeof key !== 'string' || key === '')
      return { status: 400, body: { error: 'Neither read nor asked' } };
    const { title, markdown, html } = asked;
    if (typeof title !== 'string' || typeof markdown !== 'string' || typeof html !== 'string')
      return { status: 422, body: { error: 'title, markdown and html have to be text' } };
    const before = statements.find(({ idempotencyKey }) => idempotencyKey === key);
    if (before && (before.title !== title || before.markdown !== markdown || before.html !== html))
      return { status: 409, body: { error: 'Another statement has this key' } };
    if (!before) statements.push({ at, idempotencyKey: key, title, markdown, html });
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 8);
    return {
      status: before ? 200 : 201,
      body: { url: `https://www.example.com/statements/${digest}` },
    };
  }

  function isSigned(headers: Received['headers'], body: string, at: number): boolean {
    const timestamp = String(headers['x-firebreak-timestamp']);
    if (!/^\d+$/.test(timestamp) || Math.abs(at / 1000 - Number(timestamp)) > ALLOWED_AGE_S) return false;
    const digest = createHmac('sha256', options.secret).update(`${timestamp}.${body}`).digest('hex');
    const wanted = Buffer.from(`v1=${digest}`);
    const given = Buffer.from(String(headers['x-firebreak-signature']));
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  }

  function refusalOf({ headers, path }: Received): Reply | undefined {
    if (headers.authorization !== `OAuth ${options.statusPage.token}`)
      return { status: 401, body: { error: 'Could not authenticate' } };
    const pageId = INCIDENTS.exec(new URL(path, 'http://localhost').pathname)?.[1];
    return pageId === options.statusPage.pageId ? undefined : { status: 404, body: { error: 'not found' } };
  }

  function list({ path }: Received): Reply {
    const query = new URL(path, 'http://localhost').searchParams;
    const limit = Math.min(Number(query.get('limit') ?? 100), 100);
    const page = Number(query.get('page') ?? 1);
    const newestFirst = incidents.toReversed();
    return { status: 200, body: newestFirst.slice((page - 1) * limit, page * limit).map(shown) };
  }

  function create({ body, at }: Received): Reply {
    const incident = objectIn(body)?.incident as Record<string, unknown> | undefined;
    const problems = problemsOf(incident);
    if (!incident || problems.length > 0) return { status: 422, body: { error: problems } };
    return { status: 201, body: shown(add(incident, at)) };
  }

  function add(incident: Readonly<Record<string, unknown>>, at: number): StatusPageIncident {
    const id = `inc${incidents.length + 1}`;
    const added = {
      at,
      id,
      name: incident.name as string,
      status: (incident.status as string | undefined) ?? 'investigating',
      impact: (incident.impact_override as string | undefined) ?? 'none',
      body: (incident.body as string | undefined) ?? '',
      metadata: (incident.metadata as Record<string, object> | undefined) ?? {},
      delivered: incident.deliver_notifications !== false,
      shortlink: `https://stspg.example/${id}`,
    };
    incidents.push(added);
    return added;
  }

  return {
    webhookUrl: `${receiver.url}${WEBHOOK}`,
    statusPageUrl: receiver.url,
    statements,
    incidents,
    received: receiver.received,
    fail: receiver.fail,
    addIncidents(count) {
      for (let left = count; left > 0; left -= 1) add({ name: 'Slow pages' }, Date.now());
    },
    close: receiver.close,
  };

  function shown({ id, name, status, impact, body, metadata, shortlink, at }: StatusPageIncident) {
    const created_at = new Date(at).toISOString();
    return {
      id,
      page_id: options.statusPage.pageId,
      name,
      status,
      impact,
      metadata,
      shortlink,
      created_at,
      incident_updates: [{ status, body, created_at }],
    };
  }
}

function problemsOf(incident: Record<string, unknown> | undefined): string[] {
  if (!incident) return ['incident is missing'];
  const { name, status, impact_override: impact, body, metadata } = incident;
  return [
    (typeof name !== 'string' || name === '') && "Name can't be blank",
    typeof name === 'string' && [...name].length > 255 && 'Name is too long (maximum is 255 characters)',
    status !== undefined && !STATUSES.includes(status as string) && 'Status is not included in the list',
    impact !== undefined &&
      !IMPACTS.includes(impact as string) &&
      'Impact override is not included in the list',
    typeof body === 'string' && [...body].length > 25_000 && 'Body is too long (maximum is 25000 characters)',
    metadata !== undefined && !isOfObjects(metadata) && 'Metadata top level values must be objects',
  ].filter((problem) => problem !== false);
}

function isOfObjects(metadata: unknown): boolean {
  return (
    typeof metadata === 'object' &&
    metadata !== null &&
    Object.values(metadata).every((value) => typeof value === 'object' && value !== null)
  );
}
