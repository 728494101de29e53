/** Back into the network: the last part of a release. */
import { ModifyNetworkInterfaceAttributeCommand, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import type { Capture, CapturedInterface, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { lookAtLivingInstance, type SeenInterface } from '../instance';
import { allowElsewhere } from '../network/elsewhere';
import { together } from '../together';

export async function restoreNetwork(target: Target, captured: Capture): Promise<ReleaseReport> {
  await allowElsewhere(target, captured);
  const [instance, existing] = await Promise.all([
    lookAtLivingInstance(target),
    existingGroups(target, captured),
  ]);
  const plans = captured.interfaces.map((before) =>
    plan(
      before,
      instance.interfaces.find(({ id }) => id === before.id),
      existing,
    ),
  );
  await together(plans.map(({ id, groups }) => putInto(target, id, groups)));

  const known = new Set(captured.interfaces.map(({ id }) => id));
  return {
    restored: [
      "The network no longer denies the instance's own addresses elsewhere.",
      ...plans.flatMap(({ restored }) => restored),
    ],
    drift: [
      ...plans.flatMap(({ drift }) => drift),
      ...instance.interfaces
        .filter(({ id }) => !known.has(id))
        .map(
          ({ id, groups }) =>
            `The interface ${id} was attached after the capture and is left in ${groups.join(', ')}: decide on it by hand.`,
        ),
    ],
  };
}

interface Plan extends ReleaseReport {
  readonly id: string;
  /** What to change its groups to; undefined where they stay. */
  readonly groups?: readonly string[];
}

function plan(
  { id, groups, publicAddresses, alreadyQuarantined }: CapturedInterface,
  now: SeenInterface | undefined,
  existing: ReadonlySet<string>,
): Plan {
  if (!now)
    return {
      id,
      restored: [],
      drift: [
        `The interface ${id} is no longer attached: look at where it is now and which groups it is in.`,
      ],
    };
  const lostAddresses = publicAddresses.filter((address) => !now.publicAddresses.includes(address));
  const addressDrift =
    lostAddresses.length === 0
      ? []
      : [
          `The interface ${id} lost ${lostAddresses.join(', ')} at the stop and now has ` +
            `${now.publicAddresses.join(', ') || 'no public address'}: correct what points to it.`,
        ];
  if (alreadyQuarantined)
    return {
      id,
      restored: [],
      drift: [
        `The interface ${id} stays in quarantine: its groups before the quarantine are not known. Choose them by hand.`,
        ...addressDrift,
      ],
    };
  const left = groups.filter((group) => existing.has(group));
  const gone = groups.filter((group) => !existing.has(group));
  if (left.length === 0)
    return {
      id,
      restored: [],
      drift: [
        `The interface ${id} stays in quarantine: of its groups (${groups.join(', ')}) none is left. Choose others by hand.`,
        ...addressDrift,
      ],
    };
  return {
    id,
    ...(isIn(now, left) ? {} : { groups: left }),
    restored: [`The interface ${id} is in ${left.join(', ')}.`],
    drift: [
      ...(gone.length === 0
        ? []
        : [`The interface ${id} is no longer in ${gone.join(', ')}: deleted since the capture.`]),
      ...addressDrift,
    ],
  };
}

function isIn(now: SeenInterface, groups: readonly string[]): boolean {
  return now.groups.length === groups.length && groups.every((group) => now.groups.includes(group));
}

async function putInto(
  { clients }: Target,
  id: string,
  groups: readonly string[] | undefined,
): Promise<void> {
  if (groups === undefined) return;
  await clients.ec2.send(
    new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups: [...groups] }),
  );
}

/** Asked by a filter, which does not mind what is gone. */
async function existingGroups({ clients }: Target, { interfaces }: Capture): Promise<Set<string>> {
  const wanted = [...new Set(interfaces.flatMap(({ groups }) => groups))];
  const found = new Set<string>();
  if (wanted.length === 0) return found;
  const pages = paginateDescribeSecurityGroups(
    { client: clients.ec2 },
    { Filters: [{ Name: 'group-id', Values: wanted }] },
  );
  for await (const { SecurityGroups = [] } of pages)
    for (const { GroupId } of SecurityGroups) if (GroupId !== undefined) found.add(GroupId);
  return found;
}
