/**
 * Reads an AWS GuardDuty finding, as EventBridge delivers it or as `aws guardduty get-findings` prints it, and says what an
 * incident is to be declared with. What the file says is data from outside: it is bounded, stripped of control characters,
 * and never followed. This file is long because the shape of a finding is: half of it is that shape.
 *
 * What goes into the scope, and what does not:
 * - the instance that GuardDuty names, also below a container or a cluster;
 * - the key, the principal and the user of `accessKeyDetails`. A role that an instance profile lends is left out, since
 *   every other instance with that profile uses it too: the instance's own session is in, by its principal id, and a note
 *   names the role;
 * - the addresses of the other side, never the instance's own;
 * - the service that the resource's tag `service` names.
 */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import type { DetectionFinding } from '../domain/incident';
import { EMPTY_SCOPE, problemOfScopeId, type Scope } from '../domain/scope';

export type ReadFinding =
  | {
      readonly ok: true;
      readonly finding: DetectionFinding;
      readonly scope: Scope;
      /** What whoever declares should know, a line each. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A finding has a few kilobytes, and EventBridge carries at most 256. */
export const MOST_FINDING_BYTES = 1_048_576;
const MOST_TITLE_CHARACTERS = 500;
/** A port probe names a handful. So many that nobody can look through them would also fill the incident's history. */
const MOST_ADDRESSES = 200;

const TYPES_WITH_SCOPE = [
  'Instance',
  'Container',
  'ECSCluster',
  'EKSCluster',
  'AccessKey',
  'S3Bucket',
  'RDSDBInstance',
];

export function readFinding(text: string): ReadFinding {
  const unwrapped = unwrap(text);
  if ('problem' in unwrapped) return { ok: false, problems: [unwrapped.problem] };
  const read = FINDING.safeParse(unwrapped.finding);
  if (!read.success) return { ok: false, problems: read.error.issues.map(describe) };
  const { id, type, title, severity } = read.data;
  return {
    ok: true,
    finding: { id, type, title: cut(title || type, MOST_TITLE_CHARACTERS), severity },
    ...scopeOf(read.data),
  };
}

// The file: which of the forms it has, and where the finding is in it.

type Fields = Readonly<Record<string, unknown>>;
type Unwrapped = { readonly finding: Fields } | { readonly problem: string };

const SAVE_ONE =
  'save one finding, as EventBridge delivers it or as `aws guardduty get-findings` prints it, and give that file';

function unwrap(text: string): Unwrapped {
  if (Buffer.byteLength(text) > MOST_FINDING_BYTES)
    return { problem: `the file is larger than 1 MiB, which no finding is: ${SAVE_ONE}` };
  if (text.trim() === '') return { problem: `the file is empty: ${SAVE_ONE}` };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { problem: `the file is not JSON: ${SAVE_ONE}` };
  }
  if (Array.isArray(parsed)) return { problem: `the file holds a list, not a finding: ${SAVE_ONE}` };
  if (!isFields(parsed)) return { problem: `the file holds a single value, not a finding: ${SAVE_ONE}` };
  const outer = camelCase(parsed);
  if ('findings' in outer) return fromApi(outer['findings']);
  if ('detail' in outer || 'detail-type' in outer) return fromEvent(outer);
  return asFinding(outer);
}

function fromApi(findings: unknown): Unwrapped {
  const all: readonly unknown[] = Array.isArray(findings) ? findings : [];
  const [only, ...others] = all;
  if (only === undefined) return { problem: `"Findings" holds no finding: ${SAVE_ONE}` };
  if (others.length > 0)
    return { problem: `"Findings" holds ${all.length} findings: keep the one that is to be declared` };
  return asFinding(camelCase(only));
}

function fromEvent({ detail, region, account, 'detail-type': kind }: Fields): Unwrapped {
  if (kind !== undefined && kind !== 'GuardDuty Finding')
    return { problem: `the event is of the type ${quote(kind)}, not "GuardDuty Finding": ${SAVE_ONE}` };
  return asFinding({ region, accountId: account, ...camelCase(detail) });
}

