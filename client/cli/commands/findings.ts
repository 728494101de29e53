/** Findings: established, and taken back. */
import type { Options } from '../declaration';
import { readFinding } from '../input';
import type { Shell } from '../shell';

export function addFindings({ acting, decide }: Shell): void {
  acting('record <codename> <finding>', 'establish a fact: FINDING or FINDING=VALUE')
    .option('--grounds <text>', 'on what it rests')
    .action(async (codename: string, text: string, options: Options) => {
      const problems: string[] = [];
      const found = readFinding(text, problems);
      await decide('recordFinding', codename, options, { ...found, grounds: options['grounds'] }, problems);
    });

  acting('withdraw <codename> <finding>', 'take a fact back; its gates close again')
    .option('--reason <text>', 'why')
    .action(async (codename: string, text: string, options: Options) => {
      const problems: string[] = [];
      const { finding } = readFinding(text.includes('=') ? text : withAnyValue(text), problems);
      await decide('withdrawFinding', codename, options, { finding, reason: options['reason'] }, problems);
    });
}

/** `withdraw` names a finding, whatever value it has. */
function withAnyValue(finding: string): string {
  return /^attack-?source$/i.test(finding) ? `${finding}=external` : finding;
}
