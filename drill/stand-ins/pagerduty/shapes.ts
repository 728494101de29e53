/** What a PagerDuty account consists of, and what is told of it. */

export interface AccountSettings {
  readonly users: readonly Person[];
  readonly serviceId: string;
  readonly escalationPolicyId: string;
  /** Nobody where it is left out: then a page wakes nobody. */
  readonly onCall?: readonly Shift[];
}

/** What an account may call a user. Source: the API description's `User.role`. */
export type Role =
  | 'owner'
  | 'admin'
  | 'user'
  | 'limited_user'
  | 'observer'
  | 'restricted_access'
  | 'read_only_user'
  | 'read_only_limited_user';

export interface Person {
  readonly email: string;
  readonly name: string;
  /** Left out: one that is the same in every run. */
  readonly id?: string;
  /** Default: `user`. */
  readonly role?: Role;
  readonly phones?: readonly Phone[];
}

export interface Phone {
  readonly country_code: number;
  readonly address: string;
  /** Default: `phone_contact_method`. */
  readonly type?: 'phone_contact_method' | 'sms_contact_method';
}

/** Somebody who is on call now. */
export interface Shift {
  readonly email: string;
  /** In the escalation policy; 1 is woken when a page is opened. */
  readonly level: number;
  /** By which schedule; left out, the policy names the person itself. */
  readonly scheduleId?: string;
  /** Left out: the policy of the account's settings. */
  readonly policyId?: string;
}

export interface User extends Person {
  readonly id: string;
  readonly role: Role;
  readonly phones: readonly Phone[];
}

export type Status = 'triggered' | 'acknowledged' | 'resolved';
export type ReplyState = 'pending' | 'joined' | 'declined' | 'user_cancelled';

export interface Bridge {
  readonly conference_number?: string | undefined;
  readonly conference_url?: string | undefined;
}

/** What a user has to do with an incident, since when. */
export interface Since {
  readonly userId: string;
  readonly at: string;
}

export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly status: Status;
  readonly urgency: 'high' | 'low';
  readonly key: string | undefined;
  readonly details: string | undefined;
  readonly bridge: Bridge | undefined;
  readonly createdAt: string;
  readonly assignments: readonly Since[];
  readonly acknowledgements: readonly Since[];
}

export interface Note {
  readonly id: string;
  readonly content: string;
  readonly userId: string;
  readonly createdAt: string;
}

export interface ResponderRequest {
  readonly requesterId: string;
  readonly message: string;
  /** Users and escalation policies. */
  readonly targetIds: readonly string[];
  readonly requestedAt: string;
}

/** A phone that rang. */
export interface Ring {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly codename: string;
  readonly email: string;
  readonly why: 'assigned' | 'requested';
}

export interface AccountEvent {
  readonly type: `incident.${'triggered' | 'acknowledged' | 'resolved' | 'reopened' | 'reassigned' | `responder.${'added' | 'replied'}`}`;
  readonly agent: User | undefined;
  readonly incident: Incident;
  readonly responder?: { readonly user: User; readonly message: string; readonly state: ReplyState };
}
