/** A mail server, a provider of SMS and the public's channels in memory: what arrived, and how often it was asked for. */
import type { Mailer, MailRequest } from '../../activities/mail';
import type { Publication, Publisher } from '../../activities/publishing';
import type { Texter } from '../../activities/sms';
import { staged, type Call } from './staged';

interface Reached {
  readonly email: string;
  readonly what: string;
}

/** As a mail server: it takes the same mail twice, and both arrive. */
export function createFakeMail(all: Call[] = [], reached: Reached[] = []) {
  const sent: MailRequest[] = [];
  const port: Mailer = {
    async send(request) {
      sent.push(request);
      const { to, cc = [], bcc = [], markdown } = request;
      for (const { address } of [...to, ...cc, ...bcc]) reached.push({ email: address, what: markdown });
      return { messages: 1 };
    },
    check: async () => {},
  };
  return { ...staged(port, all), sent };
}

export type FakeText = Parameters<Texter['send']>[0];

/** Once for the same key. */
export function createFakeTexter(all: Call[] = []) {
  const sent: FakeText[] = [];
  const port: Texter = {
    async send(request) {
      if (!sent.some(({ key }) => key === request.key)) sent.push(request);
    },
  };
  return { ...staged(port, all), sent };
}

/** Once for the same key and channel. */
export function createFakePublisher(all: Call[] = []) {
  const published: Publication[] = [];
  const port: Publisher = {
    async publish(request) {
      const { key, channel } = request;
      if (!published.some((one) => one.key === key && one.channel === channel)) published.push(request);
      return { url: `https://www.example.com/${channel}` };
    },
  };
  return { ...staged(port, all), published };
}
