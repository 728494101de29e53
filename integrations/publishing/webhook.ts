/**
 * The company's own website, or whatever else takes a POST: see docs/ways-out.md for what it has to check.
 *
 * Once for the same statement: `Idempotency-Key` says which it is, and the receiver has to keep to it.
 */
import { createHmac } from 'node:crypto';
import { addressOf, credentialOf, linkIn, parsed, send, type Service } from '../http';
import type { Channel } from './channel';

/** A receiver's answer holds an address and little more. */
const ANSWER_AT_MOST = 64 * 1024;

export function createWebhook(settings: {
  name: string;
  url: string;
  secret: string | undefined;
  timeoutMs: number;
}): Channel {
  const service: Service = {
    name: `The webhook "${settings.name}"`,
    credential: 'FIREBREAK_WEBHOOK_SECRET',
    setting: `the webhook of "${settings.name}" in communication.public`,
  };
  const url = addressOf(service, settings.url);
  const secret = credentialOf(service, settings.secret);

  return async ({ id, title, markdown, html }) => {
    const body = JSON.stringify({ title, markdown, html });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    const { text } = await send(service, url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': id,
        'x-firebreak-timestamp': timestamp,
        'x-firebreak-signature': `v1=${signature}`,
      },
      body,
      timeoutMs: settings.timeoutMs,
      readsAtMost: ANSWER_AT_MOST,
    });
    // It was taken, whatever the rest of the answer is: it is not sent again for the sake of an address.
    const link = linkIn((parsed(text) as { url?: unknown } | null | undefined)?.url);
    return link === undefined ? {} : { url: link };
  };
}
