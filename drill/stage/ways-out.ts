/** What leaves the company in a drill: its mail server, a provider of SMS, where it publishes; and the keys of people outside. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Scenario } from '../scenario';
import { createMailKeys, type OwnedMailKey } from '../stand-ins/mail-keys';
import { startPublishing, type PublishingStandIn } from '../stand-ins/publishing';
import { startSms, type SmsStandIn } from '../stand-ins/sms';
import { startSmtp, type SmtpStandIn } from '../stand-ins/smtp';
import { settled } from './closing';
import type { DrillCommunication } from './configuration';

export const WAYS_OUT_SECRETS = {
  smtp: 'drill-smtp-password',
  sms: 'drill-sms-token',
  webhook: 'drill-webhook-secret',
  statusPage: 'drill-statuspage-token',
} as const;

export interface WaysOut {
  readonly smtp: SmtpStandIn;
  readonly sms: SmsStandIn;
  readonly publishing: PublishingStandIn;
  /** Where the company's public folders are. */
  readonly folders: readonly string[];
  /** What people outside keep to themselves, by their addresses: with it the audit reads what they were sent. */
  readonly keys: Readonly<Record<string, OwnedMailKey>>;
  /** What the worker is told of all this. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param folder what relative paths of the configuration are relative to */
export async function startWaysOut(
  folder: string,
  { mail, public: channels }: DrillCommunication,
  { mailKeys }: Scenario,
  kept: <T extends { close(): Promise<void> }>(starting: Promise<T>) => Promise<T>,
): Promise<WaysOut> {
  const [smtp, sms, publishing, keys] = await settled([
    kept(startSmtp({ users: { [mail.server.user]: WAYS_OUT_SECRETS.smtp } })),
    kept(startSms({ token: WAYS_OUT_SECRETS.sms })),
    kept(
      startPublishing({
        secret: WAYS_OUT_SECRETS.webhook,
        statusPage: {
          pageId: channels.find(({ statusPage }) => statusPage !== undefined)?.statusPage ?? '',
          token: WAYS_OUT_SECRETS.statusPage,
        },
      }),
    ),
    createMailKeys(mailKeys),
  ] as const);
  const keyFolder = resolve(folder, mail.keys);
  mkdirSync(keyFolder, { recursive: true });
  for (const { fileName, publicKey } of Object.values(keys))
    writeFileSync(join(keyFolder, fileName), publicKey);
  const folders = channels.flatMap(({ file }) => (file === undefined ? [] : [resolve(folder, file)]));
  for (const one of folders) mkdirSync(one, { recursive: true });
  const authority = join(folder, 'smtp-authority.pem');
  writeFileSync(authority, smtp.ca);
  return {
    smtp,
    sms,
    publishing,
    folders,
    keys,
    env: {
      FIREBREAK_SMTP_SERVER: `${smtp.host}:${smtp.port}`,
      FIREBREAK_SMTP_CA_FILE: authority,
      FIREBREAK_SMTP_PASSWORD: WAYS_OUT_SECRETS.smtp,
      FIREBREAK_SMS_URL: sms.url,
      FIREBREAK_SMS_TOKEN: WAYS_OUT_SECRETS.sms,
      FIREBREAK_WEBHOOK_URL: publishing.webhookUrl,
      FIREBREAK_WEBHOOK_SECRET: WAYS_OUT_SECRETS.webhook,
      FIREBREAK_STATUSPAGE_URL: publishing.statusPageUrl,
      FIREBREAK_STATUSPAGE_TOKEN: WAYS_OUT_SECRETS.statusPage,
    },
  };
}
