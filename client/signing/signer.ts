/** Signs with a person's own SSH key, from a file or from the agent. */

export interface Signer {
  /** As OpenSSH writes it, without a comment. */
  readonly publicKey: string;
  /** An SSHSIG blob over the text, base64 in one line. */
  sign(namespace: string, text: string): Promise<string>;
}

export interface SignerOptions {
  /** A private key, or a public one whose private half the agent holds. Left out: the agent's keys, then ~/.ssh/id_ed25519. */
  readonly keyFile?: string;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
  /** Where ~/.ssh is. */
  readonly home?: string;
}

/** @throws InvalidInput, which says what to do, where no key can be used */
export async function loadSigner(_options: SignerOptions): Promise<Signer> {
  throw new Error('not written yet');
}
