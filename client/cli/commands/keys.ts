/** Keys: whose signatures count, what payloads are sealed with, and the way in to the codec server. */
import { CODEC_SERVER_AUDIENCE } from '../../codec-server/audience';
import { companyFile, signerOptions } from '../../config';
import { InvalidInput } from '../../errors';
import { newToken } from '../../signing/token';
import { actor, type Options } from '../declaration';
import { createKeyringFile, rotateKeyringFile, showKeyringFile } from '../keyring';
import { enrolKey, listKeys, removeKey } from '../keys';
import type { Shell } from '../shell';

export function addKeys(shell: Shell): void {
  const { acting, around, decide } = shell;
  acting('renew-keys <codename>', "read the responders' keys anew: one was added, lost or stolen")
    .option('--reason <text>', 'why')
    .action(async (codename: string, options: Options) => {
      await decide('renewKeys', codename, options, { reason: options['reason'] });
    });
  addEnrolled(shell);
  addKeyring(shell);

  acting('token', 'print a token for the codec server, so that the Temporal Web UI can show what is sealed')
    .option('--hours <hours>', 'for how long, at most 12', '8')
    .action(async (options: Options) => {
      const by = actor(options);
      const hours = Number(options['hours']);
      const problems = [
        ...(typeof by === 'string' && /^[^\s@]+@[^\s@]+$/.test(by)
          ? []
          : ['--as EMAIL (or FIREBREAK_AS): say who asks']),
        ...(hours > 0 && hours <= 12 ? [] : ['--hours: more than 0, at most 12']),
      ];
      if (problems.length > 0) throw new InvalidInput(problems);
      const signer = await around.signer(options['key']);
      const token = await newToken(signer, by as string, CODEC_SERVER_AUDIENCE, hours * 3_600_000);
      around.print(options['json'] ? JSON.stringify({ token }) : token);
    });
}

function addEnrolled({ program, command, around }: Shell): void {
  const print = (text: string) => around.print(text);
  const keys = program
    .command('keys')
    .description('whose signatures count: enrolled in firebreak.yaml on this machine, without a server');
  const keysCommand = (usage: string, description: string) =>
    command(usage, description, keys).option(
      '--config <file>',
      "the company's configuration (or FIREBREAK_CONFIG; else firebreak.yaml)",
    );
  const keysAround = () => {
    const config = companyFile();
    return { signer: signerOptions(), ...(config !== undefined && { config }) };
  };
  keysCommand('enrol <email> <public-key-file>', "enrol a responder's SSH key")
    .option('--proof <file>', 'made elsewhere: ssh-keygen -Y sign -n enrol@firebreak (docs/signing.md)')
    .action(async (email: string, file: string, options: Options) =>
      around.exit(await enrolKey(email, file, options, keysAround(), print)),
    );
  keysCommand('list', 'who has which key, and who has none').action((options: Options) =>
    around.exit(listKeys(options, keysAround(), print)),
  );
  keysCommand('remove <email> <fingerprint>', 'from then on its signatures count no longer').action(
    (email: string, fingerprint: string, options: Options) =>
      around.exit(removeKey(email, fingerprint, options, keysAround(), print)),
  );
}

function addKeyring({ program, around }: Shell): void {
  const print = (text: string) => around.print(text);
  const keyring = program
    .command('keyring')
    .description(
      "the keys that Temporal's payloads are sealed with: a file that worker and command line share",
    );
  keyring
    .command('new <file>')
    .description('make one')
    .option('--id <id>', "the key's id, which others can see; the date, if left out")
    .option('--kms <arn>', 'wrap by this key of AWS KMS instead of a secret in the file')
    .action(async (file: string, options: Options) =>
      around.exit(await createKeyringFile(file, newKeyOf(options), print)),
    );
  keyring
    .command('rotate <file>')
    .description('add a key and make it the current one; the old ones stay, to read with')
    .option('--id <id>', "the key's id, which others can see; the date, if left out")
    .option('--kms <arn>', 'wrap by this key of AWS KMS instead of a secret in the file')
    .action(async (file: string, options: Options) =>
      around.exit(await rotateKeyringFile(file, newKeyOf(options), print)),
    );
  keyring
    .command('show <file>')
    .description('the ids in it, and which is the current one; no secret')
    .action(async (file: string) => around.exit(await showKeyringFile(file, print)));
}

/** As typed. */
function newKeyOf({ id, kms }: Options): { id?: string; kms?: string } {
  return { ...(typeof id === 'string' && { id }), ...(typeof kms === 'string' && { kms }) };
}
