/** The commands of a statement in an incident: what they ask, what they send, and what they refuse before they send anything. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { addStatement } from '../../client/cli/commands/statement';
import { EXIT } from '../../client/cli/exit';
import { createShell } from '../../client/cli/shell';
import { differenceOf } from '../../client/cli/statement';
import { InvalidInput } from '../../client/errors';
import type { CommunicationView, PartyView } from '../../domain/communication-view';
import { textHash } from '../../domain/statement/hash';
import { lintStatement } from '../../domain/statement/lint';
import { FACTS } from '../domain/statement/support/facts';
import { file, FOLDER } from '../support/cli';
import { STATEMENT } from '../support/incidents';

const CODENAME = 'sapphire-unicorn';
const { date: _date, ...facts } = FACTS;
const BLOCKER = {
  gate: 'timelineIsEstablished',
  reason: 'there is no timeline',
  source: 'have a timeline of events',
};

const SUBMITTED: NonNullable<CommunicationView['statement']> = {
  version: 2,
  text: STATEMENT,
  sha256: textHash(STATEMENT),
  by: 'marketing@example.com',
  at: Date.UTC(2026, 10, 24, 9),
  request: 'statement@2-0123456789abcdef',
  state: 'open',
  waitsFor: ['legal counsel', 'the incident commander'],
};

const VIEW: CommunicationView = {
  codename: CODENAME,
  parties: [],
  outbox: [],
  statements: [
    { version: 1, sha256: 'f'.repeat(64), by: 'marketing@example.com', at: Date.UTC(2026, 10, 24, 8) },
  ],
  release: { customers: [], public: [] },
  draft: [],
  draftOfNote: [],
  channels: { inside: [], public: [], mail: true, sms: false },
  timeZone: 'UTC',
  facts,
};

const customer = (id: string, outcome?: 'reached' | 'notReached'): PartyView => ({
  id,
  kind: 'customer',
  name: id,
  hasKey: true,
  named: 'register',
  blockers: [],
  conversations: [],
  ...(outcome && { reached: { outcome, how: 'by telephone', by: 'ic@example.com', at: 0 } }),
});

interface Ran {
  readonly out: string;
  readonly status: number;
  readonly sent: readonly (readonly [string, Record<string, unknown>])[];
}

/** One command line, over an incident that looks like this. */
async function statement(view: Partial<CommunicationView>, ...args: string[]): Promise<Ran> {
  let out = '';
  let status: number = EXIT.done;
  const sent: [string, Record<string, unknown>][] = [];
  const program = new Command('firebreak').exitOverride();
  const shell = createShell(
    {
      connect: async () => ({}) as never,
      signer: () => Promise.reject(new Error('nothing is signed here')),
      print: (text) => void (out += `${text}\n`),
      exit: (wanted) => void (status = wanted),
    },
    program,
  );
  addStatement(
    {
      ...shell,
      decide: async (name, _codename, _options, fields, problems = []) => {
        if (problems.length > 0) throw new InvalidInput(problems);
        sent.push([name, fields]);
      },
    },
    async () => ({ ...VIEW, ...view }),
  );
  await program.parseAsync(['statement', ...args], { from: 'user' });
  return { out, status, sent };
}

describe('statement lint --incident', () => {
  it('holds the file against what the incident knows', async () => {
    const path = file('claims.md', `${STATEMENT}\nNo systems were affected, and Example Mail did it.\n`);
    const alone = await statement({}, 'lint', path, '--date', '2026-11-24');
    expect(alone.status).toBe(0);
    const ran = await statement({}, 'lint', path, '--date', '2026-11-24', '--incident', CODENAME);
    expect(ran.status).toBe(1);
    expect(ran.out).toContain(
      `${path}:21:1: "No systems were affected" contradicts the incident: the scope names 3 instances`,
    );
    expect(ran.out).toContain('it names Example Mail without a link');
    expect(ran.out).toContain(`${path}: 2 findings`);
  });

  it('takes today where the company is for the day of release', async () => {
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Niue']) {
      const today = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(Date.now());
      const path = file('zone.md', STATEMENT.replace('24 November 2026', today));
      expect(await statement({ timeZone }, 'lint', path, '--incident', CODENAME)).toMatchObject({
        status: 0,
      });
    }
  });
});

describe('statement draft', () => {
  it('is refused with reasons while the facts are missing', async () => {
    const path = join(FOLDER, 'too-early.md');
    const ran = await statement({ draft: [BLOCKER] }, 'draft', CODENAME, path);
    expect(ran).toMatchObject({ status: 3, sent: [] });
    expect(ran.out).toBe(
      'Refused: draft the public statement\n  - there is no timeline\n    "have a timeline of events"\n',
    );
    expect(existsSync(path)).toBe(false);
    const document = await statement({ draft: [BLOCKER] }, 'draft', CODENAME, '--json');
    expect(JSON.parse(document.out)).toEqual({
      accepted: false,
      text: 'draft the public statement',
      reasons: [BLOCKER],
    });
  });

  it('is printed, or written into a new file', async () => {
    const printed = await statement({}, 'draft', CODENAME, '--date', '2026-11-24');
    expect(printed.out).toContain('[… what happened, in a few words …], 24 November 2026');
    const path = join(FOLDER, 'draft.md');
    const written = await statement({}, 'draft', CODENAME, path, '--date', '2026-11-24');
    expect(readFileSync(path, 'utf8').trimEnd()).toBe(printed.out.trimEnd());
    expect(written.out).toContain(`firebreak statement lint ${path} --incident ${CODENAME}`);
    for (const { message } of lintStatement(readFileSync(path, 'utf8'), FACTS))
      expect(message).toContain('[…');
  });

  it('overwrites nothing, and says where it can’t write', async () => {
    const path = file('mine.md', 'mine');
    await expect(statement({}, 'draft', CODENAME, path)).rejects.toThrow(/exists already.*name another file/);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await expect(statement({}, 'draft', CODENAME, join(path, 'x.md'))).rejects.toThrow(
      /can't be written \(ENOTDIR\)/,
    );
  });
});

