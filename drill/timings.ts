/** How long things took from the declaration on, in ms, by the stand-ins' clocks and the incident's own. All run on one machine. */
import { doneAt, type SubStep } from '../domain/containment';
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
