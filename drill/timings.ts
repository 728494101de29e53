/** How long things took from the declaration on, in ms, by the stand-ins' clocks and the incident's own. All run on one machine. */
import { doneAt, type SubStep } from '../domain/containment';
import { brokenNames, busyMs } from './hardships';
import type { Records } from './records';

export interface Timings {
  readonly paged?: number;
  readonly roomReady?: number;
  readonly contained?: number;
  readonly allSnapshots?: number;
  readonly allStopped?: number;
  readonly allStored?: number;
  readonly allHashed?: number;
  readonly ended: number;
}

export const TIMING_TITLES: Readonly<Record<keyof Timings, string>> = {
  paged: 'page request received by PagerDuty',
  roomReady: 'room ready, checklist pinned',
  contained: 'every instance contained and verified',
  allSnapshots: 'snapshots of every disk requested',
  allStopped: 'every instance stopped',
  allStored: 'every image in cold storage',
  allHashed: 'every image hashed',
  ended: 'incident ended',
};

export function timingsOf(records: Records, declaredAt: number, endedAt: number): Timings {
  const { pagerduty, slack, aws, checklist } = records;
  const firstCall = (calls: Records['slack']['calls'], name: string) =>
    calls.find((call) => call.name === name)?.at;
  const lastCall = (name: RegExp) => aws.calls.filter((call) => name.test(call.name)).at(-1)?.at;
  const times = (subStep: SubStep) =>
    checklist.containments
      .filter(({ target }) => target.kind === 'instance')
      .map((one) => doneAt(one, subStep));
  const last = (all: readonly (number | undefined)[]) =>
    all.length > 0 && all.every((at) => at !== undefined) ? Math.max(...all) : undefined;
  const since = (at: number | undefined) => (at === undefined ? undefined : at - declaredAt);
  const all: Record<keyof Timings, number | undefined> = {
    paged: since(firstCall(pagerduty.calls, 'incidents.create')),
    roomReady: since(firstCall(slack.calls, 'pins.add')),
    contained: since(last(times('verify'))),
    allSnapshots: since(lastCall(/^ec2\.CreateSnapshots?$/)),
    allStopped: since(last(times('stop'))),
    allStored: since(last(times('store'))),
    allHashed: since(last(times('hash'))),
    ended: since(endedAt),
  };
  return Object.fromEntries(Object.entries(all).filter(([, ms]) => ms !== undefined)) as unknown as Timings;
}

/** What AWS had to bear, and how much of the time until everything was contained went to waiting for it. */
export interface CloudFigures {
  readonly calls: number;
  /** Calls that were refused as too many by the request buckets. */
  readonly refused: number;
  /** Names of calls that were throttled on purpose, or done with their answer lost. */
  readonly broken: { readonly throttled: readonly string[]; readonly lost: readonly string[] };
  /**
   * Of the instance that was contained and verified last: the time in which at least one call about it was under way, in ms.
   * Nothing could have been faster with these calls in this order.
   */
  readonly criticalPathMs?: number;
  /** How many times that it took. */
  readonly ratio?: number;
}

export function cloudOf(
  { aws, checklist }: Records,
  declaredAt: number,
  throttledCalls: ReadonlyMap<string, number>,
): CloudFigures {
  const refused = [...throttledCalls.values()].reduce((sum, count) => sum + count, 0);
  const figures = { calls: aws.calls.length, refused, broken: brokenNames(aws.calls) };
  const instances = checklist.containments.filter(({ target }) => target.kind === 'instance');
  const [last] = instances
    .map((one) => ({ id: one.target.id, since: one.since, at: doneAt(one, 'verify') }))
    .sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
  const state = last && aws.fleet[last.id];
  if (!state || last.at === undefined) return figures;
  const names = [
    last.id,
    state.vpcId,
    ...state.interfaces.map(({ id }) => id),
    ...state.volumes.flatMap(({ id, snapshots }) => [id, ...snapshots.map((one) => one.id)]),
    ...state.addresses,
    ...aws.acls.filter(({ vpcId }) => vpcId === state.vpcId).map(({ id }) => id),
  ];
  // What names nothing, such as the list of target groups, is asked for every instance.
  const others = checklist.containments.map(({ target }) => target.id).filter((id) => id !== last.id);
  const about = aws.calls.filter(
    ({ body }) => names.some((name) => body.includes(name)) || !others.some((id) => body.includes(id)),
  );
  // Where it was approved first, the clock runs from then on.
  const begun = Math.max(declaredAt, last.since);
  const criticalPathMs = busyMs(about, begun, last.at);
  return {
    ...figures,
    criticalPathMs,
    ratio: Math.round((100 * (last.at - begun)) / criticalPathMs) / 100,
  };
}
