/** What one person alone is told. Waits where Slack wants that, tries again where Slack is down, and never throws. */
import type { Limits } from './limits';
import { SLACK } from './limits';
import { SlackFailure, type SlackApi } from './slack';
import { numbered, sections } from './views/blocks';
import { cut, escaped } from './views/text';

/** To whom, and where: by the address that Slack gave with a command, in a channel, or else in person. */
export interface Where {
  /** Slack's id of the person. */
  readonly user: string;
  readonly channel?: string;
  readonly responseUrl?: string;
}

export interface Answers {
  /** What is said to one person is said in order. Resolves once it is said, or given up. */
  tell(where: Where, ...lines: readonly string[]): Promise<void>;
  /** Resolves once everything is said, or after that long. */
  finish(withinMs: number): Promise<void>;
}

export interface AnswersOptions {
  readonly slack: SlackApi;
  readonly limits: Pick<Limits, 'answerForMs' | 'retryMs'>;
  readonly log: (line: string) => void;
}

/** Some ways are closed for good: the bot is not in the channel, the address has been used up. */
type Way = (patienceMs: number) => Promise<void>;

export function createAnswers({ slack, limits, log }: AnswersOptions): Answers {
  /** The last that is said to each person. */
  const saying = new Map<string, Promise<void>>();

  async function say(where: Where, lines: readonly string[]): Promise<void> {
    const message = messageOf(lines);
    const until = Date.now() + limits.answerForMs;
    let last = 'no way';
    for (const way of waysTo(where, message)) {
      for (let waitMs = limits.retryMs[0]; ; waitMs = Math.min(2 * waitMs, limits.retryMs[1])) {
        try {
          await way(Math.max(0, until - Date.now()));
          return;
        } catch (error) {
          last = error instanceof SlackFailure ? error.code : 'unknown';
          const isWorth = error instanceof SlackFailure && error.isTransient && Date.now() + waitMs < until;
          if (!isWorth) break;
          await new Promise((resolve) => setTimeout(resolve, waitMs));
        }
      }
    }
    log(`somebody could not be answered in Slack (${last})`);
  }

  function waysTo({ user, channel, responseUrl }: Where, message: ReturnType<typeof messageOf>): Way[] {
    return [
      ...(responseUrl === undefined
        ? []
        : [
            (patienceMs: number) =>
              slack.respond(
                responseUrl,
                { ...message, response_type: 'ephemeral', replace_original: false },
                patienceMs,
              ),
          ]),
      ...(channel === undefined
        ? []
        : [
            async (patienceMs: number) => {
              await slack.call('chat.postEphemeral', { ...message, channel, user }, patienceMs);
            },
          ]),
      async (patienceMs: number) => {
        const { channel: opened } = await slack.call('conversations.open', { users: user }, patienceMs);
        const id = (opened as { id?: string } | undefined)?.id;
        if (id === undefined) throw new SlackFailure('conversations.open', 'no channel', false);
        await slack.call('chat.postMessage', { ...message, channel: id }, patienceMs);
      },
    ];
  }

  return {
    tell(where, ...lines) {
      const before = saying.get(where.user) ?? Promise.resolve();
      const said = before.then(() => say(where, lines));
      saying.set(where.user, said);
      return said.finally(() => {
        if (saying.get(where.user) === said) saying.delete(where.user);
      });
    },
    async finish(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
      await Promise.race([Promise.all(saying.values()), late]);
      clearTimeout(timer);
    },
  };
}

/** Plain text, so that nobody is mentioned by what somebody wrote. */
function messageOf(lines: readonly string[]) {
  return {
    text: cut(escaped(lines.join('\n')), SLACK.text),
    blocks: numbered(
      sections(
        lines.flatMap((one) => one.split('\n')),
        MOST_SECTIONS,
      ),
    ),
    unfurl_links: false,
    unfurl_media: false,
  };
}

const MOST_SECTIONS = 8;
