/** From the calls that the tests made to a policy that allows them, and nothing else. */
import { isDestructive } from './denials';
import { actionsFor } from './needs';
import { EVERYTHING, type Denial, type Grant, type Policy, type Role, type Statement } from './statements';

export const POLICIES = ['worker', 'forensic', 'payload-key'] as const;
export type PolicyName = (typeof POLICIES)[number];

/**
 * The calls of `deploy/aws/calls.json`: `service:Operation`, sorted. By the account whose role made them; apart from those, the
 * ones on the payload key, whoever made them.
 */
export type Calls = Readonly<Record<PolicyName, readonly string[]>>;

/**
 * @throws Error with what to do, where a call is destructive, where no grant covers what it needs, or where a grant allows
 *   what no call needs
 */
export function buildPolicy(name: string, calls: readonly string[], { grants, denials }: Role): Policy {
  const needed = actionsFor(calls);
  const granted = new Set(grants.flatMap(({ actions }) => actions));
  const destructive = [...calls, ...needed].filter(isDestructive);
  if (destructive.length > 0)
    throw new Error(
      `deploy/aws/calls.json, ${name}: ${list(destructive)} destroys evidence and gets no permission. Take the call out of the code.`,
    );
  const uncovered = needed.filter((action) => !granted.has(action));
  if (uncovered.length > 0)
    throw new Error(
      `${list(uncovered)}: no grant covers it. Say in scripts/policies/${name}.ts on what it is allowed and what for, and in ` +
        'scripts/policies/needs.ts where the call and the action have different names.',
    );
  const idle = [...granted].filter((action) => !needed.includes(action));
  if (idle.length > 0)
    throw new Error(
      `${list(idle)}: scripts/policies/${name}.ts grants it, and no recorded call needs it. Take it out there.`,
    );
  return {
    Version: '2012-10-17',
    Statement: [
      ...grants.map((grant) => toStatement('Allow', grant)),
      ...denials.map((denial) => toStatement('Deny', denial)),
    ],
  };
}

function toStatement(
  effect: Statement['Effect'],
  { sid, actions, resources = EVERYTHING, condition }: Grant | Denial,
): Statement {
  return {
    Sid: sid,
    Effect: effect,
    Action: actions,
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

function list(actions: readonly string[]): string {
  return [...new Set(actions)].join(', ');
}
