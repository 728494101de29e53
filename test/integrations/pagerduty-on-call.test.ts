/** Who is on call, who administers, and by which phone: asked of the stand-in over HTTP. */
import { startPagerDuty, type PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';
import type { Role } from '../../drill/stand-ins/pagerduty/shapes';
import { failureOf } from '../support/failures';
import { ACCOUNT, FROM, pagerAt } from '../support/pagerduty';

const IC = 'ic@example.com';
const DEPUTY = 'deputy@example.com';
const SHADOW = 'shadow@example.com';
const ROLES: readonly Role[] = [
  'owner',
  'admin',
  'user',
  'limited_user',
  'observer',
  'restricted_access',
  'read_only_user',
  'read_only_limited_user',
];

let pagerduty: PagerDutyStandIn;

const connect = (changed?: Parameters<typeof pagerAt>[1]) => pagerAt(pagerduty, changed);

beforeEach(async () => {
  pagerduty = await startPagerDuty({
    ...ACCOUNT,
    users: [
      { email: FROM, name: 'Firebreak' },
      {
        email: IC,
        name: 'Incident commander',
        phones: [
          { country_code: 1, address: '415-555-0199', type: 'sms_contact_method' },
          { country_code: 1, address: '(415) 555-0100' },
        ],
      },
      {
        email: DEPUTY,
        name: 'Deputy',
        phones: [{ country_code: 44, address: '2079460000', type: 'sms_contact_method' }],
      },
      { email: SHADOW, name: 'Shadow' },
      ...Array.from({ length: 250 }, (_, index) => ({
        email: `user-${index}@example.com`,
        name: `User ${index}`,
        role: ROLES[index % ROLES.length] ?? 'user',
      })),
    ],
  });
});

afterEach(() => pagerduty.close());

const ic = { email: IC, as: 'primary', name: 'Incident commander', phone: '+1 4155550100' };
const deputy = { email: DEPUTY, as: 'backup', name: 'Deputy', phone: '+44 2079460000' };
const shadow = { email: SHADOW, as: 'shadowing', name: 'Shadow' };

describe('who is on call', () => {
  test('by the levels of the policy: the first is primary, every other backup, each with a phone to ring', async () => {
    pagerduty.setOnCall([
      { email: SHADOW, level: 3 },
      { email: DEPUTY, level: 2 },
      { email: IC, level: 1 },
      { email: FROM, level: 1, policyId: 'POTHER1' },
    ]);
    expect(await connect().onCall()).toEqual([ic, deputy, { ...shadow, as: 'backup' }]);
    const [first] = pagerduty.calls;
    expect(decodeURIComponent(first?.path ?? '')).toMatch(
      /^\/oncalls\?(?=.*escalation_policy_ids\[\]=PPOLICY)(?=.*include\[\]=users)/,
    );
  });

  const schedules = { primary: 'SPRIMAR', backup: 'SBACKUP', shadowing: 'SSHADOW' };

  test('by the schedules that are configured, also where another policy has them, in one request', async () => {
    pagerduty.setOnCall([
      { email: SHADOW, level: 1, scheduleId: 'SSHADOW', policyId: 'POTHER1' },
      { email: DEPUTY, level: 1, scheduleId: 'SBACKUP' },
      { email: IC, level: 2, scheduleId: 'SPRIMAR' },
      // The same schedule twice, as it stands in two policies; and one that nobody asked for.
      { email: IC, level: 1, scheduleId: 'SPRIMAR', policyId: 'POTHER1' },
      { email: FROM, level: 1, scheduleId: 'SOTHER1' },
    ]);
    expect(await connect({ schedules }).onCall()).toEqual([ic, deputy, shadow]);
    expect(pagerduty.calls.filter(({ name }) => name === 'oncalls.list')).toHaveLength(1);
  });

  test('by the policy and a schedule together, where no schedule says who is primary', async () => {
    pagerduty.setOnCall([
      { email: SHADOW, level: 1, scheduleId: 'SSHADOW', policyId: 'POTHER1' },
      { email: IC, level: 1 },
      { email: DEPUTY, level: 2 },
    ]);
    expect(await connect({ schedules: { shadowing: 'SSHADOW' } }).onCall()).toEqual([ic, deputy, shadow]);
  });

  test('whoever is on call twice is called once, at the earlier place', async () => {
    pagerduty.setOnCall([
      { email: IC, level: 1, scheduleId: 'SSHADOW' },
      { email: IC, level: 1, scheduleId: 'SPRIMAR' },
    ]);
    expect(await connect({ schedules }).onCall()).toEqual([ic]);
  });

  test('nobody is nobody', async () => {
    expect(await connect().onCall()).toEqual([]);
  });

  test('however many there are: the list comes in parts', async () => {
    pagerduty.setOnCall(
      Array.from({ length: 110 }, (_, index) => ({ email: `user-${index}@example.com`, level: index + 1 })),
    );
    expect(await connect().onCall()).toHaveLength(110);
    expect(pagerduty.calls.filter(({ name }) => name === 'oncalls.list')).toHaveLength(2);
  });

  test('a phone that PagerDuty will not tell hides no person', async () => {
    pagerduty.setOnCall([{ email: IC, level: 1 }]);
    pagerduty.breakCalls({ kind: 'answer', on: 'contact_methods.list', status: 403, body: '{"error":{}}' });
    expect(await connect().onCall()).toEqual([{ email: IC, as: 'primary', name: 'Incident commander' }]);
  });

  test('a phone that PagerDuty can’t tell just now is worth another try', async () => {
    pagerduty.setOnCall([{ email: IC, level: 1 }]);
    pagerduty.breakCalls({ kind: 'answer', on: 'contact_methods.list', status: 503, body: '{}', times: 1 });
    expect((await failureOf(connect().onCall())).type).toBe('Unavailable');
    expect(await connect().onCall()).toEqual([ic]);
  });

  test('the roster’s address of a person wins over PagerDuty’s', async () => {
    pagerduty.setOnCall([{ email: SHADOW, level: 1 }]);
    const emailOf = (id: string) =>
      id === pagerduty.userIdOf(SHADOW) ? 'apprentice@example.com' : undefined;
    expect(await connect({ emailOf }).onCall()).toEqual([
      { ...shadow, as: 'primary', email: 'apprentice@example.com' },
    ]);
  });

  test.each([
    ['words', 'call me', undefined],
    ['lines and markup', '415\n555*0100_<@here>', '+1 4155550100'],
    ['nothing', '', undefined],
  ])('of a phone that is %s only digits are left', async (_, address, phone) => {
    pagerduty.setOnCall([{ email: IC, level: 1 }]);
    const method = { type: 'phone_contact_method', address, country_code: 1 };
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'contact_methods.list',
      status: 200,
      body: JSON.stringify({ contact_methods: [method] }),
      headers: { 'content-type': 'application/json' },
    });
    expect((await connect().onCall())[0]?.phone).toBe(phone);
  });
});

describe('who administers the account', () => {
  test('its owner and its administrators, and nobody else, from every part of the list', async () => {
    const found = await connect().administrators();
    const expected = Array.from({ length: 250 }, (_, index) => index)
      .filter((index) => index % ROLES.length < 2)
      .map((index) => `user-${index}@example.com`);
    expect(found).toEqual(expected);
    expect(pagerduty.calls).toHaveLength(3);
  });

  test('a list without end is no list', async () => {
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'users.list',
      status: 200,
      body: '{"users":[],"more":true}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await failureOf(connect().administrators())).toMatchObject({
      type: 'InvalidRequest',
      message: expect.stringContaining('by hand') as string,
    });
    expect(pagerduty.calls).toHaveLength(100);
  });

  test('429 waits as it is told to', async () => {
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'users.list',
      status: 429,
      body: '{}',
      headers: { 'ratelimit-reset': '13' },
    });
    expect(await failureOf(connect().administrators())).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 13_000,
    });
    expect(pagerduty.calls).toHaveLength(1);
  });
});
