/**
 * What the vendors were told, by their stand-ins' own records. The room is the team's, and the evidence bucket the evidence's:
 * what goes there is left out, and all else is looked at.
 */
import type { Call } from '../stand-ins/recording-proxy';
import type { Place } from './scan';

export interface Told {
  readonly codename: string;
  readonly pagerduty: { readonly calls: readonly Call[] };
  readonly slack: {
    readonly calls: readonly Call[];
    readonly roomId: string | undefined;
    /** Those that it had before. */
    readonly otherRooms?: readonly string[];
    /** What one person alone was shown, who was in the room: the same eyes. */
    readonly isForInsider?: (call: Call) => boolean;
    /** What one person alone was shown elsewhere. */
    readonly isPrivate?: (call: Call) => boolean;
    /** The company's own channels: what is said in them is looked at as what the company reads (ways-out.ts). */
    readonly company?: readonly string[];
  };
  readonly aws: { readonly calls: readonly Call[]; readonly evidenceBucket: string };
}

export function whatVendorsWereTold({ codename, pagerduty, slack, aws }: Told): Place[] {
  const {
    roomId,
    otherRooms = [],
    company = [],
    isForInsider = () => false,
    isPrivate = () => false,
  } = slack;
  const rooms = [...(roomId === undefined ? [] : [roomId]), ...otherRooms, ...company];
  const outside = slack.calls.filter((call) => !isIntoRoom(call, rooms) && !isForInsider(call));
  const alone = outside.filter(isPrivate);
  return [
    {
      name: "PagerDuty's records",
      kind: 'pagerduty',
      content: pagerduty.calls.map(saidIn).join('\n'),
      knows: codename,
    },
    {
      name: "Slack's records",
      kind: 'slack',
      content: outside
        .filter((call) => !isPrivate(call))
        .map(saidIn)
        .join('\n'),
      knows: codename,
    },
    ...(alone.length === 0
      ? []
      : [
          {
            name: 'what Slack showed one person alone, outside of the room',
            kind: 'private' as const,
            content: alone.map(saidIn).join('\n'),
          },
        ]),
    {
      name: "AWS's records",
      kind: 'aws',
      content: aws.calls.map((call) => saidIn(withoutEvidence(call, aws.evidenceBucket))).join('\n'),
      knows: codename,
    },
  ];
}

/** A message in it, or its pinned checklist; what is said about the room is not said in it. */
function isIntoRoom({ name, body }: Call, rooms: readonly string[]): boolean {
  return (
    /^(chat\.(postMessage|update)|pins\.add)$/.test(name) && rooms.includes(String(fieldsOf(body)['channel']))
  );
}

/** A file of the evidence folder is written as it is; its name is one that others can see. */
function withoutEvidence(call: Call, bucket: string): Call {
  return /^s3\.(PutObject|UploadPart)$/.test(call.name) && call.path.startsWith(`/${bucket}/`)
    ? { ...call, body: '' }
    : call;
}

/** Path, query and values. The names of calls and of fields are the vendor's own, and say the same in peace. */
export function saidIn({ path, body }: Pick<Call, 'path' | 'body'>): string {
  const [where = '', query = ''] = path.split('?', 2);
  const values = [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'Action')
    .map(([, value]) => value);
  return [where, ...values, ...leavesOf(fieldsOf(body))].join('\n');
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  if (/^\s*[[{]/.test(body)) return (parsed(body) as Record<string, unknown> | undefined) ?? { body };
  if (!/^[\w.%*-]+=/.test(body)) return { body };
  const { Action: _action, Version: _version, ...fields } = Object.fromEntries(new URLSearchParams(body));
  return fields;
}

/** A value may be JSON in itself, such as a policy, whose names are the vendor's too. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') {
    const inner = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    return inner === undefined ? [value] : leavesOf(inner);
  }
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(leavesOf);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
