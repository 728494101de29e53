import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import {
  createEvidenceActivities,
  type ImageStore,
  type SealInput,
  type Signer,
  type Vault,
} from '../../activities/evidence';
import { notFound, unavailable } from '../../activities/failures';
import { TOOLS } from '../../client/evidence/tools';
import { canonical } from '../../domain/evidence/canonical';
import { checkEvidence } from '../../domain/evidence/check';
import { sentenceOfFinding } from '../../domain/evidence/finding';
import type { CustodyRecord, EvidenceItem } from '../../domain/evidence/items';
import type { Manifest, ManifestFile } from '../../domain/evidence/manifest';

const CODENAME = 'sapphire-unicorn';
const THREE_AM = Date.UTC(2026, 2, 1, 3);

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A bucket in memory that keeps the promise of the port, and can lose what is asked of it or its own answer. */
function memoryVault() {
  const files = new Map<string, Buffer>();
  let failing: { at: number; when: 'before' | 'after' } | undefined;
  let writes = 0;
  const vault: Vault = {
    holder: 'bucket evidence in account 111122223333',
    async writeOnce(path, content) {
      const fails = failing?.at === ++writes ? failing.when : undefined;
      if (fails === 'before') throw unavailable('The bucket does not answer.');
      const existed = files.has(path);
      if (!existed) files.set(path, Buffer.from(content));
      if (fails === 'after') throw unavailable('The answer was lost.');
      const kept = files.get(path) ?? Buffer.of();
      return { path, bytes: kept.length, sha256: sha256(kept), existed };
    },
    async read(path) {
      const content = files.get(path);
      if (!content) throw notFound('The bucket has no such file.');
      return content;
    },
  };
  const failAt = (at: number, when: 'before' | 'after') => {
    failing = { at: writes + at, when };
  };
  return { vault, files, failAt };
}

type KeyName = keyof typeof KEYS;

const KEYS = {
  ECDSA_SHA_256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
  RSASSA_PSS_SHA_256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ED25519_SHA_512: generateKeyPairSync('ed25519').privateKey,
};

