/**
 * Keys that never leave AWS KMS: they wrap and unwrap the data keys that payloads are sealed with. What it offers is the port
 * of `codec/keyring.ts`.
 */
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { hasCode, toAwsError } from './failures/aws-error';
import { translate } from './failures/translate';

export interface KeyServiceSettings {
  /** Where a stand-in listens. Left out: AWS. */
  readonly endpoint?: string;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface KeyInKms {
  wrap(dataKey: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /** Nothing where the wrapped key is not one of this key and context; throws where KMS can't be asked just now. */
  unwrap(wrapped: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array | undefined>;
}

const DEFAULT_TIMEOUT_MS = 2_000;
/** Nobody else tries again: a payload that waits is a message that waits. Both calls change nothing. */
const TRIES = 3;

const NOT_THIS_KEY = ['InvalidCiphertextException', 'IncorrectKeyException'];
const NO_SUCH_KEY = ['NotFoundException', 'InvalidArnException', 'InvalidKeyUsageException'];

/** Returns a function that opens the key with an ARN, in the region that it names. Nothing is asked before it is used. */
export function createKeyService(settings: KeyServiceSettings = {}): (arn: string) => KeyInKms {
  return (arn) => {
    const client = connect(settings, regionOf(arn));
    return {
      async wrap(Plaintext, EncryptionContext) {
        const command = new EncryptCommand({ KeyId: arn, Plaintext, EncryptionContext });
        const { CiphertextBlob } = await called('kms:Encrypt', client.send(command));
        return there('kms:Encrypt', CiphertextBlob);
      },
      async unwrap(CiphertextBlob, EncryptionContext) {
        const command = new DecryptCommand({ KeyId: arn, CiphertextBlob, EncryptionContext });
        const answer = await called('kms:Decrypt', client.send(command), NOT_THIS_KEY);
        return answer && there('kms:Decrypt', answer.Plaintext);
      },
    };
  };
}

function connect({ endpoint, timeoutMs = DEFAULT_TIMEOUT_MS }: KeyServiceSettings, region: string) {
  return new KMSClient({
    region,
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

/** `arn:aws:kms:REGION:…` */
function regionOf(arn: string): string {
  const region = arn.split(':')[3];
  if (!region) throw new Error('The ARN of a KMS key names no region. Correct the keyring.');
  return region;
}

function called<Result>(action: string, call: Promise<Result>): Promise<Result>;
function called<Result>(
  action: string,
  call: Promise<Result>,
  expected: readonly string[],
): Promise<Result | undefined>;
async function called<Result>(
  action: string,
  call: Promise<Result>,
  expected: readonly string[] = [],
): Promise<Result | undefined> {
  try {
    return await call;
  } catch (thrown) {
    const error = toAwsError(action, thrown);
    if (hasCode(error, ...expected)) return undefined;
    throw failureOf(action, error);
  }
}

/** A plain error, which Temporal always tries again: the incident waits for the key. */
function failureOf(action: string, error: unknown): Error {
  if (hasCode(error, ...NO_SUCH_KEY))
    return new Error(
      `AWS ${action} finds no such key. Correct the ARN on the keyring, or bring the key back.`,
    );
  const told = translate(error);
  return new Error(told instanceof Error ? told.message : `AWS ${action} failed. Firebreak tries again.`);
}

function there(action: string, bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new Error(`AWS ${action} answered without a key. Firebreak tries again.`);
  return bytes;
}
