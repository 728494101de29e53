/** Looks again at everything that the other steps claim. Believes nothing that was answered before. */
import type { Verification } from '../../../activities/containment';
import type { IdentityCapture } from '../../../activities/identities';
import type { Clients } from '../clients';
import { currentVersionOf, lookAtSecret, pendingVersionOf } from './secret';
import { areDenied } from './sessions';
import { hasLogin, isActive, keysOf } from './user';

/** `unproven` names access keys: it belongs into the incident, which is encrypted, and nowhere else. */
export async function verify(
  clients: Clients,
  captured: IdentityCapture,
  codename: string,
  issuedBefore: string,
): Promise<Verification> {
  const looks =
    captured.kind === 'secret'
      ? [unprovenOfSecret(clients, captured)]
      : [
          ...(captured.kind === 'user' ? [unprovenOfUser(clients, captured)] : []),
          unprovenOfSessions(clients, captured, codename, issuedBefore),
        ];
  const unproven = (await Promise.all(looks)).flat();
  return { verifiedAt: new Date().toISOString(), unproven };
}

async function unprovenOfUser(clients: Clients, { name }: IdentityCapture): Promise<string[]> {
  const [keys, login] = await Promise.all([keysOf(clients, name), hasLogin(clients, name)]);
  return [
    ...keys.filter(isActive).map(({ AccessKeyId }) => `The access key ${AccessKeyId} is active.`),
    ...(login ? ['The user has a password for the console.'] : []),
  ];
}

async function unprovenOfSessions(
  clients: Clients,
  captured: IdentityCapture,
  codename: string,
  issuedBefore: string,
): Promise<string[]> {
  return (await areDenied(clients, captured, codename, issuedBefore))
    ? []
    : [`The sessions that were issued before ${issuedBefore} are not denied.`];
}

async function unprovenOfSecret(clients: Clients, captured: IdentityCapture): Promise<string[]> {
  const secret = await lookAtSecret(clients, captured.arn);
  return [
    ...(currentVersionOf(secret) === captured.currentVersion
      ? ['The secret’s value is the one that it had: it has not been rotated.']
      : []),
    ...(pendingVersionOf(secret) === undefined
      ? []
      : ['A rotation of the secret is under way or has failed: look at its rotation function.']),
  ];
}