function signerOf(algorithm: KeyName, key: KeyObject = KEYS[algorithm]): Signer {
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return {
    sign: async (content) => ({
      signature: sign(algorithm === 'ED25519_SHA_512' ? null : 'sha256', content, {
        key,
        ...(algorithm === 'RSASSA_PSS_SHA_256' && padding),
      }),
      algorithm,
    }),
    publicKey: async () => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const NO_IMAGES = {} as ImageStore;

function evidenceOf(vault: Vault, signer: Signer = signerOf('ECDSA_SHA_256'), version = '1.2.3') {
  return createEvidenceActivities({ vault, signer, images: NO_IMAGES, version });
}

/** What `firebreak verify` would say of the bucket. */
function found(files: ReadonlyMap<string, Buffer>): string[] {
  const folder = [...files].map(
    ([path, content]) =>
      [
        path.slice(CODENAME.length + 1),
        { bytes: content.length, sha256: sha256(content), text: content.toString() },
      ] as const,
  );
  return checkEvidence(new Map(folder), TOOLS).findings.map(sentenceOfFinding);
}

function manifestIn(files: ReadonlyMap<string, Buffer>, sequence: number): Manifest {
  return JSON.parse(files.get(`${CODENAME}/manifest-${sequence}.json`)?.toString() ?? '') as Manifest;
}

/** A bucket with one capture, and what is told of it to a first seal. */
async function captured() {
  const memory = memoryVault();
  const { file } = await evidenceOf(memory.vault).recordCapture(CODENAME, 'i-0abc', { state: 'running' });
  const { path, bytes, sha256 } = file;
  const item: EvidenceItem = {
    id: path,
    kind: 'capture',
    of: 'i-0abc',
    bytes,
    sha256,
    createdAt: THREE_AM,
    state: 'complete',
  };
  const record: CustodyRecord = {
    seq: 1,
    at: THREE_AM,
    item: path,
    event: 'captured',
    by: 'firebreak',
    holder: memory.vault.holder,
  };
  const input: SealInput = {
    codename: CODENAME,
    sequence: 1,
    items: [item],
    custody: [record],
    at: THREE_AM + 60_000,
  };
  const files: ManifestFile[] = [{ path, bytes, sha256 }];
  return { ...memory, input, given: files, record };
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

describe('a capture', () => {
  it('is written once, in canonical JSON, and the first one stays', async () => {
    const { vault, files } = memoryVault();
    const { recordCapture, readCapture } = evidenceOf(vault);
    const first = await recordCapture(CODENAME, 'i-0abc', {
      state: 'running',
      groups: ['sg-1'],
      left: undefined,
    });
    expect(first.file).toMatchObject({ path: `${CODENAME}/captures/i-0abc.json`, existed: false });
    expect(files.get(first.file.path)?.toString()).toBe('{"groups":["sg-1"],"state":"running"}');
    const second = await recordCapture(CODENAME, 'i-0abc', { state: 'running', groups: ['sg-quarantine'] });
    expect(second).toEqual({
      file: { ...first.file, existed: true },
      capture: { state: 'running', groups: ['sg-1'] },
    });
    expect(await readCapture(CODENAME, 'i-0abc')).toEqual(second.capture);
  });

  it.each([
    [
      'arn:aws:iam::111122223333:user/ops/alice@example.com',
      'arn%3Aaws%3Aiam%3A%3A111122223333%3Auser/ops/alice%40example.com',
    ],
    ['../../other/manifest-1', '%2E/%2E/other/manifest-1'],
  ])('of %s is a file that every disk can take', async (name, path) => {
    const { vault } = memoryVault();
    const { file } = await evidenceOf(vault).recordCapture(CODENAME, name, {});
    expect(file.path).toBe(`${CODENAME}/captures/${path}.json`);
  });

  it('that is not there is not found, and one that is no JSON is not written', async () => {
    const { vault, files } = memoryVault();
    const { recordCapture, readCapture } = evidenceOf(vault);
    expect(await failureOf(readCapture(CODENAME, 'i-0abc'))).toMatchObject({ type: 'NotFound' });
    const failure = await failureOf(recordCapture(CODENAME, 'i-0abc', { at: NaN }));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(files.size).toBe(0);
  });
});

describe('a seal', () => {
  it.each(Object.keys(KEYS) as KeyName[])('by %s is intact, and so is the next one', async (algorithm) => {
    const { vault, files, input, given, record } = await captured();
    const { sealEvidence } = evidenceOf(vault, signerOf(algorithm));
    const first = await sealEvidence(input, given);
    expect(first).toMatchObject({ sequence: 1, manifest: { path: `${CODENAME}/manifest-1.json` } });
    expect(found(files)).toEqual([]);
    expect(manifestIn(files, 1)).toMatchObject({
      format: 'firebreak-evidence/1',
      codename: CODENAME,
      sealedAt: '2026-03-01T03:01:00.000Z',
      sealedBy: { tool: 'firebreak', version: '1.2.3' },
      items: [{ id: 'captures/i-0abc.json', createdAt: '2026-03-01T03:00:00.000Z' }],
      custody: { file: 'custody-1.jsonl', records: 1 },
      key: { algorithm },
    });

    const handedOver = { ...record, seq: 2, at: THREE_AM + 90_000, event: 'handedOver' as const };
    const next = {
      ...input,
      sequence: 2,
      at: THREE_AM + 120_000,
      custody: [record, { ...handedOver, by: 'forensics@example.com' }],
      previous: first.manifest,
    };
    // What the first seal listed stays listed, whether or not it is told again.
    await sealEvidence(next, []);
    expect(found(files)).toEqual([]);
    expect(manifestIn(files, 2).previous).toEqual({ path: 'manifest-1.json', sha256: first.manifest.sha256 });
    expect(manifestIn(files, 2).files.map(({ path }) => path)).toEqual([
      'captures/i-0abc.json',
      'custody-1.jsonl',
      'custody-2.jsonl',
      'manifest-1.json',
      'manifest-1.json.sig',
      'signing-key.pem',
    ]);
  });

  it.each([1, 2, 3, 4].flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]))(
    'that broke at its write %i, %s it was done, is mended by another try',
    async (at, when) => {
      const { vault, files, failAt, input, given } = await captured();
      failAt(at, when);
      expect(await failureOf(evidenceOf(vault).sealEvidence(input, given))).toMatchObject({
        type: 'Unavailable',
      });
      const written = new Map(files);
      // A newer worker may be the one that tries again.
      const sealed = await evidenceOf(vault, signerOf('ECDSA_SHA_256'), '2.0.0').sealEvidence(input, given);
      expect(found(files)).toEqual([]);
      for (const [path, content] of written) expect(files.get(path)).toBe(content);
      expect(sealed.manifest.sha256).toBe(sha256(files.get(sealed.manifest.path) ?? Buffer.of()));
      expect(await evidenceOf(vault).sealEvidence(input, given)).toMatchObject({ sequence: 1 });
    },
  );

  it.each([1, 2, 3, 4].flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]))(
    'that broke at its write %i, %s it was done, is completed as it was begun when evidence has grown',
    async (at, when) => {
      const { vault, files, failAt, input, given, record } = await captured();
      const { sealEvidence, recordCapture } = evidenceOf(vault);
      failAt(at, when);
      await failureOf(sealEvidence(input, given));
      const { file } = await recordCapture(CODENAME, 'i-0def', {});
      const grown: SealInput = {
        ...input,
        at: input.at + 60_000,
        items: [
          { ...(input.items[0] as EvidenceItem), lock: { mode: 'governance', until: THREE_AM } },
          { ...(input.items[0] as EvidenceItem), id: file.path, sha256: file.sha256, bytes: file.bytes },
        ],
        custody: [record, { ...record, seq: 2, item: file.path, at: input.at }],
      };
      const all = [...given, file];
      const first = await sealEvidence(grown, all);
      const isBegun = at > 2 || (at === 2 && when === 'after');
      expect(first.records).toBe(isBegun ? 1 : 2);
      const left = found(files);
      expect(left.map((sentence) => sentence.split(':')[0])).toEqual(isBegun ? ['captures/i-0def.json'] : []);
      await sealEvidence({ ...grown, sequence: 2, previous: first.manifest }, all);
      expect(found(files)).toEqual([]);
    },
  );

  it.each<[string, (manifest: Manifest) => unknown]>([
    ['an item', ({ items }) => ({ items: [...items, { ...items[0], id: 'snap-1', kind: 'snapshot' }] })],
    ['another host', ({ items }) => ({ items: [{ ...items[0], of: 'i-0def' }] })],
    [
      'a lock',
      ({ items }) => ({
        items: [{ ...items[0], lock: { mode: 'compliance', until: '2030-01-01T00:00:00Z' } }],
      }),
    ],
    ['a file', ({ files }) => ({ files: [...files, { path: 'x', bytes: 0, sha256: '0'.repeat(64) }] })],
    ['a chain', ({ custody }) => ({ custody: { ...custody, head: '0'.repeat(64) } })],
    ['a later time', () => ({ sealedAt: '2030-01-01T00:00:00.000Z' })],
    ['another incident', () => ({ codename: 'amber-yak' })],
    ['nothing that can be read', () => ({ format: 'x' })],
  ])('does not sign a manifest that somebody else put there, with %s', async (_, change) => {
    const { vault, files, input, given } = await captured();
    const elsewhere = await captured();
    await evidenceOf(elsewhere.vault).sealEvidence(input, given);
    const right = manifestIn(elsewhere.files, 1);
    const path = `${CODENAME}/manifest-1.json`;
    files.set(path, Buffer.from(canonical({ ...right, ...(change(right) as object) })));
    expect(await failureOf(evidenceOf(vault).sealEvidence(input, given))).toMatchObject({ type: 'Conflict' });
    expect(files.has(`${path}.sig`)).toBe(false);
    files.set(path, Buffer.from(canonical(right)));
    await evidenceOf(vault).sealEvidence(input, given);
    expect(found(files)).toEqual([]);
  });

  it('is not written where its own check would fail, and the failure names the place alone', async () => {
    const { vault, files, input, given, record } = await captured();
    const { sealEvidence } = evidenceOf(vault);
    for (const [wrong, place] of [
      [{ custody: [{ ...record, seq: 2 }] }, 'custody-1.jsonl line 1'],
      [{ custody: [] }, 'custody-1.jsonl line 1'],
      [{ items: [] }, 'custody-1.jsonl line 1'],
      [{ codename: '' }, 'manifest-1.json'],
      [{ at: NaN }, 'Invalid time value'],
    ] as const) {
      const failure = await failureOf(sealEvidence({ ...input, ...wrong }, given));
      expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
      expect(failure.message).toContain(place);
      expect(failure.message).not.toContain('i-0abc');
    }
    expect(await failureOf(sealEvidence(input, []))).toMatchObject({ type: 'InvalidRequest' });
    expect([...files.keys()]).toEqual([`${CODENAME}/captures/i-0abc.json`]);
  });

  it('is a conflict where another key, or other evidence, was sealed under its number', async () => {
    const { vault, input, given, record } = await captured();
    const first = await evidenceOf(vault).sealEvidence(input, given);
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    for (const work of [
      evidenceOf(vault, signerOf('ECDSA_SHA_256', other)).sealEvidence(input, given),
      evidenceOf(vault).sealEvidence({ ...input, at: input.at - 1 }, given),
      evidenceOf(vault).sealEvidence({ ...input, custody: [{ ...record, holder: 'x' }] }, given),
      evidenceOf(vault).sealEvidence(
        { ...input, sequence: 2, previous: { path: first.manifest.path, sha256: '0'.repeat(64) } },
        given,
      ),
    ])
      expect(await failureOf(work)).toMatchObject({ type: 'Conflict', nonRetryable: true });
  });

  it('names the one before it, unless it is the first', async () => {
    const { vault, input, given } = await captured();
    const { sealEvidence } = evidenceOf(vault);
    const first = await sealEvidence(input, given);
    for (const wrong of [
      { ...input, sequence: 2 },
      { ...input, previous: first.manifest },
      { ...input, sequence: 3, previous: first.manifest },
    ])
      expect(await failureOf(sealEvidence(wrong, given))).toMatchObject({ type: 'InvalidRequest' });
  });

  it('does not take a signature that does not fit, neither a new one nor one that is there', async () => {
    const { vault, files, input, given } = await captured();
    const { publicKey } = signerOf('ECDSA_SHA_256');
    const wrong = signerOf(
      'ECDSA_SHA_256',
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
    );
    for (const signer of [
      { ...wrong, publicKey },
      { ...signerOf('RSASSA_PSS_SHA_256'), publicKey },
    ])
      expect(await failureOf(evidenceOf(vault, signer).sealEvidence(input, given))).toMatchObject({
        type: 'InvalidRequest',
      });
    const signature = `${CODENAME}/manifest-1.json.sig`;
    expect(files.has(signature)).toBe(false);
    files.set(signature, Buffer.from('AAAA\n'));
    expect(await failureOf(evidenceOf(vault).sealEvidence(input, given))).toMatchObject({ type: 'Conflict' });
    const unusable = { ...wrong, publicKey: async () => 'no key' };
    expect(await failureOf(evidenceOf(vault, unusable).sealEvidence(input, given))).toMatchObject({
      type: 'InvalidRequest',
    });
  });
});

