/** SMS: only the fixed texts that move somebody to a safer channel, each by its id. */
import type { Message, Sendable } from '../domain/outgoing';
import { SMS_TEXTS, SMS_TEXT_IDS, type SmsTextId } from '../domain/sms';
import { invalidRequest } from './failures';

/** What SMS needs of a provider. There is no way to say anything but one of the texts. */
export interface Texter {
  /**
   * Sends the text to that number, once for the same key.
   *
   * @param request `to` is in international form, as E.164 writes it: `+15550150`.
   */
  send(request: { readonly key: string; readonly to: string; readonly text: SmsTextId }): Promise<void>;
}

export function createSmsActivities(texter: Texter) {
  return {
    /** Sends one of the fixed texts. What came here by any way but a decision is looked at once more. */
    async sendSms(key: string, { to, text }: Sendable<Extract<Message, { way: 'sms' }>>): Promise<void> {
      if (!isSmsText(text)) {
        const ids = SMS_TEXT_IDS.join(', ');
        throw invalidRequest(`An SMS is one of the fixed texts, and nothing else: ${ids}. Nothing was sent.`);
      }
      await texter.send({ key, to, text });
    },
  };
}

export type SmsActivities = ReturnType<typeof createSmsActivities>;

/** Whatever a caller's types promise. */
export function isSmsText(text: unknown): text is SmsTextId {
  return typeof text === 'string' && Object.hasOwn(SMS_TEXTS, text);
}
