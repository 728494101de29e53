/** The command line's process. */
import { CommanderError } from 'commander';
import { connect, signerOptions, type Connected } from '../config';
import { loadSigner } from '../signing/signer';
import { EXIT, failureOf, type ExitStatus } from './exit';
import { createProgram } from './program';
import { WrongUsage } from './usage';

/** Where the answer goes, and what is said beside it. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Whether what was printed did not arrive. */
  lost?(): Promise<boolean>;
}

/** Runs one command line and returns its exit status. */
export async function run(args: readonly string[], output: Output = toProcess()): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  let connection: Promise<Connected> | undefined;
  const program = createProgram({
    connect: () => (connection ??= connect()),
    signer: (file) => loadSigner({ ...signerOptions(), ...(typeof file === 'string' && { keyFile: file }) }),
    print: (text) => output.out(`${printable(text)}\n`),
    exit: (wanted) => void (status = wanted),
  });
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
    command
      .configureOutput({
        writeOut: (text) => output.out(text),
        writeErr: (text) => output.err(text),
        // Wrong usage is told below, as everything else that goes wrong.
        outputError: () => undefined,
      })
      .exitOverride((error) => {
        throw error.exitCode === 0 || error.code === 'commander.help'
          ? error
          : new WrongUsage(error, command);
      });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    status = tell(error, args.includes('--json'), output);
  } finally {
    await (await connection?.catch(() => undefined))?.close();
  }
  return (await output.lost?.()) ? EXIT.unreachable : status;
}

function tell(error: unknown, json: boolean, output: Output): ExitStatus {
  // Help has been shown, for it was asked for or because nothing was.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.invalid;
  const { status, problems } = failureOf(error);
  if (json) output.out(`${printable(JSON.stringify({ error: problems }))}\n`);
  output.err(`${printable(told(problems))}\n`);
  if (error instanceof WrongUsage) output.err(`${error.advice}\n`);
  return status;
}

function told(problems: readonly string[]): string {
  return problems.length === 1
    ? `firebreak: ${problems[0]}`
    : [`firebreak: ${problems.length} problems:`, ...problems.map((one) => `  - ${one}`)].join('\n');
}

/**
 * What people wrote into an incident must not steer the reader's terminal. Written out as JSON would, so that a JSON
 * document stays one.
 */
function printable(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function toProcess(): Output {
  let lost = false;
  // Without a listener, Node would end with a stack. A reader that has left (`| head`) has read enough.
  const onError = ({ code }: NodeJS.ErrnoException) => {
    lost ||= code !== 'EPIPE';
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onError);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    lost: async () => {
      // A stream reports on its next turn.
      await new Promise((resolve) => setImmediate(resolve));
      return lost;
    },
  };
}
