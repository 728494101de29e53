/** "rotate all of their keys and passwords on every other system they have an account" */
import { ROTATION_OUTCOMES } from '../../domain/rotations';
import { EMPTY_SCOPE } from '../../domain/scope';
import { viewOf, viewOfTask } from '../../domain/view';
import {
  after,
  complete,
  declared,
  IC,
  reasonsAgainst,
  respond,
  rotated,
  SECURITY,
} from '../support/incidents';

const BOT = 'deploy-bot';
const company = { systems: ['github', 'jenkins'] };

const used = (users: readonly string[] = [BOT]) =>
  after(declared({ company, declaration: { scope: { ...EMPTY_SCOPE, users } } }), respond());

const openOf = (incident: ReturnType<typeof used>) =>
  viewOf(incident)
    .rotations.filter(({ settled }) => !settled)
    .map(({ user, system }) => `${user} on ${system}`);

describe('rotations', () => {
  test('are one for each system and user, from the declaration or a wider scope', () => {
    const both = ['deploy-bot on github', 'deploy-bot on jenkins'];
    expect(openOf(used())).toEqual(both);
    const widen = (which: string) => ({ name: 'widenScope', by: SECURITY, what: 'user', which }) as const;
    expect(openOf(after(used([]), widen(BOT)))).toEqual(both);
    expect(openOf(after(used(), widen('ci')))).toHaveLength(4);
    expect(reasonsAgainst(used(), widen(BOT))).toContain('is in the scope already');
  });

  test('are none where no systems are configured', () => {
    const none = declared({ declaration: { scope: { ...EMPTY_SCOPE, users: [BOT] } } });
    expect(none.rotations).toEqual({});
  });

  test.each(ROTATION_OUTCOMES)('are settled one by one: %s', (outcome) => {
    const settled = after(used(), {
      ...rotated(SECURITY, BOT, 'github'),
      outcome,
      note: 'done',
    } as ReturnType<typeof rotated>);
    expect(openOf(settled)).toEqual(['deploy-bot on jenkins']);
    expect(settled.rotations['github/deploy-bot']?.settled).toMatchObject({
      outcome,
      by: SECURITY,
      note: 'done',
    });
    expect(reasonsAgainst(settled, rotated(IC, BOT, 'github'))).toBe('github/deploy-bot is settled already');
  });

  test.each([
    [BOT, 'gitlab'],
    ['constructor', 'github'],
  ])('that there are not can’t be settled: %s on %s', (user, system) => {
    expect(reasonsAgainst(used(), rotated(IC, user, system))).toBe(
      `there is no rotation ${system}/${user}; there are: github/deploy-bot, jenkins/deploy-bot`,
    );
    expect(reasonsAgainst(used([]), rotated(IC, user, system))).toContain('add the user to the scope first');
  });

  test('keep task 7.3 locked until all are settled, and put it in doubt when there is one more', () => {
    const task = 'rotateAttackAccounts';
    expect(viewOfTask(task, used()).number).toBe('7.3');
    expect(reasonsAgainst(used(), complete(SECURITY, task))).toBe(
      'open rotations: github/deploy-bot, jenkins/deploy-bot',
    );
    const settled = after(used(), rotated(IC, BOT, 'github'), rotated(IC, BOT, 'jenkins'));
    const done = after(settled, complete(SECURITY, task));
    const wider = after(done, { name: 'widenScope', by: IC, what: 'user', which: 'ci' });
    expect(viewOfTask(task, wider).inDoubt).toBe('open rotations: github/ci, jenkins/ci');
    after(used([]), complete(SECURITY, task));
  });
});
