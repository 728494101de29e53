/**
 * From what a mail server answers to the failures that an activity may report.
 *
 * Nothing of the server's own texts is passed on, and nothing of nodemailer's, which quotes them: a server may repeat addresses,
 * and a filter the words that it did not like. Its numbers say enough.
 */
import type { ApplicationFailure } from '@temporalio/common';
import { invalidRequest, unauthorized, unavailable } from '../../activities/failures';

/** What nodemailer says of an error, less its words. */
export interface SmtpError {
  readonly code?: unknown;
  /** What Node called it, where nodemailer calls it something else. */
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
}

export interface RefusedRecipient {
  readonly address: string;
  readonly code: number;
}

const AGAIN = 'it will be tried again';

/** Of a server whose certificate is not what it should be; the codes are OpenSSL's, by way of Node. */
const CERTIFICATE_CODES =
  /^(?:ERR_TLS_CERT_ALTNAME_INVALID|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_\w+|CERT_\w+|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|EE_KEY_TOO_SMALL|CA_\w+)$/;
const PROTOCOL_CODES = /^(?:ERR_SSL_\w+|EPROTO)$/;

/** While connecting, up to the login and without it. */
export function failureOfConnecting(error: unknown): ApplicationFailure {
  const { code, command, responseCode, cause } = read(error);
  if (command === 'STARTTLS' && responseCode !== undefined)
    return isPassing(responseCode)
      ? unavailable(`The mail server can't begin TLS at the moment (${responseCode}): ${AGAIN}.`)
      : invalidRequest(
          `The mail server offers no TLS (STARTTLS answered ${responseCode}), and nothing is ever sent without. Switch it on there, or name its port for TLS with tls: implicit; if it used to offer it, somebody may be in between.`,
        );
  if (CERTIFICATE_CODES.test(cause))
    return unauthorized(
      `The mail server's certificate does not prove that it is the one configured (${cause}): nothing was sent. Check host and certificate; for a certificate of the company's own authority set FIREBREAK_SMTP_CA_FILE.`,
    );
  if (PROTOCOL_CODES.test(cause))
    return invalidRequest(
      `The mail server does not speak TLS 1.2 or later on this port (${cause}): nothing was sent. Check the port, and whether it wants tls: implicit or starttls.`,
    );
  if (responseCode !== undefined && !isPassing(responseCode))
    return unauthorized(
      `The mail server refuses this machine (${responseCode}): let the worker's address send through it.`,
    );
  if (responseCode !== undefined) return unavailable(`The mail server is busy (${responseCode}): ${AGAIN}.`);
  return unavailable(
    `The mail server can't be reached (${cause || code}): ${AGAIN}. If it lasts, check host, port and firewall.`,
  );
}

export function failureOfLogin(error: unknown): ApplicationFailure {
  const { code, responseCode, cause } = read(error);
  if (responseCode === undefined && code !== 'EAUTH')
    return unavailable(`The mail server broke off during the login (${cause || code}): ${AGAIN}.`);
  if (responseCode !== undefined && isPassing(responseCode))
    return unavailable(`The mail server can't log in anybody at the moment (${responseCode}): ${AGAIN}.`);
  return unauthorized(
    `The mail server refuses the login${responseCode === undefined ? '' : ` (${responseCode})`}: check user and FIREBREAK_SMTP_PASSWORD.`,
  );
}

/** Before a byte of the mail went out, and not for the sake of a recipient. */
export function failureOfEnvelope(error: unknown, bytes: number): ApplicationFailure {
  const { code, command, responseCode, cause } = read(error);
  // nodemailer itself, by the limit that the server named.
  if (code === 'EMESSAGE' && responseCode === undefined) return tooLarge(bytes);
  if (responseCode === undefined)
    return unavailable(
      `The mail server broke off before the mail was handed over (${cause || code}): ${AGAIN}.`,
    );
  if (isTooLarge(responseCode)) return tooLarge(bytes);
  if (isPassing(responseCode))
    return unavailable(`The mail server does not take mail at the moment (${responseCode}): ${AGAIN}.`);
  if (responseCode === 530 || responseCode === 535)
    return unauthorized(
      `The mail server wants a login (${responseCode}): set communication.mail.server.user and FIREBREAK_SMTP_PASSWORD.`,
    );
  return invalidRequest(
    command === 'MAIL FROM'
      ? `The mail server refuses the sender (${responseCode}): let this login send as the From address that is configured.`
      : `The mail server refuses the mail before it was handed over (${responseCode}): ask whoever runs it.`,
  );
}

/** The mail was handed over, and the answer says that it was not taken. */
export function failureOfMessage(responseCode: number, bytes: number): ApplicationFailure {
  if (isTooLarge(responseCode)) return tooLarge(bytes);
  return isPassing(responseCode)
    ? unavailable(`The mail server did not take the mail (${responseCode}): ${AGAIN}.`)
    : invalidRequest(
        `The mail server refused the mail (${responseCode}), for its content or by a rule of its own: nothing was sent. Ask whoever runs it.`,
      );
}

/** Of one refused for good, nothing else is said: the others have nothing to mend. */
export function failureOfRecipients(refused: readonly RefusedRecipient[]): ApplicationFailure {
  const names = (some: readonly RefusedRecipient[]) =>
    some.map(({ address, code }) => `${address} (${code})`).join(', ');
  const lasting = refused.filter(({ code }) => !isPassing(code));
  return lasting.length > 0
    ? invalidRequest(
        `The mail server refuses ${names(lasting)}: nothing was sent to anybody. Check the address, or send it to the others alone.`,
      )
    : unavailable(
        `The mail server does not take mail for ${names(refused)} yet: nothing was sent; ${AGAIN}.`,
      );
}

export function isTooLarge(responseCode: number): boolean {
  return responseCode === 552 || responseCode === 523;
}

/** RFC 5321, 4.2.1: 4 says "not now", 5 says "not this". */
export function isPassing(responseCode: number): boolean {
  // "Bad sequence of commands" is of this connection, not of this mail.
  return responseCode < 500 || responseCode === 503;
}

function tooLarge(bytes: number): ApplicationFailure {
  const size = (bytes / 1_000_000).toFixed(1);
  return invalidRequest(
    `The mail is too large for the mail server (${size} MB as it is sent): nothing was sent. Leave a document out, or hand it over another way.`,
  );
}

/** Only numbers, nodemailer's own words and system codes such as ECONNREFUSED, which can't hold anything of a mail. */
function read(error: unknown) {
  const { code, originalCode, responseCode, command } = (error ?? {}) as SmtpError;
  const word = (value: unknown) =>
    typeof value === 'string' && /^[A-Z][A-Z0-9_]*$/.test(value) ? value : '';
  return {
    code: word(code) || 'the connection failed',
    cause: word(originalCode),
    command,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
  };
}
