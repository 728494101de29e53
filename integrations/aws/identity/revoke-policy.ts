/** The inline policy that makes sessions worthless which were issued before a moment. Pure: it calls nothing. */
import { isDeepStrictEqual } from 'node:util';

/** Anybody who may list the policies reads the name, so it says nothing but the codename. */
export function revokePolicyName(codename: string): string {
  return `firebreak-${codename}`;
}

/**
 * The same text for the same time (RFC 3339), so that a retry writes what is there. Requests without a session, which are
 * signed with an access key, have no time of issue: this does not deny them.
 */
export function revokePolicyDocument(issuedBefore: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': issuedBefore } },
      },
    ],
  });
}

/**
 * The time before which sessions are denied, of a document as IAM hands it out, percent-encoded or not. Undefined where it
 * isn't exactly the policy above: one that somebody has changed denies who knows what.
 */
export function issuedBeforeOf(document: string): string | undefined {
  try {
    const policy = JSON.parse(decodeDocument(document)) as {
      Statement?: { Condition?: { DateLessThan?: Record<string, unknown> } }[];
    };
    const issuedBefore = policy.Statement?.[0]?.Condition?.DateLessThan?.['aws:TokenIssueTime'];
    if (typeof issuedBefore !== 'string' || Number.isNaN(Date.parse(issuedBefore))) return undefined;
    return isDeepStrictEqual(policy, JSON.parse(revokePolicyDocument(issuedBefore)))
      ? issuedBefore
      : undefined;
  } catch {
    return undefined;
  }
}

/** IAM percent-encodes every policy document that it hands out. */
export function decodeDocument(document: string): string {
  return document.startsWith('%7B') ? decodeURIComponent(document) : document;
}
