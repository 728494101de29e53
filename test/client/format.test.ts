import {
  ago,
  formatList,
  formatOutcome,
  formatStatus,
  formatTask,
  formatTimeline,
} from '../../client/cli/format';
import { ask, refuseUntrusted, tellRefusals } from '../../domain/decide';
import type { Incident } from '../../domain/incident';
import { EMPTY_SCOPE } from '../../domain/scope';
import { viewOf, viewOfTask } from '../../domain/view';
import {
  after,
  afterReports,
  approve,
  assembled,
  attempt,
  closed,
  complete,
  declared,
  effectFailed,
  everythingWithheld,
  externalConfirmed,
  failingAt,
  FORENSICS,
  forensicsPerformed,
  IC,
  INSTANCE,
  MARKETING,
  notNeeded,
  responding,
  SECURITY,
  standDown,
  stoodDown,
  STRANGER,
  systemsSecured,
  THREE_AM,
  withdraw,
  contained,
  release,
  rotated,
  stored,
  subSteps,
} from '../support/incidents';

const NOW = THREE_AM + 10 * 60_000;
const status = (incident: Incident, all = false) => formatStatus(viewOf(incident), NOW, all);

/** The lines from a step's own to the next step's. */
function linesOfStep(text: string, number: number): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trimStart().startsWith(`${number}. `));
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith('      '));
  return lines.slice(start, start + 1 + length).join('\n');
}

