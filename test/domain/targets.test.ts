/** What is affected besides instances, and under whose authority each comes to be contained. */
import { blockersOfClose } from '../../domain/blockers';
import type { TaskId } from '../../domain/checklist';
import { authorityFor } from '../../domain/company';
import { CHAINS, type TargetKind } from '../../domain/containment';
import type { Incident } from '../../domain/incident';
import { EMPTY_SCOPE, type ScopeKind } from '../../domain/scope';
import { targetsOf } from '../../domain/targets';
import { viewOfTask } from '../../domain/view';
import {
  after,
  afterReports,
  approve,
  company,
  complete,
  contained,
  declared,
  failingAt,
  IC,
  INSTANCE,
  OTHER_INSTANCE,
  refuse,
  respond,
  SECURITY,
  stored,
  subSteps,
} from '../support/incidents';

const USER = 'arn:aws:iam::111122223333:user/deploy-bot';
const SECRET = 'orders/database';
const ADDRESS = '203.0.113.77';
const ELSEWHERE = `444455556666/eu-west-1/${OTHER_INSTANCE}`;
const AT_ONCE = { company: { authority: 'contain-on-declare' } } as const;

const widen = (what: ScopeKind, which: string) =>
  ({ name: 'widenScope', by: SECURITY, what, which }) as const;

describe('the level of authority', () => {
  const ours = company({
    authority: 'approve',
    authorities: { '111122223333': 'contain-on-declare', '444455556666': 'approve' },
  });

  test.each([
    ['of the account that an instance is in', { kind: 'instance', account: '111122223333', id: INSTANCE }],
    ['of the account that an ARN names', { kind: 'identity', id: USER }],
    ['of a role in another partition', { kind: 'identity', id: 'arn:aws-cn:iam::111122223333:role/web' }],
  ] as const)('is that %s', (_, target) => {
    expect(authorityFor(ours, target)).toBe('contain-on-declare');
    expect(authorityFor({ ...ours, authorities: {} }, target)).toBe('approve');
  });

  test.each(['AKIAIOSFODNN7EXAMPLE', ADDRESS, SECRET, 'arn:aws:iam::999988887777:user/ci', 'constructor'])(
    "is the company's own where nothing else is said: %s",
    (id) => {
      expect(authorityFor(ours, { kind: 'identity', id })).toBe('approve');
      expect(authorityFor({ ...ours, authority: 'contain-on-declare' }, { kind: 'identity', id })).toBe(
        'contain-on-declare',
      );
    },
  );

  test('decides for each thing of one declaration by itself', () => {
    const scope = {
      ...EMPTY_SCOPE,
      instances: [
        { id: INSTANCE, account: '111122223333' },
        { id: OTHER_INSTANCE, account: '444455556666' },
      ],
      identities: [USER],
    };
    const { containments, requests } = declared({ company: ours, declaration: { scope } });
    expect(containments[INSTANCE]?.status).toBe('running');
    expect(containments[USER]?.status).toBe('running');
    expect(containments[OTHER_INSTANCE]?.status).toBe('awaitingApproval');
    expect(Object.keys(requests).filter((id) => id.startsWith('contain:'))).toEqual([
      `contain:${OTHER_INSTANCE}`,
    ]);
  });
});

describe('a wider scope', () => {
  test.each([
    ['identity', USER, { kind: 'identity', id: USER }],
    ['secret', SECRET, { kind: 'secret', id: SECRET }],
    ['address', ADDRESS, { kind: 'address', id: ADDRESS }],
    ['instance', OTHER_INSTANCE, { kind: 'instance', id: OTHER_INSTANCE }],
    [
      'instance',
      ELSEWHERE,
      { kind: 'instance', id: OTHER_INSTANCE, region: 'eu-west-1', account: '444455556666' },
    ],
    ['identity', 'constructor', { kind: 'identity', id: 'constructor' }],
    ['identity', '__proto__', { kind: 'identity', id: '__proto__' }],
  ] as const)('has one more thing to contain: %s %s', (what, which, target) => {
    const asked = after(declared(), widen(what, which));
    const added = Object.values(asked.containments).at(-1);
    expect(added).toMatchObject({ target, number: 2, status: 'awaitingApproval' });
    const approved = after(asked, approve(SECURITY, `contain:${target.id}`));
    expect(Object.values(approved.containments).at(-1)?.status).toBe('running');
    expect(Object.values(after(declared(AT_ONCE), widen(what, which)).containments).at(-1)?.status).toBe(
      'running',
    );
    expect(targetsOf(approved.scope)).toContainEqual(target);
  });

  test.each(['user', 'service', 'account'] as const)('has nothing more to contain by a %s', (what) => {
    const wider = after(declared(AT_ONCE), widen(what, 'search'));
    expect(Object.keys(wider.containments)).toEqual([INSTANCE]);
  });

  test('names an instance once, wherever it was said to be', () => {
    const wider = after(declared(), widen('instance', ELSEWHERE));
    expect(after(wider, widen('service', 'search')).scope.instances).toHaveLength(2);
    expect(() => after(wider, widen('instance', OTHER_INSTANCE))).toThrow('is in the scope already');
  });
});

