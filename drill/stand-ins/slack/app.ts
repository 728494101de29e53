/** Firebreak's app in the workspace, and the workspace itself, by the names that Slack gives them. */
export const APP = { id: 'A0FIREBREAK', botId: 'B0FIREBREAK', userId: 'U0FIREBREAK', name: 'firebreak' };

/** The emulator's own. */
export const TEAM = { id: 'T000000001', domain: 'emulate' };
/** The emulator's own administrator, of whom the workspace is not to know. */
export const EMULATOR_USER = 'U000000001';

/**
 * What the app may do; the emulator refuses the rest with `missing_scope`. As the documents tell a company to set it.
 * Without `commands`, `app_mentions:read` and the histories, Slack sends the app nothing of that kind.
 */
export const APP_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:write',
  'pins:write',
  'users:read',
  'users:read.email',
];
