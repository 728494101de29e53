/** The workspace of `emulate` behind it all, seeded. */
import { APP, APP_SCOPES } from './app';
import type { SlackUser } from './directory';

const AUDIT_SCOPES = [...APP_SCOPES, 'pins:read'];
const INSIDE_SCOPES = [
  ...AUDIT_SCOPES,
  'channels:manage',
  'channels:join',
  'im:read',
  'mpim:read',
  'mpim:write',
];
/** Acts as the app past the proxy. No caller can have it, since the proxy takes it for a wrong one. */
export const INSIDE_TOKEN = 'xoxb-stand-in-inside';

export async function startEmulator(seed: {
  users: readonly SlackUser[];
  token: string;
  scopes: readonly string[];
  tokenOf(email: string): string;
  insideTokenOf(email: string): string;
}) {
  const { users, token, scopes, tokenOf, insideTokenOf } = seed;
  const bot = { type: 'bot', user_id: APP.userId, app_id: APP.id, bot_id: APP.botId };
  const { createEmulator } = await import('emulate');
  return createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        // The handle is the e-mail, since the emulator drops the second user of the same handle.
        users: users.map(({ email, name }) => ({ name: email, real_name: name, email })),
        oauth_apps: [
          {
            app_id: APP.id,
            client_id: 'stand-in',
            client_secret: 'stand-in',
            name: 'Firebreak',
            scopes,
            bot_id: APP.botId,
            bot_user_id: APP.userId,
            bot_name: APP.name,
          },
        ],
        tokens: [
          { ...bot, token, scopes },
          { ...bot, token: INSIDE_TOKEN, scopes: INSIDE_SCOPES },
          ...users.flatMap(({ email }) => [
            { type: 'user', token: tokenOf(email), user: email, scopes: AUDIT_SCOPES },
            { type: 'user', token: insideTokenOf(email), user: email, scopes: INSIDE_SCOPES },
          ]),
        ],
      },
    },
  });
}
