/** Cold storage in the forensic account. */
import type { ImageStore, Signer, Vault } from '../../../activities/evidence';
import type { AwsSettings, ColdStorageSettings } from '../clients';

export interface ColdStorage {
  readonly images: ImageStore;
  readonly vault: Vault;
  readonly signer: Signer;
}

export function createColdStorage(
  settings: AwsSettings & { readonly coldStorage: ColdStorageSettings },
): ColdStorage {
  throw new Error(`not built yet ${settings.region}`);
}
