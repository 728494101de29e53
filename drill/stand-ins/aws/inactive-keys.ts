/** Access keys that are inactive or deleted: moto takes every key. */
import type { Rewrite } from '../recording-proxy';
import { accessKeyOf, refuseKey } from './refusals';

/** Refuses whatever such a key signs, from the answer on that made it so. AWS takes some seconds more. */
export function refuseInactiveKeys(): Rewrite {
  const refused = new Set<string>();
  return async (call, passOn, request) => {
    if (refused.has(accessKeyOf(request) ?? '')) return refuseKey(request);
    const answer = await passOn();
    if (answer.status !== 200 || !/^iam\.(Update|Delete)AccessKey$/.test(call.name)) return answer;
    const form = new URLSearchParams(call.body);
    const key = form.get('AccessKeyId') ?? '';
    // Deletion has no status.
    if (form.get('Status') === 'Active') refused.delete(key);
    else refused.add(key);
    return answer;
  };
}
