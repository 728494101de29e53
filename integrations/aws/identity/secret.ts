/** Secrets. Their values are never read. */
import { createHash } from 'node:crypto';
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  type DescribeSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { conflict } from '../../../activities/failures';
import type { IdentityCapture } from '../../../activities/identities';
import type { Clients } from '../clients';

export function lookAtSecret({ secrets }: Clients, SecretId: string): Promise<DescribeSecretResponse> {
  return secrets.send(new DescribeSecretCommand({ SecretId }));
}

/** The version that its users get; undefined where the secret has no value. */
export function currentVersionOf(secret: DescribeSecretResponse): string | undefined {
  return versionsOf(secret).find(({ stages }) => stages.includes('AWSCURRENT'))?.id;
}

/** The version of a rotation that is under way, or that has failed: AWS tells no difference. */
export function pendingVersionOf(secret: DescribeSecretResponse): string | undefined {
  return versionsOf(secret).find(
    ({ stages }) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'),
  )?.id;
}

/** Starts the rotation and doesn't wait for it. The new version's id is made of `key`: a retry finds it. */
export async function rotateSecret(
  clients: Clients,
  { kind, arn }: IdentityCapture,
  key: string,
): Promise<void> {
  if (kind !== 'secret') return;
  const secret = await lookAtSecret(clients, arn);
  const token = rotationToken(key, arn);
  if (versionsOf(secret).some(({ id }) => id === token)) return;
  // Some services rotate their secrets without a function that one could see.
  if (secret.RotationLambdaARN === undefined && !secret.RotationEnabled)
    throw conflict(
      'The secret has no rotation function: rotate it where it is used, then complete the task. A value that its users ' +
        'don’t know would be an outage.',
    );
  // AWS would refuse it, and the one that began earlier may set a value that the attacker has seen.
  if (pendingVersionOf(secret) !== undefined)
    throw conflict(
      'Another rotation of the secret is under way or has failed: look at its rotation function, then retry.',
    );
  await clients.secrets.send(
    new RotateSecretCommand({ SecretId: arn, ClientRequestToken: token, RotateImmediately: true }),
  );
}

/** In the shape of a UUID, as AWS recommends. */
function rotationToken(key: string, arn: string): string {
  const digits = createHash('sha256')
    .update(JSON.stringify([key, arn]))
    .digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function versionsOf({ VersionIdsToStages = {} }: DescribeSecretResponse) {
  return Object.entries(VersionIdsToStages).map(([id, stages]) => ({ id, stages }));
}
