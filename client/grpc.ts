/** What gRPC answered, of errors that the SDK has wrapped. */
import { isGrpcServiceError } from '@temporalio/client';

/** The outermost one, or nothing. */
export function grpcErrorIn(error: unknown) {
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    if (isGrpcServiceError(one)) return one;
  return undefined;
}
