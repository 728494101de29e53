/**
 * One HTTP request for one call.
 *
 * pdjs sends a call again, up to three times, when it is answered 429, has no option to stop, and keeps the headers of
 * all answers but the last. Temporal owns our retries and needs those headers. pdjs passes its options on to
 * node-fetch, and node-fetch takes an `agent`: this one lets a single request through, remembers its answer, and
 * refuses the next, so that pdjs gives control back at once.
 */
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface SingleRequest {
  /** Goes to node-fetch, through pdjs. */
  readonly agent: HttpAgent;
  /** What the one request was answered; undefined while there is no answer. */
  answer(): { readonly status: number; readonly headers: IncomingHttpHeaders } | undefined;
  /** Lets go of the connection, also where nobody has read the answer's body. */
  close(): void;
}

/** What every Node agent has and its types leave out: called by `http.request`, once for each request. */
interface RequestTaker {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

export function allowSingleRequest(protocol: string): SingleRequest {
  const agent = protocol === 'http:' ? new HttpAgent() : new HttpsAgent();
  const taker = agent as unknown as RequestTaker;
  const passOn = taker.addRequest.bind(agent);
  let sent = false;
  let answer: IncomingMessage | undefined;
  taker.addRequest = (request, ...rest) => {
    if (sent) throw new Error('Only one request is allowed for this call.');
    sent = true;
    request.once('response', (message: IncomingMessage) => {
      answer = message;
    });
    passOn(request, ...rest);
  };
  return {
    agent,
    answer: () => answer && { status: answer.statusCode ?? 0, headers: answer.headers },
    close: () => agent.destroy(),
  };
}
