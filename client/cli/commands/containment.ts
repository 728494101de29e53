/** What is affected, and what is done to it. */
import { problemOfScopeId, readInstance, SCOPE_KIND_IDS } from '../../../domain/scope';
import { InvalidInput } from '../../errors';
import { rehearseContainment } from '../../incidents';
import type { Options } from '../declaration';
import { formatRehearsal } from '../evidence';
import { repeated, type Shell } from '../shell';

export function addContainment({ acting, command, around, client, decide }: Shell): void {
  acting('scope <codename> <add> <kind> <id>', `widen the scope: add ${SCOPE_KIND_IDS.join('|')} ID`).action(
    async (codename: string, add: string, kind: string, id: string, options: Options) => {
      const problems =
        add === 'add' ? [] : [`"${add}": a scope can only be widened: scope CODENAME add KIND ID`];
      await decide('widenScope', codename, options, { what: kind, which: id }, problems);
    },
  );

  acting('stop <codename> <instance>', 'stop an instance now, before its snapshots and isolation')
    .option('--reason <text>', 'why')
    .action(async (codename: string, instance: string, options: Options) => {
      await decide('orderStop', codename, options, { instance, reason: options['reason'] });
    });

  command('contain', 'with --dry-run: every call that the containment of an instance would make now')
    .option('--dry-run', 'make none of them')
    .option('--instance <id>', 'the instance; may be repeated', repeated)
    .option('--address <ip>', 'an address of the attacker that would be denied; may be repeated', repeated)
    .action(async (options: Options) => {
      const instances = (options['instance'] as string[] | undefined) ?? [];
      const attackers = (options['address'] as string[] | undefined) ?? [];
      const problems = [
        ...(options['dryRun'] === true
          ? []
          : [
              'containment belongs to an incident: firebreak declare, or scope CODENAME add; or add --dry-run',
            ]),
        ...(instances.length > 0 ? [] : ['--instance ID: say which']),
        ...instances.map((id) => problemOfScopeId('instance', id)),
        ...attackers.map((id) => problemOfScopeId('address', id)),
      ].filter((problem) => problem !== undefined);
      if (problems.length > 0) throw new InvalidInput(problems);
      const rehearsed = [];
      for (const id of instances) {
        const instance = readInstance(id);
        const subSteps = await rehearseContainment(await client(), { instance, attackers });
        rehearsed.push({ instance: instance.id, subSteps });
        if (!options['json']) around.print(formatRehearsal(instance.id, subSteps));
      }
      if (options['json']) around.print(JSON.stringify(rehearsed));
    });

  acting('give-up <codename> <target>', 'end a containment that fails, and leave the rest of it to people')
    .option('--reason <text>', 'why')
    .action(async (codename: string, target: string, options: Options) => {
      await decide('giveUp', codename, options, { target, reason: options['reason'] });
    });

  acting('release <codename> <instance>', 'undo the containment of an instance: two people, each says so')
    .option('--reason <text>', 'why')
    .action(async (codename: string, instance: string, options: Options) => {
      await decide('release', codename, options, { instance, reason: options['reason'] });
    });
}
