/** People outside: who they are, what was said, and what is handed to them. */
import { CONTACT_IDS, CONTACTS } from '../../../domain/contacts';
import { sameName } from '../../../domain/checklist';
import { InvalidInput } from '../../errors';
import { communicationOf, packOf } from '../../incidents';
import { createPdf } from '../../pdf';
import { contactsDocument, formatContacts, writePack } from '../contacts';
import type { Options } from '../declaration';
import { EXIT } from '../exit';
import { formatOutcome } from '../format';
import { asTyped, readDraft } from '../messages';
import type { Shell } from '../shell';

const KINDS = `\nKinds:\n${CONTACT_IDS.map((id) => `      ${id}: ${CONTACTS[id]}`).join('\n')}\n      customer: A customer's security team`;

export function addContacts(shell: Shell): void {
  const { acting, command, client, decide, answer } = shell;
  const contacts = command(
    'contacts <codename>',
    'everybody outside: may they be spoken to, how, and what was said',
  )
    .enablePositionalOptions()
    .action(async (codename: string, options: Options) => {
      const view = await communicationOf(await client(), codename);
      answer(options, contactsDocument(view), () => formatContacts(view, Date.now()));
    });

  acting(
    'add <codename> <id>',
    'name somebody whom the register does not have; they need an approval',
    contacts,
  )
    .option('--kind <kind>', 'of which kind they are')
    .option('--name <name>', 'as they call themselves')
    .option('--email <address>', 'where mail goes')
    .option('--phone <number>', 'where to call')
    .option('--how <text>', 'how else to reach them, and what to have at hand')
    .option('--key-file <file>', 'their key for mail: a certificate (PEM) or an armored OpenPGP public key')
    .option('--disclosure <url>', 'where they have told the public of it themselves')
    .addHelpText('after', KINDS)
    .action(async (codename: string, id: string, options: Options) => {
      const problems: string[] = [];
      const { kind, name, email, phone, how, keyFile, disclosure } = options;
      const key = typeof keyFile === 'string' ? await readKey(keyFile, problems) : undefined;
      const named =
        typeof kind === 'string' ? ['customer', ...CONTACT_IDS].find((one) => sameName(one, kind)) : kind;
      const fields = { id, kind: named ?? kind, called: name, email, phone, how, key, disclosure };
      await asTyped({ id: 'ID' }, () => decide('addContact', codename, options, fields, problems));
    });

  acting('log <codename> <party>', 'with whom you spoke, about what, and when the next word is due', contacts)
    .option('--with <who>', 'whom of them')
    .option('--about <text>', 'they read this in their hand-off pack: write what was said, and nothing else')
    .option('--next <day>', 'when the next word is due, YYYY-MM-DD')
    .action((codename: string, party: string, options: Options) => {
      const { with: spokeWith, about, next } = options;
      return decide('logContact', codename, options, { party, spokeWith, about, next });
    });

  acting('reached <codename> <customer>', "that a customer's security team knows, or why not", contacts)
    .option('--not-reached', 'they could not be reached')
    .option('--how <text>', 'by what way; or why not')
    .action((codename: string, party: string, options: Options) => {
      const outcome = options['notReached'] === true ? 'notReached' : 'reached';
      return asTyped({ PARTY: 'CUSTOMER' }, () =>
        decide('reachCustomer', codename, options, { party, outcome, how: options['how'] }),
      );
    });

  command(
    'pack <codename> <party-or-kind>',
    'what a contact may be given, while they may be spoken to',
    contacts,
  )
    .option('--out <file>', 'into a file that only you can read; nothing is overwritten')
    .option('--pdf', 'as a PDF, with --out')
    .addHelpText('after', KINDS.replace(/\n[^\n]*$/, ''))
    .action((codename: string, named: string, options: Options) => givePack(shell, codename, named, options));
}

async function givePack(
  { around, client, answer }: Shell,
  codename: string,
  named: string,
  options: Options,
): Promise<void> {
  const { out } = options;
  const isPdf = options['pdf'] === true;
  if (isPdf && typeof out !== 'string')
    throw new InvalidInput(['--pdf: a PDF is not printed; say where it goes: --out FILE']);
  const pack = await packOf(await client(), codename, named);
  if (!pack)
    throw new InvalidInput([`${codename} has no pack for ${named}; see: firebreak contacts ${codename}`]);
  if ('blockers' in pack) {
    const outcome = {
      accepted: false,
      text: `make the hand-off pack of ${named}`,
      reasons: pack.blockers,
      seq: 0,
    };
    answer(options, outcome, formatOutcome);
    return around.exit(EXIT.refused);
  }
  if (typeof out !== 'string') return answer(options, pack, ({ markdown }) => markdown.trimEnd());
  await writePack(out, isPdf ? await createPdf(pack.markdown) : pack.markdown);
  answer(
    options,
    { title: pack.title, out },
    () =>
      `${out}: written. Read it, then send it with "firebreak send ${codename} --to WHO --file FILE --pack KIND", and no other way.`,
  );
}

/** A private key never comes into an incident, and is never quoted. */
async function readKey(file: string, problems: string[]): Promise<string> {
  const unread: string[] = [];
  const text = await readDraft(file, unread);
  const wrong =
    unread.length > 0
      ? unread.map((problem) => problem.split(';', 1)[0])
      : /PRIVATE KEY/.test(text)
        ? [`${file}: holds a private key, which is its owner's alone: whoever sent it has to make a new pair`]
        : PUBLIC_KEY.test(text)
          ? []
          : [`${file}: holds no key for mail`];
  problems.push(
    ...wrong.map(
      (problem) => `--key-file ${problem}; name a certificate (PEM) or an armored OpenPGP public key`,
    ),
  );
  return text;
}

const PUBLIC_KEY = /-----BEGIN (?:(?:TRUSTED |X509 )?CERTIFICATE|PGP PUBLIC KEY BLOCK)-----/;
