/** Ledgers for tests: a whole incident, signed and sealed, as the worker writes it. */
import { createHash } from 'node:crypto';
import {
  createEvidenceActivities,
  type ImageStore,
  type Signer,
  type Vault,
} from '../../activities/evidence';
import { createLedgerActivities } from '../../activities/ledger';
import { decide, report } from '../../domain/decide';
import type { Decision } from '../../domain/decisions';
import { EFFECT_IDS } from '../../domain/effects';
import type { Entry } from '../../domain/entries';
import type { CustodyRecord, EvidenceItem } from '../../domain/evidence/items';
import type { ManifestFile } from '../../domain/evidence/manifest';
import type { Seal } from '../../domain/evidence/store';
import type { Folder } from '../../domain/evidence/finding';
import type { Incident } from '../../domain/incident';
import type { LedgerHead } from '../../domain/ledger/batch';
import { NAMESPACES, statementOf, type Proof } from '../../domain/trust/proof';
import { createFakeSigner, createFakeVault } from './fake-storage';
import {
  afterReports,
  complete,
  contained,
  declaration,
  declared,
  effectsDone,
  IC,
  INSTANCE,
  nextMinute,
  record,
  ROSTER,
  SECURITY,
  standDown,
} from './incidents';
import { keyOf } from './keys';

export const CODENAME = 'sapphire-unicorn';

/** Signs in the name of the door that people use in Slack. */
export const SLACK_DOOR = 'slack-door@example.com';

/** Everybody has a key, and so has a door. */
export const WITH_KEYS = {
  roster: ROSTER.map((person) => ({ ...person, keys: [keyOf(person.email).publicKey] })),
  doors: { slack: [keyOf(SLACK_DOOR).publicKey] },
};

let nonces = 0;

export function proofOf(
  { name, ...content }: Decision,
  at: number,
  signer: string = content.by,
  codename = CODENAME,
): Proof {
  const nonce = `nonce-of-a-test-${(nonces += 1)}`;
  const { publicKey, sign } = keyOf(signer);
  const statement = statementOf(codename, name, content, { nonce, at });
  return { key: publicKey, signature: sign(NAMESPACES.decision, statement), nonce, at };
}

export function signedDeclaration(): Incident {
  const { codename: _codename, at, ...content } = declaration();
  const nonce = `nonce-of-a-test-${(nonces += 1)}`;
  const { publicKey, sign } = keyOf(content.by);
  const statement = statementOf(CODENAME, 'declare', content, { nonce, at: at - 1_000 });
  const proof = { key: publicKey, signature: sign(NAMESPACES.declaration, statement), nonce, at: at - 1_000 };
  return declared({ company: WITH_KEYS, declaration: { proof } });
}

/** The incident after decisions of any outcome, each signed by whom it names, or by the door that it came through. */
export function signedAfter(incident: Incident, ...decisions: Decision[]): Incident {
  return decisions.reduce((now, decision) => {
    const at = nextMinute(now);
    const proof = proofOf(decision, at - 5_000, decision.door === 'slack' ? SLACK_DOOR : decision.by);
    return decide(now, { ...decision, proof }, at).incident;
  }, incident);
}

export interface TestLedger {
  /** What an export of the incident's folder holds, evidence too. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly entries: readonly Entry[];
  readonly head: LedgerHead;
  readonly vault: Vault;
  readonly signer: Signer;
}

/** An incident from its declaration to its end, in batches of `size` entries. */
export async function wholeLedger(size = 9): Promise<TestLedger> {
  const vault = createFakeVault();
  const signer = createFakeSigner();
  const sealing = sealer(vault, signer);
  let incident = signedAfter(
    afterReports(signedDeclaration(), ...effectsDone(...EFFECT_IDS.slice(0, 4))),
    { ...record(SECURITY, 'methodKnown'), door: 'command line' },
    record('Security@Example.com', 'attackSource', 'external'),
    complete(IC, 'appointCommandRoles'),
    { name: 'approve', by: SECURITY, request: `contain:${INSTANCE}`, door: 'slack' },
  );
  incident = afterReports(incident, ...contained());
  incident = report(
    incident,
    { name: 'sealed', seal: await sealing(nextMinute(incident)) },
    nextMinute(incident),
  );
  incident = signedAfter(
    incident,
    record(IC, 'monitoringInPlace'),
    { name: 'withdrawFinding', by: IC, finding: 'methodKnown', reason: 'it was another — ünïcode' },
    { name: 'handOver', by: IC, item: 'nothing', to: 'the police', reason: 'case 4711' },
  );
  incident = report(
    incident,
    { name: 'sealed', seal: await sealing(nextMinute(incident)) },
    nextMinute(incident),
  );
  incident = afterReports(signedAfter(incident, standDown()), {
    name: 'warned',
    text: 'the page is resolved',
  });
  const head = await appendAll({ vault, signer }, incident.entries, size);
  return { files: exported(vault.files), entries: incident.entries, head, vault, signer };
}

/** Writes entries as the workflow does. */
export async function appendAll(
  { vault, signer }: { vault: Vault; signer: Signer },
  entries: readonly Entry[],
  size: number,
  { codename = CODENAME, closes = true } = {},
): Promise<LedgerHead> {
  const { appendToLedger } = createLedgerActivities({ vault, signer, version: '1.2.3' });
  let previous: LedgerHead | undefined;
  for (let from = 0; from < entries.length; from += size) {
    const some = entries.slice(from, from + size);
    previous = await appendToLedger({
      codename,
      ...(previous && { previous }),
      entries: some,
      at: (some.at(-1)?.at ?? 0) + 1_000,
      closes: closes && from + size >= entries.length,
    });
  }
  if (!previous) throw new Error('the test gave no entries');
  return previous;
}

/** Seals one capture more with each call. */
function sealer(vault: Vault, signer: Signer): (at: number) => Promise<Seal> {
  const evidence = createEvidenceActivities({ vault, signer, images: {} as ImageStore, version: '1.2.3' });
  const items: EvidenceItem[] = [];
  const custody: CustodyRecord[] = [];
  const files: ManifestFile[] = [];
  let previous: { path: string; sha256: string } | undefined;
  return async (at) => {
    const sequence = items.length + 1;
    const { file } = await evidence.recordCapture(CODENAME, `i-${sequence}`, { state: 'running' });
    const { path, bytes, sha256 } = file;
    items.push({ id: path, kind: 'capture', of: `i-${sequence}`, createdAt: at, state: 'complete' });
    custody.push({
      seq: sequence,
      at,
      item: path,
      event: 'captured',
      by: 'firebreak',
      holder: vault.holder,
    });
    files.push({ path, bytes, sha256 });
    const { manifest } = await evidence.sealEvidence(
      { codename: CODENAME, sequence, items, custody, at, ...(previous && { previous }) },
      files,
    );
    previous = { path: manifest.path, sha256: manifest.sha256 };
    return { sequence, path: manifest.path, sha256: manifest.sha256, at, records: custody.length };
  };
}

/** The folder as it is copied out of the bucket. */
function exported(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...files].map(([path, content]) => [path.slice(CODENAME.length + 1), content]));
}

/** As `readFolder` reads it. */
export function folderOf(files: ReadonlyMap<string, Uint8Array | string>): Folder {
  return new Map(
    [...files].map(([path, content]) => {
      const bytes = Buffer.from(content as string);
      return [
        path,
        {
          bytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          text: bytes.toString('utf8'),
        },
      ];
    }),
  );
}

export function linesIn(files: ReadonlyMap<string, Uint8Array | string>, path: string): string[] {
  return Buffer.from((files.get(path) ?? '') as string)
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
}