/** Half of a finding is a finding with problems; what has next to nothing of one is something else. */
function asFinding(finding: Fields): Unwrapped {
  if ('productArn' in finding)
    return { problem: `this is a finding of Security Hub, not of GuardDuty: ${SAVE_ONE}` };
  const marks = ['schemaVersion', 'id', 'type', 'resource', 'service', 'severity'];
  if (marks.filter((mark) => mark in finding).length < 2)
    return { problem: `this is not a GuardDuty finding: ${SAVE_ONE}` };
  return { finding };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * EventBridge writes `ipAddressV4` and the API `IpAddressV4`: here all is as EventBridge writes it. One level only, and
 * called where the shape below expects an object, so that no file is too deep.
 */
function camelCase(value: unknown): Fields {
  if (!isFields(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key.slice(0, 1).toLowerCase() + key.slice(1), field]),
  );
}

// The finding: the fields that are asked for, and what each has to be.

const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const string = (problem = 'a text is needed here') => z.string({ error: problem }).transform(clean);
const words = (most: number) => string().pipe(z.string().max(most, `at most ${most} characters fit here`));
const text = optional(words(2_048));
const object = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess(
    (value) => (isFields(value) ? camelCase(value) : value),
    z.object(shape, { error: 'an object is needed here' }),
  );
