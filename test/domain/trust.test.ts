/** Proofs that hold, and every way we know of forging one. No key but the enrolled one signs, and nothing that is given throws. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { base64Of, bytesOfBase64, bytesOfText, concat } from '../../domain/trust/bytes';
import {
  fingerprintOf,
  problemOfProof,
  problemOfProofShape,
  problemOfPublicKey,
  type ProofProblem,
} from '../../domain/trust/check';
import { AHEAD_MS, FRESH_FOR_MS, NAMESPACES, statementOf, type Proof } from '../../domain/trust/proof';
import { encodeSshsig, parseSshsig } from '../../domain/trust/sshsig';
import { stringOf, uint32Of, wireOf } from '../../domain/trust/wire';
import { CRYPTO } from '../../workflows/crypto';
import { keyOf, tokenOf } from '../support/keys';
import { IC, SECURITY, THREE_AM } from '../support/incidents';

const CODENAME = 'sapphire-unicorn';
const NONCE = 'bm9uY2Utb2YtdGVzdHM';
const CONTENT = { by: IC, door: 'cli', task: 'pageCommander' };
const STATEMENT = statementOf(CODENAME, 'completeTask', CONTENT, { nonce: NONCE, at: THREE_AM });

const own = keyOf(IC);
const token = tokenOf(IC);

function proofBy(signer: { publicKey: string; sign(namespace: string, text: string): string }): Proof {
  return {
    key: signer.publicKey,
    signature: signer.sign(NAMESPACES.decision, STATEMENT),
    nonce: NONCE,
    at: THREE_AM,
  };
}

const PROOF = proofBy(own);
const TOKEN_PROOF = proofBy(token);

type Asked = Partial<Parameters<typeof problemOfProof>[0]>;

function check(proof: unknown, asked: Asked = {}): ProofProblem | undefined {
  return problemOfProof({
    proof: proof as Proof,
    namespace: NAMESPACES.decision,
    statement: STATEMENT,
    keys: [own.publicKey, token.publicKey],
    at: THREE_AM + 1_000,
    crypto: CRYPTO,
    ...asked,
  });
}

/** The blob of a proof with its fields changed, in their order. */
function blobWith(changes: {
  magic?: string;
  version?: number;
  key?: Uint8Array;
  namespace?: string;
  reserved?: string;
  hash?: string;
  signature?: Uint8Array;
  after?: Uint8Array;
}): string {
  const wire = wireOf(bytesOfBase64(PROOF.signature) ?? new Uint8Array());
  wire.take(10);
  const key = wire.string() ?? new Uint8Array();
  wire.string();
  wire.string();
  wire.string();
  const signature = wire.string() ?? new Uint8Array();
  return base64Of(
    concat(
      bytesOfText(changes.magic ?? 'SSHSIG'),
      uint32Of(changes.version ?? 1),
      stringOf(changes.key ?? key),
      stringOf(bytesOfText(changes.namespace ?? NAMESPACES.decision)),
      stringOf(bytesOfText(changes.reserved ?? '')),
      stringOf(bytesOfText(changes.hash ?? 'sha512')),
      stringOf(changes.signature ?? signature),
      changes.after ?? new Uint8Array(),
    ),
  );
}

/** A signature's blob of any type and length. */
function signatureOf(type: string, bytes: Uint8Array, after = new Uint8Array()): Uint8Array {
  return concat(stringOf(bytesOfText(type)), stringOf(bytes), after);
}

/** The same number of the group, in another spelling. */
function withOrderAdded(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  return concat(signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse());
}

function rawOf(signature: string): Uint8Array {
  const read = parseSshsig(signature);
  if (!read.ok) throw new Error(read.problem);
  return read.sshsig.signature;
}

const RAW = rawOf(PROOF.signature);

const blobOf = (publicKey: string) => Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
const other = keyOf(SECURITY);
const statement = (changes: {
  incident?: string;
  decision?: string;
  content?: object;
  nonce?: string;
  at?: number;
}) =>
  statementOf(
    changes.incident ?? CODENAME,
    changes.decision ?? 'completeTask',
    { ...CONTENT, ...changes.content },
    { nonce: changes.nonce ?? NONCE, at: changes.at ?? THREE_AM },
  );

