/**
 * Who gets a mail, and with which key. The second lock: whatever the caller meant, a mail in clear leaves only for the company's
 * own domains, and an encrypted one only where every recipient can read it.
 */
import type { MailRecipient, MailRequest } from '../../activities/mail';
import { invalidRequest } from '../../activities/failures';
import { isInside, readAddress, written } from '../../domain/mail/addresses';
import { readPublicKey } from './keys';
import type { PgpKey } from './openpgp';
import type { SmimeKey } from './smime';

/** Where the key of an address is found; a `Map` of them, for one. */
export interface KeyRing {
  /** @param address in its normal form */
  get(address: string): { readonly text: string } | undefined;
}

export interface Recipient {
  readonly field: 'to' | 'cc' | 'bcc';
  /** As it is handed to the server. */
  readonly address: string;
  readonly normal: string;
  /** What came with the request. */
  readonly key?: string;
}

export interface KeyedRecipient extends Recipient {
  readonly sealing: SmimeKey | PgpKey;
}

/** Each of them once: in To rather than in Cc, and in Cc rather than in Bcc. */
export function recipientsOf({ to, cc = [], bcc = [] }: MailRequest): Recipient[] {
  const found = new Map<string, Recipient>();
  const problems: string[] = [];
  const fields = { to, cc, bcc };
  for (const field of ['to', 'cc', 'bcc'] as const)
    for (const recipient of fields[field]) {
      const read = readAddress(recipient.address);
      if (!read.ok) problems.push(read.problem);
      else if (!found.has(read.address.normal))
        found.set(read.address.normal, named(field, recipient, read.address));
    }
  if (problems.length > 0) throw invalidRequest(`Nothing was sent: ${problems.join('; ')}.`);
  if (found.size === 0)
    throw invalidRequest('Nothing was sent: the mail has no recipient. Name at least one.');
  return [...found.values()];
}

function named(
  field: Recipient['field'],
  { key }: MailRecipient,
  address: { local: string; domain: string; normal: string },
): Recipient {
  return { field, address: written(address), normal: address.normal, ...(key !== undefined && { key }) };
}

/** @throws where a mail in clear would leave the company */
export function refuseClearOutside(recipients: readonly Recipient[], domains: readonly string[]): void {
  const outside = recipients.filter(({ address }) => !isInside(address, domains));
  if (outside.length > 0)
    throw invalidRequest(
      `Nothing was sent: ${outside.map(({ address }) => address).join(', ')} is outside the company, and the mail is not encrypted. Send it encrypted, or to the company alone.`,
    );
}

/** @throws one failure that names everybody to whom nothing can be encrypted, and why */
export async function keysOf(
  recipients: readonly Recipient[],
  ring: KeyRing,
  now: number,
): Promise<KeyedRecipient[]> {
  const keyed: KeyedRecipient[] = [];
  const problems: string[] = [];
  for (const recipient of recipients) {
    const found = await keyOf(recipient, ring, now);
    if ('key' in found) keyed.push({ ...recipient, sealing: found.key });
    else problems.push(`no usable key for ${recipient.address} (${found.problems.join(', ')})`);
  }
  if (problems.length > 0)
    throw invalidRequest(
      `Nothing was sent to anybody: ${problems.join('; ')}. Put a key that can be used on file, or give it with the contact (docs/mail.md).`,
    );
  return keyed;
}

async function keyOf(
  { normal, key }: Recipient,
  ring: KeyRing,
  now: number,
): Promise<{ key: SmimeKey | PgpKey } | { problems: string[] }> {
  const text = key ?? ring.get(normal)?.text;
  if (text === undefined) return { problems: ['none on file'] };
  const read = await readPublicKey(text);
  if (!read.ok) return { problems: [`wrong type: ${read.problem}`] };
  const problems = await read.key.problemsFor(normal, now);
  return problems.length === 0 ? { key: read.key } : { problems: problems.map(({ says }) => says) };
}
