/** What a containment can be told and asked. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { InstanceInScope } from '../../domain/scope';
import type { ContainmentTarget, SubStep, SubStepState } from '../../domain/containment';

export interface ContainmentInput {
  readonly codename: string;
  readonly target: ContainmentTarget;
  /** Proves to the incident that a report comes from this child. */
  readonly token: string;
  /** The incident commander ordered the stop before the containment began. */
  readonly stopOrdered?: boolean;
  /** The attacker's addresses that were known when it began. */
  readonly attackers: readonly string[];
  /** The affected instances that were known when it began. */
  readonly affected: readonly ContainmentTarget[];
  /** How long images may take to be complete or copied, in ms. Left out: there is no cold storage. */
  readonly storeWithinMs?: number;
}

export interface ReleaseInput {
  readonly codename: string;
  readonly target: ContainmentTarget;
  readonly token: string;
}

export interface RehearsalInput {
  readonly instance: InstanceInScope;
  readonly codename: string;
  readonly attackers: readonly string[];
}

export type { RehearsedSubStep } from '../../activities/containment';

/** A person's order, passed on by the incident: "stop now", or another try of what fails. */
export const ORDERS = ['stop', 'retry'] as const;
export type Order = (typeof ORDERS)[number];
export const orderSignal = defineSignal<[Order]>('order');

export type SubStepProgress =
  { readonly subStep: SubStep; readonly state: 'waiting' } | ({ readonly subStep: SubStep } & SubStepState);

export const progressQuery = defineQuery<SubStepProgress[]>('view');
