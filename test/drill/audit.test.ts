import { createHash } from 'node:crypto';
import { auditDrill } from '../../drill/audit';
import type { Records } from '../../drill/records';
import type { Call } from '../../drill/stand-ins/recording-proxy';
import type { Entry } from '../../domain/entries';
import { STEP_IDS, stepOf } from '../../domain/steps';

const CODENAME = 'sapphire-unicorn';
const ID = 'i-0123456789abcdef0';

function call(name: string, body = '', at = 0, answer = '"ok":true'): Call {
  return { at, name, method: 'POST', path: '/', body, answer, status: 200, effectStatus: 200 };
}

function decided(
  seq: number,
  by: string,
  decision: Entry['decision'],
  details: Record<string, unknown>,
): Entry {
  return { seq, at: seq, kind: 'decision', by, text: 'decided', details, ...(decision && { decision }) };
}

/** A deny for each direction. */
function bothWays(cidr: string) {
  return [false, true].map((egress) => ({ cidr, egress }));
}

const FIVE = [
  'informationValidated',
  'timelineEstablished',
  'compromisedDataKnown',
  'methodKnown',
  'recurrencePrevented',
];

const requestOf = (kind: string, text: string) =>
  `${kind}@1-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
const NOTE = '## Timeline';
const STATEMENT = '# …';
const STATEMENT_1 = requestOf('statement', STATEMENT);

/** The decisions of a whole incident in an order that breaks no rule. */
function wholeIncident(): Entry[] {
  const steps: [string, Entry['decision'], Record<string, unknown>][] = [
    ['ic', 'determine', { determination: 'respond' }],
    ['security', 'recordFinding', { finding: 'systemsSecured' }],
    ['security', 'recordFinding', { finding: 'monitoringInPlace' }],
    ['forensics', 'completeTasks', { tasks: ['combThroughEvidence', 'identifyWhatHappened'] }],
    ['forensics', 'recordFinding', { finding: 'attackSource', value: 'external' }],
    ['vp', 'submitNote', { text: NOTE }],
    ['ic', 'approve', { request: requestOf('note', NOTE) }],
    ['vp', 'completeTasks', { tasks: ['overviewTimeline'] }],
    ['ic', 'approve', { request: 'contact:fbi' }],
    ['vp', 'completeTasks', { tasks: ['contactFbi'] }],
    ...FIVE.map((finding): [string, 'recordFinding', object] => ['forensics', 'recordFinding', { finding }]),
    ['marketing', 'submitStatement', { text: STATEMENT }],
    ['marketing', 'approve', { request: STATEMENT_1 }],
    ['ic', 'approve', { request: STATEMENT_1 }],
    ['counsel', 'approve', { request: STATEMENT_1 }],
    ['marketing', 'completeTasks', { tasks: ['tellCustomersSecurityTeams', 'releaseStatement'] }],
  ] as [string, Entry['decision'], Record<string, unknown>][];
  return steps.map(([by, decision, details], index) => decided(index + 1, by, decision, details));
}

function clean(): Records {
  const entries = wholeIncident();
  return {
    codename: CODENAME,
    summary: 'guessed passwords',
    entries,
    outcome: 'closed',
    checklist: {
      steps: STEP_IDS.map((id) => ({ id, number: stepOf(id).number, state: 'done' })),
    } as unknown as Records['checklist'],
    expected: {
      outcome: 'closed',
      steps: {},
      refusals: [],
      operational: ['ic@x', 'security@x'],
      later: ['counsel@x'],
    },
    pagerduty: {
      calls: [call('incidents.create', `{"title":"${CODENAME}"}`), call('notes.create', 'join')],
      incidents: [{ title: CODENAME, key: CODENAME, status: 'resolved' }],
    },
    slack: {
      calls: [call('conversations.create'), call('chat.postMessage', 'channel=C1')],
      room: {
        id: 'C1',
        topic: `Attorney Work Project ${CODENAME}`,
        isPrivate: true,
        members: ['ic@x', 'security@x', 'counsel@x'],
        messages: [
          { ts: '0', from: 'firebreak', text: '', markdown: '', key: 'checklist', pinned: true },
          ...entries.map(({ seq }) => ({
            ts: String(seq),
            from: 'firebreak',
            text: '',
            markdown: '',
            key: String(seq),
            pinned: false,
          })),
        ],
      },
    },
    evidence: [],
    aws: {
      calls: [call('ec2.CreateSnapshots', ID, 1), call('ec2.StopInstances', ID, 2)],
      quarantineGroup: 'quiet',
      lost: [],
      released: [],
      acls: [
        {
          id: 'acl-1',
          vpcId: 'vpc-1',
          subnets: ['subnet-1'],
          denied: [...bothWays('10.0.0.7/32'), ...bothWays('198.51.100.23/32')],
        },
      ],
      locks: { 'snap-1': 'governance', 'snap-2': 'governance' },
      coldLocks: { 'snap-3': 'governance', 'snap-4': 'compliance-cooloff' },
      attackers: ['198.51.100.23'],
      blockedByWaf: ['198.51.100.23/32'],
      users: {
        'deploy-bot': { activeKeys: 0, hasLogin: false, inlinePolicies: [`firebreak-${CODENAME}`] },
      },
      fleet: {
        [ID]: {
          state: 'stopped',
          terminationProtected: true,
          tags: {},
          vpcId: 'vpc-1',
          addresses: ['10.0.0.7'],
          interfaces: [
            { id: 'eni-1', deleteOnTermination: false, groups: [{ id: 'sg-1', name: 'quiet', rules: 0 }] },
          ],
          volumes: [
            {
              id: 'vol-1',
              deleteOnTermination: false,
              snapshots: (['live', 'stopped'] as const).map((moment, index) => ({
                id: `snap-${index + 1}`,
                state: 'completed',
                tags: { firebreak: CODENAME, 'firebreak:moment': moment },
              })),
            },
          ],
        },
      },
    },
  };
}

/** The same records with some of the entries left out, and numbered anew. */
function without(records: Records, leftOut: (entry: Entry) => boolean): Records {
  const entries = records.entries
    .filter((entry) => !leftOut(entry))
    .map((entry, index) => ({ ...entry, seq: index + 1 }));
  return { ...records, entries };
}

const records = (finding: string) => (entry: Entry) =>
  entry.decision === 'recordFinding' && entry.details?.['finding'] === finding;
const approves = (request: string, by?: string) => (entry: Entry) =>
  entry.decision === 'approve' &&
  entry.details?.['request'] === request &&
  (by === undefined || entry.by === by);

const base = clean();
const [INSTANCE] = Object.values(base.aws.fleet);
if (!INSTANCE || !base.slack.room) throw new Error('the clean records lack an instance or a room');
const ROOM = base.slack.room;
const fleet = (change: object): Records => ({
  ...base,
  aws: { ...base.aws, fleet: { [ID]: { ...INSTANCE, ...change } } },
});
const room = (change: object): Records => ({
  ...base,
  slack: { ...base.slack, room: { ...ROOM, ...change } },
});
const aws = (change: Partial<Records['aws']>): Records => ({ ...base, aws: { ...base.aws, ...change } });
const [ACL] = base.aws.acls;
if (!ACL) throw new Error('the clean records lack a network ACL');
const user = (change: object) =>
  aws({
    users: {
      'deploy-bot': {
        activeKeys: 0,
        hasLogin: false,
        inlinePolicies: [`firebreak-${CODENAME}`],
        ...change,
      },
    },
  });
const awsCalls = (...calls: Call[]): Records => ({ ...base, aws: { ...base.aws, calls } });

/** One more decision, which was refused by a gate, and what the scenario wanted of that. */
function refused(wanted: object, reason: object): Records {
  const refusal: Entry = {
    ...decided(base.entries.length + 1, 'vp', 'completeTasks', { tasks: ['contactFbi'] }),
    kind: 'refusal',
    reasons: [{ gate: 'contactIsApproved', reason: 'not approved', ...reason }],
  };
  const decision = {
    by: 'vp',
    does: 'completeTasks',
    with: {},
    as: 'update',
    refused: ['contactIsApproved'],
  };
  return {
    ...base,
    entries: [...base.entries, refusal],
    slack: {
      ...base.slack,
      room: { ...ROOM, messages: [...ROOM.messages, { ...ROOM.messages[1], key: String(refusal.seq) }] },
    },
    expected: { ...base.expected, refusals: [{ ...decision, ...wanted }] },
  } as Records;
}

test('a drill that broke nothing has no violations', () => {
  expect(auditDrill(base)).toEqual([]);
  const source = 'until forensics has been performed. The attack could be happening internally.';
  expect(auditDrill(refused({ quoting: ['The attack could be'] }, { source }))).toEqual([]);
});

test('each refusal that is wanted has one of its own, in whatever order they came', () => {
  const { entries, slack, expected } = refused({}, {});
  const last = entries.at(-1) as Entry;
  const other = { ...last, seq: last.seq + 1, reasons: [{ gate: 'contactIsApproved', reason: 'another' }] };
  const first = {
    ...last,
    reasons: [...(last.reasons ?? []), { gate: 'everyRecipientHasAKey', reason: 'none' }],
  };
  const [wanted] = expected.refusals;
  const judged = (...all: Entry[]) =>
    auditDrill({
      ...base,
      slack,
      entries: [...base.entries, ...all],
      expected: {
        ...expected,
        refusals: [wanted, { ...wanted, refused: ['everyRecipientHasAKey'] }] as typeof expected.refusals,
      },
    }).filter((violation) => violation.includes('should have been refused'));
  expect(judged(first, other)).toEqual([]);
  expect(judged(first)).toHaveLength(1);
  expect(judged(other)).toEqual([expect.stringContaining('by everyRecipientHasAKey')]);
});

test.each<[string, Records, RegExp]>([
  ['another outcome', { ...base, outcome: 'stoodDown' }, /ended as stoodDown/],
  [
    'an open step',
    {
      ...base,
      checklist: {
        steps: [{ id: 'stopAttack', number: 1, state: 'open' }],
      } as unknown as Records['checklist'],
    },
    /step 1 ended open/,
  ],
  [
    'a refusal that did not come',
    {
      ...base,
      expected: {
        ...base.expected,
        refusals: [
          {
            by: 'vp',
            does: 'completeTasks',
            with: {},
            as: 'update',
            refused: ['forensicAnalysisIsPerformed'],
          },
        ],
      },
    },
    /should have been refused completeTasks/,
  ],
  [
    'a refusal that does not quote the checklist',
    refused({ quoting: ['The attack could be happening internally.'] }, { source: 'Contact FBI.' }),
    /quoting "The attack could be happening internally\.", and was not/,
  ],
  [
    'a refusal of what is no decision, in the name of somebody',
    refused({ raw: true }, {}),
    /unknown should have been refused completeTasks/,
  ],
  ['a gap in the ledger', { ...base, entries: base.entries.slice(1) }, /entry 1 has the number 2/],
  [
    'forensics on systems that are not secured',
    without(base, records('systemsSecured')),
    /before the systems were secured/,
  ],
  [
    'internal word without a source',
    without(base, records('attackSource')),
    /overviewTimeline was done before forensics/,
  ],
  [
    'internal word before forensics',
    without(
      base,
      ({ details }) => (details?.['tasks'] as string[] | undefined)?.includes('combThroughEvidence') ?? false,
    ),
    /overviewTimeline was done before forensics/,
  ],
  [
    'a contact without approval',
    without(base, approves('contact:fbi')),
    /contactFbi was done without forensics and approval/,
  ],
  ...FIVE.map((fact): [string, Records, RegExp] => [
    `a statement without ${fact}`,
    without(base, records(fact)),
    /before the five facts/,
  ]),
  [
    'a statement that counsel did not approve',
    without(base, approves(STATEMENT_1, 'counsel')),
    /without three approvals/,
  ],
  [
    'a statement of which another text was approved',
    {
      ...base,
      entries: base.entries.map((entry) =>
        entry.decision === 'submitStatement' ? { ...entry, details: { text: '# Another' } } : entry,
      ),
    },
    /without three approvals/,
  ],
  [
    'a statement that was approved before a fact fell',
    {
      ...base,
      entries: [
        ...base.entries.slice(0, -1),
        ...(
          [
            ['forensics', 'withdrawFinding', { finding: 'methodKnown' }],
            ['forensics', 'recordFinding', { finding: 'methodKnown' }],
            ['marketing', 'completeTasks', { tasks: ['tellCustomersSecurityTeams', 'releaseStatement'] }],
          ] as const
        ).map(([by, decision, details], index) =>
          decided(base.entries.length + index, by, decision, details),
        ),
      ],
    },
    /without three approvals/,
  ],
  [
    'a note without a source',
    without(
      base,
      (entry) =>
        records('attackSource')(entry) || (entry.details?.['tasks'] as string[])?.[0] === 'overviewTimeline',
    ),
    /an internal note was submitted before forensics/,
  ],
  [
    'work before the determination',
    without(base, ({ decision }) => decision === 'determine'),
    /before the determination/,
  ],
  [
    'two pages',
    {
      ...base,
      pagerduty: { ...base.pagerduty, incidents: [...base.pagerduty.incidents, ...base.pagerduty.incidents] },
    },
    /has 2 incidents/,
  ],
  [
    'a page with a title that tells',
    {
      ...base,
      pagerduty: { ...base.pagerduty, incidents: [{ title: 'Attack!', key: CODENAME, status: 'resolved' }] },
    },
    /another title/,
  ],
  [
    'a page that is not resolved',
    {
      ...base,
      pagerduty: { ...base.pagerduty, incidents: [{ title: CODENAME, key: CODENAME, status: 'triggered' }] },
    },
    /triggered at the end/,
  ],
  [
    'the summary in a page',
    { ...base, pagerduty: { ...base.pagerduty, calls: [call('incidents.create', 'guessed passwords')] } },
    /told what happened/,
  ],
  [
    'the same note twice',
    {
      ...base,
      pagerduty: { ...base.pagerduty, calls: [call('notes.create', 'join'), call('notes.create', 'join')] },
    },
    /same note stands twice/,
  ],
  ['no room', { ...base, slack: { calls: base.slack.calls } }, /no room/],
  ['a public room', room({ isPrivate: false }), /not private/],
  ['a topic that tells', room({ topic: `${CODENAME}: Attorney Work Project` }), /does not begin with/],
  [
    'two rooms',
    {
      ...base,
      slack: { ...base.slack, calls: [call('conversations.create'), call('conversations.create')] },
    },
    /2 rooms/,
  ],
  ['a message twice', room({ messages: [...ROOM.messages, ROOM.messages[1]] }), /stands twice in the room/],
  [
    'an entry that the room was not told',
    room({ messages: ROOM.messages.slice(0, -1) }),
    /was not told entry/,
  ],
  ['no pinned checklist', room({ messages: ROOM.messages.slice(1) }), /no checklist is pinned/],
  [
    'a message elsewhere',
    {
      ...base,
      slack: { ...base.slack, calls: [...base.slack.calls, call('chat.postMessage', 'channel=C2')] },
    },
    /went elsewhere/,
  ],
  [
    'counsel before an operational responder',
    room({ members: ['ic@x', 'counsel@x', 'security@x'] }),
    /invited before/,
  ],
  ['a responder who was not invited', room({ members: ['ic@x'] }), /security@x was not invited/],
  [
    'a termination',
    awsCalls(...base.aws.calls, call('ec2.TerminateInstances', ID)),
    /TerminateInstances was called/,
  ],
  [
    'a deleted snapshot',
    awsCalls(...base.aws.calls, call('ec2.DeleteSnapshot')),
    /DeleteSnapshot was called/,
  ],
  [
    'a stop before the snapshots',
    awsCalls(call('ec2.StopInstances', ID, 1), call('ec2.CreateSnapshots', ID, 2)),
    /stopped before/,
  ],
  [
    'images three times',
    awsCalls(call('ec2.CreateSnapshots', ID, 0), call('ec2.CreateSnapshots', ID, 0), ...base.aws.calls),
    /requested 3 times/,
  ],
  [
    'a stop before the scaling group was left',
    awsCalls(...base.aws.calls, call('autoscaling.DetachInstances', ID, 3)),
    /before it had left its scaling group/,
  ],
  [
    'two live images of a disk',
    fleet({
      volumes: [
        {
          ...INSTANCE.volumes[0],
          snapshots: [INSTANCE.volumes[0]?.snapshots[0], ...(INSTANCE.volumes[0]?.snapshots ?? [])],
        },
      ],
    }),
    /has 2 live images/,
  ],
  ['an image that is not locked', aws({ locks: { 'snap-1': 'governance' } }), /snap-2 is not locked/],
  ['a copy whose lock ran out', aws({ coldLocks: { 'snap-3': 'expired' } }), /snap-3 is expired/],
  [
    "an affected address that the others' side lets in",
    aws({ acls: [{ ...ACL, denied: ACL.denied.slice(1) }] }),
    /acl-1 denies 10.0.0.7 inwards 0 times/,
  ],
  [
    'an address of the attacker denied twice',
    aws({ acls: [{ ...ACL, denied: [...ACL.denied, ...bothWays('198.51.100.23/32')] }] }),
    /denies 198.51.100.23 inwards 2 times/,
  ],
  ['an address that the WAF lets in', aws({ blockedByWaf: [] }), /WAF does not block/],
  ['an active key', user({ activeKeys: 1 }), /has 1 active keys/],
  ['a login', user({ hasLogin: true }), /can log in/],
  ['sessions that live on', user({ inlinePolicies: [] }), /older sessions of deploy-bot/],
  ['evidence that was changed', { ...base, evidence: ['x: is in no manifest'] }, /evidence: x/],
  ['a stop twice', awsCalls(...base.aws.calls, call('ec2.StopInstances', ID, 3)), /stopped 2 times/],
  [
    'an instance that its scaling group terminated',
    { ...base, aws: { ...base.aws, lost: [{ instanceId: ID }] } },
    /evidence is lost/,
  ],
  ['a running instance', fleet({ state: 'running' }), /is running, not stopped/],
  ['an unprotected instance', fleet({ terminationProtected: false }), /can be terminated/],
  ['a member of a scaling group', fleet({ scalingGroup: 'web' }), /in a scaling group/],
  [
    'an interface in another group',
    fleet({
      interfaces: [
        { id: 'eni-1', deleteOnTermination: false, groups: [{ id: 'sg-2', name: 'web', rules: 2 }] },
      ],
    }),
    /not in the quarantine group alone/,
  ],
  [
    'a quarantine group that lets something in',
    fleet({
      interfaces: [
        { id: 'eni-1', deleteOnTermination: false, groups: [{ id: 'sg-1', name: 'quiet', rules: 1 }] },
      ],
    }),
    /not in the quarantine group alone/,
  ],
  [
    'a disk without a snapshot',
    fleet({ volumes: [{ id: 'vol-1', deleteOnTermination: false, snapshots: [] }] }),
    /has 0 live images/,
  ],
  [
    'a disk that goes with the instance',
    fleet({ volumes: [{ ...INSTANCE.volumes[0], deleteOnTermination: true }] }),
    /would go with the instance/,
  ],
])('%s is a violation', (_, forged, expected) => {
  expect(auditDrill(forged).join('\n')).toMatch(expected);
});

test('broken glass opens one contact before forensics, by two people', () => {
  const opened = (people: string[]): Records => ({
    ...base,
    entries: [
      decided(1, 'ic', 'determine', { determination: 'respond' }),
      ...people.map((by, index) => decided(index + 2, by, 'breakGlass', { request: 'contact:fbi' })),
      decided(people.length + 2, 'vp', 'completeTasks', { tasks: ['contactFbi'] }),
    ],
  });
  expect(auditDrill(opened(['ic', 'counsel'])).join('\n')).not.toMatch(/contactFbi/);
  expect(auditDrill(opened(['ic', 'ic'])).join('\n')).toMatch(/contactFbi was done without/);
});
