/** The people of a drill: each has an SSH key of their own, in the drill's folder, and signs with it as people do. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSigner, type Signer } from '../client/signing/signer';

export interface DrillPeople {
  /** Where somebody's key is, for trying things by hand. */
  keyFile(email: string): string;
  /** @throws Error where nobody of that address was named */
  signerOf(email: string): Signer;
}

export async function createPeople(folder: string, emails: readonly string[]): Promise<DrillPeople> {
  const keys = join(folder, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const keyFile = (email: string) => join(keys, email);
  const signers = new Map<string, Signer>();
  for (const email of new Set(emails)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(keyFile(email), pem, { mode: 0o600, flag: 'wx' });
    signers.set(email, await loadSigner({ keyFile: keyFile(email) }));
  }
  return {
    keyFile,
    signerOf(email) {
      const signer = signers.get(email);
      if (!signer) throw new Error(`The drill has no key for ${email}.`);
      return signer;
    },
  };
}
