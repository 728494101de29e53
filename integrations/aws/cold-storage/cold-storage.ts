/** Cold storage in the forensic account. */
import type { ImageStore, Signer, Vault } from '../../../activities/evidence';
import type { AwsSettings, ColdStorageSettings } from '../clients';
import { translate } from '../failures/translate';
import { hashBlocks, type HashingSettings } from './blocks';
import { copy } from './copy';
import { createDepot } from './depot';
import { lookAt } from './images';
import { lock, lockForGood } from './locks';
import { createSigner } from './signer';
import { createVault } from './vault';

export interface ColdStorage {
  readonly images: ImageStore;
  readonly vault: Vault;
  readonly signer: Signer;
}

/**
 * Throws the failures of `activities/failures`; their messages name the AWS action and AWS's error code, and neither an image
 * nor an account.
 */
export function createColdStorage(
  settings: AwsSettings & { readonly coldStorage: ColdStorageSettings },
  hashing: HashingSettings = {},
): ColdStorage {
  const depot = createDepot(settings);
  const vault = createVault(depot);
  const signer = createSigner(depot);
  return {
    images: {
      lookAt: (images) => translated(lookAt(depot, images)),
      copy: (image, codename, of) => translated(copy(depot, image, codename, of)),
      lock: (copies) => translated(lock(depot, copies)),
      lockForGood: (copies) => translated(lockForGood(depot, copies)),
      hashBlocks: (image, path) => translated(hashBlocks(depot, vault, image, path, hashing)),
    },
    vault: {
      holder: vault.holder,
      writeOnce: (path, content) => translated(vault.writeOnce(path, content)),
      read: (path) => translated(vault.read(path)),
    },
    signer: {
      sign: (content) => translated(signer.sign(content)),
      publicKey: () => translated(signer.publicKey()),
    },
  };
}

async function translated<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw translate(error);
  }
}
