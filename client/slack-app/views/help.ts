/** What can be done here, in a few lines. */
import { whoDecides } from '../../../domain/authority';
import { DECISION_NAMES } from '../../../domain/decisions';
import { titleOf } from './fields';

export const HELP: readonly string[] = [
  'To call for help: write "!ic page WHAT HAPPENS" in any channel where Firebreak is, or "/firebreak declare WHAT HAPPENS". The incident commander is paged at once, and a private room is opened.',
  'In the room, the buttons under the pinned message do everything: "Step N" shows its tasks (complete, not needed, assign, working on it, why locked?), "Record a finding" opens gates, "People" shows who takes part and who can see this, "Other decisions" has all the rest.',
  'What you press is recorded with your name. What comes too early, or is not yours to decide, is refused with its reasons, and nothing breaks.',
  '/firebreak status [CODENAME]: what is done, open or locked',
  '/firebreak timeline [CODENAME]: what happened last',
  '/firebreak who [CODENAME]: who can see this',
  '/firebreak list: the open incidents in which you take part',
  '/firebreak roles: who may decide what',
  '/firebreak help: this',
  'CODENAME may be left out in the room of the incident. Where Slack fails: the command line (firebreak --help).',
];

/** Who may decide what. */
export const ROLES_LINES: readonly string[] = [
  'Who may decide what:',
  ...DECISION_NAMES.map((name) => `• ${titleOf(name)}: ${whoDecides(name)}`),
];
