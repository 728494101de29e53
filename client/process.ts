/** What the process of every door does: lines of log, complaints at its start, an end in order. */

/** As the worker's lines are: one JSON object each. */
export function log(message: string): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level: 'INFO', message })}\n`);
}

/** ` (EADDRINUSE)`: the code alone, since a message may quote a file. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

/** Answers the exit status of a process that can't start as it was told. */
export function complain(what: string, problems: readonly string[]): number {
  process.stderr.write(`${what}\n${problems.map((problem) => `  - ${problem}\n`).join('')}`);
  return 2;
}

/** Until SIGINT or SIGTERM. */
export function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** `name` as in "The codec server stopped". */
export function runProcess(name: string, main: () => Promise<number>): void {
  main().then(
    (status) => process.exit(status),
    (error: unknown) => {
      const kind = error instanceof Error ? error.name : 'unknown error';
      process.stderr.write(`${name} stopped (${kind}). Start it again; nothing is lost.\n`);
      process.exit(1);
    },
  );
}
