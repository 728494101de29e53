/** The public statement's way out: the channels that the company has configured. */
import type { Message, Sendable } from '../domain/outgoing';
import { invalidRequest } from './failures';

/** What publishing needs of a channel. */
export interface Publisher {
  /**
   * Publishes the statement on that channel, once for the same key. `NotFound` where no channel has that name.
   *
   * @returns where it can be read, where the channel says so.
   */
  publish(request: Publication): Promise<{ url?: string }>;
}

export interface Publication {
  readonly key: string;
  /** Its name in the configuration. */
  readonly channel: string;
  readonly title: string;
  readonly markdown: string;
}

export function createPublishingActivities(publisher: Publisher) {
  return {
    /** Publishes the statement on one channel. */
    async publishStatement(
      key: string,
      { channel, title, markdown }: Sendable<Extract<Message, { way: 'publish' }>>,
    ): Promise<{ url?: string }> {
      if (![key, channel, title, markdown].every(isText))
        throw invalidRequest(
          'A statement needs a key, a channel, a title and a text. Nothing was published: the worker may be older than the workflow.',
        );
      // A title ends in a file's name, in a page's head and in the subject of what a status page sends.
      if (/\p{Cc}/u.test(title))
        throw invalidRequest(
          "The statement's title is longer than one line, or holds control characters. Nothing was published: mend the title.",
        );
      return publisher.publish({ key, channel, title, markdown });
    },
  };
}

export type PublishingActivities = ReturnType<typeof createPublishingActivities>;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
