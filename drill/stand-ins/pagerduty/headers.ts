/** What PagerDuty asks of every request's headers. */
import type { IncomingMessage } from 'node:http';
import type { Account } from './account';
import { authenticationFailed, invalidInput } from './errors';
import type { User } from './shapes';

/** The user in whose name a write is made; undefined for reads. Throws where PagerDuty would refuse. */
export function checkHeaders(request: IncomingMessage, account: Account, token: string): User | undefined {
  const { authorization, accept } = request.headers;
  if (authorization !== `Token token=${token}`) throw authenticationFailed();
  if (accept !== 'application/vnd.pagerduty+json;version=2')
    throw invalidInput('The Accept header must ask for version 2');
  if (request.method === 'GET') return undefined;

  // The description allows this one value; a charset behind it is another.
  if (request.headers['content-type'] !== 'application/json')
    throw invalidInput('The Content-Type header must be application/json');
  const { from } = request.headers;
  if (from === undefined) throw invalidInput('The From header is missing');
  const user = account.userOf(from);
  if (!user) throw invalidInput('The From header is not the e-mail address of a user');
  return user;
}
