/** The ways out that a company has, and the seed's rules for them. From the worker's configuration, never from a caller. */
import type { Party } from './contacts';

/** "Subject of emails should be 'Attorney Work Project' and nothing else." */
export const MAIL_SUBJECT = 'Attorney Work Project';

/** A public key on file. */
export interface MailKey {
  readonly kind: 'smime' | 'pgp';
  readonly fingerprint: string;
  /** Milliseconds since the epoch; absent where it does not expire. */
  readonly notAfter?: number;
}

/** Where the company is told (step 11). */
export type InsideChannel =
  { readonly kind: 'slack'; readonly name: string } | { readonly kind: 'mail'; readonly address: string };

/** Where the public is told (step 14). The addresses behind the name are the worker's business. */
export interface PublicChannel {
  readonly kind: 'webhook' | 'file' | 'statusPage';
  readonly name: string;
}

export interface Communication {
  /** Addresses of these domains are inside the company: exactly these, no sub-domain of them. */
  readonly domains: readonly string[];
  /** Aliases and groups of the mail server: who gets what is sent to them. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Whose keys are on file, by the normal form of their address (`domain/mail/addresses.ts`). */
  readonly keys: Readonly<Record<string, MailKey>>;
  /** There is a server for mail, a provider for SMS. */
  readonly mail: boolean;
  readonly sms: boolean;
  readonly inside: readonly InsideChannel[];
  readonly public: readonly PublicChannel[];
  readonly contacts: readonly Party[];
  readonly customers: readonly Party[];
  /** A day is a day here, as IANA names it. */
  readonly timeZone: string;
}

/** Of a company that has configured none of it. */
export const NO_COMMUNICATION: Communication = {
  domains: [],
  groups: {},
  keys: {},
  mail: false,
  sms: false,
  inside: [],
  public: [],
  contacts: [],
  customers: [],
  timeZone: 'UTC',
};

export function nameChannel(channel: InsideChannel): string {
  return channel.kind === 'slack' ? `#${channel.name}` : channel.address;
}

/** `2026-11-24`: the day it is there at that moment. */
export function dayIn(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}
