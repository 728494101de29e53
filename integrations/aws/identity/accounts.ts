/** The way into the accounts that identities and secrets belong to. */
import { conflict } from '../../../activities/failures';
import { createPlaces, type AwsSettings, type Clients, type Place } from '../clients';
import { parseArn } from './arn';

/** Finds the clients of a place. `Conflict` where no role is configured for its account. */
export type FindClients = (place: Place) => Clients;

export function createAccounts(settings: AwsSettings): FindClients {
  const placeOf = createPlaces(settings);
  const known = [settings.account, ...(settings.accounts ?? []).map(({ id }) => id)];
  return (place) => {
    // Where the settings name no account, the worker's own isn't known before AWS has answered: `checkAccount`.
    if (place.account !== undefined && settings.account !== undefined && !known.includes(place.account))
      throw conflict(
        'This is in an account that the worker has no role for. Add the account and the role to assume there to the ' +
          'settings, or correct the scope, then retry.',
      );
    return placeOf(place);
  };
}

/** Of an ARN that AWS answered with: `Conflict` where it is not of the account that was asked for. */
export function checkAccount(arn: string, account: string | undefined): void {
  if (account !== undefined && parseArn(arn)?.account !== account)
    throw conflict(
      'This is in another account than the one that it was looked for in. Correct the scope, or add the account and the ' +
        'role to assume there to the settings, then retry.',
    );
}
