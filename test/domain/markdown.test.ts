import { ask, decide, refuseUntrusted, tellRefusals } from '../../domain/decide';
import {
  renderBriefing,
  renderDetails,
  renderEntry,
  renderPinned,
  sentenceOf,
  timeOf,
} from '../../domain/markdown';
import {
  after,
  afterReports,
  approve,
  assembled,
  attempt,
  closed,
  complete,
  contained,
  COUNSEL,
  declared,
  effectFailed,
  ENGINEERING,
  everythingSettled,
  everythingWithheld,
  externalConfirmed,
  failingAt,
  fiveFacts,
  FORENSICS,
  forensicsPerformed,
  IC,
  INSTANCE,
  lastEntry,
  MARKETING,
  respond,
  responding,
  SECURITY,
  STATEMENT_1,
  STATEMENT_2,
  statementApproved,
  statementSubmitted,
  STATES,
  stoodDown,
  submit,
  systemsSecured,
  THREE_AM,
  withdraw,
  withEveryOpenTaskDone,
  withhold,
} from '../support/incidents';
import { tasksOfStep } from '../../domain/checklist';
import { CONTACT_IDS } from '../../domain/contacts';
import { STEP_IDS, stepOf } from '../../domain/steps';

/** The lines below "Waits for". */
function waitsFor(markdown: string): string[] {
  const [, rest = ''] = markdown.split('## Waits for\n\n');
  return (rest.split('\n\n')[0] ?? '').split('\n').filter((line) => line.startsWith('- '));
}

const ACKNOWLEDGE = { name: 'acknowledge', by: IC } as const;

