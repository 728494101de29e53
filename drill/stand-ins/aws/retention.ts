/** What moto has wrong of Object Lock: it lets anybody weaken a retention, then delete what it kept, and tells nobody of one. */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { xmlAnswer } from './query';

interface Retention {
  readonly mode: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Refuses the retention that is shorter or of a weaker mode than the one in force: always in compliance mode, and in
 * governance mode unless the caller says that it is bypassed. Only buckets in the path are known, not those in a host name.
 */
export function keepRetention(motoUrl: string, now: () => number): Rewrite {
  /** Whether it is in force or over. */
  async function retentionOf(request: IncomingMessage, path: string): Promise<Retention | undefined> {
    const url = new URL(path, motoUrl);
    url.searchParams.delete('retention');
    const { headers } = await fetch(url, {
      method: 'HEAD',
      headers: { authorization: request.headers.authorization ?? '' },
    });
    const until = Date.parse(headers.get('x-amz-object-lock-retain-until-date') ?? '');
    const mode = headers.get('x-amz-object-lock-mode');
    return mode === null ? undefined : { mode, until };
  }

  return async (call, passOn, request) => {
    if (!/^s3\.(Get|Put)ObjectRetention$/.test(call.name)) return passOn();
    const before = await retentionOf(request, call.path);
    if (call.name === 's3.GetObjectRetention') {
      // moto answers with the object, or says what is wrong with it.
      const answer = await passOn();
      return answer.status === 200 ? told(before) : answer;
    }
    const isBypassed =
      before?.mode === 'GOVERNANCE' && request.headers['x-amz-bypass-governance-retention'] === 'true';
    if (before && before.until > now() && !isBypassed && isWeaker(wantedOf(call.body), before))
      return s3Error(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
    return passOn();
  };
}

function told(retention: Retention | undefined): Answer {
  if (!retention)
    return s3Error(
      404,
      'NoSuchObjectLockConfiguration',
      'The specified object does not have a ObjectLock configuration',
    );
  const until = new Date(retention.until).toISOString();
  return xmlAnswer(
    200,
    `<Retention><Mode>${retention.mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`,
  );
}

function s3Error(status: number, code: string, message: string): Answer {
  return xmlAnswer(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function wantedOf(body: string): Retention {
  const part = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(body)?.[1] ?? '';
  return { mode: part('Mode'), until: Date.parse(part('RetainUntilDate')) || 0 };
}

function isWeaker(wanted: Retention, before: Retention): boolean {
  // S3 keeps whole seconds.
  const isShorter = Math.floor(wanted.until / 1_000) < Math.floor(before.until / 1_000);
  return isShorter || (before.mode === 'COMPLIANCE' && wanted.mode !== 'COMPLIANCE');
}
