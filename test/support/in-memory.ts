/**
 * An incident behind commands, without a server: what they ask is answered by the domain's own views, and what they decide is read
 * and decided by the domain. For tests of commands that need no more than that.
 */
import { Command, CommanderError } from 'commander';
import type { Client } from '@temporalio/client';
import { failureOf } from '../../client/cli/exit';
import { createShell, type Shell } from '../../client/cli/shell';
import type { Connected } from '../../client/config';
import { communicationOf } from '../../domain/communication-view';
import { decide } from '../../domain/decide';
import { parseMessage, type Decision } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { packOf } from '../../domain/outgoing';
import { viewOf } from '../../domain/view';
import { IC, nextMinute } from './incidents';
import { keyOf } from './keys';

export interface InMemory {
  /** One command line. Whoever acts signs with a key that nobody looks at. */
  run(...args: string[]): Promise<{
    readonly status: number;
    readonly out: string;
    readonly problems: readonly string[];
  }>;
  readonly decisions: readonly Decision[];
  readonly asked: readonly (readonly string[])[];
  incident: Incident;
}

export function inMemory(begun: Incident, ...adding: ((shell: Shell) => void)[]): InMemory {
  const decisions: Decision[] = [];
  const asked: string[][] = [];
  const memory: InMemory = { run, decisions, asked, incident: begun };

  const handle = {
    workflowId: begun.declaration.codename,
    async query(_: unknown, view: string, ...rest: string[]): Promise<unknown> {
      asked.push([view, ...rest]);
      const { incident } = memory;
      switch (view) {
        case 'communication':
          return communicationOf(incident, nextMinute(incident));
        case 'pack':
          return packOf(rest[0] ?? '', incident);
        case 'checklist':
          return viewOf(incident);
        default:
          throw new Error(`no test asks for ${view}`);
      }
    },
    async executeUpdate(_: unknown, { args: [message] }: { args: [unknown] }) {
      const { parsed } = parseMessage(message);
      if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
      decisions.push(parsed.decision);
      const { incident, outcome } = decide(memory.incident, parsed.decision, nextMinute(memory.incident));
      memory.incident = incident;
      return outcome;
    },
  };
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (_: unknown, call: () => unknown) => call(),
  } as unknown as Client;

  async function run(...args: string[]) {
    let out = '';
    let status = 0;
    const program = new Command('firebreak');
    const { sign, publicKey } = keyOf(IC);
    const shell = createShell(
      {
        connect: async () => ({ client }) as unknown as Connected,
        signer: async () => ({ publicKey, sign: async (namespace, text) => sign(namespace, text) }),
        print: (text) => void (out += `${text}\n`),
        exit: (wanted) => void (status = wanted),
      },
      program,
    );
    for (const add of adding) add(shell);
    for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
      command
        .configureOutput({ writeOut: (text) => void (out += text), writeErr: () => undefined })
        .exitOverride();
    try {
      await program.parseAsync(args, { from: 'user' });
      return { status, out, problems: [] };
    } catch (error) {
      if (error instanceof CommanderError)
        return {
          status: error.exitCode === 0 ? 0 : 2,
          out,
          problems: error.exitCode === 0 ? [] : [error.message],
        };
      return { ...failureOf(error), out };
    }
  }
  return memory;
}
