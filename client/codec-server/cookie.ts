/**
 * The sign-in: a cookie that holds the token itself, so that the server stores nothing. A cookie belongs to a host, whatever
 * the port: with a path of `/` each web server of this machine would be sent the token, so it goes to these paths alone.
 */
const PATHS = ['/decode', '/encode', '/session'];

/** Browsers refuse to let a page without TLS set a name that begins like this. */
const nameOf = (secure: boolean) => (secure ? '__Secure-codec' : 'codec');

/** The Set-Cookie headers of a sign-in, for as long as the token holds. */
export function cookiesOf(token: string, seconds: number, secure: boolean): string[] {
  const value = encodeURIComponent(token);
  return PATHS.map(
    (path) =>
      `${nameOf(secure)}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`,
  );
}

/** The Set-Cookie headers of a sign-out. */
export function clearedCookies(secure: boolean): string[] {
  return cookiesOf('', 0, secure);
}

/** The token in a Cookie header; nothing where there is none, or more than one. */
export function tokenInCookie(header: string | undefined, secure: boolean): string | undefined {
  const values = (header ?? '').split(/; */).flatMap((pair) => {
    const [name, ...value] = pair.split('=');
    return name?.trim() === nameOf(secure) ? [value.join('=')] : [];
  });
  if (values.length !== 1 || !values[0]) return undefined;
  try {
    return decodeURIComponent(values[0]);
  } catch {
    return undefined;
  }
}
