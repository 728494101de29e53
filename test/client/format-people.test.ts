import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMinutes } from '../../client/cli/input';
import { formatStatus } from '../../client/cli/format';
import { authorityDocument, formatAudience, formatAuthority, formatPeople } from '../../client/cli/people';
import { UNTOLD } from '../../domain/audience';
import { whoDecides } from '../../domain/authority';
import { DECISION_NAMES } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { ROLES } from '../../domain/roles';
import { viewOf, type ChecklistView } from '../../domain/view';
import {
  after,
  afterReports,
  closed,
  COUNSEL,
  declared,
  DEPUTY,
  effectFailed,
  effectsDone,
  IC,
  responding,
  SECURITY,
  THREE_AM,
} from '../support/incidents';

const NOW = THREE_AM + 10 * 60_000;
const MINUTE = 60_000;
const status = (incident: Incident) => formatStatus(viewOf(incident), NOW);
/** The status of the same incident, with this in it. */
const withView = (changes: Partial<ChecklistView>, incident = responding()) =>
  formatStatus({ ...viewOf(incident), ...changes }, NOW);

const LINE = [
  { email: IC, as: 'primary', phone: '+1 555 0101' },
  { email: DEPUTY, as: 'deputy' },
] as const;

describe('the page', () => {
  const paging = viewOf(declared()).paging;

  it('is not sent yet, sent, or acknowledged by somebody', () => {
    expect(status(declared())).toContain('page not sent yet');
    expect(status(afterReports(declared(), ...effectsDone('pageIncidentCommander')))).toMatch(
      /^page sent, and nobody has acknowledged it for 10 min \(.*: firebreak acknowledge sapphire-unicorn\)$/m,
    );
    const said = status(after(responding(), { name: 'acknowledge', by: IC }));
    expect(said).toMatch(/^page acknowledged \d+ min ago by ic@example\.com$/m);
    expect(said).not.toContain('firebreak acknowledge');
  });

  it('says whom it has rung with, and whom to call where one was not reached', () => {
    const calls = [
      { email: IC, at: NOW - 6 * MINUTE, called: true },
      { email: DEPUTY, at: NOW - MINUTE, called: false },
    ];
    const text = withView({ paging: { ...paging, state: 'calling', calls, line: LINE } });
    expect(text).toContain(
      'for 10 min: ic@example.com called 6 min ago, deputy@example.com NOT REACHED 60 s ago',
    );
    expect(text).toContain('    ic@example.com (primary): +1 555 0101\n');
  });

  it('that fails is said with its cause and every number', () => {
    const text = withView({
      paging: { ...paging, state: 'failed', cause: 'PagerDuty answers 503', line: LINE },
    });
    expect(text).toContain(
      [
        '! THE PAGE FAILS, and is retried: PagerDuty answers 503',
        '  Call by hand:',
        '    ic@example.com (primary): +1 555 0101',
        '    deputy@example.com (deputy): no telephone number is known',
      ].join('\n'),
    );
    expect(withView({ paging: { ...paging, state: 'failed', line: [] } })).toContain(
      'nobody is known: look them up',
    );
    expect(status(afterReports(declared(), ...effectFailed('pageIncidentCommander')))).toContain(
      'THE PAGE FAILS',
    );
  });

  it('is nothing to speak of once the incident has ended', () => {
    expect(status(closed())).not.toMatch(/^page |THE PAGE|on call/m);
  });

  it('names who is on call, and how old that is', () => {
    expect(status(responding())).toMatch(/^who is on call: the pager has not told yet/m);
    const people = [IC, DEPUTY].map(
      (email, index) => ({ email, as: index === 0 ? 'primary' : 'backup' }) as const,
    );
    const told = declared({ company: { onCall: { at: NOW - 5 * MINUTE, people } } });
    expect(status(told)).toContain(
      'on call, as the pager told 5 min ago: ic@example.com (primary), deputy@example.com (backup)',
    );
  });
});

