/** What `messages` and `note` print, and how what was typed becomes a message. */
import type { CommunicationView, DispatchView } from '../../domain/communication-view';
import type { Blocker } from '../../domain/gates';
import { timeOf } from '../../domain/markdown';
import { noteTemplate } from '../../domain/note';
import { InvalidInput } from '../errors';
import { ago, howLong } from './ago';
import { readStatement } from './statement';
import { table } from './table';

/**
 * A text that somebody wrote, from a file or standard input (`-`). What is wrong with it is one problem of several; what it
 * returns then keeps the check of all else from missing it.
 */
export async function readDraft(file: string, problems: string[]): Promise<string> {
  try {
    return await readStatement(file);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    problems.push(...error.problems);
    return UNREAD;
  }
}

const UNREAD = 'not read';

/** Some fields are typed otherwise here than in most commands. @throws InvalidInput, in the words in which it was typed */
export async function asTyped<T>(words: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(error.problems.map((problem) => inWords(problem, words)));
  }
}

function inWords(problem: string, words: Readonly<Record<string, string>>): string {
  const [field = '', ...rest] = problem.split(': ');
  return rest.length > 0 && Object.hasOwn(words, field) ? `${words[field]}: ${rest.join(': ')}` : problem;
}

const STATES: Readonly<Record<DispatchView['state'], string>> = {
  waiting: 'waiting',
  sending: 'being sent',
  sent: 'sent',
  failed: 'FAILED',
  stopped: 'STOPPED',
  dropped: 'dropped',
};

export function messagesDocument({ codename, outbox, channels }: CommunicationView) {
  return { codename, outbox, channels };
}

/** The outbox, and below it what keeps each message back and what to do about it. */
export function formatMessages({ codename, outbox }: CommunicationView, now: number): string {
  if (outbox.length === 0) return `${codename}: nobody has ordered a message yet.`;
  return [
    table(
      ['message', 'what', 'state', 'ordered'],
      outbox.map(({ id, what, state, by, at, sentAt }) => [
        id,
        what,
        sentAt === undefined ? STATES[state] : `${STATES[state]} ${timeOf(sentAt)}`,
        `${ago(at, now)} by ${by}`,
      ]),
      [12, 52, 30, 24],
    ),
    ...outbox.flatMap((one) => adviceLines(one, codename, now)),
  ].join('\n');
}

function adviceLines(
  { id, state, cause, nextTryAt, blockers }: DispatchView,
  codename: string,
  now: number,
): string[] {
  const retry = `firebreak messages retry ${codename} ${id}`;
  const drop = `firebreak messages drop ${codename} ${id} --reason TEXT`;
  switch (state) {
    case 'sent':
    case 'sending':
      return [];
    case 'dropped':
      return [`- ${id}: dropped: ${cause ?? 'no reason given'}`];
    case 'waiting':
      return blockers.length === 0
        ? []
        : [`! ${id}: waits, and may not go out now:`, ...reasonLines(blockers)];
    case 'failed':
      return [
        `! ${id}: failed: ${cause ?? 'no cause given'}`,
        ...reasonLines(blockers),
        nextTryAt === undefined
          ? `      It is not tried again by itself. Mend that, then: ${retry}; or give it up: ${drop}`
          : `      Tried again ${nextTryAt > now ? `in ${howLong(nextTryAt - now)}` : 'now'}; at once: ${retry}; or give it up: ${drop}`,
      ];
    case 'stopped':
      return [
        `! ${id}: stopped: ${cause ?? 'it may not go out any more'}`,
        ...reasonLines(blockers),
        `      ${blockers.length === 0 ? 'It may go out again' : 'Once that is mended'}: ${retry}; or give it up: ${drop}`,
      ];
  }
}

/** Each reason with the seed's sentence that asks for it. */
export function reasonLines(blockers: readonly Blocker[], before = ''): string[] {
  return blockers.flatMap(({ reason, source }) => [
    `      ${before}${reason}`,
    ...(source === undefined ? [] : [`        "${source}"`]),
  ]);
}

export function noteDocument({ codename, note, draftOfNote }: CommunicationView) {
  return { codename, note: note ?? null, draft: draftOfNote };
}

export function formatNote({ codename, note, draftOfNote, channels }: CommunicationView): string {
  if (!note)
    return [
      `${codename}: no internal note has been submitted.`,
      ...(draftOfNote.length === 0
        ? [
            `It begins with: firebreak note ${codename} --template`,
            `It is submitted with: firebreak send ${codename} --internal FILE --follow-up YYYY-MM-DD`,
          ]
        : ['It may not be prepared yet:', ...reasonLines(draftOfNote)]),
    ].join('\n');
  const { version, by, at, state, waitsFor, request, followUp, sentAt, sha256, text } = note;
  const channelsInWords = channels.inside.join(', ') || 'no channel: none is configured';
  return [
    `${codename}: version ${version} of the internal note, by ${by}, ${timeOf(at)}; SHA-256 ${sha256}`,
    ...{
      open: [`waits for ${waitsFor.join(', ')}: firebreak approve ${codename} ${request}`],
      approved: [`approved (${request})`],
      refused: [`refused (${request}): submit another version`],
    }[state],
    sentAt === undefined ? `goes to ${channelsInWords}` : `sent ${timeOf(sentAt)} to ${channelsInWords}`,
    `more is promised on ${followUp}`,
    '',
    text.trimEnd(),
  ].join('\n');
}

/** Of the day that is not known yet, a placeholder: the note is refused with it. */
export function template(followUp: string | undefined): string {
  return noteTemplate(followUp ?? '[YYYY-MM-DD]').trimEnd();
}
