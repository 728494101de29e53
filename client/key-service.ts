/** The key service of the command line and the codec server: the one vendor that a client meets. */
import type { OpenKeyService } from '../codec/keyring';
import type * as KeyService from '../integrations/aws/key-service';

/** `endpoint` is where a stand-in listens; left out: AWS. */
export function openKeyService(endpoint?: string): OpenKeyService {
  return (arn) => {
    // Loaded for a ring that names a key of KMS, and for no other: the SDK takes as long as the rest of the command line.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { createKeyService } = require('../integrations/aws/key-service') as typeof KeyService;
    return createKeyService(endpoint === undefined ? {} : { endpoint })(arn);
  };
}
