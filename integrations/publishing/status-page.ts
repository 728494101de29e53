/**
 * A page at Statuspage (Atlassian), by its API, version 1: https://developer.statuspage.io.
 *
 * Once for the same statement: the page's incidents are looked through for its id, which each carries in its metadata,
 * before one is made. What is left: an incident that Statuspage makes only after the look, of an attempt that was cut off.
 */
import type { ApplicationFailure } from '@temporalio/common';
import { invalidRequest } from '../../activities/failures';
import {
  addressOf,
  credentialOf,
  linkIn,
  parsed,
  send,
  unreadable,
  type Request,
  type Service,
} from '../http';
import type { Channel, Statement } from './channel';

const API = 'https://api.statuspage.io';

/** Statuspage's own limits, in characters. */
const TITLE_AT_MOST = 255;
const BODY_AT_MOST = 25_000;
/** Statuspage's limit for a page of a list. */
const PAGE_SIZE = 100;
/** The newest come first, and a token may ask once a second: further back than this is not looked. */
const MOST_PAGES = 20;
/** A hundred incidents with long updates. */
const ANSWER_AT_MOST = 64 * 1024 * 1024;

interface Incident {
  readonly metadata?: { readonly firebreak?: { readonly id?: unknown } | null } | null;
  readonly shortlink?: unknown;
}

export function createStatusPage(settings: {
  name: string;
  pageId: string;
  token: string | undefined;
  url?: string;
  timeoutMs: number;
}): Channel {
  const service: Service = {
    name: `The status page "${settings.name}"`,
    credential: 'FIREBREAK_STATUSPAGE_TOKEN',
    setting: `the statusPage of "${settings.name}" in communication.public`,
  };
  if (!/^[A-Za-z0-9]{1,64}$/.test(settings.pageId))
    throw new TypeError(`${service.setting} has to be the page's id: letters and digits.`);
  const token = credentialOf(service, settings.token);
  const base = addressOf({ ...service, setting: 'FIREBREAK_STATUSPAGE_URL' }, settings.url ?? API);
  const incidents = new URL(`/v1/pages/${settings.pageId}/incidents`, base);

  async function ask(url: URL, request: Pick<Request, 'method' | 'body'>): Promise<unknown> {
    const { text } = await send(service, url, {
      ...request,
      headers: {
        authorization: `OAuth ${token}`,
        accept: 'application/json',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
      },
      timeoutMs: settings.timeoutMs,
      readsAtMost: ANSWER_AT_MOST,
    });
    const answer = parsed(text);
    // Read or not, it may have been done: the next attempt looks first.
    if (typeof answer !== 'object' || answer === null) throw unreadable(service);
    return answer;
  }

  async function find(id: string): Promise<Incident | undefined> {
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const url = new URL(incidents);
      url.searchParams.set('limit', String(PAGE_SIZE));
      if (page > 1) url.searchParams.set('page', String(page));
      const rows = await ask(url, { method: 'GET' });
      if (!Array.isArray(rows)) throw unreadable(service);
      const found = (rows as (Incident | null)[]).find((row) => row?.metadata?.firebreak?.id === id);
      if (found) return found;
      if (rows.length < PAGE_SIZE) return undefined;
    }
    return undefined;
  }

  return async (statement) => {
    const tooLong = tooLongFor(service, statement);
    if (tooLong) throw tooLong;
    const incident =
      (await find(statement.id)) ??
      ((await ask(incidents, {
        method: 'POST',
        body: JSON.stringify({ incident: incidentOf(statement) }),
      })) as Incident);
    const link = linkIn(incident.shortlink);
    return link === undefined ? {} : { url: link };
  };
}

/** Over, and of no component: a statement is no outage, and turns no light on the page. Subscribers are told. */
function incidentOf({ id, title, html }: Statement) {
  return {
    name: title,
    status: 'resolved',
    impact_override: 'none',
    deliver_notifications: true,
    body: html,
    // Statuspage wants each value at the top to be an object.
    metadata: { firebreak: { id } },
  };
}

function tooLongFor(service: Service, { title, html }: Statement): ApplicationFailure | undefined {
  const said = (what: string, length: number, most: number) =>
    invalidRequest(
      `${service.name} takes at most ${most} characters of ${what}, and this has ${length}. Shorten it, or publish it elsewhere and leave this channel out.`,
    );
  const titleLength = [...title].length;
  const bodyLength = [...html].length;
  if (titleLength > TITLE_AT_MOST) return said('a title', titleLength, TITLE_AT_MOST);
  if (bodyLength > BODY_AT_MOST) return said('a text (as HTML)', bodyLength, BODY_AT_MOST);
  return undefined;
}
