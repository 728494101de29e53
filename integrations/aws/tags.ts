/** What Firebreak writes on things. Anybody in the account may read it, so it says nothing but the codename. */

/** On instances and snapshots: the codename. */
export const CODENAME_TAG = 'firebreak';
/** On snapshots: the instance that the volume belonged to. With the codename, it is the key of the snapshot. */
export const SOURCE_TAG = 'firebreak:source';
/** On snapshots: `live` or `stopped`. One without it is from before there were two, and live. */
export const MOMENT_TAG = 'firebreak:moment';
