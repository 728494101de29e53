/** The command line's process. */
import type { Client } from '@temporalio/client';
import { CommanderError } from 'commander';
import { connect } from '../config';
import { EXIT, failureOf, type ExitStatus } from './exit';
import { createProgram, FileUnreadable } from './program';

/** Runs one command line and returns its exit status. */
export async function run(args: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  let connection: Promise<{ client: Client; close: () => Promise<void> }> | undefined;
  const json = args.includes('--json');
  const program = createProgram({
    client: async () => (await (connection ??= connect())).client,
    print: (text) => process.stdout.write(`${text}\n`),
    warn: (text) => process.stderr.write(`${text}\n`),
    exit: (wanted) => void (status = wanted),
  });
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.invalid;
    const failure =
      error instanceof FileUnreadable
        ? { status: EXIT.unreachable, problems: [error.message] }
        : failureOf(error);
    status = failure.status;
    if (json) process.stdout.write(`${JSON.stringify({ error: failure.problems })}\n`);
    process.stderr.write(
      failure.problems.length === 1
        ? `firebreak: ${failure.problems[0]}\n`
        : `firebreak: ${failure.problems.length} problems:\n${failure.problems.map((one) => `  - ${one}\n`).join('')}`,
    );
  } finally {
    await (await connection?.catch(() => undefined))?.close();
  }
  return status;
}
