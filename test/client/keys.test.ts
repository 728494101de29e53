/** `firebreak keys`: whose signatures count, in a file of which nothing else changes. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { enrolKey, enrolmentText, ENROLMENT, listKeys, removeKey } from '../../client/cli/keys';
import { armorOf } from '../../client/signing/armor';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { fingerprintOf } from '../../domain/trust/check';
import { keyOf, tokenOf } from '../support/keys';
import { ROOT } from '../support/cli';

const IC = 'ic@example.com';
const DEPUTY = 'deputy@example.com';
const EXAMPLE = readFileSync(join(ROOT, 'firebreak.example.yaml'), 'utf8');
const PEOPLE = (parse(EXAMPLE) as { roster: { email: string }[] }).roster;
const print256 = (key: string) => fingerprintOf(key, NODE_CRYPTO);

const root = mkdtempSync(join(tmpdir(), 'firebreak-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = root;
let config = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
  config = write('firebreak.yaml', EXAMPLE);
});

function write(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A person's key pair in files, or the public half alone. Gives the public one. */
function keyFiles(email: string, isAlone = false): string {
  const { publicKey, privateKeyFile } = keyOf(email);
  if (!isAlone) write(`${email}`, privateKeyFile);
  return write(`${email}.pub`, `${publicKey} laptop of ${email}\n`, 0o644);
}

async function enrol(email: string, file: string, options: Record<string, string | boolean> = {}) {
  const printed: string[] = [];
  const status = await enrolKey(email, file, { config, ...options }, { signer: {} }, (text) =>
    printed.push(text),
  );
  return { status, text: printed.join('\n') };
}

function list(options: Record<string, string | boolean> = {}): string {
  const printed: string[] = [];
  expect(listKeys({ config, ...options }, {}, (text) => printed.push(text))).toBe(0);
  return printed.join('\n');
}

function remove(email: string, fingerprint: string) {
  const printed: string[] = [];
  removeKey(email, fingerprint, { config }, {}, (text) => printed.push(text));
  return printed.join('\n');
}

const keysIn = (email: string) =>
  (parse(readFileSync(config, 'utf8')) as { roster: { email: string; keys?: string[] }[] }).roster.find(
    (one) => one.email === email,
  )?.keys;
const linesOf = (text: string) => text.split('\n');

test('enrols with the private half beside it, and touches no other line of the file', async () => {
  const { status, text } = await enrol(IC, keyFiles(IC));
  expect(status).toBe(0);
  expect(text).toContain(`${IC}: ${print256(keyOf(IC).publicKey)} enrolled in ${config}.`);
  expect(keysIn(IC)).toEqual([keyOf(IC).publicKey]);
  const [before, after] = [linesOf(EXAMPLE), linesOf(readFileSync(config, 'utf8'))];
  expect(after.length).toBe(before.length);
  expect(after.filter((line, at) => line !== before[at])).toEqual([
    `  - { email: ${IC}, roles: [incidentCommander], phone: '+1 555 0101', keys: [${keyOf(IC).publicKey}] }`,
  ]);
  // Taken out again, only an empty list is left.
  remove(IC, print256(keyOf(IC).publicKey));
  expect(readFileSync(config, 'utf8')).toBe(
    EXAMPLE.replace(/phone: '\+1 555 0101' }/, "phone: '+1 555 0101', keys: [] }"),
  );
});

const COMMENTED = `# head
roster: # who
  # before the first
  - email: ${IC} # nights
    # of roles
    roles:
      - incidentCommander
    # end of the first

  # before the second
  - roles: [deputy] # days
    email: '${DEPUTY}'
    keys:
      # in the office
      - ${keyOf('one').publicKey} one # laptop
      - "${keyOf('two').publicKey}"
      # end of keys
  - { email: scribe@example.com, roles: [ scribe ],
      keys: [ ] } # flow
# after
bridge: {url:   "https://meet.example.com"}
`;

