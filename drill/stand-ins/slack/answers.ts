/** Slack's Web API on the wire: what a call asks for, and how it is answered. */
import type { IncomingMessage } from 'node:http';
import type { Answer, Call } from '../recording-proxy';

/** Arguments or a part of an answer, before anybody has looked at them. */
export type Fields = Record<string, unknown>;

/** Slack answers 200 to what it refuses, too. */
export function json(body: object, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** @param messages what is wrong in detail, as Slack writes it under `response_metadata`. */
export function refusal(error: string, messages: readonly string[] = []): Answer {
  return json({
    ok: false,
    error,
    ...(messages.length > 0 && {
      response_metadata: { messages: messages.map((text) => `[ERROR] ${text}`) },
    }),
  });
}

export function bearerOf({ headers }: IncomingMessage): string {
  return (headers.authorization ?? '').replace(/^Bearer /, '');
}

/** The call's arguments. Of a form, all are text: `parsed` reads those that are JSON. */
export function fieldsOf(call: Call, request: IncomingMessage): Fields {
  if (!isJson(request)) return Object.fromEntries(new URLSearchParams(call.body));
  const body = parsed(call.body);
  return isFields(body) ? body : {};
}

/** The call's body with some arguments changed, in the form in which it came. */
export function withFields(call: Call, request: IncomingMessage, changed: Fields): string {
  if (isJson(request)) return JSON.stringify({ ...fieldsOf(call, request), ...changed });
  const form = new URLSearchParams(call.body);
  for (const [name, value] of Object.entries(changed))
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  return form.toString();
}

/** What JSON in a string means; a value that is none stays as it is, and text that is not JSON is undefined. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isJson({ headers }: IncomingMessage): boolean {
  return (headers['content-type'] ?? '').includes('application/json');
}
