/** The cryptography of a check of the ledger: that of the evidence, and of people's own keys. */
import type { LedgerTools } from '../../domain/ledger/check';
import { TOOLS } from '../evidence/tools';
import { NODE_CRYPTO } from '../signing/crypto';

export const LEDGER_TOOLS: LedgerTools = { ...TOOLS, crypto: NODE_CRYPTO };
