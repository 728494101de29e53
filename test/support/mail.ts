/** Mail for tests: the company's mailer against a stand-in, and what it is asked to send. */
import type { Mailer, MailRequest } from '../../activities/mail';
import type { OwnedMailKey } from '../../drill/stand-ins/mail-keys';
import type { SmtpStandIn } from '../../drill/stand-ins/smtp';
import { createSmtpMailer, type SmtpSettings } from '../../integrations/smtp/mailer';

export const FROM = 'incident-response@example.com';
export const IC = 'ic@example.com';
export const COUNSEL = 'counsel@example.com';
export const INSURER = 'claims@insurer.example';
export const CUSTOMER = 'security@customer.example';

export const CODENAME = 'sapphire-unicorn';
export const TEXT = '# Where we stand\n\nThe door was the *bastion host*. Grüße.\n';
/** Found in no mail that is encrypted, however it is encoded. */
export const SECRET = 'bastion host';

export function mailerAt(
  smtp: Pick<SmtpStandIn, 'host' | 'port' | 'ca'>,
  keys: Readonly<Record<string, Pick<OwnedMailKey, 'publicKey'>>> = {},
  changed: Partial<SmtpSettings> = {},
): Mailer {
  return createSmtpMailer({
    from: FROM,
    domains: ['example.com'],
    server: { host: smtp.host, port: smtp.port, tls: 'starttls' },
    ca: smtp.ca,
    keys: new Map(Object.entries(keys).map(([address, { publicKey }]) => [address, { text: publicKey }])),
    timeoutMs: 5_000,
    ...changed,
  });
}

/** To insiders in clear, where nothing else is said. */
export function mailTo(
  to: readonly string[],
  {
    cc,
    bcc,
    ...changed
  }: Partial<Omit<MailRequest, 'to' | 'cc' | 'bcc'>> & {
    cc?: readonly string[];
    bcc?: readonly string[];
  } = {},
): MailRequest {
  const recipients = (addresses: readonly string[]) => addresses.map((address) => ({ address }));
  return {
    key: `${CODENAME}/message-3`,
    to: recipients(to),
    ...(cc && { cc: recipients(cc) }),
    ...(bcc && { bcc: recipients(bcc) }),
    markdown: TEXT,
    encrypt: false,
    ...changed,
  };
}
