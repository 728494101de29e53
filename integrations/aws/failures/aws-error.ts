/** One AWS call that went wrong, reduced to what may be told. */

/** What the SDK hangs on the errors that it throws. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
}

/** Codes of our own, for what has no AWS error code. */
export const UNREADABLE_ANSWER = 'UnreadableAnswer';
export const NO_CREDENTIALS = 'NoCredentials';
const CONNECTION_FAILED = 'ConnectionFailed';

/**
 * Keeps neither AWS's message nor the original error: both quote instance ids and account numbers, and Temporal stores
 * whatever hangs on an error.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    /** As IAM writes it, e.g. `ec2:StopInstances`. */
    readonly action: string,
    /** AWS's error code, the operating system's where AWS wasn't reached, or one of our own. */
    readonly code: string,
    /** Undefined where no answer came. */
    readonly status: number | undefined,
    /** What the answer asked for, in milliseconds. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(`AWS ${action}: ${code}`);
  }
}

/** Whether `error` is an answer with one of these AWS error codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof AwsError && codes.includes(error.code);
}

/** An error of the SDK as an `AwsError`; anything else, a mistake of our own for one, stays what it is. */
export function toAwsError(action: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, $metadata, $response } = error as SdkError;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return new AwsError(action, NO_CREDENTIALS, undefined, undefined);
  // The SDK adds this to whatever went wrong once the call had been built.
  if (!$metadata) return error;
  const seconds = Number($response?.headers?.['retry-after']);
  return new AwsError(
    action,
    codeOf(error),
    $metadata.httpStatusCode,
    seconds > 0 ? seconds * 1000 : undefined,
  );
}

function codeOf({ name, code, $fault, $metadata }: SdkError): string {
  if ($metadata?.httpStatusCode === undefined)
    return plain(code) ?? (name === 'TimeoutError' ? name : CONNECTION_FAILED);
  // A parse error has no fault, and HTML that happens to be well-formed XML has no code.
  if ($fault === undefined || name === 'Unknown') return UNREADABLE_ANSWER;
  return plain(name) ?? UNREADABLE_ANSWER;
}

/** The text, if it is a bare word: an answer that did not come from AWS must not write into our messages. */
function plain(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w.]{1,64}$/.test(text) ? text : undefined;
}
