/** The key service of the command line and the codec server: the one vendor that a client meets. */
import type { OpenKeyService } from '../codec/keyring';
import { createKeyService } from '../integrations/aws/key-service';

/** `endpoint` is where a stand-in listens; left out: AWS. */
export function openKeyService(endpoint?: string): OpenKeyService {
  return createKeyService(endpoint === undefined ? {} : { endpoint });
}
