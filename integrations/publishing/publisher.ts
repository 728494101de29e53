/** The company's public channels, by their names in its configuration: a webhook, a folder, a status page. */
import { createHash } from 'node:crypto';
import type { Publisher } from '../../activities/publishing';
import { notFound } from '../../activities/failures';
import type { Channel } from './channel';
import { createFolder } from './folder';
import { htmlOf } from './html';
import { createStatusPage } from './status-page';
import { createWebhook } from './webhook';

export type PublicChannelSettings =
  | { readonly kind: 'webhook'; readonly name: string; readonly url: string }
  /** By its whole path. It has to be there. */
  | { readonly kind: 'file'; readonly name: string; readonly folder: string }
  | { readonly kind: 'statusPage'; readonly name: string; readonly pageId: string };

export interface PublishingSettings {
  readonly channels: readonly PublicChannelSettings[];
  /** FIREBREAK_WEBHOOK_SECRET: with it the receiver tells that it is us. Needed where there is a webhook. */
  readonly webhookSecret?: string;
  /** FIREBREAK_STATUSPAGE_TOKEN. Needed where there is a status page. */
  readonly statusPageToken?: string;
  /** Statuspage's own where it is left out. */
  readonly statusPageUrl?: string;
  /** For each request, in milliseconds; 20,000 where it is left out. */
  readonly timeoutMs?: number;
}

/** @throws `TypeError` where a setting can't be used, or two channels have one name. */
export function createPublisher(settings: PublishingSettings): Publisher {
  const channels = new Map<string, Channel>();
  for (const channel of settings.channels) {
    if (channels.has(channel.name))
      throw new TypeError(`Two channels in communication.public are called "${channel.name}".`);
    channels.set(channel.name, channelOf(channel, settings));
  }

  return {
    async publish({ key, channel: name, title, markdown }) {
      const channel = channels.get(name);
      if (!channel)
        throw notFound(
          `No channel of that name is in communication.public of this worker: there ${channels.size === 1 ? 'is' : 'are'} ${[...channels.keys()].map((each) => `"${each}"`).join(', ') || 'none'}. Nothing was published.`,
        );
      return channel({ id: idOf(name, key), title, markdown, html: htmlOf(markdown) });
    },
  };
}

function channelOf(channel: PublicChannelSettings, settings: PublishingSettings): Channel {
  const { timeoutMs = 20_000, webhookSecret, statusPageToken, statusPageUrl } = settings;
  switch (channel.kind) {
    case 'webhook':
      return createWebhook({ ...channel, secret: webhookSecret, timeoutMs });
    case 'file':
      return createFolder(channel);
    case 'statusPage':
      return createStatusPage({
        ...channel,
        token: statusPageToken,
        ...(statusPageUrl !== undefined && { url: statusPageUrl }),
        timeoutMs,
      });
  }
}

/** The key holds the codename: nobody outside is to read it. Two channels may lead to the same receiver. */
function idOf(channel: string, key: string): string {
  return createHash('sha256').update(`firebreak publish\n${channel}\n${key}`).digest('hex');
}
