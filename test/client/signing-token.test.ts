/** Tokens say who asks; none but the ones that an enrolled key signed is let in. */
import fc from 'fast-check';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { createToken, LONGEST_LIFE_MS, readToken, type TokenClaims } from '../../client/signing/token';
import { canonical } from '../../domain/evidence/canonical';
import { AHEAD_MS, NAMESPACES } from '../../domain/trust/proof';
import { keyOf, tokenOf } from '../support/keys';
import { IC, SECURITY, STRANGER, THREE_AM } from '../support/incidents';

const own = keyOf(IC);
const signerOf = (key: { publicKey: string; sign(namespace: string, text: string): string }) => ({
  publicKey: key.publicKey,
  sign: async (namespace: string, text: string) => key.sign(namespace, text),
});
const CLAIMS: TokenClaims = {
  by: IC,
  audience: 'codec-server',
  at: THREE_AM,
  expiresAt: THREE_AM + 3_600_000,
  nonce: 'bm9uY2Utb2YtdGVzdHM',
};
const keysOf = (email: string) =>
  email === IC
    ? [`${own.publicKey} laptop`, tokenOf(IC).publicKey]
    : email === SECURITY
      ? [keyOf(SECURITY).publicKey]
      : [];
const read = (text: string, changes: Partial<Parameters<typeof readToken>[1]> = {}) =>
  readToken(text, { audience: 'codec-server', at: THREE_AM + 1, keysOf, crypto: NODE_CRYPTO, ...changes });

/** As anybody could write it. */
function handmade(payload: string, signature = own.sign(NAMESPACES.token, payload)): string {
  return `${Buffer.from(payload).toString('base64url')}.${Buffer.from(signature, 'base64').toString('base64url')}`;
}

test('says who asks, until it expires', async () => {
  for (const signer of [own, tokenOf(IC)]) {
    const text = await createToken(signerOf(signer), { ...CLAIMS, by: 'IC@Example.com' });
    expect(text).toMatch(/^[\w-]+\.[\w-]+$/);
    expect(read(text)).toEqual({ ok: true, by: IC, expiresAt: CLAIMS.expiresAt });
    expect(read(text, { at: CLAIMS.expiresAt - 1 }).ok).toBe(true);
    expect(read(text, { at: CLAIMS.expiresAt })).toEqual({
      ok: false,
      problem: expect.stringMatching(/expired/),
    });
    expect(read(text, { at: THREE_AM - AHEAD_MS }).ok).toBe(true);
    expect(read(text, { at: THREE_AM - AHEAD_MS - 1 })).toEqual({
      ok: false,
      problem: expect.stringMatching(/clock/),
    });
  }
});

test('is not made for longer than twelve hours, nor with claims that are none', async () => {
  const making = (changes: Partial<TokenClaims>) => createToken(signerOf(own), { ...CLAIMS, ...changes });
  await expect(making({ expiresAt: THREE_AM + LONGEST_LIFE_MS })).resolves.toMatch(/\./);
  for (const changes of [
    { expiresAt: THREE_AM + LONGEST_LIFE_MS + 1 },
    { expiresAt: THREE_AM },
    { at: -1 },
    { nonce: 'short' },
    { by: 'nobody' },
    { audience: '' },
  ])
    await expect(making(changes)).rejects.toThrow(/at most 12 hours/);
});

const PAYLOAD = canonical({ firebreak: 1, ...CLAIMS });
const payload = (changes: object) => canonical({ firebreak: 1, ...CLAIMS, ...changes });

test.each<[string, () => string, RegExp]>([
  ['nothing', () => '', /no token/],
  ['a word', () => 'token', /no token/],
  ['megabytes', () => 'A'.repeat(4_000_000), /no token/],
  ['three parts', () => `${handmade(PAYLOAD)}.AAAA`, /no token/],
  ['padding', () => `${handmade(PAYLOAD)}=`, /no token/],
  ['a line feed', () => `${handmade(PAYLOAD)}\n`, /no token/],
  ['JSON in another spelling', () => handmade(PAYLOAD.replace(':', ': ')), /no token/],
  ['a field too many', () => handmade(payload({ roles: ['incidentCommander'] })), /no token/],
  ['a field too few', () => handmade(payload({ nonce: undefined })), /no token/],
  ['an address in capitals', () => handmade(payload({ by: IC.toUpperCase() })), /no token/],
  ['a life of a year', () => handmade(payload({ expiresAt: THREE_AM + 31_536_000_000 })), /no token/],
  ['a list', () => handmade('[1]'), /no token/],
  ['half a character', () => `${Buffer.from([0xff]).toString('base64url')}.AAAA`, /no token/],
  ['another server', () => handmade(payload({ audience: 'elsewhere' })), /another server/],
  [
    'nobody on the roster',
    () => handmade(payload({ by: STRANGER })),
    /not signed with a key that is enrolled/,
  ],
  ["another person's address", () => handmade(payload({ by: SECURITY })), /not signed/],
  [
    "another person's signature",
    () => handmade(PAYLOAD, keyOf(SECURITY).sign(NAMESPACES.token, PAYLOAD)),
    /not signed/,
  ],
  [
    'a signature of a decision',
    () => handmade(PAYLOAD, own.sign(NAMESPACES.decision, PAYLOAD)),
    /not signed/,
  ],
  [
    'a signature of other claims',
    () => handmade(PAYLOAD, own.sign(NAMESPACES.token, payload({ at: THREE_AM - 1 }))),
    /not signed/,
  ],
  ['no signature', () => `${handmade(PAYLOAD).split('.')[0]}.`, /no token/],
])('%s is not let in', (_what, text, problem) => {
  const answer = read(text());
  expect(answer).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});

test('with any letter changed it is not let in, and nothing throws', async () => {
  const text = await createToken(signerOf(own), CLAIMS);
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] === 'A' ? 'B' : 'A';
    expect(read(text.slice(0, at) + letter + text.slice(at + 1)).ok).toBe(false);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
      expect(read(one).ok).toBe(false);
      expect(
        read(`${Buffer.from(one).toString('base64url')}.${Buffer.from(other).toString('base64url')}`).ok,
      ).toBe(false);
    }),
    { numRuns: 100 },
  );
});
