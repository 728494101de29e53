/** The sign-in for browsers: a form that takes a token, and gives it back as a cookie. */
import type { IncomingMessage } from 'node:http';
import { nothing, page, refusal, withHeaders, type Answer } from '../http/answers';
import { BODY_PROBLEMS, readBody } from '../http/body';
import { clearedCookies, cookiesOf, tokenInCookie } from './cookie';
import type { Doorkeeper } from './doorkeeper';
import { FORM_BYTES } from './limits';
import { PAGE_POLICY, signedInPage, signInPage } from './page';

export interface SignInOptions {
  readonly doorkeeper: Doorkeeper;
  readonly now: () => number;
  readonly secure: boolean;
}

export interface SignIn {
  readonly form: () => Answer;
  /** Whose sign-in this is; the form where it is nobody's (any more). */
  readonly show: (request: IncomingMessage) => Answer;
  readonly signIn: (request: IncomingMessage) => Promise<Answer>;
  readonly signOut: (request: IncomingMessage) => Answer;
}

export function createSignIn({ doorkeeper, now, secure }: SignInOptions): SignIn {
  const seeOther = (location: string) => nothing(303, { location });

  return {
    form: () => page(signInPage(), PAGE_POLICY),

    show(request) {
      const token = tokenInCookie(request.headers.cookie, secure);
      const person = token === undefined ? undefined : doorkeeper(token, request);
      return person?.ok ? page(signedInPage(person.by, person.until), PAGE_POLICY) : seeOther('/');
    },

    async signIn(request) {
      const problem = problemOfForm(request);
      if (problem) return problem;
      const body = await readBody(request, FORM_BYTES);
      if (!body.ok) return refusal(body.status, BODY_PROBLEMS[body.status]);
      // What is copied from a terminal may be broken into lines.
      const token = (new URLSearchParams(body.text).get('token') ?? '').replace(/\s+/g, '');
      const person = doorkeeper(token, request);
      if (!person.ok) {
        const { status, message, headers } = person;
        return withHeaders(page(signInPage(message), PAGE_POLICY, status), headers);
      }
      const seconds = Math.max(1, Math.floor((person.until - now()) / 1_000));
      return withHeaders(seeOther('/session'), { 'set-cookie': cookiesOf(token, seconds, secure) });
    },

    signOut(request) {
      return problemOfForm(request) ?? withHeaders(seeOther('/'), { 'set-cookie': clearedCookies(secure) });
    },
  };
}

/** Nobody else's page may sign a browser in or out: a browser names the page, which was compared with this server's own. */
function problemOfForm({ headers }: IncomingMessage): Answer | undefined {
  if (headers.origin === undefined) return refusal(403, 'Use the form of this server, in a browser.');
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? ''))
    return refusal(415, 'Use the form of this server, in a browser.');
  return undefined;
}
