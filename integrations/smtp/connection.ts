/**
 * One conversation with the mail server, over TLS or not at all.
 *
 * It may be held in its last moment: every recipient is accepted, the server waits for the mail, and has nothing of it yet. What
 * is broken off there was not sent (RFC 5321, 4.1.1.4): that is how a mail of several messages goes to all of them or to none.
 */
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { ApplicationFailure } from '@temporalio/common';
import {
  failureOfConnecting,
  failureOfEnvelope,
  failureOfLogin,
  failureOfMessage,
  failureOfRecipients,
  type RefusedRecipient,
  type SmtpError,
} from './failures';

export interface ServerSettings {
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly tls: 'implicit' | 'starttls';
    readonly user?: string;
  };
  readonly password?: string;
  /** Certificates of the authority that the server's has to be from, in PEM; without it, those that Node trusts. */
  readonly ca?: string;
  /** Milliseconds for each of connecting, greeting and TLS; four times as long for any other answer. Default: 15 000. */
  readonly timeoutMs?: number;
}

export interface Message {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly raw: Buffer;
}

export type Outcome =
  | { readonly state: 'taken' }
  | {
      readonly state: 'failed';
      readonly failure: ApplicationFailure;
      readonly refused: readonly RefusedRecipient[];
    }
  /** Broken off by us before anything went out. */
  | { readonly state: 'withdrawn' }
  /** It went out, and no answer came. */
  | { readonly state: 'unknown' };

export interface Conversation {
  /** @param go waits until the mail may go out, and rejects where it must not; from then on no signal stops it */
  send(message: Message, go: () => Promise<void>): Promise<Outcome>;
  end(): void;
}

/** Not this machine's name: a server writes it into the mail. What every program sends that knows none (RFC 5321, 4.1.3). */
const OWN_NAME = '[127.0.0.1]';

/** Connected, behind TLS and logged in. @throws a failure, or the signal's reason */
export async function converse(settings: ServerSettings, signal: AbortSignal): Promise<Conversation> {
  const { server, password, ca, timeoutMs = 15_000 } = settings;
  signal.throwIfAborted();
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    requireTLS: true,
    name: OWN_NAME,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // A server may look into a mail before it answers: giving up too soon is not knowing.
    socketTimeout: 4 * timeoutMs,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
  });
  // From here on for as long as it lives: an error that nobody listens to ends the process.
  let broken: ((error: Error) => void) | undefined;
  connection.on('error', (error: Error) => broken?.(error));
  connection.on('end', () => broken?.(Object.assign(new Error('ended'), { code: 'ECONNECTION' })));

  /** One step, ended by its answer, by the connection, or by the signal as long as it may. */
  const step: Step = (start, mayStop = () => true) =>
    new Promise<void>((resolve, reject) => {
      const abort = () => {
        if (mayStop()) finish(signal.reason as Error);
      };
      const finish = (error?: Error | null) => {
        signal.removeEventListener('abort', abort);
        broken = undefined;
        if (error) reject(error);
        else resolve();
      };
      broken = finish;
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else start(finish);
    });

  async function translated(
    work: Promise<unknown>,
    failure: (error: unknown) => ApplicationFailure,
  ): Promise<void> {
    try {
      await work;
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      throw failure(error);
    }
  }

  await translated(
    step((done) => connection.connect(done)),
    failureOfConnecting,
  );
  // The library's word for it; without it no password and no mail.
  if (!connection.secure) {
    connection.close();
    throw failureOfConnecting({ code: 'ETLS', command: 'STARTTLS', responseCode: 502 });
  }
  if (server.user !== undefined)
    await translated(
      step((done) => connection.login({ user: server.user, pass: password ?? '' }, done)),
      failureOfLogin,
    );

  return {
    send: (message, go) => send(connection, message, go, step, signal),
    end() {
      connection.quit();
      // A server that does not answer keeps nobody.
      setTimeout(() => connection.close(), 2_000).unref();
    },
  };
}

type Step = (start: (done: (error?: Error | null) => void) => void, mayStop?: () => boolean) => Promise<void>;

async function send(
  connection: SMTPConnection,
  { from, recipients, raw }: Message,
  go: () => Promise<void>,
  step: Step,
  signal: AbortSignal,
): Promise<Outcome> {
  // nodemailer writes into the envelope who was accepted, before it asks for the first byte of the mail.
  const envelope: {
    from: string;
    to: string[];
    size: number;
    accepted?: string[];
    rejectedErrors?: (SmtpError & { readonly recipient?: string })[];
  } = { from, to: [...recipients], size: raw.length };
  const refused = (): RefusedRecipient[] =>
    (envelope.rejectedErrors ?? []).map(({ recipient, responseCode }) => ({
      address: recipient ?? '',
      code: typeof responseCode === 'number' ? responseCode : 550,
    }));
  let isGone = false;
  let isWithdrawn = false;

  const source = new Readable({
    read() {
      if (isGone) return;
      // Of those who are not known to be accepted, nobody is.
      if (envelope.accepted?.length !== recipients.length) {
        source.destroy(new Error('refused'));
        return;
      }
      go().then(
        () => {
          if (source.destroyed) return;
          isGone = true;
          source.push(raw);
          source.push(null);
        },
        () => {
          isWithdrawn = true;
          source.destroy(new Error('withdrawn'));
        },
      );
    },
  });

  try {
    await step(
      (done) => connection.send(envelope, source, done),
      () => !isGone,
    );
    return { state: 'taken' };
  } catch (error) {
    connection.close();
    const { command, responseCode } = (error ?? {}) as SmtpError;
    if (isGone)
      return typeof responseCode === 'number'
        ? { state: 'failed', failure: failureOfMessage(responseCode, raw.length), refused: [] }
        : { state: 'unknown' };
    if (isWithdrawn || signal.aborted) return { state: 'withdrawn' };
    // After the sender was refused, each recipient is too.
    const names = command === 'MAIL FROM' ? [] : refused();
    return {
      state: 'failed',
      failure: names.length > 0 ? failureOfRecipients(names) : failureOfEnvelope(error, raw.length),
      refused: names,
    };
  }
}
