/** Writes `docs/checklist.md`: the checklist as the code has it, for who would rather read than run it. */
import { writeFileSync } from 'node:fs';
import { whoDecides } from '../domain/authority';
import { numberOfTask, taskOf, tasksOfStep, type ContainmentProof, type DoneBy } from '../domain/checklist';
import type { Company } from '../domain/company';
import { DECISIONS, DECISION_NAMES, type DecisionName } from '../domain/decisions';
import { EFFECTS } from '../domain/effects';
import { FINDING_IDS, findingOf } from '../domain/findings';
import { blockersOf, type Blocker, type Gate } from '../domain/gates';
import { newIncident, type Incident } from '../domain/incident';
import { raiseRequest, type RequestSubject } from '../domain/requests';
import { nameRoles, ROLES, type Role } from '../domain/roles';
import { EMPTY_SCOPE } from '../domain/scope';
import { STEP_IDS, stepOf, type StepId } from '../domain/steps';

const HEADER = `<!-- Generated from domain/ by \`npm run docs\`. Do not edit: change the table in the code, and run it again. -->

# The checklist

The fourteen steps as Firebreak runs them. Each quotation is a sentence of
[the seed](seed/security-incident-response.md). Steps that are not locked may run at once, in any order. What comes too early
is refused with its reasons, in the words below, and the refusal is recorded. Besides its owner, a task may be settled by the
incident commander and by whoever it is assigned to.`;

/** Nobody in particular. */
const SOMEBODY = 'somebody@example.com';

/** An incident in which nothing has happened yet: every gate is closed, and says why. */
const AT_DECLARATION = atDeclaration();

export function renderChecklistDoc(): string {
  return [HEADER, ...STEP_IDS.map(step), findings(), approvals(), decisions()].join('\n\n') + '\n';
}

function step(id: StepId): string {
  const { number, title, owner, opensWhen, canBeWithheld } = stepOf(id);
  const locks = blockersOf(opensWhen, AT_DECLARATION);
  return [
    `## ${number}. ${title}`,
    `Owner: ${ROLES[owner]}.${canBeWithheld ? ' May be withheld: the incident commander and legal counsel together may end it without it being done.' : ''}`,
    locks.length === 0 ? 'Open from the declaration.' : lockedWhile(locks),
    table(
      ['', 'Task', 'In the words of the seed', 'Owner', 'Done by', 'Waits, besides, while'],
      tasksOfStep(id).map((task) => {
        const { title, essential, source, owner, by, opensWhen } = taskOf(task);
        return [
          numberOfTask(task),
          `${title}${essential ? ' (can\'t be "not needed")' : ''}<br>\`${task}\``,
          `“${source}”`,
          ROLES[owner],
          doneBy(by),
          waitsWhile(opensWhen ?? gatesOfMachine(by)),
        ];
      }),
    ),
  ].join('\n\n');
}

function lockedWhile(locks: readonly Blocker[]): string {
  const sources = new Set(locks.flatMap(({ source }) => source ?? []));
  return [
    'Locked while',
    locks.map(({ reason }) => `- ${reason}`).join('\n'),
    [...sources].map((source) => `> ${source}`).join('\n>\n'),
  ].join('\n\n');
}

function doneBy(by: DoneBy): string {
  switch (by.kind) {
    case 'person':
      return 'a person';
    case 'declaration':
      return 'machine: given at the declaration';
    case 'effects':
      return `machine: ${by.effects.map((effect) => lowerFirst(EFFECTS[effect].title)).join('; ')}`;
    case 'containment':
      return `machine: containment, once ${PROVEN[by.proof]}`;
    case 'lint':
      return 'machine: the lint of the submitted statement';
  }
}

const PROVEN: Readonly<Record<ContainmentProof, string>> = {
  verified: 'every affected instance is isolated, and looking again has proved it',
  snapshotted: 'images of every disk of the affected instances are requested',
  stored: 'every image is in cold storage, locked',
  deniedElsewhere: 'the addresses of every affected instance are denied on the other hosts’ side',
  stopped: 'every affected instance is stopped',
  addressesBlocked: 'every address of the attacker is blocked, and looking again has proved it',
  credentialsRevoked: 'every affected identity and secret is contained, and looking again has proved it',
};

