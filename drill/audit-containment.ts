/** The judgement of a drill, of what was done in AWS: asked of the stand-in alone. */
import type { Records } from './records';

type Aws = Records['aws'];

/** What is no evidence: a password, and what release takes back. */
const HARMLESS = new Set(['iam.DeleteLoginProfile', 'ec2.DeleteNetworkAclEntry', 'ec2.DeleteTags']);

export function containment(records: Records): string[] {
  const { aws } = records;
  return [
    ...aws.calls
      .filter(({ name }) => /\.(Terminate|Delete)/.test(name) && !HARMLESS.has(name))
      .map(({ name }) => `${name} was called`),
    ...aws.lost.map(
      ({ instanceId }) => `${instanceId} was terminated by its scaling group: its evidence is lost`,
    ),
    ...Object.keys(aws.fleet)
      .filter((id) => !aws.released.includes(id))
      .flatMap((id) => instance(id, records)),
    ...Object.keys(aws.fleet).flatMap((id) => [...order(id, aws), ...images(id, records)]),
    ...network(aws),
    ...people(records),
  ];
}

function instance(id: string, { aws }: Records): string[] {
  const state = aws.fleet[id];
  if (!state) return [`${id} is gone`];
  const found: string[] = [];
  if (state.state !== 'stopped') found.push(`${id} is ${state.state}, not stopped`);
  if (!state.terminationProtected) found.push(`${id} can be terminated`);
  if (state.scalingGroup !== undefined) found.push(`${id} is in a scaling group`);
  for (const one of state.interfaces) {
    if (
      one.groups.some(({ name, rules }) => name !== aws.quarantineGroup || rules > 0) ||
      one.groups.length !== 1
    )
      found.push(`${one.id} of ${id} is not in the quarantine group alone`);
    if (one.deleteOnTermination) found.push(`${one.id} of ${id} would go with the instance`);
  }
  for (const volume of state.volumes)
    if (volume.deleteOnTermination) found.push(`${volume.id} of ${id} would go with the instance`);
  // "Blacklist the IP addresses for any affected instances from all other hosts."
  for (const { id: acl, denied } of aws.acls.filter(
    ({ vpcId, subnets }) => vpcId === state.vpcId && subnets.length > 0,
  ))
    for (const address of state.addresses)
      for (const egress of [true, false]) {
        const count = denied.filter((one) => one.cidr === `${address}/32` && one.egress === egress).length;
        if (count !== 1)
          found.push(`${acl} denies ${address} ${egress ? 'outwards' : 'inwards'} ${count} times, not once`);
      }
  return found;
}

/** Images before the stop, and out of its groups before the stop: a scaling group terminates a member that stops. */
function order(id: string, { calls }: Aws): string[] {
  const effective = (pattern: RegExp) =>
    calls.filter(
      ({ name, body, effectStatus }) => pattern.test(name) && body.includes(id) && succeeded(effectStatus),
    );
  const found: string[] = [];
  const snapshots = effective(/^ec2\.CreateSnapshots?$/);
  const stops = effective(/^ec2\.StopInstances$/);
  const [stop] = stops;
  if (snapshots.length > 2) found.push(`images of ${id} were requested ${snapshots.length} times, not twice`);
  if (stops.length > 1) found.push(`${id} was stopped ${stops.length} times`);
  if (!stop) return found;
  if (!snapshots[0] || stop.at < snapshots[0].at)
    found.push(`${id} was stopped before its images were requested`);
  for (const detached of effective(/^autoscaling\.DetachInstances$/))
    if (stop.at < detached.at) found.push(`${id} was stopped before it had left its scaling group`);
  return found;
}

/** Of every disk one image of the running host and one of the stopped one, each locked. */
function images(id: string, { aws, codename }: Records): string[] {
  const found: string[] = [];
  for (const volume of aws.fleet[id]?.volumes ?? []) {
    const own = volume.snapshots.filter(({ tags }) => tags['firebreak'] === codename);
    for (const moment of ['live', 'stopped']) {
      const taken = own.filter(({ tags }) => tags['firebreak:moment'] === moment);
      if (taken.length !== 1)
        found.push(`${volume.id} of ${id} has ${taken.length} ${moment} images, not one`);
      for (const image of taken)
        if (aws.locks[image.id] === undefined) found.push(`the ${moment} image ${image.id} is not locked`);
    }
  }
  return found;
}

/** The attacker's addresses: denied in every network ACL, both ways, once, and known to the WAF. */
function network({ acls, attackers, blockedByWaf }: Aws): string[] {
  const found: string[] = [];
  for (const address of attackers) {
    for (const { id, denied, subnets } of acls.filter((acl) => acl.subnets.length > 0))
      for (const egress of [true, false]) {
        const count = denied.filter((one) => one.cidr === `${address}/32` && one.egress === egress).length;
        if (count !== 1)
          found.push(
            `${id} (${subnets.length} subnets) denies ${address} ${egress ? 'outwards' : 'inwards'} ${count} times, not once`,
          );
      }
    if (blockedByWaf.filter((one) => one === `${address}/32`).length !== 1)
      found.push(`the WAF does not block ${address}`);
  }
  return found;
}

function people({ aws, codename }: Records): string[] {
  return Object.entries(aws.users).flatMap(([name, { activeKeys, hasLogin, inlinePolicies }]) => [
    ...(activeKeys > 0 ? [`${name} has ${activeKeys} active keys`] : []),
    ...(hasLogin ? [`${name} can log in`] : []),
    ...(inlinePolicies.some((policy) => policy.includes(codename))
      ? []
      : [`the older sessions of ${name} are not denied`]),
  ]);
}

function succeeded(status: number | undefined): boolean {
  return status !== undefined && status < 300;
}
