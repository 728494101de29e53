/** Appends to the ledger: a batch of entries is a file that is written once, and nobody can change it after that. */
import { canonical } from '../domain/evidence/canonical';
import { SIGNING_KEY } from '../domain/evidence/manifest';
import type { LedgerHead, LedgerInput } from '../domain/ledger/batch';
import { batchName, composeBatch, textOf, type Composed } from '../domain/ledger/format';
import { headOf, takeUp, type Written } from '../domain/ledger/take-up';
import type { Signer, Vault } from './evidence';
import { conflict, invalidRequest } from './failures';
import { decoded, encoded, fits, publicKeyOf, sha256, signatureBy, type PublicKey } from './signing';

interface Keeper {
  readonly vault: Vault;
  readonly signer: Signer;
  /** Of Firebreak, for the head. */
  readonly version: string;
}

export function createLedgerActivities(keeper: Keeper) {
  return {
    /**
     * Writes a batch, and answers with its head. Idempotent: where an earlier attempt has written it, its head is returned.
     * That one may have known fewer entries, so the answer says up to which the ledger goes, and whether it closes. `Conflict`
     * where the ledger holds something else, which no attempt can mend.
     */
    appendToLedger: (input: LedgerInput): Promise<LedgerHead> => append(keeper, input),
  };
}

export type LedgerActivities = ReturnType<typeof createLedgerActivities>;

async function append({ vault, signer, version }: Keeper, input: LedgerInput): Promise<LedgerHead> {
  const { codename, previous, closes } = input;
  assertInOrder(input);
  const key = await publicKeyOf(signer);
  if (previous) await assertAsWritten(vault, codename, previous);
  const ours = composed(input, version, key);
  const { batch } = ours.head;
  const path = `${codename}/${batchName(batch)}`;
  const signed = await signatureBy(signer, encoded(canonical(ours.head)), key);
  const signature = Buffer.from(signed).toString('base64');
  await writeKey(vault, `${codename}/${SIGNING_KEY}`, key.pem);
  const file = await vault.writeOnce(path, encoded(textOf(ours, signature)));
  if (!file.existed)
    return {
      batch,
      path,
      sha256: file.sha256,
      line: ours.head.line,
      upTo: ours.head.last,
      ...(closes && { closes }),
    };
  const text = decoded(await vault.read(path));
  const begun = sha256(text) === file.sha256 ? takeUp(text, ours, sha256) : undefined;
  if (!begun || !isSigned(begun, key))
    throw conflict(
      `Batch ${batch} of the ledger is written already, with other entries. Was the workflow reset, or the signing key changed? Compare: firebreak audit.`,
    );
  const { line, last, closes: isClosed } = begun.head;
  return { batch, path, sha256: file.sha256, line, upTo: last, ...(isClosed && { closes: true }) };
}

/** Entries follow the batch before without a gap. */
function assertInOrder({ previous, entries, closes }: LedgerInput): void {
  const upTo = previous?.upTo ?? 0;
  if (!entries.every(({ seq }, index) => seq === upTo + index + 1))
    throw invalidRequest(
      `The entries given to the ledger do not follow its last one, ${upTo}, without a gap.`,
    );
  if (entries.length === 0 && !(closes && previous))
    throw invalidRequest('A batch of the ledger has at least one entry, but for one that only closes it.');
  if (previous?.closes)
    throw conflict('The ledger is closed: nothing comes after its last batch. Check it: firebreak verify.');
}

async function assertAsWritten(vault: Vault, codename: string, previous: LedgerHead): Promise<void> {
  const { batch, path, line, upTo } = previous;
  const name = batchName(batch);
  const content = await vault.read(`${codename}/${name}`);
  const head = headOf(decoded(content));
  const isSo =
    path === `${codename}/${name}` &&
    sha256(content) === previous.sha256 &&
    head?.line === line &&
    head.last === upTo &&
    head.codename === codename &&
    !head.closes;
  if (!isSo)
    throw conflict(
      `Batch ${batch} of the ledger is not the one that was written. Check it: firebreak verify.`,
    );
}

function composed(input: LedgerInput, version: string, { key }: PublicKey): Composed {
  const { codename, previous, entries, at, closes } = input;
  try {
    return composeBatch(
      {
        codename,
        batch: (previous?.batch ?? 0) + 1,
        entries,
        ...(previous && { before: previous }),
        at,
        closes,
        version,
        key,
      },
      sha256,
    );
  } catch (error) {
    throw invalidRequest(`The entries can't be written to the ledger: ${(error as Error).message}.`);
  }
}

function isSigned({ head, signature }: Written, key: PublicKey): boolean {
  return fits(key, encoded(canonical(head)), Buffer.from(signature, 'base64'));
}

async function writeKey(vault: Vault, path: string, pem: string): Promise<void> {
  const { sha256: kept } = await vault.writeOnce(path, encoded(pem));
  if (kept !== sha256(pem))
    throw conflict(
      'The ledger was begun with another signing key. Let the worker sign with that one until the incident has ended.',
    );
}
