/** The list of all commands, in the order in which help shows them. Each file of `commands/` says what its own do. */
import { Command } from 'commander';
import { addApprovals } from './commands/approvals';
import { addAssembly } from './commands/assembly';
import { addClocks } from './commands/clocks';
import { addContacts } from './commands/contacts';
import { addContainment } from './commands/containment';
import { addDeclaration } from './commands/declaration';
import { addEnding } from './commands/ending';
import { addEvidence } from './commands/evidence';
import { addFindings } from './commands/findings';
import { addKeys } from './commands/keys';
import { addLooks } from './commands/looks';
import { addMessages } from './commands/messages';
import { addPeople } from './commands/people';
import { addStatement } from './commands/statement';
import { addTasks } from './commands/tasks';
import { addVerification } from './commands/verification';
import { createShell, type Surroundings } from './shell';

const COMMANDS = [
  addDeclaration,
  addLooks,
  addTasks,
  addFindings,
  addApprovals,
  addContainment,
  addEvidence,
  addContacts,
  addMessages,
  addStatement,
  addClocks,
  addEnding,
  addAssembly,
  addPeople,
  addKeys,
  addVerification,
];

export function createProgram(around: Surroundings): Command {
  const program = new Command('firebreak')
    .description(
      "Runs a company's security-incident response. Begin with: firebreak declare --summary TEXT --as EMAIL",
    )
    .configureHelp({ sortSubcommands: false });
  const shell = createShell(around, program);
  for (const add of COMMANDS) add(shell);
  return program;
}
