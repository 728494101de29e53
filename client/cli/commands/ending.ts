/** What remains to be said before an incident ends, and its end. */
import type { Options } from '../declaration';
import type { Shell } from '../shell';

export function addEnding({ acting, decide }: Shell): void {
  acting(
    'rotated <codename> <user> <system>',
    'say that an account used in the attack is rotated on a system',
  )
    .option('--no-account', 'there is no such account')
    .option('--note <text>', 'what was done')
    .action(async (codename: string, user: string, system: string, options: Options) => {
      const outcome = options['account'] === false ? 'no-account' : 'rotated';
      await decide('settleRotation', codename, options, { user, system, outcome, note: options['note'] });
    });

  acting('close <codename>', 'end the incident')
    .option('--note <text>', 'a last word')
    .action(async (codename: string, options: Options) => {
      await decide('close', codename, options, { note: options['note'] });
    });

  acting(
    'confirm <codename> <request>',
    'make a request from the Temporal Web UI (asked-1) your own decision',
  ).action(async (codename: string, request: string, options: Options) => {
    await decide('confirm', codename, options, { request });
  });
}
