/** What the tables of permissions are made of. */

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Actions that are allowed together. Texts may hold `${…}`: the pseudo parameters and parameters of the CloudFormation
 * templates.
 */
export interface Grant {
  readonly sid: string;
  /** What it is for, in the documentation. */
  readonly why: string;
  readonly actions: readonly string[];
  /** `*` only where AWS knows nothing narrower. */
  readonly resources: readonly string[];
  readonly condition?: Condition;
}

/** Actions that are refused, whatever else allows them. */
export interface Denial extends Omit<Grant, 'resources'> {
  /** Everything, where it is left out. */
  readonly resources?: readonly string[];
}

/** As IAM writes it. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Everything about one policy: that of an account's role, or one for several. */
export interface Role {
  readonly grants: readonly Grant[];
  readonly denials: readonly Denial[];
}

export const EVERYTHING = ['*'];