test('images are asked as they are named, and block hashes go to the folder of the incident', async () => {
  const calls: unknown[] = [];
  const answering =
    <Answer>(name: string, answer: Answer) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args]);
      return answer;
    };
  const copy = { snapshotId: 'snap-2', account: '111122223333', region: 'eu-central-1' };
  const images: ImageStore = {
    lookAt: answering('lookAt', []),
    copy: answering('copy', { copy }),
    lock: answering('lock', []),
    lockForGood: answering('lockForGood', []),
    hashBlocks: answering('hashBlocks', { hashed: false as const, reason: 'not configured' }),
  };
  const { vault } = memoryVault();
  const { lookAtImages, copyImage, lockImages, lockImagesForGood, hashBlocks } = createEvidenceActivities({
    vault,
    signer: signerOf('ECDSA_SHA_256'),
    images,
    version: '1.2.3',
  });
  await lookAtImages([copy]);
  expect(await copyImage({ snapshotId: 'snap-1' }, CODENAME, 'i-0abc')).toEqual({ copy });
  await lockImages([copy]);
  await lockImagesForGood([copy]);
  expect(await hashBlocks(copy, CODENAME)).toEqual({ hashed: false, reason: 'not configured' });
  expect(calls).toEqual([
    ['lookAt', [copy]],
    ['copy', { snapshotId: 'snap-1' }, CODENAME, 'i-0abc'],
    ['lock', [copy]],
    ['lockForGood', [copy]],
    ['hashBlocks', copy, `${CODENAME}/blocks/snap-2`],
  ]);
});
