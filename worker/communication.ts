/** The configuration's `communication` part: the ways out that the company has, and whom they lead to. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Communication } from '../domain/communication';
import { isTimeZone } from '../domain/business-days';
import { CONTACT_IDS, type ContactId, type Party } from '../domain/contacts';
import { expand, isInside, readAddress } from '../domain/mail/addresses';
import { readDomain } from '../domain/mail/domains';
import type { PublicChannelSettings, PublishingSettings } from '../integrations/publishing/publisher';
import { internationalNumber } from '../integrations/sms/number';
import type { SmsSettings } from '../integrations/sms/provider';
import type { SmtpSettings } from '../integrations/smtp/mailer';

const mailbox = z.string().superRefine((text, context) => {
  const read = readAddress(text);
  if (!read.ok) context.addIssue({ code: 'custom', message: read.problem });
});

const domain = z.string().transform((text, context) => {
  const read = readDomain(text);
  if (read.ok) return read.domain;
  context.addIssue({ code: 'custom', message: read.problem });
  return z.NEVER;
});

const timeZone = z.string().refine(isTimeZone, 'a time zone is needed, such as Europe/Berlin or UTC');

const phone = z
  .string()
  .refine(
    (text) => internationalNumber(text) !== undefined,
    'a telephone number with its country code is needed, such as "+1 555 0100"',
  );
/** In the clear on this machine alone: that is how drills meet their stand-ins. */
const https = z
  .url('a URL is needed')
  .refine(
    (text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(text),
    'an address is needed that begins with https://',
  );
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower case, digits and hyphens are needed');
const name = z.string().min(1).max(80);

const party = z.strictObject({
  id,
  name,
  email: mailbox.optional(),
  phone: phone.optional(),
  how: z.string().min(1).max(500).optional(),
  disclosure: z
    .url({ protocol: /^https$/, error: 'an address is needed that begins with https://' })
    .optional(),
});

const inside = z.union(
  [
    z.strictObject({
      slack: z
        .string()
        .regex(/^#?[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u, "a channel's name is needed, in lower case"),
    }),
    z.strictObject({ mail: mailbox }),
  ],
  { error: 'slack: CHANNEL or mail: ADDRESS is needed' },
);

const publicChannel = z.union(
  [
    z.strictObject({ webhook: https, name }),
    z.strictObject({ file: z.string().min(1), name }),
    z.strictObject({ statusPage: z.string().regex(/^[a-z0-9]{6,}$/i, "a page's id is needed"), name }),
  ],
  { error: 'webhook: URL, file: FOLDER or statusPage: ID is needed, and name: NAME with each' },
);

export const COMMUNICATION = z
  .strictObject({
    domains: z.array(domain).min(1, "the company's own domain is needed"),
    timeZone: timeZone.default('UTC'),
    groups: z.record(z.string(), z.array(mailbox).min(1)).default({}),
    mail: z
      .strictObject({
        from: mailbox,
        server: z.strictObject({
          host: z.string().min(1),
          port: z.number().int().min(1).max(65_535),
          tls: z.enum(['implicit', 'starttls']),
          user: z.string().min(1).optional(),
        }),
        keys: z.string().min(1).optional(),
      })
      .optional(),
    sms: z
      .strictObject({
        url: https,
        from: z
          .string()
          .refine(
            (text) => internationalNumber(text) !== undefined || /^[A-Za-z0-9]{3,11}$/.test(text),
            "a number with its country code, or the provider's name of the sender, is needed",
          ),
      })
      .optional(),
    inside: z.array(inside).default([]),
    public: z.array(publicChannel).default([]),
    contacts: z.array(party.extend({ kind: z.enum(CONTACT_IDS as [ContactId, ...ContactId[]]) })).default([]),
    customers: z.array(party).default([]),
  })
  .superRefine(
    ({ domains, groups, mail, inside: channels, public: outside, contacts, customers }, context) => {
      const complain = (message: string, ...path: (string | number)[]) =>
        context.addIssue({ code: 'custom', message, path });
      if (mail && !isInside(mail.from, domains)) complain('is not of one of the domains', 'mail', 'from');
      for (const twice of repeated([...contacts, ...customers].map((one) => one.id)))
        complain(`the id ${twice} belongs to two`, 'contacts');
      for (const twice of repeated(outside.map((one) => one.name)))
        complain(`two channels are called ${twice}`, 'public');
      const expanded = expand(Object.keys(groups), groups);
      if (!expanded.ok) for (const problem of expanded.problems) complain(problem, 'groups');
      for (const [index, channel] of channels.entries())
        if ('mail' in channel && !isInside(channel.mail, domains))
          complain('is not inside the company', 'inside', index, 'mail');
    },
  );

export type CommunicationFile = z.infer<typeof COMMUNICATION>;

function repeated(all: readonly string[]): string[] {
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))];
}

