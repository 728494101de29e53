/** An identity provider and the edges of a network, in memory. */
import type { Perimeter } from '../../activities/addresses';
import { conflict } from '../../activities/failures';
import type { IdentityProvider } from '../../activities/identities';
import { staged, type Call } from './staged';

export function createFakeIdentities(all: Call[] = []) {
  /** What was changed of each, in order, each once. */
  const changes = new Map<string, string[]>();
  /** What each look says, one after the other; what is so when none is left. */
  const looks: string[][] = [];
  /** Secrets that have no rotation function. */
  const withoutFunction = new Set<string>();
  const changesOf = (id: string): string[] => {
    const known = changes.get(id) ?? [];
    changes.set(id, known);
    return known;
  };
  const change = (id: string, name: string) => {
    const made = changesOf(id);
    if (!made.includes(name)) made.push(name);
  };
  const port: IdentityProvider = {
    capture: async (identity) => {
      const kind = identity.kind === 'secret' ? 'secret' : identity.id.includes(':role/') ? 'role' : 'user';
      return {
        identity,
        capturedAt: new Date().toISOString(),
        kind,
        name: identity.id.replace(/^.*[/:]/, ''),
        arn: identity.id,
        accessKeys: kind === 'user' ? [{ id: 'AKIAIOSFODNN7EXAMPLE', status: 'Active' }] : [],
        hasLogin: kind === 'user',
        attachedPolicies: [],
        inlinePolicies: [],
        groups: [],
        tags: {},
      };
    },
    disableKeys: async ({ identity }) => change(identity.id, 'disableKeys'),
    removeLogin: async ({ identity }) => change(identity.id, 'removeLogin'),
    denySessions: async ({ identity }) => change(identity.id, 'denySessions'),
    async rotateSecret({ identity }) {
      if (withoutFunction.has(identity.id))
        throw conflict('The secret has no rotation function: rotate it by hand, then complete the task.');
      change(identity.id, 'rotateSecret');
    },
    verify: async ({ identity, kind }) => {
      const wanted = kind === 'secret' ? ['rotateSecret'] : ['disableKeys', 'removeLogin', 'denySessions'];
      const missing = wanted.filter((one) => !changesOf(identity.id).includes(one));
      return {
        verifiedAt: new Date().toISOString(),
        unproven: looks.shift() ?? missing.map((one) => `not so: ${one}`),
      };
    },
  };
  return { ...staged(port, all), looks, withoutFunction, changesOf };
}

export function createFakePerimeter(all: Call[] = []) {
  const blocked = new Set<string>();
  /** What each look says, one after the other; what is so when none is left. */
  const looks: string[][] = [];
  const port: Perimeter = {
    async block(address) {
      blocked.add(address);
    },
    verify: async (address) => ({
      verifiedAt: new Date().toISOString(),
      unproven: looks.shift() ?? (blocked.has(address) ? [] : ['not so: block']),
    }),
  };
  return { ...staged(port, all), blocked, looks };
}
