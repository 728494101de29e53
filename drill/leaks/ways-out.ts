/**
 * What left by the ways out, by who can read it: whoever passes a mail on, the whole company, the provider of SMS, everybody. What is
 * in clear between people of the team is theirs, as the room is.
 */
import type { MessageRecords, SeenMail } from '../messages';
import type { Received } from '../stand-ins/receiver';
import type { Place } from './scan';
import { saidIn } from './vendors';

export interface Left {
  readonly messages: MessageRecords;
  /** Every request that the provider of SMS and the public channels got, taken or not. */
  readonly smsRequests: readonly Received[];
  readonly publishingRequests: readonly Received[];
  readonly isOnTheTeam: (address: string) => boolean;
}

export function whatLeft({ messages, smsRequests, publishingRequests, isOnTheTeam }: Left): Place[] {
  const { mails, announcements, files } = messages;
  const toCompany = mails.filter(({ form, to }) => form === 'clear' && !to.every(isOnTheTeam));
  return [
    ...placeOf(
      'the mail server, as whoever passes mail on',
      'mail',
      mails.map(outsideOf),
      'Attorney Work Project',
    ),
    ...placeOf('what the company reads', 'inside', [
      ...toCompany.map(({ clear, raw }) => clear?.text ?? raw),
      ...announcements.map(({ markdown }) => markdown),
    ]),
    ...placeOf("the SMS provider's records", 'sms', smsRequests.map(told), 'Please'),
    ...placeOf('what was published', 'public', [
      ...publishingRequests.map(told),
      ...files.flatMap(({ name, content }) => [name, content]),
    ]),
  ];
}

function placeOf(name: string, kind: Place['kind'], contents: readonly string[], knows?: string): Place[] {
  return contents.length === 0
    ? []
    : [{ name, kind, content: contents.join('\n'), ...(knows !== undefined && { knows }) }];
}

/** Envelope and headers; and what is sealed, byte by byte. */
function outsideOf({ from, to, raw, form }: SeenMail): string {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return [from, ...to, form === 'clear' ? head : raw].join('\n');
}

/** Tokens are in `Authorization`, where they belong. */
function told({ path, body, headers }: Received): string {
  const { authorization: _token, ...rest } = headers;
  return [saidIn({ path, body }), ...Object.values(rest).flat()].join('\n');
}
