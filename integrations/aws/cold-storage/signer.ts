/** The key that signs manifests, in KMS. It signs a digest: what is signed never leaves the worker. */
import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, SignCommand, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import type { Signer } from '../../../activities/evidence';
import { conflict, unavailable } from '../../../activities/failures';
import { hasCode } from '../failures/aws-error';
import type { Depot } from './depot';

export function createSigner(depot: Depot): Signer {
  const KeyId = depot.settings.signingKey;

  async function lookAtKey() {
    const { PublicKey, KeySpec = '' } = await ofKey(depot.here.kms.send(new GetPublicKeyCommand({ KeyId })));
    return { der: Buffer.from(PublicKey ?? []), algorithm: algorithmOf(KeySpec) };
  }

  return {
    async sign(content) {
      const { algorithm } = await lookAtKey();
      const { Signature } = await ofKey(
        depot.here.kms.send(
          new SignCommand({
            KeyId,
            Message: createHash('sha256').update(content).digest(),
            MessageType: 'DIGEST',
            SigningAlgorithm: algorithm,
          }),
        ),
      );
      if (!Signature) throw unavailable('AWS kms:Sign answered without a signature. Firebreak tries again.');
      return { signature: Signature, algorithm };
    },
    async publicKey() {
      const { der } = await lookAtKey();
      const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
      return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
    },
  };
}

/** `Conflict` for a key that can't sign a SHA-256 in a way that OpenSSL checks. */
function algorithmOf(spec: string): SigningAlgorithmSpec {
  if (spec === 'ECC_NIST_P256') return 'ECDSA_SHA_256';
  if (/^RSA_\d+$/.test(spec)) return 'RSASSA_PSS_SHA_256';
  throw conflict(
    'The signing key is of a kind that Firebreak does not use. Configure one of ECC_NIST_P256 or RSA that signs and verifies.',
  );
}

async function ofKey<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, 'NotFoundException', 'InvalidKeyUsageException', 'UnsupportedOperationException'))
      throw conflict(
        'There is no such signing key in KMS, or it does not sign. Configure one of ECC_NIST_P256 or RSA that signs and ' +
          'verifies, in the account and region of cold storage.',
      );
    throw error;
  }
}