describe('the status', () => {
  it('begins with the codename, who declared and when, the room and the call', () => {
    const lines = status(assembled()).split('\n');
    expect(lines[0]).toBe('sapphire-unicorn');
    expect(lines[1]).toBe(`declared 2026-11-24 03:00:00 UTC (10 min ago) by ${SECURITY}`);
    expect(lines.join('\n')).toContain(
      'room #sapphire-unicorn, call https://bridge.example.com/sapphire-unicorn or +1-555-0100',
    );
  });

  it('says that the room is not open yet', () => {
    expect(status(declared())).toContain('room not open yet');
  });

  it('shows the whole command that the incident commander has to type', () => {
    expect(status(declared())).toContain(
      'waits for the incident commander: firebreak determine sapphire-unicorn respond|stand-down --reason TEXT',
    );
    expect(status(responding())).not.toContain('firebreak determine');
  });

  it('names every step', () => {
    const text = status(responding());
    for (let number = 1; number <= 14; number += 1) expect(text).toMatch(new RegExp(`^ ?${number}\\. `, 'm'));
  });

  it('says of an open task on whom it waits, and since when', () => {
    expect(status(responding())).toMatch(
      /\. 5\.1 Find reconnaissance.*: waits on Security team, \d+ min ago/,
    );
  });

  it('says why a step is locked, a reason a line', () => {
    const step = linesOfStep(status(responding()), 11);
    expect(step).toContain('Internal communication: locked');
    expect(step).toContain('because forensic analysis (step 10) has not been performed');
    expect(step).toContain('finding attackSource=external');
  });

  it('says why a task of an open step is locked', () => {
    const text = formatTask(viewOfTask('contactFbi', forensicsPerformed()), NOW);
    expect(text).toContain('locked because this contact is not approved (request contact:fbi)');
    expect(text).toContain('"Contact FBI."');
    expect(text).toContain('owner: VP or Director of Engineering');
  });

  it('shows who did a task, and when, where all tasks are asked for', () => {
    const text = status(after(responding(), complete(SECURITY, 'findReconnaissance')), true);
    expect(text).toMatch(/x 5\.1 Find reconnaissance.*: security@example\.com, \d+ (s|min) ago/);
  });

  it('shows why a task is not needed, where all tasks are asked for', () => {
    const text = status(after(responding(), notNeeded(SECURITY, 'findQueries')), true);
    expect(text).toMatch(/- 5\.5 .*: not needed: there is nothing of the kind/);
  });

  it('says once why a step is locked, and not again at each of its tasks', () => {
    const step = linesOfStep(status(responding(), true), 11);
    expect(step).toMatch(/\. 11\.2 Overview the timeline: locked$/m);
    expect(step.match(/forensic analysis \(step 10\)/g)).toHaveLength(1);
  });

  it('counts what is settled in an open step', () => {
    expect(status(after(responding(), complete(SECURITY, 'findReconnaissance')))).toContain(
      '5. Identify timeline of attack: open, 1 of 6',
    );
  });

  it('shows a failed task with its cause and what to do about it', () => {
    const text = status(
      afterReports(declared(), ...effectFailed('pageIncidentCommander', 'PagerDuty says 503')),
    );
    expect(text).toMatch(/! 3\.1 Page an incident commander: failed.*: PagerDuty says 503 \(firebreak retry/);
  });

  it('shows what was done and is in doubt since a finding was withdrawn', () => {
    const done = after(externalConfirmed(), complete(IC, 'overviewTimeline'));
    const text = status(after(done, withdraw(SECURITY, 'systemsSecured')));
    expect(text).toMatch(/! 10\.1 .*: done, in doubt now: nobody has recorded that the systems are secured/);
    expect(text).toMatch(/! 11\.2 Overview the timeline: done, in doubt now: forensic analysis is in doubt/);
  });

  it('shows each affected instance, and how to approve its containment', () => {
    const text = status(declared());
    expect(text).toMatch(new RegExp(`${INSTANCE} +│ awaits approval`));
    expect(text).toContain('firebreak approve sapphire-unicorn contain:ID');
  });

  it('shows that an instance is contained, isolated and stopped', () => {
    const row = status(assembled())
      .split('\n')
      .find((line) => line.includes(INSTANCE) && line.includes('│'));
    expect(row).toMatch(/│ contained +│ .* ago +│ .* ago +│ .* ago/);
  });

  it('says what fails in a containment, and that it is retried', () => {
    const failing = afterReports(
      after(declared(), approve(SECURITY, `contain:${INSTANCE}`)),
      failingAt('isolate', 'AWS answered 503'),
    );
    expect(status(failing)).toContain(
      `! ${INSTANCE}: Isolate every interface: failing, retried: AWS answered 503`,
    );
  });

  it('does not call an instance isolated that looking again could not prove to be', () => {
    const unproven = afterReports(after(declared(), approve(SECURITY, `contain:${INSTANCE}`)), {
      name: 'containmentReported',
      told: { target: INSTANCE, unproven: ['eni-1 is still in sg-1'] },
    });
    const text = status(unproven);
    expect(text).toMatch(new RegExp(`${INSTANCE} .*│ unproven +│`));
    expect(text).toContain('contained, but not proven: eni-1 is still in sg-1');
  });

  it('shows every sub-step with its time where all is asked for, and says how to see them', () => {
    const running = afterReports(
      after(declared(), approve(SECURITY, `contain:${INSTANCE}`)),
      subSteps(INSTANCE, { state: 'done' }, 'capture'),
      subSteps(INSTANCE, { state: 'skipped', cause: 'no agent' }, 'captureMemory'),
      failingAt('isolate', 'AWS answered 503'),
      subSteps(INSTANCE, { state: 'running', percent: 40, expectedAt: NOW }, 'store'),
    );
    expect(status(running)).toContain(
      'Every sub-step with its time: firebreak status sapphire-unicorn --all',
    );
    const text = status(running, true);
    expect(text).not.toContain('Every sub-step with its time');
    expect(text).toMatch(/^ {6}x Capture what is there: done, 9 min ago$/m);
    expect(text).toMatch(/^ {6}- Capture its memory: skipped, 9 min ago: no agent$/m);
    expect(text).toMatch(/^ {6}! Isolate every interface: failing, 9 min ago: AWS answered 503$/m);
    expect(text).toMatch(
      /^ {6}> Copy the images to cold storage: running, 40 %, 9 min ago, expected 2026-11-24 03:10:00 UTC$/m,
    );
    expect(text).toMatch(/^ {6}\. Hash the images: waits$/m);
  });

  it('shows how far images are on their way to cold storage', () => {
    const storing = (subStep: 'store' | 'hash') =>
      status(
        afterReports(
          after(declared(), approve(SECURITY, `contain:${INSTANCE}`)),
          subSteps(INSTANCE, { state: 'running', percent: 40 }, subStep),
        ),
      );
    expect(storing('store')).toMatch(new RegExp(`${INSTANCE} +│ storing 40 %`));
    expect(storing('hash')).toMatch(new RegExp(`${INSTANCE} +│ hashing 40 %`));
  });

  it('has a table of its own for identities, secrets and addresses', () => {
    const scope = { ...EMPTY_SCOPE, secrets: ['orders/database'], addresses: ['203.0.113.77'] };
    const begun = declared({ company: { authority: 'contain-on-declare' }, declaration: { scope } });
    const text = status(afterReports(begun, ...contained('203.0.113.77', 'address')));
    expect(text).toMatch(/secret orders\/database +│ under way +│ +│/);
    expect(text).toMatch(/address 203\.0\.113\.77 +│ contained +│ \d+ min ago/);
    expect(text).not.toContain('│ instance');
  });

  it('shows a release, and what is not as captured', () => {
    const begun = after(stored(), release(IC), release(SECURITY));
    expect(status(begun)).toMatch(new RegExp(`${INSTANCE} +│ being released`));
    const told = (about: object) =>
      ({ name: 'containmentReported', told: { target: INSTANCE, release: about } }) as const;
    expect(status(afterReports(begun, told({ failing: 'AWS answered 503' })))).toContain(
      `! ${INSTANCE}: release: failing, retried: AWS answered 503`,
    );
    const done = status(afterReports(begun, told({ doneAt: NOW, restored: [], drift: ['sg-1 is gone'] })));
    expect(done).toMatch(new RegExp(`${INSTANCE} +│ released +│`));
    expect(done).toContain(`! ${INSTANCE}: not as captured: sg-1 is gone`);
  });

  it('lists the accounts that are to be rotated, and how to say that they are', () => {
    const scope = { ...EMPTY_SCOPE, users: ['deploy-bot'] };
    const begun = declared({ company: { systems: ['github', 'jenkins'] }, declaration: { scope } });
    const text = status(after(begun, rotated(SECURITY, 'deploy-bot', 'github')));
    expect(text).toContain('(firebreak rotated sapphire-unicorn USER SYSTEM):');
    expect(text).toMatch(/^ {6}deploy-bot on jenkins, /m);
    expect(text).not.toContain('deploy-bot on github,');
  });

  it('lists what waits for an approval, and for whose', () => {
    expect(status(declared())).toMatch(
      new RegExp(`contain:${INSTANCE}: the incident commander or the security team, \\d+ min ago`),
    );
  });

  it('lists what was asked for in the Temporal UI, and how to confirm it, until somebody has', () => {
    const { incident } = ask(declared(), MARKETING, standDown(MARKETING), THREE_AM);
    const text = status(incident);
    expect(text).toContain('(firebreak confirm sapphire-unicorn REQUEST, by who may decide it):');
    expect(text).toMatch(/^ {6}asked-1: marketing@example\.com asks to determine: stand-down, \d+ min ago$/m);
    expect(status(after(incident, { name: 'confirm', by: IC, request: 'asked-1' }))).not.toContain('asked-1');
    expect(status(declared())).not.toContain('Temporal UI');
  });

  it('lists findings with who established them and on what grounds', () => {
    expect(status(externalConfirmed())).toContain(`attackSource = external: ${FORENSICS}, evidence item 7`);
    expect(status(systemsSecured())).toContain(`systemsSecured: ${SECURITY}, evidence item 7`);
  });

  it('counts what was refused, and says where to read it', () => {
    const { incident } = attempt(declared(), standDown(STRANGER));
    expect(status(incident)).toContain('Refused so far: 1 (see: firebreak timeline sapphire-unicorn)');
    expect(status(declared())).not.toContain('Refused so far');
    // Also those that are counted, and have no entry yet.
    const why = { key: 'unsigned', text: 'send something', reasons: [{ gate: 'isSigned', reason: 'no' }] };
    const counted = [1, 2, 3].reduce((now) => refuseUntrusted(now, why, THREE_AM).incident, incident);
    expect(status(counted)).toContain('Refused so far: 4 ');
  });

  it('says how the incident ended', () => {
    expect(status(stoodDown())).toMatch(/stood down 2026-11-24 .* by ic@example\.com: a load test/);
    expect(status(closed())).toMatch(/closed 2026-11-24 .* by ic@example\.com/);
    expect(status(everythingWithheld())).toMatch(
      /11\. Internal communication: withheld\n +the source is internal/,
    );
  });

  it('fits a terminal, but for sentences', () => {
    const drawn = status(assembled())
      .split('\n')
      .filter((line) => /[│┌]/.test(line));
    expect(drawn.length).toBeGreaterThan(0);
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('an outcome', () => {
  it('is one sentence where it was accepted', () => {
    expect(formatOutcome(attempt(declared(), standDown()).outcome)).toMatch(/^[^\n]+$/);
  });

  it('lists every reason of a refusal, with the sentence of the checklist that asks for it', () => {
    const { outcome } = attempt(declared(), complete(IC, 'overviewTimeline'));
    const text = formatOutcome(outcome);
    expect(text).toMatch(/^Refused: complete 11\.2 Overview the timeline\n/);
    expect(text.match(/^ {2}- /gm)).toHaveLength(3);
    expect(text).toContain(
      '"Communicate internally only once you are confident (via forensic analysis) that the attack was not sourced internally."',
    );
  });
});

describe('the timeline', () => {
  it('has a line for each entry, in order, and marks refusals', () => {
    const { incident } = attempt(declared(), standDown(STRANGER));
    const lines = formatTimeline(incident.entries).split('\n');
    expect(lines).toHaveLength(incident.entries.length);
    expect(lines[0]).toMatch(/^ +1 {2}2026-11-24 03:00:00 UTC {2}security@example\.com declared: /);
    expect(lines.at(-1)).toMatch(/REFUSED {2}stranger@example\.com tried to .*: refused, because /);
  });

  it('says of a refusal that came over and over how often it came, in another line', () => {
    const why = { key: 'unsigned', text: 'send something', reasons: [{ gate: 'isSigned', reason: 'no' }] };
    const counted = [1, 2, 3].reduce((now) => refuseUntrusted(now, why, THREE_AM).incident, declared());
    const [once = '', often = ''] = formatTimeline(tellRefusals(counted, THREE_AM + 60_000, false).entries)
      .split('\n')
      .slice(-2);
    expect(once).toMatch(/03:00:00 UTC {2}REFUSED {2}unknown tried to send something: refused, because no$/);
    expect(often).toMatch(/03:01:00 UTC {2}REFUSED {2}unknown tried to send something: refused \(2 times\)/);
  });

  it('shows what was asked for as a request, and no decision', () => {
    const { incident } = ask(declared(), MARKETING, standDown(MARKETING), THREE_AM);
    expect(formatTimeline(incident.entries)).toMatch(
      /marketing@example\.com asks through the Temporal UI to determine: stand-down: it counts once .* asked-1$/,
    );
  });
});

describe('the list', () => {
  it('says so where no incident is open', () => {
    expect(formatList([], NOW)).toBe('No incident is open.');
  });

  it('has a row for each, with its phase', () => {
    const text = formatList(
      [
        { codename: 'sapphire-unicorn', since: THREE_AM, checklist: viewOf(responding()) },
        { codename: 'amber-fox', since: THREE_AM },
      ],
      NOW,
    );
    expect(text).toMatch(/sapphire-unicorn +│ 10 min ago +│ responding +│ 0\/14/);
    expect(text).toMatch(/amber-fox +│ 10 min ago +│ no worker answers/);
  });
});

describe('how long ago something was', () => {
  it.each([
    [0, '0 s ago'],
    [-5_000, '0 s ago'],
    [89_000, '89 s ago'],
    [120_000, '2 min ago'],
    [89 * 60_000, '89 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [72 * 3_600_000, '3 days ago'],
  ])('is told of %d ms as "%s"', (ms, text) => {
    expect(ago(NOW - ms, NOW)).toBe(text);
  });
});