describe('the details', () => {
  test.each(STATES)('hold every step, in order, when the incident is "%s"', (_, incident) => {
    const details = renderDetails(incident);
    const places = STEP_IDS.map((id) => details.indexOf(`**${stepOf(id).number}. ${stepOf(id).title}**`));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  test.each(STATES)(
    'and the pinned message hold no gap where a value should be, when it is "%s"',
    (_, incident) => {
      for (const text of [renderDetails(incident), renderPinned(incident)])
        expect(text).not.toMatch(/undefined|null|NaN|\[object|: *$/m);
    },
  );

  test('say that the determination is waited for, and what the approval is about', () => {
    const details = renderDetails(declared());
    expect(details).toContain("**Waits for the incident commander's determination");
    expect(waitsFor(details)).toEqual(
      expect.arrayContaining([
        '- **Incident commander**: determine whether a response is needed',
        `- **the incident commander or the security team**: approve or refuse \`contain:${INSTANCE}\` (since 03:00:00 UTC)`,
      ]),
    );
  });

  test('say what waits on whom, since when', () => {
    const details = renderDetails(responding());
    expect(details).toContain(
      '- [ ] 5.5 Find any queries that the attacker ran on databases — waits on **Security team** since 03:01:00 UTC',
    );
    expect(details).toContain('- [ ] 2.2 In a service that was the vector');
    expect(waitsFor(details)).toContainEqual(
      expect.stringMatching(/^- \*\*Security team\*\*: 1\.2, .*, 5\.5, /),
    );
  });

  test('say which requests from the Web UI wait, whose they are and since when', () => {
    const asked = ask(responding(), MARKETING, { name: 'close', by: MARKETING }, THREE_AM + 600_000);
    const line = `- **Whoever may decide it**: confirm \`asked-1\`, or leave it: ${MARKETING} asks to close the incident (since 03:10:00 UTC)`;
    for (const text of [renderDetails(asked.incident), renderPinned(asked.incident)])
      expect(waitsFor(text)).toContainEqual(line);
    const widen = { name: 'widenScope', by: MARKETING, what: 'service', which: 'search' } as const;
    const { incident } = ask(responding(), MARKETING, widen, THREE_AM + 600_000);
    const confirmed = after(incident, { name: 'confirm', by: IC, request: 'asked-1' });
    expect(renderDetails(confirmed)).not.toContain('`asked-1`');
  });

  test('say who is assigned', () => {
    const assigned = after(responding(), { name: 'assignTask', by: IC, task: 'findQueries', to: FORENSICS });
    expect(waitsFor(renderDetails(assigned))).toContainEqual(
      `- **${FORENSICS}**: 5.5 Find any queries that the attacker ran on databases`,
    );
  });

  test('say why a step is locked, with every reason', () => {
    const details = renderDetails(responding());
    expect(details).toContain(
      [
        '**11. Internal communication** — locked',
        '',
        '- because forensic analysis (step 10) has not been performed',
        '- because the forensics lead has not recorded that the attack was not sourced internally (finding attackSource=external)',
      ].join('\n'),
    );
    expect(details).toContain('- because nobody has recorded that the systems are secured');
  });

  test('say why the contacts are locked, though the step itself is not', () => {
    expect(renderDetails(responding())).toMatch(
      /\*\*12\. Involve law enforcement\*\* — locked\n\n- because forensic analysis .*\n- because this contact is not approved/,
    );
  });

  test('say what failed, and why', () => {
    const details = renderDetails(afterReports(responding(), ...effectFailed('openRoom')));
    expect(details).toMatch(
      /- \[ \] 3\.5 Set up the chat room.* — \*\*failed\*\* since .*: the vendor answers 503/,
    );
    expect(waitsFor(details)).toContainEqual(expect.stringContaining('has failed: the vendor answers 503'));
  });

  test('say what is done by whom, and what is not needed why', () => {
    const details = renderDetails(
      after(responding(), complete(SECURITY, 'findQueries'), {
        name: 'markNotNeeded',
        by: SECURITY,
        tasks: ['findBackDoors'],
        reason: 'the host is gone',
      }),
    );
    expect(details).toContain(
      `- [x] 5.5 Find any queries that the attacker ran on databases — ${SECURITY}, 03:02:00 UTC`,
    );
    expect(details).toContain(
      '- [x] ~~5.6 Look for another back door, and watch the logs~~ — not needed: the host is gone',
    );
  });

  test('say what is in doubt, and on whom it waits again', () => {
    const told = after(externalConfirmed(), complete(ENGINEERING, ...tasksOfStep('internalCommunication')));
    const fallen = after(told, withdraw(FORENSICS, 'attackSource'));
    const details = renderDetails(fallen);
    expect(details).toContain('**11. Internal communication** — locked');
    const again = after(fallen, {
      name: 'recordFinding',
      by: FORENSICS,
      finding: 'attackSource',
      value: 'external',
      grounds: 'evidence item 8',
    });
    expect(renderDetails(again)).toContain('- [ ] 11.2 Overview the timeline — **in doubt**: ');
    expect(waitsFor(renderDetails(again))).toContainEqual(
      expect.stringMatching(/^- \*\*VP or Director of Engineering\*\*: 11\.1, 11\.2, 11\.3, 11\.4$/),
    );
  });

  test('say whose approval a statement waits for', () => {
    const once = after(statementSubmitted(), approve(IC, STATEMENT_1));
    expect(waitsFor(renderDetails(once))).toContainEqual(
      expect.stringContaining(
        `- **the marketing team, legal counsel**: approve or refuse \`${STATEMENT_1}\``,
      ),
    );
  });

  test('ask for the facts that are missing, and for the source of the attack once step 10 is open', () => {
    const asked = (incident: Parameters<typeof renderDetails>[0]) =>
      waitsFor(renderDetails(incident))
        .filter((line) => line.includes('record, when it is so'))
        .join('\n');
    expect(asked(responding())).toMatch(/`systemsSecured`, `monitoringInPlace`/);
    expect(asked(responding())).not.toContain('attackSource');
    expect(asked(systemsSecured())).toContain(
      '**The forensics lead**: record, when it is so: `attackSource`',
    );
    expect(asked(declared())).toBe('');
  });

  test('ask for the approval of the latest statement only, and of no contact before forensics', () => {
    const lines = waitsFor(renderDetails(after(statementSubmitted(), submit(MARKETING)))).join('\n');
    expect(lines).toContain(`\`${STATEMENT_2}\``);
    expect(lines).not.toContain(`\`${STATEMENT_1}\``);
    expect(waitsFor(renderDetails(systemsSecured())).join('\n')).not.toContain('`contact:');
  });

  test('say why a step was withheld, in the words of both', () => {
    const withheld = after(responding(), withhold(IC, 'externalParties'), {
      ...withhold(COUNSEL, 'externalParties'),
      reason: 'there is no such party',
    } as ReturnType<typeof withhold>);
    expect(renderDetails(withheld)).toContain(
      '**13. Reach out to external parties that may have been used as vector for attack** — withheld: the source is internal / there is no such party',
    );
  });

  test('show how far containment is, and what could not be proven', () => {
    const running = after(declared(), approve(SECURITY, `contain:${INSTANCE}`));
    expect(renderDetails(running)).toContain(`| ${INSTANCE} | — | — | — | — | running |`);
    const unproven = afterReports(
      running,
      { name: 'containmentReported', told: { target: INSTANCE, unproven: ['eth1'] } },
      failingAt('verify', '503'),
    );
    expect(renderDetails(unproven)).toMatch(/\| attempted, unproven \| — \| — \| failing at verify: 503 \|/);
    expect(renderDetails(afterReports(unproven, ...contained()))).toMatch(
      /\| \d\d:\d\d:\d\d UTC \| \d\d:\d\d:\d\d UTC \| \d\d:\d\d:\d\d UTC \| — \| finished \|/,
    );
  });

  test('end with the last eight entries', () => {
    const [, last = ''] = renderDetails(systemsSecured()).split('## Last entries\n\n');
    expect(last.split('\n')).toHaveLength(Math.min(8, systemsSecured().entries.length));
    expect(last).toContain('UTC step 10 (Forensic analysis of compromised systems) is open');
  });

  test('ask for the end when nothing else is left', () => {
    expect(waitsFor(renderDetails(after(everythingSettled(), ACKNOWLEDGE)))).toEqual([
      '- **Incident commander**: close the incident',
    ]);
    expect(waitsFor(renderDetails(everythingWithheld()))).toContainEqual(
      '- **Incident commander**: close the incident',
    );
  });

  test('do not ask for the end while something is left that only an approval opens', () => {
    const facts = fiveFacts(externalConfirmed(forensicsPerformed(systemsSecured(assembled()))));
    const told = after(
      statementApproved(statementSubmitted(facts)),
      complete(MARKETING, 'tellCustomersSecurityTeams'),
    );
    const lines = waitsFor(renderDetails(after(withEveryOpenTaskDone(told), ACKNOWLEDGE)));
    expect(lines).toHaveLength(CONTACT_IDS.length);
    for (const id of CONTACT_IDS)
      expect(lines).toContainEqual(
        expect.stringContaining(`**the incident commander**: approve or refuse \`contact:${id}\``),
      );
  });

  test.each([
    ['closed', closed(), `Closed `],
    ['stood down', stoodDown(), 'Stood down '],
  ])('of an incident that was %s wait for nobody', (_, incident, line) => {
    for (const text of [renderDetails(incident), renderPinned(incident)]) {
      expect(text).not.toContain('Waits for');
      expect(text).not.toContain('close the incident');
      expect(text).toContain(line);
    }
  });
});

describe('the pinned message', () => {
  test.each(STATES)('is short enough for Slack when the incident is "%s"', (_, incident) => {
    expect(renderPinned(incident).length).toBeLessThan(12_000);
  });

  test('says what waits, and each step in a line with its reason', () => {
    const pinned = renderPinned(responding());
    expect(pinned).toContain('## Waits for');
    expect(pinned).toContain('**5. Identify timeline of attack** — open, 0 of 6');
    expect(pinned).toContain('**10. Forensic analysis of compromised systems** — locked because nobody');
    expect(pinned).not.toContain('5.5 Find any queries');
  });
});

describe('an entry', () => {
  test('of a refusal says who tried what, why not, and how often', () => {
    const once = attempt(responding(), complete(MARKETING, 'contactFbi')).incident;
    expect(renderEntry(lastEntry(once))).toMatch(
      /^\*\*Refused\*\* — marketing@example\.com tried to complete 12\.2 Contact the FBI: refused, because it is for .*; this contact is not approved/,
    );
    const at = lastEntry(once).at + 1_000;
    const again = [0, 1].reduce(
      (incident) => decide(incident, complete(MARKETING, 'contactFbi'), at).incident,
      once,
    );
    expect(again.entries).toEqual(once.entries);
    const told = tellRefusals(again, at + 60_000, false);
    expect(sentenceOf(lastEntry(told))).toContain('refused (2 times), because');
    expect(told.entries.map(sentenceOf).filter((text) => text.includes('12.2 Contact the FBI'))).toHaveLength(
      2,
    );
  });

  test('of a refusal that was counted once does not say how often', () => {
    const once = attempt(responding(), complete(MARKETING, 'contactFbi')).incident;
    const at = lastEntry(once).at + 1_000;
    const told = tellRefusals(decide(once, complete(MARKETING, 'contactFbi'), at).incident, at, true);
    expect(sentenceOf(lastEntry(told))).not.toContain('1 times');
  });

  test('of what nobody proves to have sent names nobody as its sender', () => {
    const text = 'send a determine in the name of ic@example.com';
    const reasons = [{ gate: 'isSigned', reason: 'it is not signed' }];
    const { incident } = refuseUntrusted(responding(), { key: 'unsigned', text, reasons }, THREE_AM);
    expect(renderEntry(lastEntry(incident))).toBe(
      `**Refused** — unknown tried to ${text}: refused, because it is not signed`,
    );
  });

  test('of a request says by which door it came and what it waits for', () => {
    const { incident } = ask(declared(), MARKETING, respond(MARKETING), THREE_AM);
    expect(renderEntry(lastEntry(incident))).toBe(
      `${MARKETING} asks through the Temporal UI to determine: respond: it counts once a responder confirms asked-1`,
    );
  });

  test('of a decision names the person, of the machine nobody', () => {
    expect(renderEntry(lastEntry(after(responding(), complete(SECURITY, 'findQueries'))))).toBe(
      `${SECURITY} completed 5.5 Find any queries that the attacker ran on databases`,
    );
    expect(sentenceOf(lastEntry(systemsSecured()))).toBe(
      'step 10 (Forensic analysis of compromised systems) is open',
    );
  });

  test('of a failure or a warning is marked', () => {
    const failed = lastEntry(afterReports(responding(), ...effectFailed('openRoom')));
    expect(renderEntry(failed)).toMatch(/^\*\*Failed\*\* — Open the room and pin the checklist: failed/);
    const warned = lastEntry(
      afterReports(responding(), { name: 'warned', text: 'the room could not be told' }),
    );
    expect(renderEntry(warned)).toBe('**Note** — the room could not be told');
  });
});

test('the briefing tells where the call is and every rule', () => {
  const briefing = renderBriefing(declared(), ['Avoid e-mail', 'Avoid SMS']);
  expect(briefing).toContain('https://bridge.example.com/sapphire-unicorn or +1-555-0100');
  expect(briefing).toContain('- Avoid e-mail\n- Avoid SMS');
});

test('times are told in UTC', () => {
  expect(timeOf(THREE_AM)).toBe('2026-11-24 03:00:00 UTC');
});
