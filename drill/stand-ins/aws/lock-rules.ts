/** What EC2's API reference says of locks on snapshots: what may be asked for, what state a lock is in, what may change. */
import type { Answer } from '../recording-proxy';
import { ec2Error } from './query';
import type { SnapshotTimes } from './snapshots';

type LockMode = 'governance' | 'compliance';
type LockState = 'governance' | 'compliance-cooloff' | 'compliance' | 'expired';

export interface Lock {
  readonly snapshotId: string;
  readonly ownerId: string;
  readonly mode: LockMode;
  readonly createdAt: number;
  /** One of `days` and `until`, as the caller wrote it. */
  readonly days?: number;
  readonly until?: number;
  readonly coolOffHours?: number;
  readonly coolOffUntil?: number;
}

interface LockRequest extends Pick<Lock, 'mode' | 'days' | 'until' | 'coolOffHours'> {
  readonly dryRun: boolean;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 36_500;
const MOST_COOL_OFF_HOURS = 72;

/** What LockSnapshot asks for, or why AWS refuses it whatever the snapshot is. */
export function checkLockRequest(form: URLSearchParams, now: number): LockRequest | Answer {
  const mode = form.get('LockMode');
  const [duration, date] = [form.get('LockDuration'), form.get('ExpirationDate')];
  const coolOff = form.get('CoolOffPeriod');
  if (mode === null) return missing('LockMode');
  if (mode !== 'governance' && mode !== 'compliance') return invalid(mode, 'LockMode');
  if (duration === null && date === null) return missing('LockDuration or ExpirationDate');
  if (duration !== null && date !== null) return conflict('LockDuration and ExpirationDate');
  if (duration !== null && !isWithin(duration, MOST_DAYS)) return invalid(duration, 'LockDuration');
  const until = date === null ? undefined : Date.parse(date);
  if (date !== null && !(until! > now && until! <= now + MOST_DAYS * DAY_MS))
    return invalid(date, 'ExpirationDate');
  if (coolOff !== null && mode === 'governance') return conflict('CoolOffPeriod and governance mode');
  if (coolOff !== null && !isWithin(coolOff, MOST_COOL_OFF_HOURS)) return invalid(coolOff, 'CoolOffPeriod');
  return {
    mode,
    dryRun: form.get('DryRun') === 'true',
    ...(duration !== null && { days: Number(duration) }),
    ...(until !== undefined && { until }),
    ...(coolOff !== null && { coolOffHours: Number(coolOff) }),
  };
}

export function createLocks(times: SnapshotTimes, now: () => number) {
  /** The duration starts when the snapshot is complete; undefined as long as it is not. */
  const startOf = ({ snapshotId, createdAt }: Lock): number | undefined => {
    const start = Math.max(createdAt, times.completedAt(snapshotId) ?? createdAt);
    return start <= now() ? start : undefined;
  };

  /** Undefined as long as it is not known, because the snapshot is pending. */
  const endOf = (lock: Lock): number | undefined => {
    const start = startOf(lock);
    return lock.until ?? (start === undefined ? undefined : start + (lock.days ?? 0) * DAY_MS);
  };

  const stateOf = (lock: Lock): LockState => {
    if ((endOf(lock) ?? Infinity) <= now()) return 'expired';
    if (lock.mode === 'governance') return 'governance';
    return (lock.coolOffUntil ?? -Infinity) > now() ? 'compliance-cooloff' : 'compliance';
  };

  /** Why AWS keeps the lock as it is; undefined where it may become what is wanted. */
  const whyNotChange = (held: Lock, wanted: Lock): string | undefined => {
    if (stateOf(held) !== 'compliance') return undefined;
    if (wanted.mode !== 'compliance') return "The mode of a lock in compliance mode can't be changed.";
    if (wanted.coolOffHours !== undefined) return "A cooling-off period can't be asked for again.";
    // Durations of a pending snapshot start at the same time, whenever that will be.
    const end = (lock: Lock) => endOf(lock) ?? now() + (lock.days ?? 0) * DAY_MS;
    return end(wanted) < end(held) ? "A lock in compliance mode can't be shortened." : undefined;
  };

  return { startOf, endOf, stateOf, whyNotChange };
}

function isWithin(text: string, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most;
}

function missing(parameter: string): Answer {
  return ec2Error('MissingParameter', `The request must contain the parameter ${parameter}`);
}

function conflict(what: string): Answer {
  return ec2Error('InvalidParameterCombination', `${what} can't be given together.`);
}

function invalid(value: string, parameter: string): Answer {
  return ec2Error('InvalidParameterValue', `Value (${value}) for parameter ${parameter} is invalid.`);
}
