/** An instance profile that was not made: its ARN is asked for. */
import type { CreateInstanceProfileCommandInput } from '@aws-sdk/client-iam';
import type { Capture } from '../../../activities/containment';
import type { Imagined } from './imagined';

export function imagineProfiles({ instanceProfileArn = '' }: Capture): Imagined {
  return {
    changes: {
      CreateInstanceProfile: ({ InstanceProfileName }: CreateInstanceProfileCommandInput) => ({
        InstanceProfile: {
          InstanceProfileName,
          // In the account of the one that it comes in the place of.
          Arn: `${instanceProfileArn.split('/')[0]}/${InstanceProfileName}`,
          Roles: [],
        },
      }),
    },
    reads: {},
  };
}
