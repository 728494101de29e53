/**
 * Instance profiles. moto replaces one in the association alone, and the instance goes on to show the old one; it also does
 * so on a stopped instance, which AWS refuses; and it names a missing profile as IAM does, not as EC2.
 */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { ec2Error, textOf, xmlAnswer, type AskMoto } from './query';

export function replaceProfiles(ask: AskMoto): Rewrite {
  /** As AWS does it: another association, with another id. */
  async function replace(
    request: IncomingMessage,
    form: URLSearchParams,
    instanceId: string,
  ): Promise<Answer> {
    const id = form.get('AssociationId') ?? '';
    const instance = await ask(request, 'ec2', { Action: 'DescribeInstances', 'InstanceId.1': instanceId });
    if (!instance.body.includes('<name>running</name>'))
      return ec2Error('IncorrectState', `The association ${id} is not the active association`);
    const wanted = [...form].filter(([key]) => key.startsWith('IamInstanceProfile.'));
    const associate = () =>
      ask(request, 'ec2', {
        Action: 'AssociateIamInstanceProfile',
        InstanceId: instanceId,
        ...Object.fromEntries(wanted),
      });
    // moto looks at the profile before it looks at the instance: this tells whether there is one, and changes nothing.
    if ((await associate()).body.includes('NoSuchEntity')) return unknownProfile();
    await ask(request, 'ec2', { Action: 'DisassociateIamInstanceProfile', AssociationId: id });
    const { status, body } = await associate();
    return xmlAnswer(
      status,
      body
        .replaceAll('AssociateIam', 'ReplaceIam')
        .replaceAll('ProfileResponse', 'ProfileAssociationResponse'),
    );
  }

  return async (call, passOn, request) => {
    if (call.name === 'ec2.AssociateIamInstanceProfile') {
      const answer = await passOn();
      return answer.body.includes('NoSuchEntity') ? unknownProfile() : answer;
    }
    if (call.name !== 'ec2.ReplaceIamInstanceProfileAssociation') return passOn();
    const form = new URLSearchParams(call.body);
    const { body } = await ask(request, 'ec2', {
      Action: 'DescribeIamInstanceProfileAssociations',
      'AssociationId.1': form.get('AssociationId') ?? '',
    });
    const instanceId = textOf(body, 'instanceId');
    // moto says that there is no such association.
    if (instanceId === undefined) return passOn();
    const answer = await replace(request, form, instanceId);
    call.effectStatus = answer.status;
    return answer;
  };
}

function unknownProfile(): Answer {
  return ec2Error(
    'InvalidParameterValue',
    'Value for parameter iamInstanceProfile is invalid: there is no such profile',
  );
}
