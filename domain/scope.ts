/** What is affected. */

export interface InstanceInScope {
  /** As the cloud names it, e.g. `i-0abc1234def567890`. */
  readonly id: string;
  readonly region?: string;
  readonly account?: string;
}

/** What may be added to the scope, and how each kind is named. */
export const SCOPE_KINDS = {
  instance: "An instance, by its id; elsewhere than in the company's own: ACCOUNT/REGION/ID",
  identity: 'An IAM user or role by ARN or name, or an access key by its id',
  secret: 'A secret that the attacker may know, by ARN or name',
  address: 'An IP address of the attacker',
  user: 'A user account that was used in the attack',
  service: "A service of the company's",
  account: 'An account with a third party',
} as const;

export type ScopeKind = keyof typeof SCOPE_KINDS;

export const SCOPE_KIND_IDS = Object.keys(SCOPE_KINDS) as ScopeKind[];

export interface Scope {
  readonly instances: readonly InstanceInScope[];
  readonly identities: readonly string[];
  readonly secrets: readonly string[];
  /** The attacker's addresses. The affected instances' own addresses are another list: they come from the capture. */
  readonly addresses: readonly string[];
  readonly users: readonly string[];
  readonly services: readonly string[];
  readonly accounts: readonly string[];
}

export const EMPTY_SCOPE: Scope = {
  instances: [],
  identities: [],
  secrets: [],
  addresses: [],
  users: [],
  services: [],
  accounts: [],
};

export const SCOPE_LISTS = Object.keys(EMPTY_SCOPE) as (keyof Scope)[];

const PLURAL = {
  identity: 'identities',
  secret: 'secrets',
  address: 'addresses',
  user: 'users',
  service: 'services',
  account: 'accounts',
} as const;

/** The scope with one more in it, or the same scope where it was in it already. */
export function widen(scope: Scope, kind: ScopeKind, id: string): Scope {
  if (kind === 'instance') {
    const named = readInstance(id);
    if (scope.instances.some((instance) => instance.id === named.id)) return scope;
    return { ...scope, instances: [...scope.instances, named] };
  }
  const list = PLURAL[kind];
  if (scope[list].includes(id)) return scope;
  return { ...scope, [list]: [...scope[list], id] };
}

/** `i-0abc…`, or `123456789012/eu-west-1/i-0abc…` for one that is elsewhere. */
export function readInstance(named: string): InstanceInScope {
  const [account, region, id] = named.split('/');
  return id === undefined || account === undefined || region === undefined
    ? { id: named }
    : { id, region, account };
}

/** Why that can't be the id of such a thing, or nothing. */
export function problemOfScopeId(kind: ScopeKind, id: string): string | undefined {
  if (id.trim() === '' || id.length > 2_048) return `${kind}: 1 to 2,048 characters are needed`;
  if (kind === 'instance' && !/^(\d{12}\/[a-z]{2}(-[a-z]+)+-\d\/)?i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id))
    return `instance: "${id}" is not an instance id (i- and 8 or 17 hexadecimal digits; elsewhere: ACCOUNT/REGION/ID)`;
  if (kind === 'address' && !/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(id))
    return `address: "${id}" is not an IP address or CIDR block`;
  return undefined;
}
