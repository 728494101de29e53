/** EC2's dry runs: moto carries some calls out although they say `DryRun`, those about network ACLs among them. */
import type { Rewrite } from '../recording-proxy';
import { ec2Error } from './query';

/**
 * Answers every dry run of EC2 by itself, and passes none on. As the last of the rewrites it leaves the others their
 * rules: whether AWS looks at these before it answers a dry run, it does not say.
 */
export function answerDryRuns(): Rewrite {
  return (call, passOn) =>
    call.name.startsWith('ec2.') && new URLSearchParams(call.body).get('DryRun') === 'true'
      ? Promise.resolve(
          ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412),
        )
      : passOn();
}