describe('statement show', () => {
  it('shows what an approval is bound to, and the text', async () => {
    const { out } = await statement({ statement: SUBMITTED }, 'show', CODENAME);
    expect(out).toBe(
      `version 2, submitted by marketing@example.com, 2026-11-24 09:00:00 UTC\nSHA-256 ${textHash(STATEMENT)}\nstatement@2-0123456789abcdef: open, waits for legal counsel, and the incident commander\n\n${STATEMENT.trimEnd()}\n`,
    );
    expect(JSON.parse((await statement({ statement: SUBMITTED }, 'show', CODENAME, '--json')).out)).toEqual(
      SUBMITTED,
    );
  });

  it('shows which version was replaced', async () => {
    const { out } = await statement({ statement: SUBMITTED }, 'show', CODENAME, '--version', '1');
    expect(out).toContain(
      `version 1, submitted by marketing@example.com, was replaced\nSHA-256 ${'f'.repeat(64)}`,
    );
    await expect(statement({ statement: SUBMITTED }, 'show', CODENAME, '--version', '9')).rejects.toThrow(
      '--version 9: there is none; the current one is version 2',
    );
  });

  it('says that there is none', async () => {
    expect(await statement({}, 'show', CODENAME)).toMatchObject({
      status: 3,
      out: expect.stringContaining('no statement has been submitted'),
    });
  });
});

describe('statement submit', () => {
  it('sends the text as it stands in the file', async () => {
    const path = file('submit.md', `\uFEFF${STATEMENT.replaceAll('\n', '\r\n')}`);
    expect((await statement({}, 'submit', CODENAME, path)).sent).toEqual([
      ['submitStatement', { text: STATEMENT.replaceAll('\n', '\r\n') }],
    ]);
  });
});

describe('statement approve', () => {
  it('shows the hash, and approves that very text', async () => {
    const { out, sent } = await statement({ statement: SUBMITTED }, 'approve', CODENAME, '--reason', 'read');
    expect(out).toContain(`SHA-256 ${textHash(STATEMENT)}`);
    expect(sent).toEqual([['approve', { request: 'statement@2-0123456789abcdef', reason: 'read' }]]);
    expect((await statement({ statement: SUBMITTED }, 'approve', CODENAME, '--json')).out).toBe('');
  });

  it('approves what is in a file only if that is what was submitted', async () => {
    const same = file('same.md', STATEMENT);
    expect((await statement({ statement: SUBMITTED }, 'approve', CODENAME, same)).sent).toHaveLength(1);
    const other = file('other.md', STATEMENT.replace('12 customers', '13 customers'));
    const ran = await statement({ statement: SUBMITTED }, 'approve', CODENAME, other);
    expect(ran).toMatchObject({ status: 3, sent: [] });
    expect(ran.out).toContain('other.md is not version 2: they differ from line 11, column 27 on');
  });

  it('approves nothing where nothing was submitted', async () => {
    expect(await statement({}, 'approve', CODENAME)).toMatchObject({ status: 3, sent: [] });
  });
});

describe('statement release', () => {
  const to = async (view: Partial<CommunicationView>, ...args: string[]) =>
    (await statement(view, 'release', CODENAME, ...args)).sent.map(([name, fields]) => [name, fields['to']]);

  it('goes to the customers first, and to the public once they were reached or can’t be', async () => {
    const parties = [customer('customer-one', 'reached'), customer('customer-two')];
    expect(await to({ parties })).toEqual([['releaseStatement', 'customers']]);
    const all = [customer('customer-one', 'reached'), customer('customer-two', 'notReached')];
    expect(await to({ parties: all })).toEqual([['releaseStatement', 'public']]);
    expect(await to({})).toEqual([['releaseStatement', 'public']]);
  });

  it('goes where it is told to', async () => {
    expect(await to({ parties: [customer('one')] }, '--to', 'public')).toEqual([
      ['releaseStatement', 'public'],
    ]);
    expect(await to({}, '--to', 'customers')).toEqual([['releaseStatement', 'customers']]);
    await expect(to({}, '--to', 'everybody')).rejects.toThrow('--to "everybody": customers or public');
  });

  it('asks for the public where the customers’ way is closed: the incident says why', async () => {
    expect(
      await to({ parties: [customer('one')], release: { customers: [BLOCKER], public: [BLOCKER] } }),
    ).toEqual([['releaseStatement', 'public']]);
  });
});

describe('where two texts differ', () => {
  it.each([
    ['a', 'a', undefined],
    ['a\nb', 'a\nc', { line: 2, column: 1 }],
    ['a', 'a\n', { line: 1, column: 2 }],
    ['', 'a', { line: 1, column: 1 }],
    ['a\r\nb', 'a\nb', { line: 1, column: 2 }],
    ['ä', 'a\u0308', { line: 1, column: 1 }],
  ])('%j and %j', (one, other, place) => {
    expect(differenceOf(one, other)).toEqual(place);
  });
});
