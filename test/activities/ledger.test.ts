import { generateKeyPairSync, sign } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { createLedgerActivities } from '../../activities/ledger';
import type { Signer, Vault } from '../../activities/evidence';
import { unavailable } from '../../activities/failures';
import { LEDGER_TOOLS } from '../../client/ledger/tools';
import type { Entry } from '../../domain/entries';
import { sentenceOfFinding } from '../../domain/evidence/finding';
import type { LedgerHead, LedgerInput } from '../../domain/ledger/batch';
import { checkLedger } from '../../domain/ledger/check';
import type { HeadLine } from '../../domain/ledger/format';
import { createFakeSigner, createFakeVault } from '../support/fake-storage';
import { THREE_AM } from '../support/incidents';
import { folderOf } from '../support/ledgers';

const CODENAME = 'sapphire-unicorn';

/** From 1 to `count`: a declaration, and what a machine did after it. */
function entries(count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    at: THREE_AM + index * 1_000,
    kind: index === 0 ? 'declared' : 'effect',
    by: index === 0 ? 'ic@example.com' : 'firebreak',
    text: `a secret of the incident, the ${index + 1}.`,
  }));
}

function world({ signer = createFakeSigner() }: { readonly signer?: Signer } = {}) {
  const vault = createFakeVault();
  const { appendToLedger } = createLedgerActivities({ vault, signer, version: '1.2.3' });
  return { vault, signer, appendToLedger };
}

function input(changes: Partial<LedgerInput> = {}): LedgerInput {
  return { codename: CODENAME, entries: entries(3), at: THREE_AM + 60_000, closes: false, ...changes };
}

function after(previous: LedgerHead, changes: Partial<LedgerInput> = {}): LedgerInput {
  return input({ previous, entries: entries(5).slice(previous.upTo), at: THREE_AM + 90_000, ...changes });
}

function said({ files }: { readonly files: ReadonlyMap<string, Uint8Array> }): string[] {
  const folder = new Map([...files].map(([path, content]) => [path.slice(CODENAME.length + 1), content]));
  return checkLedger(folderOf(folder), LEDGER_TOOLS).findings.map(sentenceOfFinding);
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApplicationFailure))
    throw new Error(`the test expected a failure, not ${String(error)}`);
  // No incident detail, whatever went wrong.
  expect(error.message).not.toMatch(/secret|sapphire|ic@example/);
  return error;
}

describe('a batch', () => {
  it('is written under its number, with the key beside it, and passes its check', async () => {
    const { vault, appendToLedger } = world();
    const first = await appendToLedger(input());
    expect(first).toEqual({
      batch: 1,
      path: `${CODENAME}/ledger/000001.jsonl`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      line: expect.stringMatching(/^[0-9a-f]{64}$/),
      upTo: 3,
    });
    const second = await appendToLedger(after(first));
    expect(second).toMatchObject({ batch: 2, path: `${CODENAME}/ledger/000002.jsonl`, upTo: 5 });
    expect([...vault.files.keys()].sort()).toEqual([
      `${CODENAME}/ledger/000001.jsonl`,
      `${CODENAME}/ledger/000002.jsonl`,
      `${CODENAME}/signing-key.pem`,
    ]);
    expect(said(vault)).toEqual([]);
  });

  it('says who made it, when, and that it closes', async () => {
    const { vault, appendToLedger } = world();
    const { path, closes } = await appendToLedger(input({ closes: true }));
    expect(closes).toBe(true);
    const last =
      Buffer.from(vault.files.get(path) ?? '')
        .toString()
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';
    expect((JSON.parse(last) as HeadLine).head).toMatchObject({
      format: 'firebreak-ledger/1',
      codename: CODENAME,
      batch: 1,
      first: 1,
      last: 3,
      at: '2026-11-24T03:01:00.000Z',
      closes: true,
      version: '1.2.3',
      key: { algorithm: 'ED25519_SHA_512' },
    });
  });

  it('is one whose entries follow each other', async () => {
    const { vault, appendToLedger } = world();
    const first = await appendToLedger(input());
    for (const wrong of [
      input({ entries: entries(3).slice(1) }),
      input({ entries: [] }),
      input({ entries: [], closes: true }),
      input({ entries: entries(3).toReversed() }),
      after(first, { entries: entries(3) }),
      after(first, { entries: [] }),
      input({ entries: [{ ...entries(1)[0], at: undefined, details: { a: 1n } } as never] }),
    ])
      expect((await failureOf(appendToLedger(wrong))).type).toBe('InvalidRequest');
    expect(vault.files.size).toBe(2);
  });

  it('may be empty where it only closes what is written', async () => {
    const { vault, appendToLedger } = world();
    const first = await appendToLedger(input());
    const last = await appendToLedger(after(first, { entries: [], closes: true }));
    expect(last).toMatchObject({ batch: 2, upTo: 3, line: first.line, closes: true });
    expect(said(vault)).toEqual([expect.stringMatching(/closes the ledger, and no entry ends the incident/)]);
    expect(await failureOf(appendToLedger(after(last)))).toMatchObject({ type: 'Conflict' });
  });
});

