/** An agent that can't be trusted: whatever it answers, the caller gets a signature that holds, or one clear sentence in time. */
import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentAt } from '../../client/signing/agent';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { loadSigner } from '../../client/signing/signer';
import { bytesOfText, concat } from '../../domain/trust/bytes';
import { parseSshsig, problemOfSshsig, signatureBlobOf } from '../../domain/trust/sshsig';
import { stringOf, uint32Of, wireOf } from '../../domain/trust/wire';
import { keyOf, tokenOf, type TokenSigning } from '../support/keys';
import { IC, SECURITY } from '../support/incidents';

const folder = mkdtempSync(join(tmpdir(), 'fb-'));
const servers: Server[] = [];
const sockets = new Set<Socket>();
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true, force: true });
});

type Answer = (request: Uint8Array, socket: Socket) => Uint8Array | undefined;

/** Listens, and answers each request as is told: framed, unless it writes by itself. */
async function agentThat(answer: Answer): Promise<string> {
  const path = join(folder, `${servers.length}`);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const answered = answer(Uint8Array.from(chunk.subarray(4)), socket);
      if (answered) socket.write(framed(answered));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const framed = (message: Uint8Array) => concat(uint32Of(message.length), message);
const blobOf = (publicKey: string) => Uint8Array.from(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'));
const listing = (...blobs: readonly Uint8Array[]) =>
  concat(
    Uint8Array.of(12),
    uint32Of(blobs.length),
    ...blobs.map((blob) => concat(stringOf(blob), stringOf(bytesOfText('c')))),
  );
const signed = (signature: Uint8Array) => concat(Uint8Array.of(14), stringOf(signature));

const OWN = keyOf(IC);
const STRANGE = /gave an answer that is none/;

const BAD_LISTS: readonly (readonly [string, Answer])[] = [
  ['of length nothing', (_, socket) => void socket.write(uint32Of(0))],
  ['of four gigabytes', (_, socket) => void socket.write(uint32Of(0xffff_ffff))],
  ['longer than it says', (_, socket) => void socket.write(concat(framed(listing()), Uint8Array.of(1)))],
  ['cut off', (_, socket) => void socket.end(framed(listing(blobOf(OWN.publicKey))).subarray(0, 20))],
  ['of nothing at all', (_, socket) => void socket.end()],
  ['of another type', () => Uint8Array.of(99)],
  ['with more keys than it holds', () => concat(Uint8Array.of(12), uint32Of(0xffff_ffff))],
  ['with a key longer than itself', () => concat(Uint8Array.of(12), uint32Of(1), uint32Of(0xffff))],
];

test.each(BAD_LISTS)('a list %s is refused', async (_what, answer) => {
  await expect(agentAt(await agentThat(answer)).identities()).rejects.toThrow(STRANGE);
});

test('a list that comes byte by byte is read; keys that are none are left out', async () => {
  const bytes = framed(
    listing(bytesOfText('nonsense'), new Uint8Array(), blobOf(OWN.publicKey), tokenOf(IC).blob),
  );
  const path = await agentThat((_, socket) => {
    void (async () => {
      for (const byte of bytes) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    return undefined;
  });
  const identities = await agentAt(path).identities();
  expect(identities.map(({ publicKey }) => publicKey)).toEqual([OWN.publicKey, tokenOf(IC).publicKey]);
});

test('an agent that says nothing is not waited for', async () => {
  const path = await agentThat(() => undefined);
  const limits = { listWithinMs: 50, signWithinMs: 50 };
  await expect(agentAt(path, limits).identities()).rejects.toThrow(/did not list its keys within 0\.05 s/);
  await expect(agentAt(path, limits).sign(blobOf(OWN.publicKey), Uint8Array.of(1))).rejects.toThrow(
    /did not sign within 0\.05 s\. Touch the token/,
  );
});

test('no agent, or a file in its place, is told with how to start one', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const path of [join(folder, 'nothing'), file])
    await expect(agentAt(path).identities()).rejects.toThrow(/No SSH agent answers.*ssh-agent/);
});

/** Holds one key, and signs as is told. */
async function signerWhere(blob: Uint8Array, sign: (data: Uint8Array) => Uint8Array) {
  const path = await agentThat((request) => {
    if (request[0] === 11) return listing(blob);
    const wire = wireOf(request.subarray(1));
    wire.string();
    return sign(wire.string() ?? new Uint8Array());
  });
  return loadSigner({ agentSocket: path });
}

const token = tokenOf(IC);
const tokenSigner = (signing?: TokenSigning) =>
  signerWhere(token.blob, (data) => signed(token.signatureBlob(data, signing)));

test('a hardware token in the agent signs, once it was touched', async () => {
  const signer = await tokenSigner();
  const read = parseSshsig(await signer.sign('decision@firebreak', 'text'));
  if (!read.ok) throw new Error(read.problem);
  expect(
    problemOfSshsig(read.sshsig, { namespace: 'decision@firebreak', text: 'text' }, NODE_CRYPTO),
  ).toBeUndefined();
  const untouched = await tokenSigner({ flags: 0 });
  await expect(untouched.sign('decision@firebreak', 'text')).rejects.toThrow(
    /does not hold \(nobody touched the hardware token\)\. Sign with another key/,
  );
});

test.each([
  ['refuses', Uint8Array.of(5), /refused to sign/],
  ['answers with a list', listing(), STRANGE],
  ['answers with bytes after the signature', concat(signed(new Uint8Array(4)), Uint8Array.of(0)), STRANGE],
  ['answers with nothing in the signature', signed(new Uint8Array()), /does not hold/],
  [
    'answers with a signature of nothing',
    signed(signatureBlobOf(new Uint8Array(64))),
    /does not hold \(the signature is not over this\)/,
  ],
  [
    "answers with another person's signature",
    signed(Buffer.from(keyOf(SECURITY).sign('n', 't'), 'base64').subarray(-83)),
    /does not hold/,
  ],
])('an agent that %s gives no signature', async (_what, answer, problem) => {
  const signer = await signerWhere(blobOf(OWN.publicKey), () => answer);
  await expect(signer.sign('decision@firebreak', 'text')).rejects.toThrow(problem);
});
