/** AWS as the identity provider that containment needs. */
import type { IdentityCapture, IdentityProvider } from '../../../activities/identities';
import type { AwsSettings, Clients } from '../clients';
import { translate } from '../failures/translate';
import { createAccounts } from './accounts';
import { parseArn } from './arn';
import { capture } from './capture';
import { rotateSecret } from './secret';
import { denySessions } from './sessions';
import { disableKeys, removeLogin } from './user';
import { verify } from './verify';

/**
 * Throws the failures of `activities/failures`; their messages name the AWS action and AWS's error code, and neither an
 * identity nor an account.
 */
export function createIdentities(settings: AwsSettings): IdentityProvider {
  const at = createAccounts(settings);
  /** The ARN is AWS's own: it says where the identity is, whatever it was found by. */
  const clientsOf = ({ arn }: IdentityCapture): Clients => {
    const { account, region = '' } = parseArn(arn) ?? {};
    return at({ account, region: region === '' ? undefined : region });
  };
  return {
    capture: (identity) => translated(() => capture(at, settings, identity)),
    disableKeys: (captured) => translated(() => disableKeys(clientsOf(captured), captured)),
    removeLogin: (captured) => translated(() => removeLogin(clientsOf(captured), captured)),
    denySessions: (captured, codename, issuedBefore) =>
      translated(() => denySessions(clientsOf(captured), captured, codename, issuedBefore)),
    rotateSecret: (captured, key) => translated(() => rotateSecret(clientsOf(captured), captured, key)),
    verify: (captured, codename, issuedBefore) =>
      translated(() => verify(clientsOf(captured), captured, codename, issuedBefore)),
  };
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}
