/** Evidence: what was kept, to whom it went, and how it is locked. */
import { CANNOT_BE_UNDONE } from '../../../domain/evidence/store';
import { evidenceOf } from '../../incidents';
import type { Options } from '../declaration';
import { formatEvidence } from '../evidence';
import type { Shell } from '../shell';

export function addEvidence({ acting, command, client, decide, answer }: Shell): void {
  command('evidence <codename>', 'what was kept, where it is, and how it is locked')
    .option('--all', 'the chain of custody too')
    .action(async (codename: string, options: Options) => {
      const evidence = await evidenceOf(await client(), codename);
      answer(options, evidence, (kept) => formatEvidence(codename, kept, options['all'] === true));
    });

  acting('hand-over <codename> <item>', 'say that an item of evidence was handed over')
    .option('--to <whom>', 'to whom')
    .option('--reason <text>', 'why')
    .action(async (codename: string, item: string, options: Options) => {
      await decide('handOver', codename, options, { item, to: options['to'], reason: options['reason'] });
    });

  acting('lock-for-good <codename>', 'lock the images in cold storage in compliance mode')
    .option('--confirm <words>', `"${CANNOT_BE_UNDONE}"`)
    .option('--reason <text>', 'why')
    .action(async (codename: string, options: Options) => {
      await decide('lockForGood', codename, options, {
        confirm: options['confirm'],
        reason: options['reason'],
      });
    });
}
