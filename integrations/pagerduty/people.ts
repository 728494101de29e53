/** Who is who: people are known by their e-mail here, and by an id at PagerDuty. */
import { ApplicationFailure } from '@temporalio/common';
import { userAnswer, usersAnswer, userWithRole, type Someone } from './answers';
import type { PagerDutyClient } from './client';
import { isSameAddress as isSame } from '../../domain/roles';
import { listAll } from './lists';

export interface KnownPeople {
  /** The id that the roster has for an e-mail; it wins over a look-up by the address, which PagerDuty may know differently. */
  readonly idOf?: (email: string) => string | undefined;
  /** The other way round: the e-mail by which the roster knows the user of an id. */
  readonly emailOf?: (id: string) => string | undefined;
}

export interface People {
  /** Undefined where PagerDuty has no user of this address. */
  idOf(email: string): Promise<string | undefined>;
  /** Undefined where it is no person, or PagerDuty does not tell. */
  emailOf(someone: Someone): Promise<string | undefined>;
  /** What PagerDuty itself knows the user of an id by; undefined where it does not tell. */
  addressOf(id: string): Promise<string | undefined>;
  administrators(): Promise<string[]>;
}

/**
 * The account's owner and its global administrators: they see the pages of private teams too. Source: PagerDuty's knowledge
 * base, "Advanced Permissions", and the roles of its API description.
 */
const SEES_EVERYTHING = new Set(['owner', 'admin']);

export function createPeople(client: PagerDutyClient, known: KnownPeople): People {
  function addressOf(id: string): Promise<string | undefined> {
    return unlessPermanent(async () => {
      const path = `/users/${encodeURIComponent(id)}`;
      const answer = await client.call({ name: 'users.get', method: 'GET', path, answer: userAnswer });
      return answer.user.email;
    });
  }

  return {
    /** PagerDuty searches names and addresses, in part and whatever their case; only the same address is the person. */
    async idOf(email) {
      const id = known.idOf?.(email);
      if (id !== undefined) return id;
      const { users } = await client.call({
        name: 'users.list',
        method: 'GET',
        path: '/users',
        query: { query: email, limit: '100' },
        answer: usersAnswer,
      });
      return users.find((user) => isSameAddress(user.email, email))?.id;
    },

    async emailOf({ id, type, email }) {
      if (type?.startsWith('service')) return undefined;
      const told = known.emailOf?.(id) ?? email;
      if (typeof told === 'string') return told;
      return addressOf(id);
    },

    addressOf,

    async administrators() {
      const users = await listAll(client, { name: 'users.list', path: '/users' }, 'users', userWithRole);
      return users.filter(({ role }) => SEES_EVERYTHING.has(role ?? '')).map(({ email }) => email);
    },
  };
}

/** For what may be left out: undefined where PagerDuty will never tell it. What passes by itself is worth another try. */
export async function unlessPermanent<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (failure) {
    if (failure instanceof ApplicationFailure && failure.nonRetryable) return undefined;
    throw failure;
  }
}

export function isSameAddress(one: string, other: string): boolean {
  return isSame(one.trim(), other.trim());
}
