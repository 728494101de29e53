/** A key that signs the ledger, from a file: for where there is no key service. Whoever can read the file can sign. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Signer } from '../../activities/evidence';
import { conflict, notFound } from '../../activities/failures';
import { hasCode } from '../files';
import { translate } from './failures';

const MAKE_ONE = 'Make one: openssl genpkey -algorithm ed25519 -out FILE';

/** `file` holds an Ed25519 private key in PEM (PKCS#8), without a passphrase. It is read anew each time. */
export function createDiskSigner(file: string): Signer {
  return {
    sign: async (content) => ({
      signature: sign(null, content, await readKey(file)),
      // Ed25519 hashes by itself.
      algorithm: 'ED25519_SHA_512',
    }),
    publicKey: async () =>
      createPublicKey(await readKey(file))
        .export({ type: 'spki', format: 'pem' })
        .toString(),
  };
}

async function readKey(file: string): Promise<KeyObject> {
  let text: Buffer;
  try {
    text = await readFile(file);
  } catch (error) {
    throw hasCode(error, 'ENOENT')
      ? notFound(`The file of the signing key is not there. ${MAKE_ONE}`)
      : translate(error, 'The file of the signing key');
  }
  const key = parseKey(text);
  if (key?.asymmetricKeyType !== 'ed25519')
    throw conflict(
      `The file of the signing key holds no Ed25519 private key in PEM (PKCS#8) without a passphrase. ${MAKE_ONE}`,
    );
  return key;
}

/** What node:crypto says of it may quote the file. */
function parseKey(text: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: text, format: 'pem' });
  } catch {
    return undefined;
  }
}
