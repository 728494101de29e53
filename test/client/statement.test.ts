/** `firebreak statement lint`: on this machine alone, with no server, no key and no environment. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatement } from '../../client/cli/statement';
import { InvalidInput } from '../../client/errors';
import { file, firebreak, firebreakProcess, FOLDER, json, problemsOf, ROOT } from '../support/cli';

const GOOD = readFileSync(join(ROOT, 'test/domain/statement/statements/good/plain.md'), 'utf8');
const SEED = readFileSync(join(ROOT, 'docs/seed/security-incident-response.md'), 'utf8');
const DAY = ['--date', '2026-11-24'];

const good = file('good.md', GOOD);
const bad = file(
  'bad.md',
  GOOD.replace('We are sorry.', 'We take security very seriously.').replace(', 24 November 2026', ''),
);

beforeAll(() => {
  for (const name of Object.keys(process.env))
    if (/^(FIREBREAK|TEMPORAL)_/.test(name)) delete process.env[name];
});

describe('statement lint', () => {
  it('ends with 0 where nothing is wrong, and says so', async () => {
    const ran = await firebreak('statement', 'lint', good, ...DAY);
    expect(ran).toEqual(expect.objectContaining({ status: 0, err: '', out: `${good}: no findings\n` }));
  });

  it('ends with 1 where something is, and tells it as compilers do', async () => {
    const ran = await firebreak('statement', 'lint', bad, ...DAY);
    expect(ran).toMatchObject({ status: 1, err: '' });
    const lines = ran.out.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(`${bad}:1:3: the title carries no date: add the day of release, 24 November 2026`);
    expect(lines[2]).toMatch(new RegExp(`^${bad}:4:\\d+: it says "We take security very seriously"$`));
    for (const index of [1, 3]) expect(SEED).toContain(/^ {4}"(.+)"$/.exec(lines[index] ?? '')?.[1]);
    expect(lines[4]).toBe(`${bad}: 2 findings`);
  });

  it('prints one JSON document', async () => {
    expect(json(await firebreak('statement', 'lint', good, ...DAY, '--json'))).toEqual({
      file: good,
      date: '2026-11-24',
      clean: true,
      findings: [],
    });
    const ran = await firebreak('statement', 'lint', bad, ...DAY, '--json');
    expect(ran.status).toBe(1);
    expect(json(ran)).toMatchObject({
      clean: false,
      findings: [
        { rule: 'date', line: 1, column: 3 },
        { rule: 'bannedPhrase', line: 4 },
      ],
    });
  });

  it('holds the title against today where no day is given', async () => {
    const now = new Date();
    const two = (number: number) => String(number).padStart(2, '0');
    const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    const ofToday = file('today.md', GOOD.replace('24 November 2026', today));
    expect(await firebreak('statement', 'lint', ofToday)).toMatchObject({ status: 0 });
    const old = await firebreak(
      'statement',
      'lint',
      file('old.md', GOOD.replace('24 November 2026', '1 May 2020')),
    );
    expect(old.out).toContain('the title says "1 May 2020", and the day of release is');
  });

  it.each(['2026-02-30', '24.11.2026', 'today', '2026-11-24T00:00', ''])(
    'takes no --date "%s"',
    async (day) => {
      const ran = await firebreak('statement', 'lint', good, '--date', day, '--json');
      expect(ran.status).toBe(2);
      expect(problemsOf(ran)).toEqual([
        `--date "${day}": a day of the calendar is needed, such as 2026-11-24`,
      ]);
    },
  );

  it.each<[string, () => string | Uint8Array, RegExp]>([
    ['an empty file', () => '', /is empty/],
    ['blanks', () => ' \n\t\n', /is empty/],
    ['a picture', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /NUL bytes/],
    ['UTF-16', () => Buffer.from(`\ufeff${GOOD}`, 'utf16le'), /NUL bytes/],
    ['Latin 1', () => Buffer.from('# Über', 'latin1'), /is not in UTF-8/],
    ['half a character', () => Buffer.from('# Ü').subarray(0, 3), /is not in UTF-8/],
    ['control characters', () => '# Title\n\nred \u001b[31m', /a control character in line 3, column 5/],
    ['a rule and a comment', () => '---\n\n<!-- nothing -->\n', /nothing that anybody could read/],
    ['one character too many', () => `# T\n\n${'a'.repeat(63_996)}`, /has 64001 characters/],
    ['too many bytes', () => 'ä'.repeat(96_002 + 32_000), /has \d+ bytes/],
  ])('ends with 2 for %s', async (name, content, message) => {
    const path = join(FOLDER, `unreadable-${name.replaceAll(' ', '-')}.md`);
    writeFileSync(path, content());
    for (const command of ['lint', 'submit']) {
      const args =
        command === 'lint' ? ['lint', path] : ['submit', 'sapphire-unicorn', path, '--as', 'ic@example.com'];
      const ran = await firebreak('statement', ...args, '--json');
      expect(ran.status).toBe(2);
      expect(problemsOf(ran)).toEqual([expect.stringMatching(message)]);
      expect(problemsOf(ran)[0]).toContain('name a text in Markdown, in UTF-8, of at most 64,000 characters');
    }
  });

  it('reads no more of a file than a statement may have, however large it is', async () => {
    const huge = file('huge.md', GOOD);
    truncateSync(huge, 10 * 1024 ** 3);
    const began = performance.now();
    const ran = await firebreak('statement', 'lint', huge);
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.err).toContain('has 10737418240 bytes');
    const endless = await firebreak('statement', 'lint', '/dev/zero');
    expect(endless).toMatchObject({ status: 2, out: '' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('takes exactly as much as an incident takes', async () => {
    const most = file('most.md', `${GOOD}${'ä'.repeat(64_000 - GOOD.length)}`);
    expect(await firebreak('statement', 'lint', most, ...DAY)).toMatchObject({ status: 0 });
  });

  it('ends with 2 for what is no file', async () => {
    const folder = join(FOLDER, 'a-folder');
    mkdirSync(folder);
    symlinkSync(join(FOLDER, 'nowhere'), join(FOLDER, 'dangling.md'));
    for (const [path, why] of [
      [folder, 'is a folder'],
      [join(FOLDER, 'missing.md'), "can't be read (ENOENT)"],
      [join(FOLDER, 'dangling.md'), "can't be read (ENOENT)"],
      [join(good, 'below.md'), "can't be read (ENOTDIR)"],
    ] as const) {
      const ran = await firebreak('statement', 'lint', path);
      expect(ran).toMatchObject({ status: 2, out: '' });
      expect(ran.err).toContain(`${path}: ${why}`);
    }
  });

  it('leaves the reader’s terminal alone, whatever the statement says', async () => {
    const ran = await firebreak('statement', 'lint', file('c1.md', `${GOOD}\nTBD \u0085 TBD`), ...DAY);
    expect(ran.status).toBe(1);
    expect(ran.out).not.toMatch(/[\u007f-\u009f]/);
  });

  it('names what is missing on the command line', async () => {
    expect(problemsOf(await firebreak('statement', 'lint', '--json'))).toEqual(['FILE: missing']);
    const group = await firebreak('statement', '--help');
    expect(group.status).toBe(0);
    for (const name of ['lint', 'draft', 'show', 'submit', 'approve', 'release'])
      expect(group.out).toContain(`  ${name} `);
  });
});

describe('standard input', () => {
  async function* chunks(...parts: string[]) {
    for (const part of parts) yield Buffer.from(part);
  }

  it('is read in pieces, also where a character is in two of them', async () => {
    const [first, second] = [Buffer.from('# Ü').subarray(0, 3), Buffer.from('# Ü').subarray(3)];
    async function* halves() {
      yield first;
      yield second;
    }
    expect(await readStatement('-', halves())).toBe('# Ü');
    expect(await readStatement('-', chunks('\uFEFF# T\n', 'ext'))).toBe('# T\next');
  });

  it('is read no further than a statement may be long', async () => {
    let pieces = 0;
    async function* endless() {
      for (;;) {
        pieces += 1;
        yield Buffer.from('a'.repeat(10_000));
      }
    }
    await expect(readStatement('-', endless())).rejects.toThrow(InvalidInput);
    expect(pieces).toBeLessThan(25);
  });
});

describe('the process itself', () => {
  it('lints a file, and standard input, with nothing in its environment', async () => {
    expect(await firebreakProcess(['statement', 'lint', good, ...DAY])).toMatchObject({ status: 0, err: '' });
    const piped = await new Promise<{ status: number | null; out: string }>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [join(ROOT, 'bin', 'firebreak.mjs'), 'statement', 'lint', '-', ...DAY],
        {
          env: { PATH: process.env['PATH'] ?? '' },
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, out }));
      child.stdin.end(`${GOOD}\nSecurity is our top priority.\n`);
    });
    expect(piped.status).toBe(1);
    expect(piped.out).toMatch(/^standard input:\d+:1: "Security is our top priority" says the same as/);
  });
});
