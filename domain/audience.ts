/** Who can see this? As far as the vendors' APIs tell, and what they don't. */

export interface Audience {
  /** When it was asked, in milliseconds since the epoch. */
  readonly at: number;
  /** In the room: their addresses, or what Slack calls them. */
  readonly members: readonly string[];
  /** Owners and administrators of the workspace: they can read private rooms. */
  readonly owners: readonly string[];
  /** They can read every page. */
  readonly pagerAdministrators: readonly string[];
  /** What could not be asked, and why. */
  readonly problems: readonly string[];
}

/** What no API tells. Said with every answer: a list that looks complete would be a lie. */
export const UNTOLD: readonly string[] = [
  'whoever administers Temporal or its database sees that something of this codename runs, and when it is active; its content is sealed',
  'whoever holds the keyring (FIREBREAK_KEYRING_FILE) can read all of it; nobody keeps a list of copies',
  'whoever owns the Slack workspace can export private rooms and direct messages',
  'administrators of the AWS accounts see what was contained there',
];