const list = <T extends z.ZodType>(type: T) => optional(z.array(type, { error: 'a list is needed here' }));
/** A text that may be missing or empty, but not be this wrong. */
const checked = (problemOf: (value: string) => string | undefined) =>
  text.superRefine((value, context) => {
    const problem = value && problemOf(value);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

const TAGS = list(object({ key: text, value: text }));
const TAGGED = optional(object({ tags: TAGS }));
const ADDRESS = optional(object({ ipAddressV4: text, ipAddressV6: text }));
const ENDS = object({ remoteIpDetails: ADDRESS, localIpDetails: ADDRESS });

const INSTANCE = object({
  instanceId: checked((id) =>
    problemOfScopeId('instance', id)
      ? `${quote(id)} is not an instance id: write i- and 8 or 17 hexadecimal digits, as the EC2 console shows it`
      : undefined,
  ),
  tags: TAGS,
  networkInterfaces: list(
    object({
      privateIpAddress: text,
      privateIpAddresses: list(object({ privateIpAddress: text })),
      publicIp: text,
      ipv6Addresses: list(text),
    }),
  ),
});

const RESOURCE = object({
  resourceType: text,
  instanceDetails: optional(INSTANCE),
  accessKeyDetails: optional(
    object({ accessKeyId: text, principalId: text, userName: text, userType: text }),
  ),
  s3BucketDetails: list(object({ tags: TAGS })),
  rdsDbInstanceDetails: TAGGED,
  eksClusterDetails: TAGGED,
  ecsClusterDetails: TAGGED,
});

const SERVICE = object({
  serviceName: checked((name) =>
    name === 'guardduty' ? undefined : `${quote(name)} is not GuardDuty: ${SAVE_ONE}`,
  ),
  resourceRole: text,
  additionalInfo: optional(object({ sample: z.unknown().optional() })),
  action: optional(
    object({
      networkConnectionAction: optional(ENDS),
      awsApiCallAction: optional(ENDS),
      kubernetesApiCallAction: optional(ENDS),
      rdsLoginAttemptAction: optional(ENDS),
      portProbeAction: optional(object({ portProbeDetails: list(ENDS) })),
    }),
  ),
});

const AS_WRITTEN = 'a text is needed here: give the finding as GuardDuty wrote it';

const FINDING = z.object({
  id: string(AS_WRITTEN).pipe(z.string().min(1, AS_WRITTEN).max(300, 'at most 300 characters fit here')),
  type: string(AS_WRITTEN).pipe(
    z.string().regex(/^[A-Za-z]{1,60}:[A-Za-z0-9]{1,60}\/\S{1,200}$/, {
      error: 'not a type of finding: one reads like "UnauthorizedAccess:EC2/SSHBruteForce"',
    }),
  ),
  title: optional(string()),
  severity: z
    .number({ error: 'a number from 0.1 to 10 is needed here' })
    .min(0, 'a number from 0.1 to 10 is needed here')
    .max(10, 'a number from 0.1 to 10 is needed here'),
  accountId: checked((id) =>
    /^\d{12}$/.test(id) ? undefined : `${quote(id)} is not an AWS account: write its 12 digits`,
  ),
  region: checked((name) =>
    /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/.test(name)
      ? undefined
      : `${quote(name)} is not an AWS region: write one like "us-east-1"`,
  ),
  resource: optional(RESOURCE),
  service: optional(SERVICE),
});

type Finding = z.output<typeof FINDING>;

function describe({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.')}: ${message}`;
}

// The scope, and what to know about it.

function scopeOf(finding: Finding): { readonly scope: Scope; readonly notes: string[] } {
  const { resource, service } = finding;
  const notes: string[] = [];
  if (service?.additionalInfo?.sample === true)
    notes.push('GuardDuty made this finding up as a sample: nothing in it happened.');
  if (!resource?.resourceType || !TYPES_WITH_SCOPE.includes(resource.resourceType)) {
    notes.push(
      `${resource?.resourceType ? `"${cut(resource.resourceType, 60)}" is a resource` : 'The resource is'} of another type: declared without a scope; widen it by hand.`,
    );
    return { scope: EMPTY_SCOPE, notes };
  }
  const instances = instancesOf(finding, notes);
  const { identities, users } = identitiesOf(finding, notes);
  const addresses = addressesOf(finding, notes);
  const services = servicesOf(resource, notes);
  return { scope: { ...EMPTY_SCOPE, instances, identities, users, addresses, services }, notes };
}

type Resource = NonNullable<Finding['resource']>;

function instancesOf({ resource, region, accountId }: Finding, notes: string[]): Scope['instances'] {
  const id = resource?.instanceDetails?.instanceId;
  if (id) return [{ id, ...(region && { region }), ...(accountId && { account: accountId }) }];
  notes.push('The finding names no instance: none is contained until one is added to the scope.');
  return [];
}

/** The session of a role that an instance profile lends is named after the instance: `AROA…:i-0abc1234def567890`. */
const LENT_TO_INSTANCE = /:(i-[0-9a-f]+)$/;

/**
 * Who acted, named once: everything that a user or role has is contained with it. Nothing for what is nobody's, or lent to an
 * instance, which is contained with its role.
 */
function identitiesOf(
  { resource, accountId }: Finding,
  notes: string[],
): Pick<Scope, 'identities' | 'users'> {
  const { accessKeyId, principalId, userName, userType } = resource?.accessKeyDetails ?? {};
  const instance = userType === 'Role' ? principalId?.match(LENT_TO_INSTANCE)?.[1] : undefined;
  if (instance) {
    notes.push(
      `The credentials are those of instance ${instance}: its sessions end with its containment; its role "${cut(userName ?? 'unknown', 80)}" is not in the scope, since other instances may use it; add the role by hand to cut off them all.`,
    );
    return { identities: [], users: [] };
  }
  if (userType === 'Root') {
    notes.push("The account's root user acted: change its password, its keys and its MFA by hand, at once.");
    return { identities: [], users: [] };
  }
  const kind = { IAMUser: 'user', Role: 'role', AssumedRole: 'role' }[userType ?? ''];
  if (kind && userName) {
    const arn = accountId ? `arn:aws:iam::${accountId}:${kind}/${userName}` : userName;
    return { identities: [arn], users: kind === 'user' ? [userName] : [] };
  }
  // A long-lived key leads to its user; a session's key (ASIA) does not.
  return { identities: accessKeyId?.startsWith('AKIA') ? [accessKeyId] : [], users: [] };
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

type End = NonNullable<NonNullable<NonNullable<Finding['service']>['action']>['awsApiCallAction']>;

function addressesOf({ resource, service }: Finding, notes: string[]): string[] {
  const action = service?.action;
  const ends = [
    action?.networkConnectionAction,
    action?.awsApiCallAction,
    action?.kubernetesApiCallAction,
    action?.rdsLoginAttemptAction,
    ...(action?.portProbeAction?.portProbeDetails ?? []),
  ].filter((end) => end !== undefined);
  const own = ownAddresses(resource?.instanceDetails?.networkInterfaces ?? [], ends);
  const remote = ends.flatMap(({ remoteIpDetails }) => both(remoteIpDetails));
  const distinct = [...new Set(remote)];
  const readable = distinct.filter((name) => isIP(name) && !problemOfScopeId('address', name));
  const unreadable = distinct.filter((name) => !readable.includes(name));
  if (unreadable.length > 0)
    notes.push(`Not in the scope, since no address can be read: ${quote(unreadable.join(', '))}.`);
  const addresses = readable.filter((name) => !own.check(name, family(name)));
  const kept = addresses.slice(0, MOST_ADDRESSES);
  if (kept.length < addresses.length)
    notes.push(`The finding names ${addresses.length} addresses: the first ${kept.length} are in the scope.`);
  const inside = kept.filter((address) => PRIVATE.check(address, family(address)));
  if (inside.length > 0)
    notes.push(`Private, and so perhaps of the company's own hosts: ${cut(inside.join(', '), 300)}.`);
  if (kept.length > 0 && service?.resourceRole?.toUpperCase() === 'ACTOR')
    notes.push(
      'The resource itself acted here (role ACTOR): the addresses may be those of its victims instead of an attacker.',
    );
  return kept;
}

type Interfaces = NonNullable<NonNullable<Resource['instanceDetails']>['networkInterfaces']>;

/** Compared as addresses, not as texts: IPv6 has many spellings. */
function ownAddresses(interfaces: Interfaces, ends: readonly End[]): BlockList {
  const own = new BlockList();
  const named = [
    ...interfaces.flatMap(({ privateIpAddress, publicIp, privateIpAddresses, ipv6Addresses }) => [
      privateIpAddress,
      publicIp,
      ...(privateIpAddresses ?? []).map((one) => one.privateIpAddress),
      ...(ipv6Addresses ?? []),
    ]),
    ...ends.flatMap(({ localIpDetails }) => both(localIpDetails)),
  ];
  for (const address of named) if (address && isIP(address)) own.addAddress(address, family(address));
  return own;
}

function both(details: End['remoteIpDetails']): string[] {
  return [details?.ipAddressV4, details?.ipAddressV6].filter(isGiven);
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function servicesOf(resource: Resource, notes: string[]): string[] {
  const tagged = [
    resource.instanceDetails,
    ...(resource.s3BucketDetails ?? []),
    resource.rdsDbInstanceDetails,
    resource.eksClusterDetails,
    resource.ecsClusterDetails,
  ].filter((one) => one !== undefined);
  const tags = tagged.flatMap(({ tags }) => tags ?? []);
  const services = tags.flatMap(({ key, value }) =>
    key?.toLowerCase() === 'service' && value ? [value] : [],
  );
  if (tagged.length > 0 && services.length === 0)
    notes.push('No tag "service" says which service is affected: add it to the scope by hand.');
  return [...new Set(services)];
}

/** One line of text that can be printed: without control characters, or characters that turn the direction of writing. */
function clean(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

function cut(value: string, most: number): string {
  if (value.length <= most) return value;
  return `${value.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `"${cut(clean(value), 60)}"` : 'that is no text';
}