describe('what machines show of a kind', () => {
  const KINDS: readonly (readonly [TaskId, TargetKind, string])[] = [
    ['isolateAffected', 'instance', INSTANCE],
    ['takeDiskImages', 'instance', INSTANCE],
    ['denyAffectedAddresses', 'instance', INSTANCE],
    ['turnOffInstances', 'instance', INSTANCE],
    ['blockAttackAddresses', 'address', ADDRESS],
    ['revokeCredentials', 'identity', USER],
    ['revokeCredentials', 'secret', SECRET],
  ];

  function inScope(kind: TargetKind, id: string): Incident {
    const begun = after(declared({ ...AT_ONCE, declaration: { scope: EMPTY_SCOPE } }), respond());
    return after(begun, widen(kind, id));
  }

  test.each(KINDS)('%s is done once every %s shows it', (task, kind, id) => {
    const begun = inScope(kind, id);
    expect(begun.tasks[task].state).toBe('open');
    expect(afterReports(begun, ...contained(id, kind)).tasks[task]).toMatchObject({
      state: 'done',
      by: 'firebreak',
      note: '1 of 1 in the scope',
    });
  });

  test.each(KINDS)('%s fails with the first sub-step of its %s, and heals', (task, kind, id) => {
    const [first = 'verify'] = CHAINS[kind];
    const failed = afterReports(inScope(kind, id), failingAt(first, 'AccessDenied', id));
    expect(failed.tasks[task]).toMatchObject({ state: 'failed', by: 'firebreak' });
    expect(afterReports(failed, ...contained(id, kind)).tasks[task].state).toBe('done');
  });

  test.each(KINDS)('%s fails where the containment of its %s was given up', (task, kind, id) => {
    const { tasks } = afterReports(inScope(kind, id), {
      name: 'containmentReported',
      told: { target: id, ended: 'abandoned' },
    });
    expect(tasks[task]).toMatchObject({ state: 'failed', cause: 'containment ended before it was done' });
  });

  test.each(KINDS)('%s is left to people without any %s in the scope', (task, kind, id) => {
    const none = after(declared({ declaration: { scope: EMPTY_SCOPE } }), respond());
    expect(viewOfTask(task, none)).toMatchObject({
      state: 'open',
      who: 'Security team',
      note: 'nothing of the kind is in the scope',
    });
    expect(viewOfTask(task, inScope(kind, id))).toMatchObject({ state: 'open', who: 'Firebreak' });
    const refused = after(
      declared({ declaration: { scope: EMPTY_SCOPE } }),
      respond(),
      widen(kind, id),
      refuse(SECURITY, `contain:${id}`),
    );
    after(refused, complete(SECURITY, task));
  });

  test('is not shown by one of several', () => {
    const two = after(inScope('address', ADDRESS), widen('address', '2001:db8::77'));
    const one = afterReports(two, ...contained(ADDRESS, 'address'));
    expect(one.tasks.blockAttackAddresses.state).toBe('open');
    const both = afterReports(one, ...contained('2001:db8::77', 'address'));
    expect(both.tasks.blockAttackAddresses).toMatchObject({ state: 'done', note: '2 of 2 in the scope' });
  });

  test('that images are in cold storage, is left to people where there is none', () => {
    const finished = afterReports(inScope('instance', INSTANCE), ...contained());
    expect(viewOfTask('shipDiskImages', finished)).toMatchObject({
      state: 'open',
      who: 'Security team',
      note: 'no cold storage is configured: ship the images by hand',
    });
    expect(stored().tasks.shipDiskImages).toMatchObject({ state: 'done', by: 'firebreak' });
  });

  test('is one thing for each: the success of one sub-step does not clear the failure of another', () => {
    const failed = afterReports(
      inScope('instance', INSTANCE),
      failingAt('isolate', 'AccessDenied'),
      failingAt('snapshot', 'quota'),
      subSteps(INSTANCE, { state: 'done' }, 'snapshot', 'protect'),
    );
    expect(failed.tasks.isolateAffected).toMatchObject({ state: 'failed' });
    expect(failed.tasks.takeDiskImages.state).toBe('done');
  });

  test('of what fails is shown with the looks that could not prove it', () => {
    const unproven = afterReports(inScope('identity', USER), {
      name: 'containmentReported',
      told: { target: USER, unproven: ['a key is active'] },
    });
    expect(unproven.tasks.revokeCredentials).toMatchObject({
      state: 'failed',
      cause: 'attempted, unproven: a key is active',
    });
  });
});

describe('the end', () => {
  const waits = (incident: Incident) =>
    blockersOfClose(incident).some(({ gate }) => gate === 'containmentHasEnded');
  const failing = () =>
    afterReports(
      after(
        declared({ ...AT_ONCE, declaration: { scope: EMPTY_SCOPE } }),
        respond(),
        widen('secret', SECRET),
      ),
      failingAt('rotate', 'The secret has no rotation function', SECRET),
    );

  test('waits for what fails', () => {
    expect(waits(failing())).toBe(true);
  });

  test('does not wait for what fails for ever once a person has seen to it by hand', () => {
    expect(waits(after(failing(), complete(IC, 'revokeCredentials')))).toBe(false);
  });

  test('waits for what is under way, whatever a person says of its task', () => {
    const busy = afterReports(failing(), subSteps(SECRET, { state: 'running' }, 'rotate'));
    expect(waits(after(busy, complete(IC, 'revokeCredentials')))).toBe(true);
  });

  test('waits for a release', () => {
    const released = after(stored(), ...[IC, SECURITY].map((by) => ({ ...RELEASE, by })));
    expect(waits(released)).toBe(true);
  });
});

const RELEASE = { name: 'release', instance: INSTANCE, reason: 'it was rebuilt' } as const;
