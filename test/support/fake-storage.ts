/** Cold storage in memory: images, a vault that writes once, and a key that signs. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { ImageProgress, ImageStore, Signer, Vault } from '../../activities/evidence';
import { notFound } from '../../activities/failures';
import { staged, type Call } from './staged';

export const LOCKED_UNTIL = '2027-11-24T03:00:00.000Z';

/** The forensic account. */
const COPIES = { account: '999999999999', region: 'eu-central-1' };

export function createFakeVault(all: Call[] = []) {
  const files = new Map<string, Uint8Array>();
  const port: Vault = {
    async writeOnce(path, content) {
      const known = files.get(path);
      if (!known) files.set(path, content);
      const kept = known ?? content;
      return {
        path,
        bytes: kept.byteLength,
        sha256: createHash('sha256').update(kept).digest('hex'),
        existed: known !== undefined,
      };
    },
    async read(path) {
      const content = files.get(path);
      if (!content) throw notFound(`The vault has no file ${path}.`);
      return content;
    },
    holder: 'bucket evidence, account 999999999999',
  };
  return { ...staged(port, all), files };
}

export function createFakeSigner(all: Call[] = []) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const port: Signer = {
    sign: async (content) => ({ signature: sign(null, content, privateKey), algorithm: 'ED25519_SHA_512' }),
    publicKey: async () => publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  return staged(port, all);
}

/** `failed` are those of which the cloud says that they went wrong. */
export function createFakeImages(vault: Vault, failed: Set<string>, all: Call[] = []) {
  /** How far an image is at each look, one after the other; the last stays. Complete where nothing is said. */
  const percents = new Map<string, number[]>();
  /** Images that can't be shared as they are. */
  const toPrepare = new Set<string>();
  const complete = new Set<string>();
  const locks = new Map<string, string>();
  const progressOf = (snapshotId: string): ImageProgress => {
    if (failed.has(snapshotId)) return { snapshotId, state: 'error', percent: 0, sizeGiB: 8 };
    const said = percents.get(snapshotId) ?? [100];
    const percent = (said.length > 1 ? said.shift() : said[0]) ?? 100;
    if (percent === 100) complete.add(snapshotId);
    return { snapshotId, state: percent === 100 ? 'completed' : 'pending', percent, sizeGiB: 8 };
  };
  const locked = (mode: string) => (copies: readonly { snapshotId: string }[]) =>
    copies.map(({ snapshotId }) => {
      locks.set(snapshotId, mode);
      return { snapshotId, state: mode, lockedUntil: LOCKED_UNTIL };
    });
  const port: ImageStore = {
    lookAt: async (images) => images.map(({ snapshotId }) => progressOf(snapshotId)),
    async copy({ snapshotId }) {
      const prepared = `prepared-of-${snapshotId}`;
      return toPrepare.has(snapshotId) && !complete.has(prepared)
        ? { prepared: { snapshotId: prepared } }
        : { copy: { snapshotId: `copy-of-${snapshotId}`, ...COPIES } };
    },
    lock: async (copies) => locked('governance')(copies),
    lockForGood: async (copies) => locked('compliance-cooloff')(copies),
    async hashBlocks({ snapshotId }, path) {
      const root = createHash('sha256').update(snapshotId).digest('hex');
      const index = await vault.writeOnce(`${path}/index.json`, Buffer.from(JSON.stringify({ root })));
      return { hashed: true, files: [index], root, blocks: 1 };
    },
  };
  return { ...staged(port, all), percents, toPrepare, failed, locks };
}
