/**
 * Firebreak's tags on the instance and its interfaces. They go: they say "this host is in an incident" to everybody who may
 * list instances, which is no longer true, and the ledger keeps what was. Those on snapshots stay, for they are evidence.
 */
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import type { Capture, ReleaseReport } from '../../../activities/containment';
import type { AwsSettings, Target } from '../clients';
import { lookAtLivingInstance } from '../instance';
import { HOP_TAG, lookAtHops } from '../network/hop';
import { CODENAME_TAG } from '../tags';

export async function restoreTags(
  target: Target,
  captured: Capture,
  codename: string,
  { secondMeasure }: AwsSettings,
): Promise<ReleaseReport> {
  const { tags } = await lookAtLivingInstance(target);
  const before = captured.tags[CODENAME_TAG];
  if (before !== undefined && tags[CODENAME_TAG] !== before)
    await target.clients.ec2.send(
      new CreateTagsCommand({ Resources: [target.id], Tags: [{ Key: CODENAME_TAG, Value: before }] }),
    );
  if (before === undefined && tags[CODENAME_TAG] === codename)
    await takeOff(target, [target.id], CODENAME_TAG, codename);
  if (secondMeasure === 'untracked-hop') await takeOffMarks(target, captured, codename);
  return {
    restored: [
      before === undefined
        ? `The instance has no tag ${CODENAME_TAG}.`
        : `The tag ${CODENAME_TAG} of the instance has the value that it had before.`,
    ],
    drift: [],
  };
}

/** The marks of the hop: with one, a later containment for the same codename would leave it out. */
async function takeOffMarks(target: Target, { vpcId }: Capture, codename: string): Promise<void> {
  const marked = (await lookAtHops(target, vpcId)).filter(({ markedFor }) => markedFor === codename);
  if (marked.length > 0)
    await takeOff(
      target,
      marked.map(({ id }) => id),
      HOP_TAG,
      codename,
    );
}

/** With the value: AWS takes a tag away only where it has this one, so never another incident's. */
async function takeOff({ clients }: Target, ids: string[], Key: string, Value: string): Promise<void> {
  await clients.ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: [{ Key, Value }] }));
}
