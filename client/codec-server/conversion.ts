/** POST /decode and POST /encode: who asks, how often, and only then what. */
import type { IncomingMessage } from 'node:http';
import type { Payload } from '@temporalio/common';
import { openForServer, sealAsked } from '../../codec/codec';
import type { Keyring } from '../../codec/keyring';
import { json, refusal, tooMany, type Answer } from '../http/answers';
import { BODY_PROBLEMS, readBody } from '../http/body';
import { createPace } from '../http/pace';
import { tokenInCookie } from './cookie';
import type { Doorkeeper } from './doorkeeper';
import type { Limits } from './limits';
import { printPayloads, readPayloads } from './payloads';

export interface ConversionOptions {
  readonly doorkeeper: Doorkeeper;
  readonly keyring: Keyring;
  readonly namespaces: readonly string[];
  readonly limits: Limits;
  readonly secure: boolean;
  /** Where people sign in. */
  readonly url: string;
}

type Converter = (payloads: readonly Payload[], namespace: string, by: string) => Promise<readonly Payload[]>;

export function createConversion(options: ConversionOptions) {
  const { doorkeeper, keyring, namespaces, limits, secure, url } = options;
  const pace = createPace(limits.perPerson);
  const inFlight = new Map<string, number>();

  const decode: Converter = (payloads, namespace) => openForServer(keyring, namespace, payloads);
  const encode: Converter = (payloads, namespace, by) =>
    Promise.all(payloads.map((payload) => sealAsked(keyring, namespace, by, payload)));

  const handler = (convert: Converter) => async (request: IncomingMessage) => {
    const token = tokenOf(request, secure);
    if (token === undefined)
      return refusal(401, `Sign in at ${url}, or send a token from "firebreak token" as Bearer.`, {
        'www-authenticate': 'Bearer',
      });
    const person = doorkeeper(token, request);
    if (!person.ok) return refusal(person.status, person.message, person.headers);
    const { by } = person;
    const seconds = pace.secondsToWait(by);
    if (seconds !== undefined) return tooMany(seconds, 'You ask too often: wait, then ask again.');
    const begun = inFlight.get(by) ?? 0;
    if (begun >= limits.inFlight) return tooMany(1, 'You ask for too much at once: wait, then ask again.');
    inFlight.set(by, begun + 1);
    try {
      return await answerTo(by, request, convert);
    } finally {
      inFlight.set(by, (inFlight.get(by) ?? 1) - 1);
    }
  };

  async function answerTo(by: string, request: IncomingMessage, convert: Converter): Promise<Answer> {
    const {
      'content-type': type = '',
      'content-encoding': coding,
      'x-namespace': namespace,
    } = request.headers;
    if (!/^application\/json *(;|$)/i.test(type) || coding !== undefined)
      return refusal(415, 'Send the payloads as application/json, not compressed.');
    if (typeof namespace !== 'string' || !namespaces.includes(namespace))
      return refusal(
        403,
        'X-Namespace names no namespace of this server: TEMPORAL_NAMESPACE says which one it is.',
      );
    const body = await readBody(request, limits.bodyBytes);
    if (!body.ok) return refusal(body.status, BODY_PROBLEMS[body.status]);
    const read = readPayloads(body.text, limits.payloads);
    if (!read.ok) return refusal(400, `${read.problem}.`);
    let converted: readonly Payload[];
    try {
      converted = await convert(
        read.sent.map(({ payload }) => payload),
        namespace,
        by,
      );
    } catch {
      return refusal(
        503,
        "The keys can't be used just now: ask again, and look at the key service if that goes on.",
      );
    }
    return json(printPayloads(read.sent, converted), converted.length);
  }

  return { decode: handler(decode), encode: handler(encode) };
}

/** A page of a browser always names itself in Origin: a cookie that comes without is not used. */
function tokenOf({ headers }: IncomingMessage, secure: boolean): string | undefined {
  if (headers.authorization !== undefined) return /^Bearer +(\S+)$/i.exec(headers.authorization)?.[1] ?? '';
  return headers.origin === undefined ? undefined : tokenInCookie(headers.cookie, secure);
}
