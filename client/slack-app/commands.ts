/** `/firebreak …`: what somebody may ask in words. Everything is answered to that person alone. */
import type { Client } from '@temporalio/client';
import { isCodename } from '../../domain/codename';
import type { ChecklistView } from '../../domain/view';
import { ago } from '../cli/format';
import { checklistOf, listIncidents, timelineOf } from '../incidents';
import type { Answers, Where } from './answers';
import type { Limits } from './limits';
import type { Looks } from './looks';
import type { SlackApi } from './slack';
import { keepTrying } from './trying';
import { HELP, ROLES_LINES } from './views/help';
import { audienceLines, NO_PART, phaseOf, statusLines, takesPart, timelineLines } from './views/words';

export interface Asked {
  readonly verb: string;
  /** What stands after it. */
  readonly rest: string;
  readonly email: string;
  readonly where: Where;
  readonly channel: string;
}

export interface CommandsOptions {
  readonly client: Client;
  readonly slack: SlackApi;
  readonly answers: Answers;
  readonly looks: Looks;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

/** Words of a call; what follows is what happens. */
export const CALLS = ['declare', 'page'];

/** So many entries of the timeline fit. */
const LAST_ENTRIES = 40;

const SLOW = 'Temporal is slow or does not answer. It is being asked on.';
const SILENT = 'Temporal does not answer. Ask again later, or use the command line.';
const WHICH = 'Say which: /firebreak status CODENAME. /firebreak list names those in which you take part.';

export function createCommands(options: CommandsOptions) {
  const { client, slack, answers, looks, limits, signal } = options;

  async function look(
    { rest, email, where, channel }: Asked,
    lines: (view: ChecklistView) => readonly string[] | Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const named = rest.trim().toLowerCase().split(/\s+/)[0] ?? '';
    if (named !== '' && !isCodename(named)) return [WHICH];
    const codename = named === '' ? await codenameOf(channel) : named;
    if (codename === undefined) return [WHICH];
    const answer = await looks.ask(codename, email, () => void answers.tell(where, SLOW));
    return 'problem' in answer ? [answer.problem] : lines(answer.view);
  }

  /** Of the incident whose room this is. A room may bear another name than its incident. */
  async function codenameOf(channel: string): Promise<string | undefined> {
    try {
      const { channel: found } = await slack.call('conversations.info', { channel }, limits.slowAfterMs);
      const name = (found as { name?: string } | undefined)?.name ?? '';
      if (isCodename(name) && (await isRoomOf(name, channel))) return name;
      const all = await listIncidents(client);
      return all.find(({ checklist }) => checklist?.room?.id === channel)?.codename;
    } catch {
      return undefined;
    }
  }

  async function isRoomOf(codename: string, channel: string): Promise<boolean> {
    try {
      return (await checklistOf(client, codename, limits.attemptMs)).room?.id === channel;
    } catch {
      return false;
    }
  }

  async function list({ email, where }: Asked): Promise<readonly string[]> {
    const tried = await keepTrying({
      attempt: () => client.withDeadline(Date.now() + limits.attemptMs, () => listIncidents(client)),
      isFinal: () => false,
      untilMs: Date.now() + limits.viewForMs,
      slowAfterMs: limits.slowAfterMs,
      onSlow: () => void answers.tell(where, SLOW),
      retryMs: limits.retryMs,
      signal,
    });
    if (tried.kind !== 'done') return [SILENT];
    const own = tried.value.flatMap(({ checklist }) =>
      checklist && takesPart(checklist, email) ? [checklist] : [],
    );
    if (own.length === 0) return ['No incident is open in which you take part.'];
    return own.map((view) => `${view.codename}, ${ago(view.declaredAt, Date.now())}: ${phaseOf(view)}`);
  }

  async function timeline(asked: Asked): Promise<readonly string[]> {
    return look(asked, async ({ codename }) => {
      const entries = await timelineOf(client, codename, limits.attemptMs);
      const left = Math.max(0, entries.length - LAST_ENTRIES);
      return [
        ...(left > 0 ? [`${left} before these: firebreak timeline ${codename}`] : []),
        ...timelineLines(entries.slice(-LAST_ENTRIES)),
      ];
    });
  }

  async function linesOf(asked: Asked): Promise<readonly string[]> {
    switch (asked.verb) {
      case 'status':
        return look(asked, (view) => statusLines(view, Date.now()));
      case 'timeline':
        return timeline(asked);
      case 'who':
        return look(asked, (view) => audienceLines(view, Date.now()));
      case 'list':
        return list(asked);
      case 'roles':
        return ROLES_LINES;
      case '':
      case 'help':
        return HELP;
      default:
        return ['There is no such command. There are:', ...HELP];
    }
  }

  return {
    /** Never throws. */
    async run(asked: Asked): Promise<void> {
      let lines: readonly string[];
      try {
        lines = await linesOf(asked);
      } catch {
        lines = [SILENT];
      }
      await answers.tell(asked.where, ...(lines.length === 0 ? [NO_PART] : lines));
    },
  };
}

/** `status sapphire-unicorn`: its first word, and the rest. */
export function readCommand(text: string): { verb: string; rest: string } {
  const [, verb = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return { verb: verb.toLowerCase(), rest };
}
