/** Appends to the ledger: a batch of entries is a file that is written once, and nobody can change it after that. */
import type { LedgerHead, LedgerInput } from '../domain/ledger/batch';
import type { Signer, Vault } from './evidence';

export function createLedgerActivities(_: { vault: Vault; signer: Signer; version: string }) {
  return {
    /** Idempotent: where the batch is written already, it has to be the same, and its head is returned. */
    async appendToLedger(_input: LedgerInput): Promise<LedgerHead> {
      throw new Error('not written yet');
    },
  };
}

export type LedgerActivities = ReturnType<typeof createLedgerActivities>;