test('a proof by an enrolled key holds, by either cryptography', () => {
  for (const crypto of [CRYPTO, NODE_CRYPTO])
    for (const proof of [PROOF, TOKEN_PROOF]) expect(check(proof, { crypto })).toBeUndefined();
  expect(problemOfProofShape(PROOF)).toBeUndefined();
});

test('what ssh-keygen signed holds, wherever the test runs', () => {
  const signature =
    'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgG9xfEtoJYsEW8L51QmEmDaoZ9pbTjL/d7sDlewVNJe8AAAASZGVjaXNpb25AZmlyZWJyZWFrAAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQK3uagvpZjDzmTsdNe1y/ZG4PvWNW251tSAGHcEyncMj61dPfunv71cackofXwSti9ARuooDSgaMDRg8PLCckwg=';
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvcXxLaCWLBFvC+dUJhJg2qGfaW04y/3e7A5XsFTSXv';
  const proof = { key, signature, nonce: NONCE, at: THREE_AM };
  expect(check(proof, { keys: [`${key} x`], statement: 'hello' })).toBeUndefined();
  expect(check(proof, { keys: [key], statement: 'hello ' })?.kind).toBe('forged');
  expect(fingerprintOf(`${key} x`, CRYPTO)).toBe('SHA256:1CmkSEkB2nKaGn3c6+yS8dImRMuMKp33eLRLCNADdNk');
});

test('an enrolled key may have a comment, and a damaged one beside it says nothing', () => {
  expect(check(PROOF, { keys: ['ssh-ed25519 AAAA', '', `${own.publicKey} laptop of 2026`] })).toBeUndefined();
});

test('a proof is fresh to the last millisecond, and no longer', () => {
  const kindAt = (at: number) => check(PROOF, { at })?.kind;
  expect(kindAt(THREE_AM + FRESH_FOR_MS)).toBeUndefined();
  expect(kindAt(THREE_AM + FRESH_FOR_MS + 1)).toBe('stale');
  expect(kindAt(THREE_AM - AHEAD_MS)).toBeUndefined();
  expect(kindAt(THREE_AM - AHEAD_MS - 1)).toBe('ahead');
  expect(kindAt(Number.MAX_SAFE_INTEGER)).toBe('stale');
});

test('a decision by a key that is not enrolled says which one, and how to mend it', () => {
  expect(check(PROOF, { keys: [] })).toEqual({
    kind: 'notEnrolled',
    reason: expect.stringMatching(/^the key SHA256:[\w+/]{43} is not enrolled .*firebreak keys enrol/),
  });
});

