/** Who is meant by what a person or a finding says, read without asking AWS. */
import { conflict, invalidRequest } from '../../../activities/failures';
import { parseArn, type Arn } from './arn';

export type Meant =
  | {
      readonly by: 'name';
      readonly name: string;
      readonly kinds: readonly ('user' | 'role')[];
      /** What the identity's own ARN has to be. */
      readonly arn?: string;
      readonly account?: string;
    }
  | { readonly by: 'accessKey'; readonly id: string; readonly account?: never };

const NAME = /^[\w+=,.@-]{1,64}$/;
const ACCESS_KEY = /^(AKIA|ASIA)[A-Z0-9]{12,}$/;

/**
 * `InvalidRequest` where the id names neither a user nor a role, and `Conflict` where it names what can't be contained.
 * Neither message repeats the id.
 */
export function whoIsMeant(id: string): Meant {
  const arn = parseArn(id);
  if (arn) return ofArn(id, arn);
  const [, prefix] = ACCESS_KEY.exec(id) ?? [];
  if (prefix === 'ASIA')
    throw invalidRequest(
      'The access key is a session’s: AWS does not tell whose. Name the role or the user that the session was issued to.',
    );
  if (prefix === 'AKIA') return { by: 'accessKey', id };
  if (NAME.test(id)) return { by: 'name', name: id, kinds: ['user', 'role'] };
  throw invalidRequest(
    'This is not an identity of AWS. Give the ARN of a user, of a role or of a session of it, a name, or the id of an access key.',
  );
}

function ofArn(id: string, { service, account, resource }: Arn): Meant {
  const [type = '', ...rest] = resource.split('/');
  if (service === 'iam' && resource === 'root')
    throw conflict(
      'The account’s root user can’t be contained by its API. By hand: sign in as root, change its password, delete its ' +
        'access keys, look at its MFA devices, and call AWS Support where the sign-in is lost.',
    );
  if (service === 'iam' && (type === 'user' || type === 'role')) {
    if (resource.startsWith('role/aws-service-role/'))
      throw conflict(
        'A service-linked role can’t be changed: AWS alone uses it. Contain the resource that the service acts for.',
      );
    if (resource.startsWith('role/aws-reserved/'))
      throw conflict(
        'IAM Identity Center keeps this role and takes no change of it. By hand: disable the person’s access in Identity ' +
          'Center, and end the sessions there.',
      );
    const name = rest.at(-1) ?? '';
    if (NAME.test(name)) return { by: 'name', name, kinds: [type], arn: id, account };
  }
  // A session's ARN leaves out the role's path, so it can't be held against the role's own.
  if (service === 'sts' && type === 'assumed-role' && NAME.test(rest[0] ?? ''))
    return { by: 'name', name: rest[0] ?? '', kinds: ['role'], account };
  throw invalidRequest(
    'The ARN is not one of a user, a role or a session of a role. Correct the scope: who is to be contained?',
  );
}
