/** IAM's answer for what is not there. */
import { hasCode } from '../failures/aws-error';

/** The answer; undefined where IAM says that there is no such thing. */
export async function unlessMissing<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    // By its code on the wire, and by the SDK's name for it.
    if (hasCode(error, 'NoSuchEntity', 'NoSuchEntityException')) return undefined;
    throw error;
  }
}
