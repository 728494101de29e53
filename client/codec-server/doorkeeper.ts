/** Who may come in: a person on the roster, by a token that one of that person's enrolled keys signed. */
import type { IncomingMessage } from 'node:http';
import { callerAt, createPace, type Rate } from '../http/pace';
import type { Person } from '../roster';
import { NODE_CRYPTO } from '../signing/crypto';
import { readToken } from '../signing/token';
import { CODEC_SERVER_AUDIENCE } from './audience';
import { personAt } from '../../domain/roles';

export interface TurnedAway {
  readonly ok: false;
  readonly status: 401 | 429 | 503;
  /** One sentence that says what to do; it says nothing of who is enrolled. */
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type LetIn = { readonly ok: true; readonly by: string; readonly until: number } | TurnedAway;

export type Doorkeeper = (token: string, request: IncomingMessage) => LetIn;

export interface DoorkeeperOptions {
  readonly roster: () => readonly Person[];
  readonly now: () => number;
  readonly failures: Rate;
}

/**
 * A token that holds is let in, however many did not: whoever floods this server with forged ones, from the same address too,
 * locks nobody out. Beyond the rate the forged ones are told to wait.
 */
export function createDoorkeeper({ roster, now, failures }: DoorkeeperOptions): Doorkeeper {
  const pace = createPace(failures);
  return (token, request) => {
    let people: readonly Person[];
    try {
      people = roster();
    } catch {
      return turnedAway(
        503,
        "The roster can't be read, so nobody is let in: look at the file FIREBREAK_CONFIG.",
      );
    }
    const read = readToken(token, {
      audience: CODEC_SERVER_AUDIENCE,
      at: now(),
      keysOf: (email) => personAt(email, people)?.keys ?? [],
      crypto: NODE_CRYPTO,
    });
    const person = read.ok ? personAt(read.by, people) : undefined;
    if (read.ok && person) return { ok: true, by: person.email, until: read.expiresAt };
    const seconds = pace.secondsToWait(callerAt(request.socket.remoteAddress));
    if (seconds !== undefined)
      return turnedAway(429, 'Too many tokens from there did not hold: wait, then make a new one.', {
        'retry-after': String(seconds),
      });
    const problem = read.ok ? 'its person is not on the roster' : read.problem;
    return turnedAway(401, `You are not let in: ${problem}.`, { 'www-authenticate': 'Bearer' });
  };
}

function turnedAway(
  status: TurnedAway['status'],
  message: string,
  headers: TurnedAway['headers'] = {},
): TurnedAway {
  return { ok: false, status, message, headers };
}
