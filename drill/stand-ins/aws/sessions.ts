/**
 * Sessions of roles and users, and the inline policies that deny those which were issued before a moment. moto checks no
 * policy, and where it is told to, it denies the sessions that were issued later as well.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Call, Rewrite } from '../recording-proxy';
import { textOf } from './query';
import { accessKeyOf, refuseAction } from './refusals';

/** moto's, for every key that it doesn't know. */
const OWN_ACCOUNT = '123456789012';

interface Session {
  readonly principal: string;
  /** Milliseconds since the epoch. AWS may know it to the second only. */
  readonly issuedAt: number;
}

/** Knows the sessions, keys and policies that were made through the proxy. Attached policies are not looked at. */
export function denyOldSessions(now: () => number): Rewrite {
  /** By the id of the session's key. */
  const sessions = new Map<string, Session>();
  /** Users' access keys, and whose they are. */
  const owners = new Map<string, string>();
  /** By principal and policy: sessions issued before this, in milliseconds since the epoch, are denied. */
  const denials = new Map<string, Map<string, number>>();

  const signer = (request: IncomingMessage) => {
    const key = accessKeyOf(request) ?? '';
    return sessions.get(key)?.principal ?? owners.get(key);
  };
  const principalOf = (request: IncomingMessage, kind: 'role' | 'user', name: string | null) =>
    `${signer(request)?.slice(0, OWN_ACCOUNT.length) ?? OWN_ACCOUNT} ${kind} ${name}`;

  function isDenied(request: IncomingMessage): boolean {
    const session = sessions.get(accessKeyOf(request) ?? '');
    if (!session) return false;
    return [...(denials.get(session.principal)?.values() ?? [])].some((time) => session.issuedAt < time);
  }

  function learn(call: Call, request: IncomingMessage, answer: Answer): Answer {
    const form = new URLSearchParams(call.body);
    const xml = answer.body.toString('utf8');
    const key = textOf(xml, 'AccessKeyId') ?? '';
    if (call.name === 'iam.CreateAccessKey')
      owners.set(key, principalOf(request, 'user', textOf(xml, 'UserName') ?? null));
    if (call.name === 'sts.AssumeRole') {
      const [, account, name] =
        /^arn:[^:]+:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(form.get('RoleArn') ?? '') ?? [];
      sessions.set(key, { principal: `${account} role ${name}`, issuedAt: now() });
    }
    if (/^sts\.Get(Session|Federation)Token$/.test(call.name)) {
      const principal = signer(request);
      if (principal === undefined) return answer;
      // moto gives everybody the same one.
      const own = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      sessions.set(own, { principal, issuedAt: now() });
      return { ...answer, body: Buffer.from(xml.replace(`>${key}<`, `>${own}<`)) };
    }
    const [, does, kind] = /^iam\.(Put|Delete)(Role|User)Policy$/.exec(call.name) ?? [];
    if (kind === 'Role' || kind === 'User') {
      const principal = principalOf(request, kind === 'Role' ? 'role' : 'user', form.get(`${kind}Name`));
      const times = denials.get(principal) ?? new Map<string, number>();
      times.delete(form.get('PolicyName') ?? '');
      const before = does === 'Put' ? deniedBefore(form.get('PolicyDocument') ?? '') : undefined;
      if (before !== undefined) times.set(form.get('PolicyName') ?? '', before);
      denials.set(principal, times);
    }
    return answer;
  }

  return async (call, passOn, request) => {
    // Nothing can forbid to ask who one is.
    if (call.name !== 'sts.GetCallerIdentity' && isDenied(request)) return refuseAction(request);
    const answer = await passOn();
    return answer.status === 200 && /^(iam|sts)\./.test(call.name) ? learn(call, request, answer) : answer;
  };
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The time before which the policy denies sessions everything; undefined where it doesn't. moto has checked that it is JSON. */
function deniedBefore(document: string): number | undefined {
  const { Statement } = JSON.parse(document) as { Statement?: Statement | Statement[] };
  const times = [Statement ?? []]
    .flat()
    .filter(({ Effect, Action, Resource }) => Effect === 'Deny' && isAll(Action) && isAll(Resource))
    .flatMap(({ Condition = {} }) => {
      const { DateLessThan, ...others } = Condition;
      const time = DateLessThan?.['aws:TokenIssueTime'];
      return time === undefined || Object.keys(others).length > 0 ? [] : [Date.parse(time)];
    });
  return times.length === 0 ? undefined : Math.max(...times);
}

function isAll(names: string | string[] | undefined): boolean {
  return [names].flat().includes('*');
}
