/** What moto takes and forgets, or takes without a look: interfaces and their security groups. */
import type { Rewrite } from '../recording-proxy';
import { asList, ec2Error, listOf, textsOf, type AskMoto } from './query';

/** Keeps what ModifyNetworkInterfaceAttribute said of an attachment, and tells it wherever the attachment is described. */
export function rememberDeleteOnTermination(): Rewrite {
  const said = new Map<string, string>();
  return async (call, passOn) => {
    const answer = await passOn();
    if (call.name === 'ec2.ModifyNetworkInterfaceAttribute' && answer.status === 200) {
      const form = new URLSearchParams(call.body);
      const attachment = form.get('Attachment.AttachmentId');
      const value = form.get('Attachment.DeleteOnTermination');
      if (attachment !== null && value !== null) said.set(attachment, value);
    }
    if (said.size === 0 || !/^ec2\.Describe(Instances|NetworkInterfaces)$/.test(call.name)) return answer;
    const body = answer.body
      .toString('utf8')
      .replace(
        /(<attachmentId>([^<]*)<\/attachmentId><deleteOnTermination>)(?:true|false)/g,
        (whole, before: string, attachment: string) => {
          const value = said.get(attachment);
          return value === undefined ? whole : before + value;
        },
      );
    return { ...answer, body: Buffer.from(body) };
  };
}

/** Refuses a group that is not there on an interface, and the deletion of one that is on an interface. */
export function checkGroups(ask: AskMoto): Rewrite {
  return async (call, passOn, request) => {
    const form = new URLSearchParams(call.body);
    if (call.name === 'ec2.ModifyNetworkInterfaceAttribute') {
      const wanted = listOf(form, 'SecurityGroupId');
      if (wanted.length === 0) return passOn();
      const { body } = await ask(request, 'ec2', {
        Action: 'DescribeSecurityGroups',
        'Filter.1.Name': 'group-id',
        ...asList('Filter.1.Value', wanted),
      });
      const there = textsOf(body, 'groupId');
      const missing = wanted.find((id) => !there.includes(id));
      if (missing !== undefined)
        return ec2Error('InvalidGroup.NotFound', `The security group '${missing}' does not exist`);
    }
    const group = form.get('GroupId');
    if (call.name === 'ec2.DeleteSecurityGroup' && group !== null) {
      const { body } = await ask(request, 'ec2', {
        Action: 'DescribeNetworkInterfaces',
        'Filter.1.Name': 'group-id',
        'Filter.1.Value.1': group,
      });
      if (textsOf(body, 'networkInterfaceId').length > 0)
        return ec2Error('DependencyViolation', `resource ${group} has a dependent object`);
    }
    return passOn();
  };
}