type Kind = ProofProblem['kind'];
const FORGED: readonly (readonly [string, Kind, () => unknown, Asked?])[] = [
  ['no proof at all', 'malformed', () => undefined],
  ['a text instead of a proof', 'malformed', () => 'proof'],
  ['a list instead of a proof', 'malformed', () => [PROOF]],
  ['a field too many', 'malformed', () => ({ ...PROOF, by: SECURITY })],
  ['a field too few', 'malformed', () => ({ ...PROOF, nonce: undefined })],
  ['a nonce too short to be new', 'malformed', () => ({ ...PROOF, nonce: 'short' })],
  ['a nonce of any letters', 'malformed', () => ({ ...PROOF, nonce: `${NONCE}\n` })],
  ['a time that is no number', 'malformed', () => ({ ...PROOF, at: `${THREE_AM}` })],
  ['a time between two milliseconds', 'malformed', () => ({ ...PROOF, at: THREE_AM + 0.5 })],
  ['a time that never comes', 'malformed', () => ({ ...PROOF, at: Infinity })],
  ['a key with a comment', 'malformed', () => ({ ...PROOF, key: `${PROOF.key} laptop` })],
  ['a key with options before it', 'malformed', () => ({ ...PROOF, key: `no-pty ${PROOF.key}` })],
  ['a signature of megabytes', 'malformed', () => ({ ...PROOF, signature: 'A'.repeat(4_000_000) })],
  ['a key of megabytes', 'malformed', () => ({ ...PROOF, key: 'ssh-ed25519 '.repeat(400_000) })],
  ['base64 in lines', 'malformed', () => ({ ...PROOF, signature: PROOF.signature.replace(/.{70}/, '$&\n') })],
  ['base64 without its padding', 'malformed', () => ({ ...PROOF, signature: `${PROOF.signature}=` })],
  ['another magic', 'malformed', () => ({ ...PROOF, signature: blobWith({ magic: 'SSHSIX' }) })],
  ['version 2', 'malformed', () => ({ ...PROOF, signature: blobWith({ version: 2 }) })],
  ['no namespace', 'malformed', () => ({ ...PROOF, signature: blobWith({ namespace: '' }) })],
  ['something reserved', 'malformed', () => ({ ...PROOF, signature: blobWith({ reserved: 'x' }) })],
  ['a weak hash', 'malformed', () => ({ ...PROOF, signature: blobWith({ hash: 'sha1' }) })],
  [
    'bytes after the end',
    'malformed',
    () => ({ ...PROOF, signature: blobWith({ after: Uint8Array.of(0) }) }),
  ],
  ['half of a blob', 'malformed', () => ({ ...PROOF, signature: PROOF.signature.slice(0, 120) })],
  [
    'a signature of another type',
    'malformed',
    () => ({ ...PROOF, signature: blobWith({ signature: signatureOf('ssh-rsa', RAW) }) }),
  ],
  [
    'bytes after the signature',
    'malformed',
    () => ({
      ...PROOF,
      signature: blobWith({ signature: signatureOf('ssh-ed25519', RAW, Uint8Array.of(1, 0, 0, 0, 7)) }),
    }),
  ],
  [
    'a signature of 63 bytes',
    'malformed',
    () => ({
      ...PROOF,
      signature: blobWith({ signature: signatureOf('ssh-ed25519', RAW.subarray(1)) }),
    }),
  ],
  [
    "a token's signature by a key that is no token",
    'malformed',
    () => ({
      ...PROOF,
      signature: blobWith({
        signature: signatureOf('sk-ssh-ed25519@openssh.com', RAW, Uint8Array.of(1, 0, 0, 0, 7)),
      }),
    }),
  ],
  [
    'a key of small order, under which one signature fits all',
    'malformed',
    () => {
      const blob = concat(
        stringOf(bytesOfText('ssh-ed25519')),
        stringOf(concat(Uint8Array.of(1), new Uint8Array(31))),
      );
      const signature = encodeSshsig({
        publicKey: blob,
        namespace: NAMESPACES.decision,
        signature: signatureOf('ssh-ed25519', concat(Uint8Array.of(1), new Uint8Array(63))),
      });
      return { ...PROOF, key: `ssh-ed25519 ${base64Of(blob)}`, signature };
    },
  ],
  ["another person's key", 'notEnrolled', () => proofBy(other)],
  ['a proof of the day before', 'stale', () => PROOF, { at: THREE_AM + 86_400_000 }],
  ['a proof of tomorrow', 'ahead', () => PROOF, { at: THREE_AM - 86_400_000 }],
  [
    'an enrolled key named, another one signing',
    'forged',
    () => ({ ...PROOF, signature: other.sign(NAMESPACES.decision, STATEMENT) }),
  ],
  [
    "another person's signature under an enrolled key",
    'forged',
    () => ({
      ...PROOF,
      signature: blobWith({
        key: blobOf(own.publicKey),
        signature: signatureOf('ssh-ed25519', rawOf(other.sign(NAMESPACES.decision, STATEMENT))),
      }),
    }),
  ],
  [
    'an enrolled token named, the key of a file signing',
    'forged',
    () => ({ ...TOKEN_PROOF, signature: PROOF.signature }),
  ],
  [
    'a signature for a token of the codec server',
    'forged',
    () => ({ ...PROOF, signature: own.sign(NAMESPACES.token, STATEMENT) }),
  ],
  ['a signature for git', 'forged', () => ({ ...PROOF, signature: own.sign('git', STATEMENT) })],
  [
    'a namespace written over',
    'forged',
    () => ({ ...PROOF, signature: blobWith({ namespace: NAMESPACES.token }) }),
    { namespace: NAMESPACES.token },
  ],
  ['a hash written over', 'forged', () => ({ ...PROOF, signature: blobWith({ hash: 'sha256' }) })],
  [
    "another incident's decision",
    'forged',
    () => PROOF,
    { statement: statement({ incident: 'ruby-otter' }) },
  ],
  ['another decision', 'forged', () => PROOF, { statement: statement({ decision: 'approve' }) }],
  ['another task', 'forged', () => PROOF, { statement: statement({ content: { task: 'openRoom' } }) }],
  [
    "another person's decision",
    'forged',
    () => PROOF,
    { statement: statement({ content: { by: SECURITY } }) },
  ],
  ['another door', 'forged', () => PROOF, { statement: statement({ content: { door: 'slack' } }) }],
  [
    'a new nonce under an old signature',
    'forged',
    () => PROOF,
    { statement: statement({ nonce: `${NONCE}x` }) },
  ],
  [
    'a new time under an old signature',
    'forged',
    () => PROOF,
    { statement: statement({ at: THREE_AM + 1 }) },
  ],
  [
    'a second spelling of the same signature',
    'forged',
    () => ({ ...PROOF, signature: blobWith({ signature: signatureOf('ssh-ed25519', withOrderAdded(RAW)) }) }),
  ],
  [
    'a signature of zeros',
    'forged',
    () => ({ ...PROOF, signature: blobWith({ signature: signatureOf('ssh-ed25519', new Uint8Array(64)) }) }),
  ],
  [
    'a token that nobody touched',
    'forged',
    () => ({ ...TOKEN_PROOF, signature: token.sign(NAMESPACES.decision, STATEMENT, { flags: 0 }) }),
  ],
  [
    'a token that says only that it knows its owner',
    'forged',
    () => ({ ...TOKEN_PROOF, signature: token.sign(NAMESPACES.decision, STATEMENT, { flags: 0x04 }) }),
  ],
  [
    'a token that signs for a web site',
    'forged',
    () => ({
      ...TOKEN_PROOF,
      signature: token.sign(NAMESPACES.decision, STATEMENT, { application: 'https://example.com' }),
    }),
  ],
  [
    'a token with data that was left out',
    'malformed',
    () => ({ ...TOKEN_PROOF, signature: token.sign(NAMESPACES.decision, STATEMENT, { flags: 0x81 }) }),
  ],
];