describe('after a crash', () => {
  it.each(['before', 'after'] as const)('%s any of its writes, it is the same ledger', async (when) => {
    for (const at of [1, 2]) {
      const { vault, signer } = world();
      let writes = 0;
      const failing: Vault = {
        ...vault,
        async writeOnce(path, content) {
          writes += 1;
          if (writes === at && when === 'before') throw unavailable('no answer');
          const file = await vault.writeOnce(path, content);
          if (writes === at && when === 'after') throw unavailable('the answer was lost');
          return file;
        },
      };
      const { appendToLedger } = createLedgerActivities({ vault: failing, signer, version: '1.2.3' });
      await expect(appendToLedger(input())).rejects.toThrow();
      const first = await appendToLedger(input());
      expect(await appendToLedger(input())).toEqual(first);
      expect(await appendToLedger(input({ at: THREE_AM + 7_200_000 }))).toEqual(first);
      expect(said(vault)).toEqual([]);
    }
  });

  it('signs anew where each signature is another, and takes the one that is there', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer: Signer = {
      sign: async (content) => ({
        signature: sign('sha256', content, privateKey),
        algorithm: 'ECDSA_SHA_256',
      }),
      publicKey: async () => publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    };
    const { vault, appendToLedger } = world({ signer });
    const first = await appendToLedger(input());
    expect(await appendToLedger(input())).toEqual(first);
    expect(said(vault)).toEqual([]);
  });

  it('takes a batch that knew fewer entries as it is, and says up to where it goes', async () => {
    const { vault, signer, appendToLedger } = world();
    const begun = await appendToLedger(input());
    const newer = createLedgerActivities({ vault, signer, version: '2.0.0' }).appendToLedger;
    const again = await newer(input({ entries: entries(5), closes: true }));
    expect(again).toEqual(begun);
    expect(again.closes).toBeUndefined();
    await newer(after(again));
    expect(said(vault)).toEqual([]);
  });

  it('says that a batch is not closed which was to be', async () => {
    const { appendToLedger } = world();
    const begun = await appendToLedger(input());
    expect(await appendToLedger(input({ closes: true }))).toEqual(begun);
    const closed = await appendToLedger(after(begun, { entries: [], closes: true }));
    expect(await appendToLedger(after(begun, { entries: [], closes: true }))).toEqual(closed);
  });
});