test.each([
  ['lines that end as on Unix', '\n'],
  ['lines that end as on Windows', '\r\n'],
])('keeps comments, order and spelling in a file with %s', async (_what, eol) => {
  const text = COMMENTED.replaceAll('\n', eol);
  writeFileSync(config, text);
  const own = keyOf(IC).publicKey;
  await enrol(IC, keyFiles(IC));
  expect(readFileSync(config, 'utf8')).toBe(
    text.replace(`${IC} # nights${eol}`, `${IC} # nights${eol}    keys:${eol}      - ${own}${eol}`),
  );
  writeFileSync(config, text);
  const second = keyOf('three').publicKey;
  await enrol(DEPUTY, keyFiles('three'));
  expect(readFileSync(config, 'utf8')).toBe(
    text.replace(
      `"${keyOf('two').publicKey}"${eol}`,
      `"${keyOf('two').publicKey}"${eol}      - ${second}${eol}`,
    ),
  );
  remove(DEPUTY, print256(second));
  expect(readFileSync(config, 'utf8')).toBe(text);
  remove(DEPUTY, print256(keyOf('one').publicKey));
  expect(readFileSync(config, 'utf8')).toBe(text.replace(/ {6}- ssh-ed25519 \S+ one # laptop\r?\n/, ''));
  expect(remove(DEPUTY, print256(keyOf('two').publicKey))).toMatch(/has no key now and can't sign/);
  expect(keysIn(DEPUTY)).toEqual([]);
  for (const comment of text.match(/#.*/g) ?? [])
    if (comment.trim() !== '# laptop') expect(readFileSync(config, 'utf8')).toContain(comment);
  await enrol(DEPUTY, keyFiles('three'));
  expect(keysIn(DEPUTY)).toEqual([second]);
  await enrol('scribe@example.com', keyFiles('scribe@example.com'));
  await enrol('scribe@example.com', keyFiles('scribe-second@example.com'));
  expect(keysIn('scribe@example.com')).toEqual(
    ['scribe@example.com', 'scribe-second@example.com'].map((one) => keyOf(one).publicKey),
  );
  remove('scribe@example.com', print256(keyOf('scribe@example.com').publicKey));
  expect(keysIn('scribe@example.com')).toEqual([keyOf('scribe-second@example.com').publicKey]);
});

test('every person of the example can be given a key, and each be taken out again', async () => {
  for (const { email } of PEOPLE) await enrol(email, keyFiles(email));
  for (const { email } of PEOPLE) expect(keysIn(email)).toEqual([keyOf(email).publicKey]);
  for (const { email } of PEOPLE) remove(email, print256(keyOf(email).publicKey));
  expect(readFileSync(config, 'utf8').replaceAll(', keys: []', '')).toBe(EXAMPLE);
});

test('a key that the person has already is left as it is', async () => {
  await enrol(IC, keyFiles(IC));
  const before = readFileSync(config, 'utf8');
  const again = await enrol('IC@example.com', keyFiles(IC, true), { json: true });
  expect(JSON.parse(again.text)).toEqual({
    email: IC,
    fingerprint: print256(keyOf(IC).publicKey),
    enrolled: false,
    file: config,
  });
  expect(readFileSync(config, 'utf8')).toBe(before);
});

test('a key that somebody else has, or a door, is refused, whatever its comment', async () => {
  await enrol(IC, keyFiles(IC));
  await expect(enrol(DEPUTY, keyFiles(IC))).rejects.toThrow(/enrolled for ic@example\.com already/);
  writeFileSync(config, `${EXAMPLE}doors: { slack: ['${keyOf(DEPUTY).publicKey} door'] }\n`);
  await expect(enrol(DEPUTY, keyFiles(DEPUTY))).rejects.toThrow(/enrolled for a door already/);
});

test('unknown people, bad keys and files that are no configuration are refused with what to do', async () => {
  const file = keyFiles(IC);
  await expect(enrol('stranger@example.com', file)).rejects.toThrow(/not on the roster .*roles there first/);
  await expect(enrol(IC, write('bad.pub', 'ssh-rsa AAAA'))).rejects.toThrow(/ssh-keygen -t ed25519/);
  await expect(enrol(IC, join(folder, IC))).rejects.toThrow(
    /private key: name the file that ends in "\.pub"/,
  );
  await expect(enrol(IC, join(folder, 'nothing'))).rejects.toThrow(
    /can't be read; name a file that holds the public key/,
  );
  await expect(enrol(IC, file, { config: join(folder, 'no.yaml') })).rejects.toThrow(
    /company's configuration/,
  );
  for (const [text, problem] of [
    ['roster: [', /not valid YAML at line/],
    ['people: []', /has no roster/],
    ['', /has no roster/],
    ['roster: [1]', /roster\.0: needs an email/],
    [`roster: [{ email: ${IC}, keys: ssh }]`, /roster\.0: needs an email/],
    [`roster: [{ email: ${IC} }, { email: IC@example.com }]`, /listed twice/],
    // Anchors are shared: a change here would be one there.
    [`x: &keys [${keyOf('a').publicKey}]\nroster: [{ email: ${IC}, keys: *keys }]`, /write them yourself/],
  ] as const) {
    writeFileSync(config, text);
    await expect(enrol(IC, file)).rejects.toThrow(problem);
    expect(readFileSync(config, 'utf8')).toBe(text);
  }
});

describe('without the private half at hand', () => {
  const proofFile = (signature: string) => write('enrol.sig', armorOf(signature));

  test('says what its owner has to run', async () => {
    await expect(enrol(IC, keyFiles(IC, true))).rejects.toThrow(
      `printf 'enrol ${IC}' | ssh-keygen -Y sign -n ${ENROLMENT} -f `,
    );
    expect(readFileSync(config, 'utf8')).toBe(EXAMPLE);
  });

  test.each([
    ['a key', keyOf(IC)],
    ['a hardware token', tokenOf(IC)],
  ])('takes a proof by %s', async (_what, key) => {
    const file = write('key.pub', `${key.publicKey} c\n`);
    for (const end of ['', '\n']) {
      writeFileSync(config, EXAMPLE);
      await enrol(IC, file, { proof: proofFile(key.sign(ENROLMENT, enrolmentText(IC) + end)) });
      expect(keysIn(IC)).toEqual([key.publicKey]);
    }
  });

  test('refuses a proof by another key, for another person, for another purpose, and none at all', async () => {
    const file = keyFiles(IC, true);
    for (const [proof, problem] of [
      [armorOf(keyOf(DEPUTY).sign(ENROLMENT, enrolmentText(IC))), /signed with another key/],
      [armorOf(keyOf(IC).sign(ENROLMENT, enrolmentText(DEPUTY))), /does not hold/],
      [
        armorOf(keyOf(IC).sign('decision@firebreak', enrolmentText(IC))),
        /does not hold: it was signed for something else/,
      ],
      ['hello', /holds no SSH signature/],
      [armorOf('AAAA'), /can't be used/],
    ] as const)
      await expect(enrol(IC, file, { proof: write('enrol.sig', proof) })).rejects.toThrow(problem);
    expect(readFileSync(config, 'utf8')).toBe(EXAMPLE);
  });

  const hasTool = spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error === undefined;
  if (!hasTool) console.warn('ssh-keygen is not on this machine: no proof is made with it.');
  (hasTool ? test : test.skip)('takes what the command that it prints has made', async () => {
    const file = keyFiles(IC, true);
    const told = await enrol(IC, file).then(
      () => '',
      (error: Error) => error.message,
    );
    const [command = ''] = /printf .* > enrol\.sig/.exec(told) ?? [];
    write(IC, keyOf(IC).privateKeyFile);
    expect(spawnSync('sh', ['-c', command], { cwd: folder }).status).toBe(0);
    rmSync(join(folder, IC));
    await enrol(IC, file, { proof: join(folder, 'enrol.sig') });
    expect(keysIn(IC)).toEqual([keyOf(IC).publicKey]);
  });
});

test('the file stays a link with the mode that it had, and nothing is left beside it', async () => {
  chmodSync(config, 0o644);
  const link = join(folder, 'link.yaml');
  symlinkSync(config, link);
  await enrol(IC, keyFiles(IC), { config: link });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(statSync(config).mode & 0o777).toBe(0o644);
  expect(keysIn(IC)).toHaveLength(1);
  expect(readdirSync(folder).sort()).toEqual([IC, `${IC}.pub`, 'firebreak.yaml', 'link.yaml'].sort());
});

test('lists people, roles, fingerprints, and who has none', async () => {
  await enrol(IC, keyFiles(IC));
  const token = tokenOf(DEPUTY);
  await enrol(DEPUTY, write('t.pub', token.publicKey), {
    proof: write('t.sig', armorOf(token.sign(ENROLMENT, enrolmentText(DEPUTY)))),
  });
  const text = list();
  expect(text).toContain(`${IC} (incidentCommander)\n  ${print256(keyOf(IC).publicKey)}\n`);
  expect(text).toContain(`${DEPUTY} (deputy)\n  ${print256(token.publicKey)} (hardware token)\n`);
  expect(text).toContain('scribe@example.com (scribe)\n  no key\n');
  expect(text).toContain(
    `${PEOPLE.length - 2} of ${PEOPLE.length} have no key and can't sign decisions: ic-second@example.com, scribe@example.com, `,
  );
  const people = JSON.parse(list({ json: true })) as unknown[];
  expect(people).toHaveLength(PEOPLE.length);
  expect(people[0]).toEqual({
    email: IC,
    roles: ['incidentCommander'],
    keys: [{ fingerprint: print256(keyOf(IC).publicKey), type: 'ssh-ed25519' }],
  });
});

test('removes no key but the one that was named, of the person that was named', async () => {
  await enrol(IC, keyFiles(IC));
  const before = readFileSync(config, 'utf8');
  const own = print256(keyOf(IC).publicKey);
  for (const [email, fingerprint, problem] of [
    [DEPUTY, own, /not a key of deputy@example\.com, who has none/],
    [IC, own.slice(0, -1), /not a key of ic@example\.com, who has SHA256:/],
    [IC, 'no public key', /not a key of/],
    ['stranger@example.com', own, /not on the roster/],
  ] as const)
    expect(() => remove(email, fingerprint)).toThrow(problem);
  expect(readFileSync(config, 'utf8')).toBe(before);
});