// A row that is shorter than the test's parameters would be given jest's `done`.
const ROWS = FORGED.map(([what, kind, proof, asked = {}]) => [what, kind, proof, asked] as const);

test.each(ROWS)('%s is refused as %s', (_what, kind, proof, asked) => {
  for (const crypto of [CRYPTO, NODE_CRYPTO]) {
    const problem = check(proof(), { crypto, ...asked });
    expect(problem).toEqual({ kind, reason: expect.any(String) });
    // One sentence for people: nothing in it steers a terminal or fills a page.
    expect(problem?.reason).toMatch(/^[^\p{Cc}]{10,300}$/u);
  }
});

test.each([
  ['file', PROOF],
  ['token', TOKEN_PROOF],
])('a %s signature with any bit of any byte changed is refused', (_where, proof) => {
  const blob = bytesOfBase64(proof.signature) ?? new Uint8Array();
  for (let at = 0; at < blob.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Uint8Array.from(blob);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      const problem = check({ ...proof, signature: base64Of(changed) }, { crypto: NODE_CRYPTO });
      expect([at, problem?.kind]).toEqual([at, expect.stringMatching(/^(malformed|forged)$/)]);
    }
});

test("each byte changed is refused by the workflow's own cryptography too", () => {
  const blob = bytesOfBase64(PROOF.signature) ?? new Uint8Array();
  for (let at = 0; at < blob.length; at += 1) {
    const changed = Uint8Array.from(blob);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    expect(check({ ...PROOF, signature: base64Of(changed) })?.kind).toMatch(/^(malformed|forged)$/);
  }
});

