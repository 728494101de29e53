/** How AWS refuses a request by who signed it, in each protocol. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../recording-proxy';
import { ec2Error, xmlAnswer } from './query';

/** The id of the access key, or of the session's key, that signed the request; undefined where it is not signed. */
export function accessKeyOf(request: IncomingMessage): string | undefined {
  return credentialOf(request)[0];
}

/** The key and the service that the signature is for. Presigned URLs have both in their query. */
function credentialOf(request: IncomingMessage): [key?: string, service?: string] {
  const presigned = new URLSearchParams(request.url?.split('?')[1]).get('X-Amz-Credential');
  const signed = request.headers.authorization ?? `Credential=${presigned}`;
  const [, key, service] = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(signed) ?? [];
  return key === undefined || service === undefined ? [] : [key, service];
}

/** A key that AWS doesn't know, or no longer takes. */
export function refuseKey(request: IncomingMessage): Answer {
  return refusal(request, 'The security token included in the request is invalid.', {
    ec2: [401, 'AuthFailure'],
    query: [403, 'InvalidClientTokenId'],
    s3: [403, 'InvalidAccessKeyId'],
    json: [400, 'UnrecognizedClientException'],
    rest: [403, 'UnrecognizedClientException'],
  });
}

/** A key that is taken, and an action that a policy denies. */
export function refuseAction(request: IncomingMessage): Answer {
  return refusal(
    request,
    'You are not authorized to perform this action with an explicit deny in a policy.',
    {
      ec2: [403, 'UnauthorizedOperation'],
      query: [403, 'AccessDenied'],
      s3: [403, 'AccessDenied'],
      json: [400, 'AccessDeniedException'],
      rest: [403, 'AccessDeniedException'],
    },
  );
}

/** Too much was asked. */
export function refuseAsTooMuch(request: IncomingMessage): Answer {
  return refusal(request, 'Rate exceeded', {
    ec2: [503, 'RequestLimitExceeded'],
    query: [400, 'Throttling'],
    s3: [503, 'SlowDown'],
    json: [400, 'ThrottlingException'],
    rest: [429, 'ThrottlingException'],
  });
}

type Protocol = 'ec2' | 'query' | 's3' | 'json' | 'rest';

function refusal(
  request: IncomingMessage,
  message: string,
  answers: Readonly<Record<Protocol, readonly [status: number, code: string]>>,
): Answer {
  const protocol = protocolOf(request);
  const [status, code] = answers[protocol];
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  switch (protocol) {
    case 'ec2':
      return ec2Error(code, message, status);
    case 'query':
      return xmlAnswer(
        status,
        `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>stand-in</RequestId></ErrorResponse>`,
      );
    case 's3':
      return xmlAnswer(status, `<Error>${error}</Error>`);
    case 'json':
    case 'rest':
      return jsonError(code, message, status);
  }
}

function protocolOf(request: IncomingMessage): Protocol {
  const [, service] = credentialOf(request);
  if (service === 'ec2' || service === 's3') return service;
  if (request.headers['x-amz-target'] !== undefined) return 'json';
  return request.headers['content-type']?.includes('urlencoded') ? 'query' : 'rest';
}

/** An error of the services that speak JSON. */
export function jsonError(code: string, message: string, status = 400): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
    body: Buffer.from(JSON.stringify({ __type: code, message })),
  };
}
