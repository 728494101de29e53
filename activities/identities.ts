/** Containment of identities and secrets: what an attacker holds is made worthless, and nothing is deleted that is evidence. */
import type { Verification } from './containment';

/** An IAM user or role by ARN or name, an access key by its id, or a secret by its ARN or name. */
export interface IdentityLocation {
  readonly kind: 'identity' | 'secret';
  readonly id: string;
  readonly region?: string;
  readonly account?: string;
}

/** What was there before anything was changed. */
export interface IdentityCapture {
  readonly identity: IdentityLocation;
  /** RFC 3339, UTC. */
  readonly capturedAt: string;
  readonly kind: 'user' | 'role' | 'secret';
  readonly name: string;
  readonly arn: string;
  /** Of a user. */
  readonly accessKeys: readonly {
    readonly id: string;
    readonly status: string;
    readonly createdAt?: string;
  }[];
  readonly hasLogin: boolean;
  readonly attachedPolicies: readonly string[];
  readonly inlinePolicies: readonly string[];
  readonly groups: readonly string[];
  /** Of a role: its trust policy, as JSON. */
  readonly trustPolicy?: string;
  /** Of a secret. */
  readonly rotationFunction?: string;
  readonly currentVersion?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * What containment needs of an identity provider. Every call may be repeated: each looks first and changes only what is
 * not yet so. What doesn't apply to the kind of identity is done already.
 */
export interface IdentityProvider {
  /** Looks, and changes nothing. `NotFound` where there is no such identity. */
  capture(identity: IdentityLocation): Promise<IdentityCapture>;
  /** Every access key of a user is set inactive, never deleted. */
  disableKeys(capture: IdentityCapture): Promise<void>;
  /** The console password of a user goes. It can't be put back: a new one is given at release. */
  removeLogin(capture: IdentityCapture): Promise<void>;
  /** Denies every session of a user or role that was issued before `issuedBefore` (RFC 3339). */
  denySessions(capture: IdentityCapture, codename: string, issuedBefore: string): Promise<void>;
  /**
   * Rotates a secret by its rotation function, once for each `key`. `Conflict` with what to do where it has none: a value
   * that its users don't know would be an outage.
   */
  rotateSecret(capture: IdentityCapture, key: string): Promise<void>;
  /** Looks again at everything that the calls above claim. */
  verify(capture: IdentityCapture, codename: string, issuedBefore: string): Promise<Verification>;
}

export function createIdentityActivities(provider: IdentityProvider) {
  return {
    /** Writes down what is there, before anything changes. */
    captureIdentity: (identity: IdentityLocation): Promise<IdentityCapture> => provider.capture(identity),
    /** Sets every access key inactive. */
    disableKeys: (capture: IdentityCapture): Promise<void> => provider.disableKeys(capture),
    /** Removes the console login. */
    removeLogin: (capture: IdentityCapture): Promise<void> => provider.removeLogin(capture),
    /** Makes sessions issued so far worthless. */
    denySessions: (capture: IdentityCapture, codename: string, issuedBefore: string): Promise<void> =>
      provider.denySessions(capture, codename, issuedBefore),
    /** Rotates a secret. */
    rotateSecret: (capture: IdentityCapture, key: string): Promise<void> =>
      provider.rotateSecret(capture, key),
    /** Looks again. */
    verifyIdentity: (
      capture: IdentityCapture,
      codename: string,
      issuedBefore: string,
    ): Promise<Verification> => provider.verify(capture, codename, issuedBefore),
  };
}

export type IdentityActivities = ReturnType<typeof createIdentityActivities>;
