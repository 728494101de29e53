/** What can go wrong for a caller, each with what to do about it. */

/** Temporal, or a file, can't be reached. */
export class TemporalUnreachable extends Error {
  constructor(address: string) {
    super(`Temporal can't be reached at ${address}. Start it, or set TEMPORAL_ADDRESS.`);
    this.name = 'TemporalUnreachable';
  }
}

/** The server is there, and nobody does the work. */
export class NoWorkerAnswers extends Error {
  constructor(message = 'No worker answers. Start one (docs/deploy.md) and ask again; nothing is lost.') {
    super(message);
    this.name = 'NoWorkerAnswers';
  }
}

/** What was asked for can't be: unknown names, malformed values. */
export class InvalidInput extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidInput';
  }
}
