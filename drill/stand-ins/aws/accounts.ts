/** moto keeps accounts apart by the access key: whose a request is, and questions in the name of another account. */
import type { IncomingMessage } from 'node:http';
import { textOf } from './query';

export interface Owner {
  readonly account: string;
  readonly region: string;
}

export interface Accounts {
  /** The account that a request is made in. */
  of(request: IncomingMessage): Promise<string>;
  /** Asks moto's EC2 by the back door, whoever is asking us. */
  askEc2(owner: Owner, form: Readonly<Record<string, string>>): Promise<string>;
  /** Asks moto's KMS. */
  askKms(owner: Owner, operation: string, input: object): Promise<string>;
}

export function createAccounts(url: string): Accounts {
  /** By access key: an assumed role's key never changes its account. */
  const known = new Map<string, Promise<string>>();

  async function post(service: string, { account, region }: Owner, body: string, headers: object) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=stand-in/20260101/${region}/${service}/aws4_request`,
        'x-moto-account-id': account,
        ...headers,
      },
      body,
    });
    return answer.text();
  }

  async function callerOf(accessKey: string): Promise<string> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/us-east-1/sts/aws4_request`,
      },
      body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }),
    });
    return textOf(await answer.text(), 'Account') ?? '';
  }

  return {
    of(request) {
      const accessKey = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const account = known.get(accessKey) ?? callerOf(accessKey);
      known.set(accessKey, account);
      return account;
    },
    askEc2: (owner, form) =>
      post('ec2', owner, new URLSearchParams({ ...form, Version: '2016-11-15' }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      }),
    askKms: (owner, operation, input) =>
      post('kms', owner, JSON.stringify(input), {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${operation}`,
      }),
  };
}
