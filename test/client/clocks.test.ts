/** Clocks on the command line: what is shown, what is sent, and how a time is typed. */
import { Command } from 'commander';
import { addClocks } from '../../client/cli/commands/clocks';
import { clocksDocument, COUNSEL, formatClocks, readSince } from '../../client/cli/clocks';
import { createShell } from '../../client/cli/shell';
import { InvalidInput } from '../../client/errors';
import { clockNamed, type Clocks } from '../../domain/clocks';
import { report } from '../../domain/decide';
import type { Incident } from '../../domain/incident';
import { viewOf } from '../../domain/view';
import { after, COUNSEL as LEGAL, declared, IC, stoodDown, THREE_AM } from '../support/incidents';
import { signerOf } from '../support/signers';

const HOUR = 3_600_000;
const CLOCKS: Clocks = {
  use: (['statement', 'gdpr', 'nis2EarlyWarning', 'sec'] as const).map(clockNamed),
  warnMs: [24 * HOUR],
  holidays: [],
};
const incident = () => declared({ company: { clocks: CLOCKS } });
const shown = (of: Incident, now: number) => formatClocks(viewOf(of), now);
/** Without the table's frame, as one line: each cell's text is broken over several. */
const plain = (text: string) => text.replaceAll(/[│┌┐└┘├┤┬┴┼─]/g, ' ').replaceAll(/\s+/g, ' ');

