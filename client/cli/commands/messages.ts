/** Words that go out: mail, the internal note, an SMS, and what becomes of them. */
import { sameName } from '../../../domain/checklist';
import { CONTACT_IDS, CONTACTS } from '../../../domain/contacts';
import { SMS_SOURCE, SMS_TEXT_IDS, SMS_TEXTS } from '../../../domain/sms';
import { communicationOf } from '../../incidents';
import type { Options } from '../declaration';
import {
  asTyped,
  formatMessages,
  formatNote,
  messagesDocument,
  noteDocument,
  readDraft,
  template,
} from '../messages';
import type { Shell } from '../shell';

const SEND_WORDS = { FILE: '--file FILE', '--to EMAIL': '--to WHO' };
const NOTE_WORDS = { FILE: '--internal FILE' };

const KINDS = CONTACT_IDS.map((id) => `      ${id}: ${CONTACTS[id]}`).join('\n');
const TEXTS = SMS_TEXT_IDS.map((id) => `${id} ("${SMS_TEXTS[id]}")`);

export function addMessages(shell: Shell): void {
  addSend(shell);
  const { acting, command, client, decide, answer } = shell;

  command('note <codename>', 'the internal note of step 11 as it stands, or its template')
    .option('--template', 'what it begins with; asks no server')
    .option('--follow-up <day>', 'in the template: when more is told, YYYY-MM-DD')
    .action(async (codename: string, options: Options) => {
      const { followUp } = options;
      if (options['template'] === true) {
        const text = template(typeof followUp === 'string' ? followUp : undefined);
        return answer(options, { template: text }, () => text);
      }
      const view = await communicationOf(await client(), codename);
      answer(options, noteDocument(view), () => formatNote(view));
    });

  acting(
    'sms <codename> <person> <text-id...>',
    'tell somebody of the team by SMS to move to a safer channel; the texts are fixed',
  )
    .addHelpText('after', `\nTexts:\n${TEXTS.map((text) => `      ${text}`).join('\n')}\n"${SMS_SOURCE}"`)
    .action(async (codename: string, person: string, words: string[], options: Options) => {
      const named = words.join(' ');
      const problems: string[] = [];
      const id = SMS_TEXT_IDS.find(
        (one) => sameName(one, named) || SMS_TEXTS[one].toLowerCase() === named.toLowerCase(),
      );
      if (id === undefined)
        problems.push(`"${named}" is none of the fixed texts: ${TEXTS.join(', ')}. "${SMS_SOURCE}"`);
      // What is wrong with the text has been said.
      await decide('sendSms', codename, options, { person, text: id ?? SMS_TEXT_IDS[0] }, problems);
    });

  const messages = command('messages <codename>', 'what was ordered to be sent, and how far it has come')
    .enablePositionalOptions()
    .action(async (codename: string, options: Options) => {
      const view = await communicationOf(await client(), codename);
      answer(options, messagesDocument(view), () => formatMessages(view, Date.now()));
    });
  acting('retry <codename> <message>', 'try a message that failed or was stopped again', messages).action(
    (codename: string, message: string, options: Options) =>
      decide('retrySend', codename, options, { message }),
  );
  acting('drop <codename> <message>', 'a message is not to go out any more', messages)
    .option('--reason <text>', 'why')
    .action((codename: string, message: string, options: Options) =>
      decide('dropSend', codename, options, { message, reason: options['reason'] }),
    );
}

function addSend({ acting, decide }: Shell): void {
  acting(
    'send <codename>',
    'send an e-mail to the team or to approved contacts; or submit the internal note (--internal)',
  )
    .option('--to <who...>', 'addresses, or names of contacts (firebreak contacts)')
    .option('--cc <who...>', 'the same')
    .option('--bcc <who...>', 'the same')
    .option('--file <file>', 'the text, in Markdown; - for standard input')
    .option('--pack <kind>', 'with the hand-off pack for contacts of that kind')
    .option('--internal <file>', 'the internal note: goes to the configured channels, once it is approved')
    .option('--follow-up <day>', 'with --internal: when more is told, YYYY-MM-DD')
    .addHelpText('after', `\nThe subject is given. Kinds of contacts:\n${KINDS}`)
    .action(async (codename: string, options: Options) => {
      if (options['internal'] !== undefined) return submitNote(codename, options);
      const { file, to, cc, bcc } = options;
      const problems: string[] = [];
      if (options['followUp'] !== undefined)
        problems.push('--follow-up: it is for the internal note (--internal FILE)');
      const pack = readKind(options['pack'], problems);
      const text = typeof file === 'string' ? await readDraft(file, problems) : undefined;
      await asTyped(SEND_WORDS, () =>
        decide('send', codename, options, { to, cc, bcc, text, pack }, problems),
      );
    });

  async function submitNote(codename: string, options: Options): Promise<void> {
    const problems = ['to', 'cc', 'bcc', 'file', 'pack']
      .filter((name) => options[name] !== undefined)
      .map((name) => `--${name}: the internal note goes to the configured channels; leave it out`);
    const text = await readDraft(String(options['internal']), problems);
    await asTyped(NOTE_WORDS, () =>
      decide('submitNote', codename, options, { text, followUp: options['followUp'] }, problems),
    );
  }
}

/** A kind of contact in any spelling; nothing where nothing was said. */
function readKind(given: Options[string], problems: string[]): string | undefined {
  if (given === undefined) return undefined;
  const kind = CONTACT_IDS.find((id) => sameName(id, String(given)));
  if (kind === undefined)
    problems.push(`--pack "${String(given)}": one of ${CONTACT_IDS.join(', ')} is needed`);
  return kind;
}
