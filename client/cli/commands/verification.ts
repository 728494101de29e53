/** What holds up afterwards: the ledger against Temporal, and a folder by itself. */
import { audit } from '../audit';
import type { Options } from '../declaration';
import type { Shell } from '../shell';
import { verify } from '../verify';

export function addVerification({ command, around, client }: Shell): void {
  const print = (text: string) => around.print(text);
  command('audit <codename>', 'compare the ledger with what Temporal holds, and name each difference')
    .option('--ledger <folder>', "the incident's folder, with its ledger in it")
    .option('--key <file>', 'the public key that your security team published, in PEM')
    .action(async (codename: string, options: Options) =>
      around.exit(await audit(codename, options, client, print)),
    );

  command('verify <folder>', 'check evidence and ledger in a folder: on this machine alone, without a server')
    .option('--key <file>', 'the public key that your security team published, in PEM')
    .action(async (folder: string, options: Options) => around.exit(await verify(folder, options, print)));
}
