/** Locks on snapshots, which moto lacks: LockSnapshot, DescribeLockedSnapshots, UnlockSnapshot, and their weight in DeleteSnapshot. */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { checkLockRequest, createLocks, type Lock } from './lock-rules';
import { ec2Answer, ec2Error, listOf, regionOf, takeFilter, textOf, type AskMoto } from './query';
import type { SnapshotTimes } from './snapshots';

const HOUR_MS = 3_600_000;

export function lockSnapshots(ask: AskMoto, times: SnapshotTimes, now: () => number): Rewrite {
  const { stateOf, startOf, endOf, whyNotChange } = createLocks(times, now);
  /** By region and snapshot, in the order of locking. */
  const locks = new Map<string, Lock>();

  /** The snapshot's owner, or moto's refusal where there is no such snapshot. */
  async function ownerOf(request: IncomingMessage, id: string): Promise<string | Answer> {
    const { status, body } = await ask(request, 'ec2', { Action: 'DescribeSnapshots', 'SnapshotId.1': id });
    return status === 200
      ? (textOf(body, 'ownerId') ?? '')
      : ec2Error('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  }

  function describe(lock: Lock): string {
    const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
    const fields = {
      ownerId: lock.ownerId,
      snapshotId: lock.snapshotId,
      lockState: stateOf(lock),
      lockDuration: lock.days,
      coolOffPeriod: lock.coolOffHours,
      coolOffPeriodExpiresOn: time(lock.coolOffUntil),
      lockCreatedOn: time(lock.createdAt),
      lockDurationStartTime: time(startOf(lock)),
      lockExpiresOn: time(endOf(lock)),
    };
    return Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([tag, value]) => `<${tag}>${value}</${tag}>`)
      .join('');
  }

  const inRegion = (request: IncomingMessage) => (id: string) => `${regionOf(request)} ${id}`;

  async function lock(form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
    const asked = checkLockRequest(form, now());
    if ('body' in asked) return asked;
    const id = form.get('SnapshotId') ?? '';
    const owner = await ownerOf(request, id);
    if (typeof owner !== 'string') return owner;
    const key = inRegion(request)(id);
    const existing = locks.get(key);
    const held = existing && stateOf(existing) !== 'expired' ? existing : undefined;
    const { dryRun: isDryRun, coolOffHours, ...terms } = asked;
    const wanted: Lock = {
      snapshotId: id,
      ownerId: owner,
      createdAt: held?.createdAt ?? now(),
      ...terms,
      ...(coolOffHours !== undefined && { coolOffHours, coolOffUntil: now() + coolOffHours * HOUR_MS }),
    };
    const reason = held && whyNotChange(held, wanted);
    if (reason !== undefined) return ec2Error('OperationNotPermitted', reason);
    if (isDryRun) return dryRun();
    locks.set(key, wanted);
    return ec2Answer('LockSnapshot', describe(wanted));
  }

  async function unlock(form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
    const id = form.get('SnapshotId') ?? '';
    const owner = await ownerOf(request, id);
    if (typeof owner !== 'string') return owner;
    const key = inRegion(request)(id);
    const held = locks.get(key);
    if (!held) return ec2Error('IncorrectState', `The snapshot '${id}' is not locked.`);
    if (stateOf(held) === 'compliance')
      return ec2Error(
        'OperationNotPermitted',
        `The snapshot '${id}' is locked in compliance mode, and its cooling-off period is over.`,
      );
    if (form.get('DryRun') === 'true') return dryRun();
    locks.delete(key);
    return ec2Answer('UnlockSnapshot', `<snapshotId>${id}</snapshotId>`);
  }

  async function list(form: URLSearchParams, request: IncomingMessage): Promise<Answer> {
    const ids = listOf(form, 'SnapshotId');
    for (const owner of await Promise.all(ids.map((id) => ownerOf(request, id))))
      if (typeof owner !== 'string') return owner;
    const states = takeFilter(form, 'lock-state')?.values;
    const here = [...locks]
      .filter(([key]) => key.startsWith(inRegion(request)('')))
      .map(([, held]) => held)
      .filter(({ snapshotId }) => ids.length === 0 || ids.includes(snapshotId))
      .filter((held) => !states || states.includes(stateOf(held)));
    const items = here.map((held) => `<item>${describe(held)}</item>`).join('');
    return ec2Answer('DescribeLockedSnapshots', `<snapshotSet>${items}</snapshotSet>`);
  }

  const answers = new Map([
    ['ec2.LockSnapshot', lock],
    ['ec2.UnlockSnapshot', unlock],
    ['ec2.DescribeLockedSnapshots', list],
  ]);

  return async (call, passOn, request) => {
    const form = new URLSearchParams(call.body);
    const answerIt = answers.get(call.name);
    if (answerIt) {
      const answer = await answerIt(form, request);
      call.effectStatus = answer.status;
      return answer;
    }
    if (call.name !== 'ec2.DeleteSnapshot') return passOn();
    const id = form.get('SnapshotId') ?? '';
    const held = locks.get(inRegion(request)(id));
    if (held && stateOf(held) !== 'expired')
      return ec2Error('SnapshotLocked', `The snapshot '${id}' is locked and can't be deleted.`);
    const answer = await passOn();
    if (answer.status === 200) locks.delete(inRegion(request)(id));
    return answer;
  };
}

function dryRun(): Answer {
  return ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
