/** What is affected. */

export interface InstanceInScope {
  /** As the cloud names it, e.g. `i-0abc1234def567890`. */
  readonly id: string;
  readonly region?: string;
  readonly account?: string;
}

/** What may be added to the scope, and how each kind is named. */
export const SCOPE_KINDS = {
  instance: 'An instance',
  identity: 'An identity or key, e.g. an IAM user, role or access key',
  address: 'An IP address of the attacker',
  service: "A service of the company's",
  account: 'An account with a third party',
} as const;

export type ScopeKind = keyof typeof SCOPE_KINDS;

export const SCOPE_KIND_IDS = Object.keys(SCOPE_KINDS) as ScopeKind[];

export interface Scope {
  readonly instances: readonly InstanceInScope[];
  readonly identities: readonly string[];
  /** The attacker's addresses. The affected instances' own addresses are another list: they come from the capture. */
  readonly addresses: readonly string[];
  readonly services: readonly string[];
  readonly accounts: readonly string[];
}

export const EMPTY_SCOPE: Scope = {
  instances: [],
  identities: [],
  addresses: [],
  services: [],
  accounts: [],
};

const PLURAL = {
  identity: 'identities',
  address: 'addresses',
  service: 'services',
  account: 'accounts',
} as const;

/** The scope with one more in it, or the same scope where it was in it already. */
export function widen(scope: Scope, kind: ScopeKind, id: string): Scope {
  if (kind === 'instance') {
    if (scope.instances.some((instance) => instance.id === id)) return scope;
    return { ...scope, instances: [...scope.instances, { id }] };
  }
  const list = PLURAL[kind];
  if (scope[list].includes(id)) return scope;
  return { ...scope, [list]: [...scope[list], id] };
}

/** Why that can't be the id of such a thing, or nothing. */
export function problemOfScopeId(kind: ScopeKind, id: string): string | undefined {
  if (id.trim() === '' || id.length > 2_048) return `${kind}: 1 to 2,048 characters are needed`;
  if (kind === 'instance' && !/^i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id))
    return `instance: "${id}" is not an instance id (i- and 8 or 17 hexadecimal digits)`;
  if (kind === 'address' && !/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(id))
    return `address: "${id}" is not an IP address or CIDR block`;
  return undefined;
}
