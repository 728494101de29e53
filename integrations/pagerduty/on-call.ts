/** Who is on call at PagerDuty, with the phones to ring them by when PagerDuty can't. */
import type { z } from 'zod';
import { CALLING_ORDER, inCallingOrder, type OnCallPerson } from '../../domain/on-call';
import { contactMethodsAnswer, onCallEntry, type OnCallEntry } from './answers';
import type { PagerDutyClient } from './client';
import { listAll } from './lists';
import { unlessPermanent, type People } from './people';

export type Schedules = { readonly [place in OnCallPerson['as']]?: string };

interface Found extends OnCallPerson {
  readonly id: string;
}

/**
 * PagerDuty joins its filters with AND, and a shadow's schedule need not be in the policy that a page wakes. So schedules are
 * asked for by themselves; the policy is asked only where no schedule says who the primary is.
 */
export function createOnCallQuestion(
  client: PagerDutyClient,
  people: People,
  { escalationPolicyId, schedules = {} }: { escalationPolicyId: string; schedules?: Schedules },
) {
  const ids = CALLING_ORDER.flatMap((place) => schedules[place] ?? []);

  const ask = (filter: Record<string, string[]>) =>
    listAll(
      client,
      { name: 'oncalls.list', path: '/oncalls', query: { ...filter, 'include[]': ['users'] } },
      'oncalls',
      onCallEntry,
    );

  async function find(
    entries: OnCallEntry[],
    placeOf: (entry: OnCallEntry) => OnCallPerson['as'] | undefined,
  ) {
    const found = await Promise.all(
      entries.map(async (entry): Promise<Found[]> => {
        const as = placeOf(entry);
        const email = as && (await people.emailOf(entry.user));
        if (!email) return [];
        const { id, name } = entry.user;
        return [{ id, email, as, ...(typeof name === 'string' && { name }) }];
      }),
    );
    return found.flat();
  }

  return async function onCall(): Promise<OnCallPerson[]> {
    const [ofPolicy, ofSchedules] = await Promise.all([
      schedules.primary === undefined ? ask({ 'escalation_policy_ids[]': [escalationPolicyId] }) : [],
      ids.length > 0 ? ask({ 'schedule_ids[]': ids }) : [],
    ]);
    const byLevel = ofPolicy.toSorted((one, other) => one.escalation_level - other.escalation_level);
    const found = await Promise.all([
      find(ofSchedules, ({ schedule }) => CALLING_ORDER.find((place) => schedules[place] === schedule?.id)),
      find(byLevel, ({ escalation_level: level }) => (level === 1 ? 'primary' : 'backup')),
    ]);
    return Promise.all(
      inCallingOrder(...found).map(async ({ id, ...person }) => {
        const phone = await phoneOf(id);
        return phone === undefined ? person : { ...person, phone };
      }),
    );
  };

  /** Undefined also where the token may not read it: a person without a phone is still on call. */
  async function phoneOf(id: string): Promise<string | undefined> {
    const answer = await unlessPermanent(() =>
      client.call({
        name: 'contact_methods.list',
        method: 'GET',
        path: `/users/${encodeURIComponent(id)}/contact_methods`,
        answer: contactMethodsAnswer,
      }),
    );
    const methods = answer?.contact_methods ?? [];
    const numbers = ['phone_contact_method', 'sms_contact_method'].flatMap((type) =>
      methods.filter((method) => method.type === type).flatMap(numberOf),
    );
    return numbers[0];
  }
}

/** As it is dialled from anywhere, e.g. `+1 4155550100`: the digits of what somebody once typed. */
function numberOf(method: z.infer<typeof contactMethodsAnswer>['contact_methods'][number]): string[] {
  const digits = (method.address ?? '').replace(/\D/g, '');
  if (digits === '') return [];
  return [typeof method.country_code === 'number' ? `+${method.country_code} ${digits}` : digits];
}
