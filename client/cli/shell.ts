/** What every command is made with: the process around it, the options that they share, one way to decide and to answer. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Outcome } from '../../domain/decide';
import type { DecisionInput, DecisionName } from '../../domain/decisions';
import type { Connected } from '../config';
import { decideIncident } from '../incidents';
import type { Signer } from '../signing/signer';
import { actor, type Options } from './declaration';
import { EXIT, type ExitStatus } from './exit';
import { formatOutcome } from './format';
import { checked } from './input';

/** What the process gives a command. */
export interface Surroundings {
  /** Connects to Temporal on first use: wrong usage is told without a server. */
  connect(): Promise<Pick<Connected, 'client' | 'keyring'>>;
  /** The person's own key: the file, where one is named. */
  signer(file: Options[string]): Promise<Signer>;
  print(text: string): void;
  exit(status: ExitStatus): void;
}

type Sending<T> = <N extends DecisionName>(
  name: N,
  codename: string,
  options: Options,
  fields: Record<string, unknown>,
  problems?: readonly string[],
) => Promise<T>;

export interface Shell {
  readonly around: Surroundings;
  readonly program: Command;
  /** One that looks; `usage` as commander reads it. */
  readonly command: (usage: string, description: string, parent?: Command) => Command;
  /** One that decides: who acts, and with which key. */
  readonly acting: (usage: string, description: string, parent?: Command) => Command;
  readonly client: () => Promise<Client>;
  /** Sends one decision, and returns its outcome. @throws InvalidInput with everything that is wrong with it */
  readonly ask: Sending<Outcome>;
  /** The same, and prints the outcome and sets the exit status. */
  readonly decide: Sending<void>;
  /** Prints one JSON document, or what people read. */
  readonly answer: <T>(options: Options, document: T, inWords: (document: T) => string) => void;
}

export const repeated = (value: string, before: string[] = []): string[] => [...before, value];

export function createShell(around: Surroundings, program: Command): Shell {
  // Some commands look by themselves and have commands below them: what is typed behind the names of those is theirs.
  program.enablePositionalOptions();
  const command: Shell['command'] = (usage, description, parent = program) =>
    parent.command(usage).description(description).option('--json', 'print one JSON document');
  const client = async () => (await around.connect()).client;

  const ask: Shell['ask'] = async (name, codename, options, fields, problems = []) => {
    const { name: _name, ...input } = checked(name, { by: actor(options), ...fields }, problems);
    const signer = await around.signer(options['key']);
    return decideIncident(
      await client(),
      codename,
      name,
      input as unknown as DecisionInput<typeof name>,
      signer,
    );
  };

  const answer: Shell['answer'] = (options, document, inWords) =>
    around.print(options['json'] ? JSON.stringify(document) : inWords(document));

  return {
    around,
    program,
    command,
    acting: (usage, description, parent) =>
      command(usage, description, parent)
        .option('--as <email>', 'who acts (or FIREBREAK_AS); it is signed with your SSH key')
        .option('--key <file>', 'your SSH key, or its public half where an agent has it (or FIREBREAK_KEY)'),
    client,
    ask,
    async decide(name, codename, options, fields, problems) {
      const outcome = await ask(name, codename, options, fields, problems);
      answer(options, outcome, formatOutcome);
      around.exit(outcome.accepted ? EXIT.done : EXIT.refused);
    },
    answer,
  };
}
