/** People of tests as the command line signs for them. */
import type { Signer } from '../../client/signing/signer';
import { keyOf } from './keys';

export function signerOf(email: string): Signer {
  const { publicKey, sign } = keyOf(email);
  return { publicKey, sign: async (namespace, text) => sign(namespace, text) };
}
