/** EC2's query protocol, as far as the proxy in front of moto needs it: questions of its own, forms, XML and errors. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../recording-proxy';

/** Asks moto by the back door, for the account and the region of the request that is being answered. */
export type AskMoto = (
  request: IncomingMessage,
  service: 'ec2' | 'autoscaling',
  form: Readonly<Record<string, string>>,
) => Promise<{ status: number; body: string }>;

/** The API versions that the SDK speaks. */
const VERSIONS = { ec2: '2016-11-15', autoscaling: '2011-01-01' };

export function createAskMoto(url: string): AskMoto {
  return async (request, service, form) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: (request.headers.authorization ?? '').replace(
          /(Credential=[^/]+\/\d+\/[^/]+\/)[^/]+/,
          `$1${service}`,
        ),
      },
      body: new URLSearchParams({ ...form, Version: VERSIONS[service] }),
    });
    return { status: answer.status, body: await answer.text() };
  };
}

export function regionOf(request: IncomingMessage): string {
  return /Credential=[^/]+\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** A list of a form, `SnapshotId.1`, `SnapshotId.2` and so on. */
export function listOf(form: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let value; (value = form.get(`${name}.${values.length + 1}`)) !== null;) values.push(value);
  return values;
}

export function asList(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`${name}.${index + 1}`, value]));
}

/** The values of a filter, and the form without it; undefined where the form has no such filter. */
export function takeFilter(
  form: URLSearchParams,
  name: string,
): { values: string[]; rest: URLSearchParams } | undefined {
  const filters: { name: string; values: string[] }[] = [];
  for (let at = 1, found; (found = form.get(`Filter.${at}.Name`)) !== null; at += 1)
    filters.push({ name: found, values: listOf(form, `Filter.${at}.Value`) });
  const taken = filters.filter((filter) => filter.name === name);
  if (taken.length === 0) return undefined;
  const rest = new URLSearchParams([...form].filter(([key]) => !key.startsWith('Filter.')));
  filters
    .filter((filter) => filter.name !== name)
    .forEach((filter, index) => {
      rest.set(`Filter.${index + 1}.Name`, filter.name);
      filter.values.forEach((value, at) => rest.set(`Filter.${index + 1}.Value.${at + 1}`, value));
    });
  return { values: taken.flatMap(({ values }) => values), rest };
}

/** The text of the first such element; undefined where there is none. */
export function textOf(xml: string, tag: string): string | undefined {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
}

export function textsOf(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text = '']) => text);
}

/** Changes the items of the first such set, and not those inside of them; an item that becomes undefined is left out. */
export function mapItems(xml: string, set: string, map: (item: string) => string | undefined): string {
  const open = `<${set}>`;
  const start = xml.indexOf(open);
  if (start < 0) return xml;
  const tags = /<(\/?)item>/g;
  let end = (tags.lastIndex = start + open.length);
  let items = '';
  let from = 0;
  let depth = 0;
  for (let tag; (tag = tags.exec(xml));) {
    const opens = tag[1] === '';
    // Items of a set stand side by side: the next one somewhere else is another set's.
    if (depth === 0 && (!opens || tag.index !== end)) break;
    if (depth === 0) from = tags.lastIndex;
    depth += opens ? 1 : -1;
    if (depth > 0) continue;
    const item = map(xml.slice(from, tag.index));
    if (item !== undefined) items += `<item>${item}</item>`;
    end = tags.lastIndex;
  }
  return xml.slice(0, start + open.length) + items + xml.slice(end);
}

export function itemsOf(xml: string, set: string): string[] {
  const items: string[] = [];
  mapItems(xml, set, (item) => {
    items.push(item);
    return item;
  });
  return items;
}

export function xmlAnswer(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: Buffer.from(body) };
}

/** An answer of EC2 to `action`. */
export function ec2Answer(action: string, inside: string): Answer {
  const namespace = `http://ec2.amazonaws.com/doc/${VERSIONS.ec2}/`;
  return xmlAnswer(
    200,
    `<${action}Response xmlns="${namespace}"><requestId>stand-in</requestId>${inside}</${action}Response>`,
  );
}

export function ec2Error(code: string, message: string, status = 400): Answer {
  return xmlAnswer(status, ec2ErrorBody(code, message));
}

export function ec2ErrorBody(code: string, message: string): string {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<Response><Errors><Error><Code>${code}</Code><Message>${text}</Message></Error></Errors><RequestID>stand-in</RequestID></Response>`;
}
