/** What a check of an evidence folder finds, and what it needs for that. */

export interface Finding {
  /** In the evidence folder, with `/` between its parts. */
  readonly path: string;
  /** Of a chain of custody, counted from 1. */
  readonly line?: number;
  /** To be read after the path and a colon. */
  readonly problem: string;
}

/** A file of the folder. */
export interface FolderFile {
  readonly bytes: number;
  /** Hexadecimal, of the bytes. */
  readonly sha256: string;
  /** Read as UTF-8, of those that the check has to read: `isReadByCheck`. */
  readonly text?: string;
}

/** The folder's files by path. */
export type Folder = ReadonlyMap<string, FolderFile>;

/** Hexadecimal, of the text in UTF-8. */
export type Sha256 = (text: string) => string;

export interface Tools {
  readonly sha256: Sha256;
  /** `pem` is a public key (SPKI), `signature` is in base64. False also where one of them can't be read. */
  verifySignature(pem: string, algorithm: string, content: string, signature: string): boolean;
  /** SHA-256 of the public key in DER (SPKI), hexadecimal; nothing where the text is no public key. */
  fingerprint(pem: string): string | undefined;
}

/** "custody-2.jsonl line 7: changed …" */
export function sentenceOfFinding({ path, line, problem }: Finding): string {
  return `${path}${line === undefined ? '' : ` line ${line}`}: ${problem}`;
}