/** What the worker's ways out need besides the file. */
export interface CommunicationEnvironment {
  readonly FIREBREAK_SMTP_PASSWORD?: string | undefined;
  /** `host:port`, in the place of the file's: for drills. */
  readonly FIREBREAK_SMTP_SERVER?: string | undefined;
  readonly FIREBREAK_SMTP_CA_FILE?: string | undefined;
  readonly FIREBREAK_SMS_TOKEN?: string | undefined;
  readonly FIREBREAK_SMS_URL?: string | undefined;
  readonly FIREBREAK_WEBHOOK_SECRET?: string | undefined;
  readonly FIREBREAK_WEBHOOK_URL?: string | undefined;
  readonly FIREBREAK_STATUSPAGE_TOKEN?: string | undefined;
  readonly FIREBREAK_STATUSPAGE_URL?: string | undefined;
}

/** The ways out, with their secrets. */
export interface WaysOut {
  readonly mail?: Omit<SmtpSettings, 'keys'> & { readonly keyFolder?: string };
  readonly sms?: SmsSettings;
  readonly publishing: PublishingSettings;
}

/** @param folder what relative paths of the file are relative to */
export function waysOutOf(
  { domains, mail, sms, public: channels }: CommunicationFile,
  env: CommunicationEnvironment,
  folder: string,
): { ways: WaysOut; problems: string[] } {
  const problems: string[] = [];
  const need = (variable: keyof CommunicationEnvironment, what: string) => {
    const value = env[variable];
    if (value === undefined) problems.push(`environment: ${variable}: missing: ${what}`);
    return value ?? '';
  };
  const [host, port] = env.FIREBREAK_SMTP_SERVER?.split(':') ?? [];
  const ca =
    env.FIREBREAK_SMTP_CA_FILE === undefined ? undefined : readCa(env.FIREBREAK_SMTP_CA_FILE, problems);
  const has = (kind: 'webhook' | 'statusPage') => channels.some((one) => kind in one);
  const webhookSecret = has('webhook')
    ? need('FIREBREAK_WEBHOOK_SECRET', 'the secret that signs what the webhook gets')
    : undefined;
  const statusPageToken = has('statusPage')
    ? need('FIREBREAK_STATUSPAGE_TOKEN', "the status page's API key")
    : undefined;
  const ways: WaysOut = {
    ...(mail && {
      mail: {
        from: mail.from,
        domains,
        server: {
          host: host ?? mail.server.host,
          port: port === undefined ? mail.server.port : Number(port),
          tls: mail.server.tls,
          ...(mail.server.user !== undefined && { user: mail.server.user }),
        },
        ...(mail.server.user !== undefined && {
          password: need('FIREBREAK_SMTP_PASSWORD', "the mail server's password"),
        }),
        ...(ca !== undefined && { ca }),
        ...(mail.keys !== undefined && { keyFolder: resolve(folder, mail.keys) }),
      },
    }),
    ...(sms && {
      sms: {
        url: env.FIREBREAK_SMS_URL ?? sms.url,
        from: sms.from,
        token: need('FIREBREAK_SMS_TOKEN', "the SMS provider's token"),
      },
    }),
    publishing: {
      channels: channels.map((channel) => channelOf(channel, folder, env)),
      ...(webhookSecret !== undefined && { webhookSecret }),
      ...(statusPageToken !== undefined && { statusPageToken }),
      ...(env.FIREBREAK_STATUSPAGE_URL !== undefined && { statusPageUrl: env.FIREBREAK_STATUSPAGE_URL }),
    },
  };
  return { ways, problems };
}

function readCa(file: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    problems.push("environment: FIREBREAK_SMTP_CA_FILE: can't be read");
    return undefined;
  }
}

function channelOf(
  channel: CommunicationFile['public'][number],
  folder: string,
  { FIREBREAK_WEBHOOK_URL: webhook }: CommunicationEnvironment,
): PublicChannelSettings {
  if ('webhook' in channel) return { kind: 'webhook', name: channel.name, url: webhook ?? channel.webhook };
  if ('file' in channel) return { kind: 'file', name: channel.name, folder: resolve(folder, channel.file) };
  return { kind: 'statusPage', name: channel.name, pageId: channel.statusPage };
}

/** What an incident knows of it. Keys are read from their folder afterwards (`worker/mail-keys.ts`). */
export function communicationOf(file: CommunicationFile): Communication {
  const {
    domains,
    timeZone: zone,
    groups,
    mail,
    sms,
    inside: channels,
    public: outside,
    contacts,
    customers,
  } = file;
  return {
    domains,
    groups,
    keys: {},
    mail: mail !== undefined,
    sms: sms !== undefined,
    inside: channels.map((channel) =>
      'slack' in channel
        ? { kind: 'slack', name: channel.slack.replace(/^#/, '') }
        : { kind: 'mail', address: channel.mail },
    ),
    public: outside.map((channel) => ({
      kind: 'webhook' in channel ? 'webhook' : 'file' in channel ? 'file' : 'statusPage',
      name: channel.name,
    })),
    contacts: contacts.map((one) => ({ ...partyOf(one), kind: one.kind })),
    customers: customers.map((one) => ({ ...partyOf(one), kind: 'customer' })),
    timeZone: zone,
  };
}

function partyOf(file: z.infer<typeof party>): Omit<Party, 'kind'> {
  const { email, phone: number, how, disclosure } = file;
  return {
    id: file.id,
    name: file.name,
    ...(email !== undefined && { email }),
    ...(number !== undefined && { phone: number }),
    ...(how !== undefined && { how }),
    ...(disclosure !== undefined && { disclosure }),
  };
}