test('each cut and each byte put in is refused', () => {
  const blob = bytesOfBase64(PROOF.signature) ?? new Uint8Array();
  for (let at = 0; at <= blob.length; at += 1) {
    const [head, tail] = [blob.subarray(0, at), blob.subarray(at)];
    if (tail.length > 0) expect(check({ ...PROOF, signature: base64Of(head) })?.kind).toBe('malformed');
    const longer = base64Of(concat(head, Uint8Array.of(0), tail));
    expect(check({ ...PROOF, signature: longer }, { crypto: NODE_CRYPTO })?.kind).toMatch(
      /^(malformed|forged)$/,
    );
  }
});

test('2,000 random blobs are refused, with and without a real beginning', () => {
  const real = bytesOfBase64(PROOF.signature) ?? new Uint8Array();
  let seed = createHash('sha512').update('blobs').digest();
  for (let round = 0; round < 2_000; round += 1) {
    seed = createHash('sha512').update(seed).digest();
    const random = concat(seed, createHash('sha512').update(seed).digest()).subarray(
      0,
      seed.readUInt8(0) % 129,
    );
    const kept = round % 2 === 0 ? 0 : seed.readUInt8(1) % real.length;
    const signature = base64Of(concat(real.subarray(0, kept), random));
    expect(check({ ...PROOF, signature }, { crypto: NODE_CRYPTO })?.kind).toMatch(/^(malformed|forged)$/);
  }
});

test('whatever is given as a proof, a key or a text, nothing throws', () => {
  fc.assert(
    fc.property(fc.anything(), fc.string({ unit: 'binary' }), (value, text) => {
      expect(typeof problemOfProofShape(value)).toBe('string');
      expect(check(value)?.kind).toBe('malformed');
      expect(check({ ...PROOF, key: text, signature: text })?.kind).toBe('malformed');
      expect(typeof problemOfPublicKey(text)).toBe('string');
      expect(fingerprintOf(text, NODE_CRYPTO)).toBe('no public key');
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['', /^an Ed25519 public key .* is needed/],
  ['ssh-rsa AAAAB3NzaC1yc2E= me', /type ssh-rsa can't be used: .*ssh-keygen -t ed25519/],
  ['ecdsa-sha2-nistp256 AAAA', /type ecdsa-sha2-nistp256 can't be used/],
  ['ssh-ed25519-cert-v01@openssh.com AAAA', /can't be used/],
  ['ssh-ed25519', /is needed/],
  ['ssh-ed25519 AAAA', /^damaged/],
  [`${own.publicKey}\n${other.publicKey}`, /is needed/],
  [`ssh-ed25519 ${token.publicKey.split(' ')[1]}`, /^damaged/],
  [tokenOf(IC, 'https://example.com').publicKey, /^damaged/],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA', /private key: name the file that ends in "\.pub"/],
])('%j can not be enrolled', (text, problem) => {
  expect(problemOfPublicKey(text)).toMatch(problem);
});

test('keys of files and of tokens can be enrolled, with a comment too', () => {
  for (const { publicKey } of [own, token])
    for (const text of [publicKey, `${publicKey} someone's laptop, 2026`])
      expect(problemOfPublicKey(text)).toBeUndefined();
});

test('base64 has one spelling for each bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(base64Of(bytes)).toBe(text);
      expect([...(bytesOfBase64(text) ?? [])]).toEqual([...bytes]);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09+/=-_ \n'), maxLength: 12 }), (text) => {
      const isCanonical = Buffer.from(text, 'base64').toString('base64') === text;
      expect(bytesOfBase64(text) !== undefined).toBe(isCanonical);
    }),
    { numRuns: 2_000 },
  );
});
