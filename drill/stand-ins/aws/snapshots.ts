/** Snapshots that take time: moto's are complete at once. */
import type { Answer, Rewrite } from '../recording-proxy';
import { ec2Error, mapItems, takeFilter, textOf, textsOf } from './query';

export interface SnapshotTimes {
  readonly rewrite: Rewrite;
  /** When the snapshot is or was complete, in milliseconds since the epoch; undefined for one that never was pending. */
  completedAt(snapshotId: string): number | undefined;
}

const MAKES = /^ec2\.(CreateSnapshots?|CopySnapshot)$/;
/** What AWS refuses as long as the snapshot is pending, and where the call names it. */
const NEEDS_COMPLETE: Readonly<Record<string, string>> = {
  'ec2.CopySnapshot': 'SourceSnapshotId',
  'ec2.CreateVolume': 'SnapshotId',
};

/** @param durationMs 0 leaves everything to moto */
export function snapshotsTakeTime(durationMs: number, now: () => number): SnapshotTimes {
  const startedAt = new Map<string, number>();

  const completedAt = (id: string): number | undefined => {
    const started = startedAt.get(id);
    return started === undefined ? undefined : started + durationMs;
  };
  const pending = (id: string | undefined) => id !== undefined && (completedAt(id) ?? -Infinity) > now();

  /** A snapshot's XML, with the state and the progress of now. CreateSnapshots says `state` where the others say `status`. */
  const mended = (xml: string, state: 'state' | 'status'): string => {
    const id = textOf(xml, 'snapshotId') ?? '';
    const started = startedAt.get(id);
    if (started === undefined) return xml;
    const percent = Math.floor(Math.min(1, (now() - started) / durationMs) * 100);
    return (
      xml
        .replace(/<(state|status)>[^<]*<\/\1>/, '')
        .replace(/<progress>[^<]*<\/progress>/, `<progress>${percent}%</progress>`)
        // Before the id, which every one has, and which no tag inside of it has.
        .replace('<snapshotId>', `<${state}>${pending(id) ? 'pending' : 'completed'}</${state}><snapshotId>`)
    );
  };

  const rewrite: Rewrite = async (call, passOn) => {
    if (durationMs === 0) return passOn();
    const form = new URLSearchParams(call.body);
    const source = form.get(NEEDS_COMPLETE[call.name] ?? '');
    if (source !== null && pending(source))
      return ec2Error('IncorrectState', `Snapshot '${source}' is not 'completed'.`);
    if (call.name === 'ec2.DescribeSnapshots') {
      const filter = takeFilter(form, 'status');
      const answer = await passOn(filter?.rest.toString());
      return changed(answer, (xml) =>
        mapItems(xml, 'snapshotSet', (item) => {
          const snapshot = mended(item, 'status');
          return !filter || filter.values.includes(textOf(snapshot, 'status') ?? '') ? snapshot : undefined;
        }),
      );
    }
    if (!MAKES.test(call.name)) return passOn();
    const answer = await passOn();
    return changed(answer, (xml) => {
      for (const id of textsOf(xml, 'snapshotId')) startedAt.set(id, now());
      if (call.name === 'ec2.CreateSnapshots')
        return mapItems(xml, 'snapshotSet', (item) => mended(item, 'state'));
      return call.name === 'ec2.CreateSnapshot' ? mended(xml, 'status') : xml;
    });
  };

  return { rewrite, completedAt };
}

function changed(answer: Answer, change: (xml: string) => string): Answer {
  if (answer.status !== 200) return answer;
  return { ...answer, body: Buffer.from(change(answer.body.toString('utf8'))) };
}
