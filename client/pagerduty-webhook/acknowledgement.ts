/** "I have it", as a decision that this door signs: it has checked who said so. */
import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { NAMESPACES, statementOf } from '../../domain/trust/proof';
import { InvalidInput } from '../errors';
import { attemptDecision, type SignedDecision } from '../incidents';
import type { Signer } from '../signing/signer';
import type { Attempt } from './delivery';

export interface Acknowledged {
  readonly codename: string;
  /** The e-mail address of whoever acknowledged. */
  readonly by: string;
  /** PagerDuty's id of the event. */
  readonly event: string;
}

type Message = SignedDecision<'acknowledge'>;

/**
 * Its nonce follows from the event: sent by two doors, or again by one that was started anew, it is the same decision, and
 * is taken once.
 */
async function sign({ codename, by, event }: Acknowledged, signer: Signer, at: number): Promise<Message> {
  const content = { by, door: 'pagerduty' } as const;
  const nonce = createHash('sha256')
    .update(`pagerduty ${event}`)
    .digest()
    .subarray(0, 24)
    .toString('base64url');
  const statement = statementOf(codename, 'acknowledge', content, { nonce, at });
  const signature = await signer.sign(NAMESPACES.decision, statement);
  return { ...content, decision: 'acknowledge', proof: { key: signer.publicKey, signature, nonce, at } };
}

/** Each attempt sends the same message under the same id. */
export function acknowledging(
  acknowledged: Acknowledged,
  signer: Signer,
  client: () => Promise<Client>,
): Attempt {
  let signed: Message | undefined;
  return async () => {
    signed ??= await sign(acknowledged, signer, Date.now());
    return send(await client(), acknowledged.codename, signed);
  };
}

/** True where it arrived, whatever was answered; also where there is nobody to be told, now or later. */
async function send(client: Client, codename: string, message: Message): Promise<boolean> {
  try {
    await attemptDecision(client, codename, message);
    return true;
  } catch (error) {
    return error instanceof InvalidInput;
  }
}