describe('people', () => {
  const offered = () => after(responding(), { name: 'offerCommand', by: IC, person: DEPUTY });
  const excluding = () =>
    after(responding(), { name: 'exclude', by: SECURITY, person: DEPUTY, reason: 'logged in from there' });

  it('that are offered the command, or excluded, are in the status', () => {
    expect(status(offered())).toMatch(
      /^the command is offered to deputy@example\.com by ic@example\.com, \d+ min ago: firebreak accept-command sapphire-unicorn$/m,
    );
    expect(status(excluding())).toMatch(
      /^excluded: deputy@example\.com, \d+ min ago by security@example\.com: logged in from there$/m,
    );
    expect(status(responding())).not.toMatch(/^excluded|^the command/m);
  });

  it('are listed with roles, on call, and excluded', () => {
    const text = formatPeople(viewOf(excluding()), NOW);
    expect(text).toMatch(/ic@example\.com +│ Incident commander +│/);
    expect(text).toMatch(/deputy@example\.com +│ EXCLUDED +│/);
    expect(text).toContain('Who is on call: the pager has not told yet.');
    expect(text).toContain('logged in from there');
  });

  it('with a task are listed with their time boxes', () => {
    const at = NOW - 20 * MINUTE;
    const assignments: ChecklistView['assignments'] = [
      { task: 'findReconnaissance', to: SECURITY, by: IC, at, reminders: 1, dueAt: NOW - 2 * MINUTE },
      {
        task: 'findFirstAccess',
        to: SECURITY,
        by: IC,
        at,
        reminders: 0,
        startedAt: NOW - 3 * MINUTE,
        dueAt: NOW + 5 * MINUTE,
      },
    ];
    const text = withView({ assignments });
    expect(text).toContain('firebreak start sapphire-unicorn TASK');
    expect(text).toMatch(
      /5\.1 .*: security@example\.com, 20 min ago, not begun, OVERDUE by 2 min, reminded 1 time$/m,
    );
    expect(text).toMatch(
      /: security@example\.com, 20 min ago, working on it, said 3 min ago, due in 5 min$/m,
    );
    expect(status(responding())).not.toContain('Given to people');
  });
});

it('a pace is said where it was changed', () => {
  expect(status(responding())).not.toMatch(/^pace:/m);
  const text = status(after(responding(), { name: 'setPace', by: IC, reminders: 0, acknowledge: 2 }));
  expect(text).toMatch(/^pace: reminders never; the next in line is called after 2 min$/m);
});

describe('who can see it', () => {
  const audience = {
    at: NOW - MINUTE,
    members: [IC, SECURITY],
    owners: ['owner@example.com'],
    pagerAdministrators: [],
    problems: ['PagerDuty does not answer'],
  };

  it.each([[undefined], [audience]])('always says what nobody tells', (seen) => {
    const text = formatAudience({ ...viewOf(responding()), ...(seen && { audience: seen }) }, NOW);
    for (const one of UNTOLD) expect(text).toContain(one);
    expect(text).toContain('firebreak who sapphire-unicorn --again');
    const nobody = 'Nobody has asked Slack and PagerDuty yet who can see sapphire-unicorn: firebreak who';
    expect(text.includes(nobody)).toBe(seen === undefined);
  });

  it('lists each with how old the answer is, and what could not be asked', () => {
    const text = formatAudience({ ...viewOf(responding()), audience }, NOW);
    expect(text).toContain('as Slack and PagerDuty told 60 s ago');
    expect(text).toContain('In the room (2):\n      ic@example.com\n      security@example.com\n');
    expect(text).toContain('      owner@example.com');
    expect(text).toContain('Administrators of PagerDuty: every page, with its codename (0):');
    expect(text).toContain('! not told: PagerDuty does not answer');
  });

  it('leaves the excluded out of the roster', () => {
    const excluding = after(responding(), { name: 'exclude', by: IC, person: COUNSEL, reason: 'x' });
    expect(formatAudience(viewOf(excluding), NOW)).not.toContain(`      ${COUNSEL}`);
  });
});

describe('who may decide what', () => {
  it('is said of every decision, with every role, and fits a terminal', () => {
    const text = formatAuthority(authorityDocument());
    for (const name of DECISION_NAMES) expect(text).toMatch(new RegExp(`│ ${name} +│ \\S`));
    for (const id of Object.keys(ROLES)) expect(text).toContain(`      ${id}: `);
    const table = text.split('\n').filter((line) => /[│┌]/.test(line));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(101);
  });

  it('stands in docs/people.md as it is', () => {
    const document = readFileSync(join(__dirname, '..', '..', 'docs', 'people.md'), 'utf8');
    const rows = [...document.matchAll(/^\| `(\w+)` +\| .+? \| (.+?) +\|$/gm)].map(([, name, who]) => [
      name,
      who,
    ]);
    expect(rows).toEqual(DECISION_NAMES.map((name) => [name, whoDecides(name)]));
  });
});

describe('a time', () => {
  it.each([
    ['30m', 30],
    ['1 min', 1],
    ['2h', 120],
    ['2 hours', 120],
    ['7d', 10_080],
    ['off', 0],
  ])('"%s" is %d minutes', (text, minutes) => {
    const problems: string[] = [];
    expect(readMinutes('--status', text, problems, { off: true })).toBe(minutes);
    expect(problems).toEqual([]);
  });

  it.each([
    '',
    '0',
    '0m',
    '30',
    '30s',
    '-5m',
    '1.5h',
    '8d',
    '169h',
    '1e3m',
    'never',
    'm',
    '99999999m',
    '5m\n',
  ])('"%s" is none', (text) => {
    const problems: string[] = [];
    expect(readMinutes('--within', text, problems, { off: false })).toBeUndefined();
    expect(problems).toEqual([`--within "${text}": a time of at most a week is needed, such as 30m or 2h`]);
  });
});