describe('what can not be mended is said, and nothing is written over it', () => {
  it.each<[string, Partial<LedgerInput>]>([
    ['other entries', { entries: entries(3).map((entry) => ({ ...entry, text: 'another' })) }],
    ['fewer entries', { entries: entries(2) }],
  ])('%s are there', async (_, changes) => {
    const { vault, appendToLedger } = world();
    await appendToLedger(input());
    const before = new Map(vault.files);
    const failure = await failureOf(appendToLedger(input(changes)));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toMatch(
      /Was the workflow reset, or the signing key changed\? Compare: firebreak audit/,
    );
    expect(vault.files).toEqual(before);
  });

  it('a closed one is not gone on with', async () => {
    const { appendToLedger } = world();
    await appendToLedger(input({ closes: true }));
    for (const changes of [{}, { entries: entries(4) }, { entries: entries(4), closes: true }])
      expect((await failureOf(appendToLedger(input(changes)))).type).toBe('Conflict');
  });

  it('one that somebody else put there', async () => {
    const { vault } = world();
    const theirs = createFakeSigner();
    await createLedgerActivities({ vault, signer: theirs, version: '1.2.3' }).appendToLedger(input());
    vault.files.delete(`${CODENAME}/signing-key.pem`);
    const ours = createLedgerActivities({ vault, signer: createFakeSigner(), version: '1.2.3' });
    expect((await failureOf(ours.appendToLedger(input()))).type).toBe('Conflict');
    const path = `${CODENAME}/ledger/000001.jsonl`;
    for (const content of ['', 'x', '\n', `${'['.repeat(100_000)}\n`, Buffer.of(0xff, 0x0a)]) {
      vault.files.set(path, Buffer.from(content as string));
      expect((await failureOf(ours.appendToLedger(input()))).type).toBe('Conflict');
    }
  });

  it('one whose head was signed by another key under our name', async () => {
    const { vault, appendToLedger } = world();
    const { path } = await appendToLedger(input());
    const lines = Buffer.from(vault.files.get(path) ?? '')
      .toString()
      .trimEnd()
      .split('\n');
    const head = JSON.parse(lines.at(-1) ?? '') as HeadLine;
    const forged = { ...head, signature: Buffer.alloc(64, 1).toString('base64') };
    vault.files.set(path, Buffer.from(`${[...lines.slice(0, -1), JSON.stringify(forged)].join('\n')}\n`));
    expect((await failureOf(appendToLedger(input()))).type).toBe('Conflict');
  });

  it('another key than the ledger was begun with', async () => {
    const { vault, appendToLedger } = world();
    const first = await appendToLedger(input());
    const other = createLedgerActivities({ vault, signer: createFakeSigner(), version: '1.2.3' });
    const failure = await failureOf(other.appendToLedger(after(first)));
    expect(failure.type).toBe('Conflict');
    expect(failure.message).toMatch(/begun with another signing key/);
  });

  it.each<[string, (head: LedgerHead, vault: { files: Map<string, Uint8Array> }) => LedgerHead]>([
    [
      'a batch before that was changed',
      (head, { files }) => {
        files.set(head.path, Buffer.from('x'));
        return head;
      },
    ],
    ['a hash that is none of it', (head) => ({ ...head, sha256: head.line })],
    ['a line that is not its last', (head) => ({ ...head, line: head.sha256 })],
    ['a path elsewhere', (head) => ({ ...head, path: 'amber-otter/ledger/000001.jsonl' })],
  ])('%s', async (_, change) => {
    const { vault, appendToLedger } = world();
    const head = await appendToLedger(input());
    const failure = await failureOf(appendToLedger(after(change(head, vault))));
    expect(failure.type).toBe('Conflict');
    expect(failure.message).toMatch(/firebreak verify/);
  });

  it('a batch before that is gone', async () => {
    const { vault, appendToLedger } = world();
    const head = await appendToLedger(input());
    vault.files.delete(head.path);
    await expect(appendToLedger(after(head))).rejects.toMatchObject({ type: 'NotFound' });
  });

  it.each<[string, Partial<Signer>]>([
    ['a key that is none', { publicKey: async () => 'no key' }],
    [
      'a key of another kind',
      {
        publicKey: async () =>
          generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      },
    ],
    [
      'a signature of something else',
      {
        sign: async () => ({ signature: Buffer.alloc(64), algorithm: 'ED25519_SHA_512' }),
      },
    ],
    [
      'an algorithm of another key',
      {
        sign: async () => ({ signature: Buffer.alloc(64), algorithm: 'ECDSA_SHA_256' }),
      },
    ],
  ])('%s', async (_, wrong) => {
    const { vault, appendToLedger } = world({ signer: { ...createFakeSigner(), ...wrong } });
    expect((await failureOf(appendToLedger(input()))).type).toBe('InvalidRequest');
    expect(vault.files.size).toBe(0);
  });
});
