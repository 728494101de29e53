/** What can go wrong for a caller, each with what to do about it. */

/** Temporal, or a file, can't be reached. */
export class TemporalUnreachable extends Error {
  constructor(address: string) {
    super(`Temporal can't be reached at ${address}. Start it, or set TEMPORAL_ADDRESS.`);
    this.name = 'TemporalUnreachable';
  }
}

/** What says where Temporal is can't be read: a profile, a file, a certificate. */
export class ConnectionMisconfigured extends Error {
  constructor(cause: string) {
    super(
      `The settings for Temporal can't be used (${cause}). Look at TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and the TEMPORAL_TLS_ variables.`,
    );
    this.name = 'ConnectionMisconfigured';
  }
}

/** The server is there, and nobody does the work. */
export class NoWorkerAnswers extends Error {
  constructor(message = 'No worker answers. Start one (docs/deploy.md) and ask again; nothing is lost.') {
    super(message);
    this.name = 'NoWorkerAnswers';
  }
}

/** A file can't be read. */
export class FileUnreadable extends Error {
  constructor(file: string, what: string) {
    super(`${file}: can't be read; name a file that holds the ${what}`);
    this.name = 'FileUnreadable';
  }
}

/** What was asked for can't be: unknown names, malformed values. */
export class InvalidInput extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidInput';
  }
}
