/** IAM's evaluation of identity policies, as far as our own policies need it. */
import { matches } from '../../scripts/policies/denials';
import type { Condition, Policy, Statement } from '../../scripts/policies/statements';

export interface Request {
  readonly action: string;
  readonly resource: string;
  /** The condition keys that the request has; a list is a key with several values. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** `denied` where a Deny says so, `allowed` where none does and an Allow does, else `not allowed`. */
export function evaluate({ Statement }: Policy, request: Request): 'allowed' | 'denied' | 'not allowed' {
  const applying = Statement.filter((statement) => applies(statement, request));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return applying.length > 0 ? 'allowed' : 'not allowed';
}

/** Whether an action is allowed for something and under some conditions, and never refused outright. */
export function isAllowedSomewhere({ Statement }: Policy, action: string): boolean {
  const about = Statement.filter(({ Action }) => Action.some((pattern) => matches(pattern, action)));
  const isOutright = ({ Effect, Resource, Condition }: Statement) =>
    Effect === 'Deny' && Condition === undefined && Resource.includes('*');
  return about.some(({ Effect }) => Effect === 'Allow') && !about.some(isOutright);
}

function applies(
  { Action, Resource, Condition = {} }: Statement,
  { action, resource, context = {} }: Request,
) {
  return (
    Action.some((pattern) => matches(pattern, action)) &&
    Resource.some((pattern) => matches(pattern, resource)) &&
    holds(Condition, context)
  );
}

function holds(condition: Condition, context: Required<Request>['context']): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const test = OPERATORS[operator];
      if (!test) throw new Error(`This evaluator does not know ${operator}.`);
      return test([context[key] ?? []].flat(), [wanted].flat());
    }),
  );
}

type Operator = (given: readonly string[], wanted: readonly string[]) => boolean;

const isOneOf = (wanted: readonly string[]) => (value: string) => wanted.includes(value);
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (given, wanted) => given.length > 0 && given.every(isOneOf(wanted)),
  StringLike: (given, wanted) =>
    given.length > 0 && given.every((value) => wanted.some((pattern) => matches(pattern, value))),
  Bool: (given, wanted) => given.length > 0 && given.every(isOneOf(wanted)),
  // "true": the key is not there.
  Null: (given, [wanted]) => (given.length === 0) === (wanted === 'true'),
  'ForAllValues:StringEquals': (given, wanted) => given.every(isOneOf(wanted)),
  'ForAnyValue:StringNotEquals': (given, wanted) => given.some((value) => !wanted.includes(value)),
};
