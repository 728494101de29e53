import { checkLedger } from '../../domain/ledger/check';
import { LEDGER_TOOLS } from '../../client/ledger/tools';
import { folderOf, wholeLedger } from '../support/ledgers';
import { readLedger, entriesOf } from '../../domain/ledger/batches';
import { checkProofs } from '../../domain/ledger/check-proofs';
import { checkChain } from '../../domain/ledger/check-chain';
test('x', async () => {
  const { files, entries } = await wholeLedger(6);
  const folder = folderOf(files);
  const time = (n: string, f: () => void) => { const a = performance.now(); for (let i = 0; i < 200; i++) f(); console.log(n, (performance.now() - a) / 200); };
  checkLedger(folder, LEDGER_TOOLS);
  time('all', () => checkLedger(folder, LEDGER_TOOLS));
  const l = readLedger(folder, LEDGER_TOOLS);
  time('read', () => readLedger(folder, LEDGER_TOOLS));
  time('proofs', () => checkProofs(entriesOf(l.batches), 'sapphire-unicorn', LEDGER_TOOLS.crypto));
  time('chain', () => checkChain(l, LEDGER_TOOLS.sha256));
});
