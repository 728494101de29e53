/** What `roles` and `who` print. */
import { UNTOLD } from '../../domain/audience';
import { whoDecides } from '../../domain/authority';
import { DECISION_NAMES } from '../../domain/decisions';
import { ROLES } from '../../domain/roles';
import type { ChecklistView, PersonView } from '../../domain/view';
import { ago } from './ago';
import { peopleLines } from './assembly';
import { table } from './table';

/** Said after an exclusion: Firebreak keeps its own doors shut, and can't shut these. */
export const AFTER_EXCLUSION =
  'They keep what they have read, and the codename. Do now, by hand: "firebreak keys remove" and the codec server restarted or its roster changed; another keyring where they hold this one; their accounts in AWS, Slack and PagerDuty (docs/people.md).';

export interface AuthorityDocument {
  readonly decisions: readonly { readonly decision: string; readonly who: string }[];
  readonly roles: Readonly<Record<string, string>>;
}

export function authorityDocument(): AuthorityDocument {
  return {
    decisions: DECISION_NAMES.map((decision) => ({ decision, who: whoDecides(decision) })),
    roles: ROLES,
  };
}

export function formatAuthority({ decisions, roles }: AuthorityDocument): string {
  return [
    table(
      ['decision', 'who may take it'],
      decisions.map(({ decision, who }) => [decision, who]),
      [20, 78],
    ),
    '',
    'Roles:',
    ...Object.entries(roles).map(([id, title]) => `      ${id}: ${title}`),
    'Who has them in an incident: firebreak roles CODENAME',
  ].join('\n');
}

export function peopleDocument({ codename, people, paging, commandOffer }: ChecklistView) {
  return { codename, people, ...(commandOffer && { commandOffer }), rosterAt: paging.rosterAt ?? null };
}

export function formatPeople(view: ChecklistView, now: number): string {
  const { people, paging } = view;
  const told =
    paging.rosterAt === undefined
      ? 'Who is on call: the pager has not told yet.'
      : `Who is on call: as the pager told ${ago(paging.rosterAt, now)}.`;
  return [
    table(
      ['person', 'roles', 'on call'],
      people.map(({ email, roles, onCall, excluded }) => [
        email,
        excluded ? 'EXCLUDED' : roles.map((role) => ROLES[role]).join(', ') || 'none',
        excluded ? '' : (onCall ?? ''),
      ]),
    ),
    told,
    ...peopleLines(view, now),
  ].join('\n');
}

export function audienceDocument({ codename, people, audience }: ChecklistView) {
  return { codename, audience: audience ?? null, roster: takingPart(people), untold: UNTOLD };
}

/** What was told, how old that is, and what nobody tells. */
export function formatAudience({ codename, people, audience }: ChecklistView, now: number): string {
  const again = `firebreak who ${codename} --again`;
  const list = (title: string, all: readonly string[]) => [
    `${title} (${all.length}):`,
    ...all.map((one) => `      ${one}`),
  ];
  const asked = audience
    ? [
        `Who can see ${codename}, as Slack and PagerDuty told ${ago(audience.at, now)} (anew: ${again})`,
        ...list('In the room', audience.members),
        ...list('Owners and administrators of the Slack workspace', audience.owners),
        ...list('Administrators of PagerDuty: every page, with its codename', audience.pagerAdministrators),
        ...audience.problems.map((problem) => `! not told: ${problem}`),
      ]
    : [`Nobody has asked Slack and PagerDuty yet who can see ${codename}: ${again}`];
  return [
    ...asked,
    ...list(
      'On the roster: with an enrolled key they read it in the Temporal Web UI, by the codec server',
      takingPart(people),
    ),
    'No list tells:',
    ...UNTOLD.map((one) => `      ${one}`),
  ].join('\n');
}

function takingPart(people: readonly PersonView[]): string[] {
  return people.filter(({ excluded }) => excluded === undefined).map(({ email }) => email);
}
