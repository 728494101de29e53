/**
 * Addresses by which an app answers later to a command or a click:
 * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
 */
import { randomBytes } from 'node:crypto';
import { isFields, json, parsed, textOf, type Fields } from './answers';
import { TEAM } from './app';
import { problemsOf, withIds } from './blocks';
import type { Ephemerals } from './ephemerals';
import type { Ask } from './inside';
import type { Answer, Call } from '../recording-proxy';

/** How calls to these addresses are named among the others. */
export const RESPONSE_URL = 'response_url';
const PATH = /^\/(?:commands|actions)\//;
export const isResponseUrl = (path: string) => PATH.test(path);

const MOST_USES = 5;
const LIFE_MS = 30 * 60_000;

/** Who did something, and where. */
export interface Origin {
  readonly user: string;
  readonly channel: string;
  /** The message on which it was done, where it was on one. */
  readonly message?: { readonly ts: string; readonly isEphemeral: boolean };
}

export interface ResponseUrls {
  issue(origin: Origin): string;
  answer(call: Call): Promise<Answer>;
  /** Shows the person what the app has answered with. The same as by the address, without spending it. */
  show(origin: Origin, body: Fields): Promise<string | undefined>;
}

/** @param asApp acts as the app. */
export function createResponseUrls(base: () => string, ephemerals: Ephemerals, asApp: Ask): ResponseUrls {
  const issued = new Map<string, { origin: Origin; uses: number; until: number }>();

  /** @returns what is wrong with the answer, where anything is. */
  async function show(origin: Origin, body: Fields): Promise<string | undefined> {
    const { user, channel, message } = origin;
    const blocks = parsed(body.blocks) ?? [];
    if (problemsOf(blocks, 'message').length > 0) return 'invalid_blocks';
    const shown = { text: textOf(body.text), blocks: withIds(blocks as Fields[]) };
    const isMeant = (name: string) => body[name] === true || body[name] === 'true';
    if (message && isMeant('delete_original')) {
      if (message.isEphemeral) ephemerals.remove(user, message.ts);
      else await asApp('chat.delete', { channel, ts: message.ts });
      return undefined;
    }
    if (shown.text === '' && shown.blocks.length === 0) return 'no_text';
    const posted = { channel, text: shown.text, blocks: JSON.stringify(shown.blocks) };
    if (message && isMeant('replace_original')) {
      if (message.isEphemeral) ephemerals.replace(user, message.ts, shown);
      else await asApp('chat.update', { ...posted, ts: message.ts });
    } else if (body.response_type === 'in_channel') await asApp('chat.postMessage', posted);
    else ephemerals.show(user, { channel, ...shown });
    return undefined;
  }

  return {
    issue(origin) {
      const kind = origin.message ? 'actions' : 'commands';
      const path = `/${kind}/${TEAM.id}/${issued.size + 1}/${randomBytes(12).toString('hex')}`;
      issued.set(path, { origin, uses: 0, until: Date.now() + LIFE_MS });
      return base() + path;
    },
    async answer(call) {
      const found = issued.get(call.path);
      if (!found) return json({ ok: false, error: 'invalid_url' }, 404);
      if (Date.now() > found.until) return json({ ok: false, error: 'expired_url' }, 404);
      if (found.uses >= MOST_USES) return json({ ok: false, error: 'used_url' }, 404);
      const body = parsed(call.body);
      if (!isFields(body)) return json({ ok: false, error: 'invalid_payload' }, 400);
      const problem = await show(found.origin, body);
      if (problem !== undefined) return json({ ok: false, error: problem }, 400);
      found.uses += 1;
      call.effectStatus = 200;
      return json({ ok: true });
    },
    show,
  };
}
