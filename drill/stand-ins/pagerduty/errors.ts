/** PagerDuty's refusals. Source: its API description and its list of error codes. */

export class PagerDutyError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly errors?: readonly string[],
  ) {
    super(message);
  }

  get body(): object {
    return { error: { message: this.message, code: this.code, ...(this.errors && { errors: this.errors }) } };
  }
}

export const invalidInput = (...errors: string[]) =>
  new PagerDutyError(400, 2001, 'Invalid Input Provided', errors);

/** How a second open incident with the same key is refused. */
export const duplicateKey = () =>
  new PagerDutyError(400, 2002, 'Arguments Caused Error', [
    'Open incident with matching dedup key already exists on this service',
  ]);

export const authenticationFailed = () => new PagerDutyError(401, 2006, 'Authentication Failed');

export const notFound = () => new PagerDutyError(404, 2100, 'Not Found');

export const methodNotAllowed = () => new PagerDutyError(405, 2100, 'Method Not Allowed');
