/**
 * SMS through a provider that takes one POST with JSON: `{to, from, text}`. See docs/ways-out.md.
 *
 * Once for the same key: the provider is told the key in `Idempotency-Key`, and has to keep to it.
 */
import { createHash } from 'node:crypto';
import { isSmsText, type Texter } from '../../activities/sms';
import { invalidRequest } from '../../activities/failures';
import { SMS_TEXTS } from '../../domain/sms';
import { addressOf, credentialOf, send, type Service } from '../http';
import { endOf, internationalNumber } from './number';

export interface SmsSettings {
  /** Begins with https; with http only for this machine. */
  readonly url: string;
  /** A number in international form, or what the provider calls the sender. */
  readonly from: string;
  readonly token: string;
  /** Until the answer's head, in milliseconds; 10,000 where it is left out. */
  readonly timeoutMs?: number;
}

const PROVIDER: Service = {
  name: 'The SMS provider',
  credential: 'FIREBREAK_SMS_TOKEN',
  setting: 'communication.sms.url',
};

/** A short code, or letters in the place of a number. */
const SENDER = /^[A-Za-z0-9]{3,11}$/;

/** @throws `TypeError` where a setting can't be used. */
export function createSmsProvider(settings: SmsSettings): Texter {
  const url = addressOf(PROVIDER, settings.url);
  const token = credentialOf(PROVIDER, settings.token);
  const from = internationalNumber(settings.from) ?? (SENDER.test(settings.from) ? settings.from : undefined);
  if (from === undefined)
    throw new TypeError(
      "communication.sms.from has to be a number with its country's code (+1 555 0199) or the provider's name of the sender.",
    );

  return {
    async send({ key, to, text }) {
      // The last lock: free text can't come out here, whoever calls.
      if (!isSmsText(text))
        throw invalidRequest('An SMS is one of the fixed texts, and nothing else. Nothing was sent.');
      const number = internationalNumber(to);
      if (number === undefined)
        throw invalidRequest(
          `The telephone number ${endOf(to)} has no country's code, or is none. Write it with a plus sign and the country's code. Nothing was sent.`,
        );
      // The answer's head says that it was taken; its body has nothing that is needed.
      await send(PROVIDER, url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': keyOf(key),
        },
        body: JSON.stringify({ to: number, from, text: SMS_TEXTS[text] }),
        timeoutMs: settings.timeoutMs ?? 10_000,
      });
    },
  };
}

/** The key holds the codename: the provider is not to know which incident it is. */
function keyOf(key: string): string {
  return createHash('sha256').update(`firebreak sms\n${key}`).digest('hex');
}
