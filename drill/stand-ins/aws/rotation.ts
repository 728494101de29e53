/**
 * Rotation of secrets. moto takes it without a function, and the current value is lost; with one, it runs the function's
 * code in a container. Here whatever function a secret has makes a new random value, and works.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { jsonError } from './refusals';

interface Secret {
  readonly ARN: string;
  readonly Name: string;
  readonly DeletedDate?: number | null;
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>>;
}

interface Rotation {
  /** The new version's id. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  /** Sends the value; the version before becomes AWSPREVIOUS. */
  readonly finish: () => Promise<unknown>;
}

/** @param durationMs as long as it takes, the new version is AWSPENDING and has no value to read; 0 ends it at once */
export function rotateByFunction(motoUrl: string, durationMs: number, now: () => number): Rewrite {
  /** By the secret's ARN, as the rotations are. */
  const functions = new Map<string, string>();
  const underWay = new Map<string, Rotation>();
  let settled: Promise<unknown> = Promise.resolve();

  /** Asks moto by the back door, for the account and the region of the request. */
  async function ask(request: IncomingMessage, action: string, input: object): Promise<globalThis.Response> {
    return fetch(motoUrl, {
      method: 'POST',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${action}`,
      },
      body: JSON.stringify(input),
    });
  }

  /** Ends what is due. One after the other: whoever looks next finds it ended. */
  function settle(): Promise<unknown> {
    settled = settled.then(async () => {
      for (const [arn, { endsAt, finish }] of underWay)
        if (endsAt <= now()) {
          await finish();
          underWay.delete(arn);
        }
    });
    return settled;
  }

  function rotate(secret: Secret, input: Record<string, unknown>, request: IncomingMessage): Answer {
    const { ARN, Name, DeletedDate, VersionIdsToStages = {} } = secret;
    const rotatesBy = (input['RotationLambdaARN'] as string | undefined) ?? functions.get(ARN);
    if (rotatesBy === undefined)
      return jsonError(
        'InvalidRequestException',
        'No Lambda rotation function ARN is associated with this secret.',
      );
    if (DeletedDate) return jsonError('InvalidRequestException', 'The secret is scheduled for deletion.');
    functions.set(ARN, rotatesBy);
    if (input['RotateImmediately'] === false) return jsonAnswer({ ARN, Name });
    const token = (input['ClientRequestToken'] as string | undefined) ?? randomUUID();
    const running = underWay.get(ARN);
    if (!(token in VersionIdsToStages) && running?.token !== token) {
      if (running)
        return jsonError(
          'InvalidRequestException',
          'A previous rotation isn’t complete. That rotation will be reattempted.',
        );
      const value = { SecretId: Name, ClientRequestToken: token, SecretString: randomUUID() };
      underWay.set(ARN, {
        token,
        endsAt: now() + durationMs,
        finish: () => ask(request, 'PutSecretValue', value),
      });
    }
    return jsonAnswer({ ARN, Name, VersionId: token });
  }

  function describe(secret: Secret): Answer {
    const { ARN, VersionIdsToStages = {} } = secret;
    const running = underWay.get(ARN);
    const rotatesBy = functions.get(ARN);
    return jsonAnswer({
      ...secret,
      ...(rotatesBy !== undefined && { RotationEnabled: true, RotationLambdaARN: rotatesBy }),
      ...(running && { VersionIdsToStages: { ...VersionIdsToStages, [running.token]: ['AWSPENDING'] } }),
    });
  }

  return async (call, passOn, request) => {
    if (!call.name.startsWith('secretsmanager.')) return passOn();
    await settle();
    if (call.name === 'secretsmanager.DescribeSecret') {
      const answer = await passOn();
      return answer.status === 200 ? describe(JSON.parse(answer.body.toString('utf8')) as Secret) : answer;
    }
    if (call.name !== 'secretsmanager.RotateSecret') return passOn();
    const input = JSON.parse(call.body) as Record<string, unknown>;
    const described = await ask(request, 'DescribeSecret', { SecretId: input['SecretId'] });
    // moto says best what is wrong with the id.
    if (!described.ok) return passOn();
    const answer = rotate((await described.json()) as Secret, input, request);
    call.effectStatus = answer.status;
    await settle();
    return answer;
  };
}

function jsonAnswer(body: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
