/**
 * Says what containment would call now, by going through the steps of the chain on clients that keep back every call that
 * would change something. Each step is the real one, so that a rehearsal can't differ from the chain.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type {
  Capture,
  InstanceLocation,
  RehearsedCall,
  RehearsedSubStep,
  Surroundings,
} from '../../activities/containment';
import type { SubStep } from '../../domain/containment';
import { capture } from './capture';
import { createTargets, type AwsSettings, type Target } from './clients';
import { translate, willBeRetried } from './failures/translate';
import { leaveScalingGroup, leaveTargetGroups } from './groups';
import { isolate } from './isolate';
import { DEFAULT_LOCK_DAYS, lock } from './lock';
import { cutConnections } from './network/connections';
import { denyElsewhere } from './network/elsewhere';
import { protect } from './protect';
import { imagineWorld } from './rehearse/imagined';
import { intercept, type Interception } from './rehearse/intercept';
import { revokeRole } from './role';
import { snapshot } from './snapshot';
import { stop } from './stop';
import { together } from './together';

/** A rehearsal is no incident: it tries a part again where AWS was busy, and then says so and goes on. */
const ATTEMPTS = 3;
const PAUSE_MS = 1_000;

/**
 * The capture's failures are thrown, since there is nothing to rehearse then; those of the other parts are told as their
 * `problem`. A part that would be refused a permission counts as done, so that those after it are told too.
 *
 * @throws Conflict where AWS carried out what was sent as a dry run
 */
export async function rehearse(
  settings: AwsSettings,
  instance: InstanceLocation,
  surroundings: Surroundings,
): Promise<RehearsedSubStep[]> {
  const captured = await capture(createTargets(settings)(instance), instance);
  const interception = intercept(settings, instance, imagineWorld(captured));
  try {
    const rehearsed: RehearsedSubStep[] = [];
    for (const [subStep, run] of chainOf(interception.target, captured, surroundings, settings))
      rehearsed.push(await rehearseOne(interception, subStep, run));
    return rehearsed;
  } finally {
    interception.close();
  }
}

/** In the order of `CHAINS`; what only reads, waits for people or belongs to another account is left out. */
function chainOf(
  target: Target,
  captured: Capture,
  surroundings: Surroundings,
  settings: AwsSettings,
): [SubStep, () => Promise<unknown>][] {
  const { codename } = surroundings;
  const days = settings.lockDays ?? DEFAULT_LOCK_DAYS;
  const now = new Date().toISOString();
  return [
    ['protect', () => protect(target, codename)],
    ['snapshot', () => snapshot(target, captured, codename, 'live')],
    ['lock', () => lock(target, captured, codename, days)],
    ['leaveGroups', () => together([leaveScalingGroup(target), leaveTargetGroups(target, captured.vpcId)])],
    ['isolate', () => isolate(target, captured.vpcId)],
    ['cutConnections', () => cutConnections(target, captured, surroundings, settings)],
    ['denyElsewhere', () => denyElsewhere(target, captured)],
    ['revokeRole', () => revokeRole(target, captured, codename, now)],
    ['stop', () => stop(target)],
    [
      'snapshotStopped',
      async () => {
        await snapshot(target, captured, codename, 'stopped');
        // The chain locks each set as soon as it is there.
        await lock(target, captured, codename, days);
      },
    ],
  ];
}

async function rehearseOne(
  interception: Interception,
  subStep: SubStep,
  run: () => Promise<unknown>,
): Promise<RehearsedSubStep> {
  const problem = await problemOf(run);
  // The step may have taken it for a failure of its own.
  const ignored = interception.ignored();
  if (ignored) throw ignored;
  const calls = withoutRepeats(await interception.take());
  return { subStep, calls, ...(problem === undefined ? {} : { problem }) };
}

/** The message of the failure that the part ends with; undefined where it is done. */
async function problemOf(run: () => Promise<unknown>): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1)
    try {
      await run();
      return undefined;
    } catch (error) {
      const failure = translate(error);
      if (attempt === ATTEMPTS || !willBeRetried(failure))
        return failure instanceof Error ? failure.message : String(failure);
      await pause(pauseAfter(failure));
    }
}

function pauseAfter(failure: unknown): number {
  const asked = failure instanceof ApplicationFailure ? failure.nextRetryDelay : undefined;
  return typeof asked === 'number' ? asked : PAUSE_MS;
}

/** A part that is tried again does not find what it called before. */
function withoutRepeats(calls: readonly RehearsedCall[]): RehearsedCall[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}
