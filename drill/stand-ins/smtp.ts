/**
 * A company's mail server on loopback: the real protocol, by `smtp-server`, with TLS by a certificate of an authority of its own.
 *
 * It is stricter than most on purpose: it takes no mail before TLS, so that whoever would send in clear finds it out. It keeps
 * what it was given, byte by byte, and reads nothing of it.
 */
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { createAuthority, type CertificateWish } from './smtp/certificates';

export { headersOf } from './smtp/mime';

export interface ReceivedMail {
  /** Of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly secure: boolean;
  /** How the client called itself. */
  readonly greeted: string;
  readonly authenticatedAs?: string;
}

/** What goes wrong next. `times`: how often; by default once. */
export type SmtpTrouble = { readonly times?: number } & (
  | { readonly at: 'greeting'; readonly answer: number }
  | { readonly at: 'login'; readonly answer: number }
  | { readonly at: 'sender'; readonly answer: number }
  | { readonly at: 'message'; readonly answer: number }
  | { readonly at: 'recipient'; readonly answer: number; readonly address: string }
  /** The connection breaks: before the server asks for the mail, or after it has all of it. `kept`: it took it nevertheless. */
  | { readonly at: 'dropBefore' }
  | { readonly at: 'dropAfter'; readonly kept: boolean }
  /** The server does not offer TLS. */
  | { readonly at: 'tls' }
);

export interface SmtpStandIn {
  readonly host: string;
  readonly port: number;
  /** The authority's certificate. */
  readonly ca: string;
  readonly mails: readonly ReceivedMail[];
  /** Whom somebody wanted to write to, whether or not it came to that; by envelope. */
  readonly asked: readonly string[];
  /** How many connections there were. */
  connections(): number;
  fail(next: SmtpTrouble): void;
  /** What it takes from now on, in bytes. `says`: by what it announces, or only in the end. */
  limit(bytes: number, says?: boolean): void;
  close(): Promise<void>;
}

export interface SmtpStandInSettings {
  /** By name; without any, nobody logs in. */
  readonly users?: Readonly<Record<string, string>>;
  readonly tls?: 'implicit' | 'starttls';
  /** What its certificate says; by default that it is 127.0.0.1. */
  readonly certificate?: CertificateWish;
  /** Of TLS. */
  readonly newestVersion?: 'TLSv1.1' | 'TLSv1.3';
  /** 0, the default, picks a free one. */
  readonly port?: number;
}

export async function startSmtp(settings: SmtpStandInSettings = {}): Promise<SmtpStandIn> {
  const { users, newestVersion = 'TLSv1.3' } = settings;
  const authority = await createAuthority();
  const own = await authority.issue({ hosts: ['localhost'], ips: ['127.0.0.1'], ...settings.certificate });
  const mails: ReceivedMail[] = [];
  const asked: string[] = [];
  const troubles: { trouble: SmtpTrouble; left: number }[] = [];
  const sockets = new Map<number, Socket>();
  let connections = 0;

  /** The next trouble of that kind, which is then over, or one fewer. */
  function next<At extends SmtpTrouble['at']>(
    at: At,
    isMeant: (trouble: Extract<SmtpTrouble, { at: At }>) => boolean = () => true,
  ): Extract<SmtpTrouble, { at: At }> | undefined {
    for (const one of troubles) {
      const trouble = one.trouble as Extract<SmtpTrouble, { at: At }>;
      if (one.left === 0 || trouble.at !== at || !isMeant(trouble)) continue;
      one.left -= 1;
      return trouble;
    }
    return undefined;
  }

  const drop = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();

  const server = new SMTPServer({
    secure: settings.tls === 'implicit',
    cert: own.certificate,
    key: own.privateKey,
    ...(newestVersion === 'TLSv1.1' && {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),
    // Its own name would be this machine's.
    name: 'smtp.example.com',
    disableReverseLookup: true,
    authOptional: users === undefined,
    disabledCommands: users === undefined ? ['AUTH'] : [],
    rejectOversized: true,
    closeTimeout: 100,
    onConnect(session, done) {
      connections += 1;
      const trouble = next('greeting');
      if (trouble) return done(answered(trouble.answer));
      if (next('tls')) session.disabledCommands = ['STARTTLS', ...(users === undefined ? ['AUTH'] : [])];
      done();
    },
    onAuth({ username = '', password }, _session, done) {
      const trouble = next('login');
      if (trouble) return done(answered(trouble.answer));
      if (users === undefined || !Object.hasOwn(users, username) || users[username] !== password)
        return done(answered(535));
      done(null, { user: username });
    },
    onMailFrom(_address, session, done) {
      if (!session.secure) return done(answered(530));
      const trouble = next('sender');
      done(trouble && answered(trouble.answer));
    },
    onRcptTo({ address }, _session, done) {
      asked.push(address);
      const trouble = next('recipient', (one) => one.address.toLowerCase() === address.toLowerCase());
      done(trouble && answered(trouble.answer, address));
    },
    onData(stream, session, done) {
      if (next('dropBefore')) return void drop(session);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      // Whoever breaks off has sent nothing.
      stream.on('error', () => undefined);
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const keep = () =>
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString('utf8'),
            receivedAt: Date.now(),
            secure: session.secure,
            greeted: session.hostNameAppearsAs,
            ...(typeof session.user === 'string' && { authenticatedAs: session.user }),
          });
        const dropping = next('dropAfter');
        if (dropping) {
          if (dropping.kept) keep();
          return void drop(session);
        }
        const trouble = next('message');
        if (trouble) return done(answered(trouble.answer, chunks.join('')));
        if (!stream.sizeExceeded) keep();
        done();
      });
    },
  });
  // A client that breaks off, or does not trust the certificate.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(settings.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    ca: authority.certificate,
    mails,
    asked,
    connections: () => connections,
    fail: (trouble) => void troubles.push({ trouble, left: trouble.times ?? 1 }),
    limit(bytes, says = true) {
      server.options.size = bytes;
      server.options.hideSize = !says;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

/** With what it is about in its text, as servers do: nobody may pass that on. */
function answered(code: number, about = ''): Error & { responseCode: number } {
  return Object.assign(new Error(`the server says ${about.slice(0, 200).replace(/\s+/g, ' ')}`), {
    responseCode: code,
  });
}
