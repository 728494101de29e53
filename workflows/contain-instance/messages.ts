/** What a containment can be told and asked. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { SubStep } from '../../domain/containment';
import type { InstanceInScope } from '../../domain/scope';

export interface ContainInstanceInput {
  readonly codename: string;
  readonly instance: InstanceInScope;
  /** Proves to the incident that a report comes from this child. */
  readonly token: string;
  /** The incident commander ordered the stop before the containment began. */
  readonly stopOrdered?: boolean;
}

/** "stop now": the incident commander's order, passed on by the incident. */
export const orderStopSignal = defineSignal('orderStop');

/** A person asked for another try of what fails, now. */
export const retrySignal = defineSignal('retry');

export interface SubStepProgress {
  readonly subStep: SubStep;
  readonly state: 'waiting' | 'running' | 'failing' | 'done';
  /** Milliseconds since the epoch, since when it is in this state. */
  readonly since: number;
  readonly cause?: string;
}

export const progressQuery = defineQuery<SubStepProgress[]>('progress');