describe('firebreak clocks', () => {
  test('shows when each ends, what is left, how it stands and where it comes from', () => {
    const text = plain(shown(incident(), THREE_AM + HOUR));
    expect(text).toMatch(
      /gdpr 2026-11-27 03:00:00 UTC 2 days 23 h running Regulation \(EU\) 2016\/679, Article 33\(1\) /,
    );
    expect(text).toMatch(/nis2EarlyWarning 2026-11-25 03:00:00 UTC 23 h running /);
    expect(text).toMatch(/sec 2026-11-27 22:30:00 UTC 3 days 18 h running /);
    expect(text).toContain('Article 33(1): "In the case of a personal data breach');
    expect(text).toContain('Counted from 2026-11-24 03:00:00 UTC: statement, gdpr, nis2EarlyWarning, sec');
    expect(text.endsWith('Not legal advice: ask counsel.')).toBe(true);
    expect(text).toContain('Starts: not awareness, but the determination that the incident is material');
    const wide = shown(incident(), THREE_AM)
      .split('\n')
      .filter((line) => /[│─]/.test(line));
    expect(Math.max(...wide.map((line) => line.length))).toBeLessThan(150);
  });

  test('shows what has passed, also before the incident has looked', () => {
    const unseen = plain(shown(incident(), THREE_AM + 26 * HOUR));
    expect(unseen).toMatch(/nis2EarlyWarning 2026-11-25 03:00:00 UTC 2 h past PASSED /);
    const seen = report(incident(), { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 73 * HOUR);
    expect(plain(shown(seen, THREE_AM + 73 * HOUR))).toMatch(/gdpr 2026-11-27 03:00:00 UTC 1 h past PASSED /);
  });

  test('shows who met it, when, and what was noted', () => {
    const met = after(incident(), { name: 'meetClock', by: LEGAL, clock: 'gdpr', note: 'reference 17' });
    const text = plain(shown(met, THREE_AM + 80 * HOUR));
    expect(text).toMatch(/gdpr 2026-11-27 03:00:00 UTC met 2026-11-24 03:01:00 UTC by /);
    expect(text).toContain(LEGAL);
    expect(text).toContain('reference 17');
    expect(text).not.toContain('after its end');
  });

  test('says where there are none, and that nobody is warned after the end', () => {
    expect(shown(declared(), THREE_AM)).toBe(
      `No clock runs for sapphire-unicorn: none is configured (clocks in firebreak.yaml).\n${COUNSEL}`,
    );
    const ended = { ...stoodDown(), company: { ...stoodDown().company, clocks: CLOCKS } };
    expect(shown(ended, THREE_AM + HOUR)).toContain('nobody is warned any more');
  });

  test('is one document for machines, with the advice in it', () => {
    expect(clocksDocument(viewOf(incident()))).toMatchObject({
      codename: 'sapphire-unicorn',
      clocks: [{ id: 'statement' }, { id: 'gdpr', dueAt: THREE_AM + 72 * HOUR, state: 'running' }, {}, {}],
      advice: 'Not legal advice: ask counsel.',
    });
  });
});

describe('a time', () => {
  const NOW = Date.parse('2026-11-24T12:00:00Z');
  test.each([
    ['2026-11-24T03:00:00Z', '2026-11-24T03:00:00.000Z'],
    [' 2026-11-24T04:00+01:00', '2026-11-24T03:00:00.000Z'],
    ['2 hours ago', '2026-11-24T10:00:00.000Z'],
    ['1 hour ago', '2026-11-24T11:00:00.000Z'],
    ['90 Minutes ago', '2026-11-24T10:30:00.000Z'],
    ['3 days ago', '2026-11-21T12:00:00.000Z'],
  ])('%s is read', (typed, moment) => {
    const problems: string[] = [];
    expect(readSince(typed, NOW, problems)).toBe(moment);
    expect(problems).toEqual([]);
  });

  test.each([
    '2026-11-24 03:00',
    '2026-11-24T03:00:00',
    'yesterday',
    '2 hours',
    'in 2 hours',
    '2 weeks ago',
    '',
  ])('"%s" is not, and what is needed is said', (typed) => {
    const problems: string[] = [];
    readSince(typed, NOW, problems);
    expect(problems).toEqual([expect.stringContaining('a time with its zone is needed')]);
  });
});

describe('typed', () => {
  /** The commands, with an incident that answers whatever is asked of it and keeps what is sent. */
  async function run(...typed: string[]) {
    const sent: Record<string, unknown>[] = [];
    const printed: string[] = [];
    let status = 0;
    const handle = {
      workflowId: 'sapphire-unicorn',
      query: async () => viewOf(incident()),
      executeUpdate: async (_: unknown, { args }: { args: Record<string, unknown>[] }) => {
        sent.push(...args);
        return { accepted: false, text: 'meet a clock', reasons: [], seq: 7 };
      },
    };
    const client = {
      withDeadline: (_: number, ask: () => unknown) => ask(),
      workflow: { getHandle: () => handle },
    };
    const program = new Command('firebreak');
    const shell = createShell(
      {
        connect: async () => ({ client }) as never,
        signer: async () => signerOf(LEGAL),
        print: (text) => void printed.push(text),
        exit: (code) => void (status = code),
      },
      program,
    );
    addClocks(shell);
    await program.parseAsync(typed, { from: 'user' });
    return { sent, printed, status };
  }
  const problemsOf = async (...typed: string[]) =>
    run(...typed).then(
      () => [],
      (error: unknown) => {
        if (error instanceof InvalidInput) return error.problems;
        throw error;
      },
    );

  test('clocks are shown, for people and as JSON', async () => {
    const { printed } = await run('clocks', 'sapphire-unicorn');
    expect(printed).toEqual([expect.stringContaining('nis2EarlyWarning')]);
    const json = await run('clocks', 'sapphire-unicorn', '--json');
    expect(JSON.parse(json.printed[0] ?? '')).toMatchObject({
      codename: 'sapphire-unicorn',
      advice: COUNSEL,
    });
  });

  test('that one is not met after all is sent with its reason', async () => {
    const { sent } = await run(
      ...['clock', 'reopen', 'sapphire-unicorn', 'gdpr', '--reason', 'of another incident', '--as', LEGAL],
    );
    expect(sent).toMatchObject([
      { decision: 'reopenClock', by: LEGAL, clock: 'gdpr', reason: 'of another incident' },
    ]);
  });

  test('that one is met is sent, signed, and the answer is told', async () => {
    const { sent, status } = await run(
      ...['clock', 'met', 'sapphire-unicorn', 'gdpr', '--note', 'reference 17', '--as', LEGAL],
    );
    expect(sent).toMatchObject([{ decision: 'meetClock', by: LEGAL, clock: 'gdpr', note: 'reference 17' }]);
    expect(sent[0]?.['proof']).toBeDefined();
    expect(status).toBe(3);
  });

  test.each([[['2 hours ago']], [['2', 'hours', 'ago']]])('since when: %j', async (time) => {
    const began = Date.now();
    const { sent } = await run(
      'aware',
      'sapphire-unicorn',
      ...time,
      '--reason',
      'the alert was read',
      '--as',
      IC,
    );
    expect(sent).toMatchObject([{ decision: 'setAwareness', by: IC, reason: 'the alert was read' }]);
    const late = Date.parse(String(sent[0]?.['at'])) - (began - 2 * HOUR);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(10_000);
  });

  test('everything that is wrong is told at once, and nothing is sent', async () => {
    expect(await problemsOf('aware', 'sapphire-unicorn', 'yesterday', '--as', IC)).toEqual([
      expect.stringContaining('TIME "yesterday": a time with its zone is needed'),
      '--reason TEXT: missing',
    ]);
    expect(await problemsOf('clock', 'met', 'sapphire-unicorn', 'g d p r', '--as', IC)).toEqual([
      expect.stringContaining('CLOCK: '),
      '--note TEXT: missing',
    ]);
  });
});