function gatesOfMachine(by: DoneBy): readonly Gate[] {
  return by.kind === 'effects' ? by.effects.flatMap((effect) => [...EFFECTS[effect].opensWhen]) : [];
}

function waitsWhile(gates: readonly Gate[]): string {
  const reasons = blockersOf(gates, AT_DECLARATION).map(({ reason }) => reason);
  return [...new Set(reasons)].join('; ');
}

function findings(): string {
  return [
    '## Findings',
    'Facts that a person establishes, with grounds. The gates above are conditions over them. A finding may be withdrawn by those who may record it, and by the incident commander; its gates then close again.',
    table(
      ['Finding', 'What it says', 'Values', 'Recorded by', 'In the words of the seed'],
      FINDING_IDS.map((id) => {
        const { title, values, recordedBy, source } = findingOf(id);
        return [
          `\`${id}\``,
          title,
          values?.map((value) => `\`${value}\``).join(', ') ?? '',
          names(recordedBy),
          `“${source}”`,
        ];
      }),
    ),
  ].join('\n\n');
}

function approvals(): string {
  const subjects: [string, RequestSubject][] = [
    [
      'Containing something affected, where the authority level of its account is `approve`',
      { kind: 'containment', target: 'ID' },
    ],
    ['Releasing an instance', { kind: 'release', target: 'INSTANCE' }],
    ['An outside contact of step 12 or 13, each its own', { kind: 'contact', contact: 'fbi' }],
    ['The internal note of step 11: that very text', { kind: 'note', version: 1, sha256: '' }],
    ['A public statement: that very text', { kind: 'statement', version: 1, sha256: '' }],
  ];
  return [
    '## Approvals',
    'Each voice is another person’s. The incident commander and legal counsel together may open an outside contact before forensics (`breakGlass`); no other gate has an override.',
    table(
      ['What', 'Whose yes it needs'],
      subjects.map(([what, subject]) => [
        what,
        raiseRequest(subject, 0)
          .needs.map((voice) => nameRoles(voice))
          .join(', and '),
      ]),
    ),
  ].join('\n\n');
}

/** Where this document says more than the table of authority. */
const OVER_WHAT: { readonly [N in DecisionName]?: string } = {
  recordFinding: 'see Findings',
  withdrawFinding: 'see Findings',
  approve: 'see Approvals',
  refuse: 'see Approvals',
};

function decisions(): string {
  return [
    '## Decisions',
    'What people send, by the command line, Slack, PagerDuty or the Temporal UI. Who is not on the roster of the incident may take none.',
    table(
      ['Decision', 'What it is for', 'Who may take it'],
      DECISION_NAMES.map((name) => [
        `\`${name}\``,
        DECISIONS[name].description,
        OVER_WHAT[name] ?? upperFirst(whoDecides(name)),
      ]),
    ),
  ].join('\n\n');
}

function atDeclaration(): Incident {
  const company: Company = {
    authority: 'approve',
    roster: [],
    bridge: { url: 'https://bridge.example.com' },
    executivesAfterMs: 0,
    joinCheckMs: 0,
  };
  return newIncident(
    {
      codename: 'sapphire-unicorn',
      summary: '',
      by: SOMEBODY,
      door: 'command line',
      at: 0,
      scope: EMPTY_SCOPE,
    },
    company,
  );
}

function names(roles: readonly Role[]): string {
  return roles.map((role) => ROLES[role]).join(', ');
}

/** A column in which every row is empty is left out. */
function table(allHeads: readonly string[], allRows: readonly (readonly string[])[]): string {
  const used = (_: string, column: number) => allRows.some((row) => row[column] !== '');
  const head = allHeads.filter(used);
  const rows = allRows.map((row) => row.filter(used));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

if (require.main === module) writeFileSync('docs/checklist.md', renderChecklistDoc());
