/**
 * Whoever seals and opens payloads by a key of KMS: the worker, a command line, the codec server. The key is optional and may be in
 * any account, so this is a policy of its own beside those of the roles. It refuses nothing: a person may have it too.
 */
import type { Role } from './statements';

export const PAYLOAD_KEY: Role = {
  grants: [
    {
      sid: 'KmsPayloadKey',
      why: 'Wraps and unwraps data keys by that one key, bound to this purpose and to the key’s id on the ring.',
      actions: ['kms:Decrypt', 'kms:Encrypt'],
      resources: ['${PayloadKeyArn}'],
      // What `codec/data-keys.ts` binds a data key to: these two fields, and no third.
      condition: {
        StringEquals: { 'kms:EncryptionContext:purpose': 'payloads' },
        StringLike: { 'kms:EncryptionContext:key': '*' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'key'] },
      },
    },
  ],
  denials: [],
};
