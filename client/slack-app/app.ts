/**
 * The Slack app: what Slack sends, each acknowledged before anything else is done with it, and then given to whoever does it.
 * The listeners only read payloads; what is theirs to decide stands in `actions.ts`, `decisions.ts` and `declare.ts`.
 */
import { App, type Receiver } from '@slack/bolt';
import type { Client } from '@temporalio/client';
import type { Secret } from '../../codec/codenames';
import { candidates } from '../codenames';
import type { Signer } from '../signing/signer';
import { pressedOf, type Pressed } from './actions';
import { createAnswers, type Where } from './answers';
import { CALLS, createCommands, readCommand } from './commands';
import { createDecider } from './decisions';
import { callIn, createDeclarer, type Call } from './declare';
import { createIdentity, type Account, type Who } from './identity';
import { LIMITS, type Limits } from './limits';
import { createLooks, readCarried, type Carried } from './looks';
import type { Roster } from './roster';
import { SILENT, type SlackApi } from './slack';
import { pause } from './trying';
import { readForm } from './views/fields';
import { FORM, formView, readAbout, type About } from './views/forms';
import { wordsView } from './views/pages';

export interface SlackDoorOptions {
  readonly receiver: Receiver;
  readonly slack: SlackApi;
  readonly token: string;
  readonly client: Client;
  readonly secret: Secret;
  /** The door's own. */
  readonly signer: Signer;
  readonly roster: () => Roster;
  readonly webUi?: string;
  /** Fixed words and numbers alone. */
  readonly log: (line: string) => void;
  readonly limits?: Partial<Limits>;
}

export interface SlackDoor {
  /** Takes no more, tells what is pending that it was not sent, and ends. */
  stop(): Promise<void>;
}

const COMMAND = '/firebreak';

/** Listens at once, once the receiver is started. */
export function createSlackDoor(options: SlackDoorOptions): SlackDoor {
  const { receiver, slack, token, log, roster } = options;
  const limits = { ...LIMITS, ...options.limits };
  const ending = new AbortController();
  const around = { ...options, limits, signal: ending.signal };
  const answers = createAnswers({ slack, limits, log });
  const identity = createIdentity({ slack, roster, identityMs: limits.identityMs });
  const decider = createDecider({ ...around, answers });
  const declarer = createDeclarer({ ...around, answers });
  const looks = createLooks({ ...around, answers });
  const commands = createCommands({ ...around, answers, looks });
  /** What was acknowledged and is being done. */
  const working = new Set<Promise<void>>();
  const heard = new Set<string>();

  const app = new App({
    receiver,
    // Asks Slack nothing: an event whose authorization failed would be lost.
    authorize: async () => ({ botToken: token }),
    convoStore: false,
    ignoreSelf: false,
    logger: SILENT,
  });
  app.error(async () => log('something of what Slack sent could not be handled'));

  function work(job: () => Promise<void>): void {
    const done = job()
      .catch((error: unknown) =>
        log(`something went wrong in Slack (${error instanceof Error ? error.name : 'unknown error'})`),
      )
      .finally(() => working.delete(done));
    working.add(done);
  }

  /** False where it was heard before. */
  function isNew(message: string): boolean {
    if (heard.has(message)) return false;
    const [first] = heard;
    if (heard.size >= limits.remembered && first !== undefined) heard.delete(first);
    heard.add(message);
    return true;
  }

  async function call(account: Account, made: Omit<Call, 'by'>): Promise<void> {
    let who = await identity.who(account);
    // Somebody calls for help: Slack is asked on for who it is.
    for (let asked = 1; !who.ok && who.isTransient && asked < 20 && !ending.signal.aborted; asked += 1) {
      await pause(limits.retryMs[0], ending.signal);
      who = await identity.who(account);
    }
    if (who.ok) await declarer.declare({ ...made, by: who.email });
    else await answers.tell(made.where, `NOBODY HAS BEEN PAGED. ${who.problem}`);
  }

  app.event('message', async ({ event, body }) => {
    const message = readMessage(event, body);
    if (message && isNew(message.made.message)) work(() => call(message.account, message.made));
  });

  app.command(COMMAND, async ({ ack, command }) => {
    await ack();
    const { verb, rest } = readCommand(command.text ?? '');
    const where = { user: command.user_id, channel: command.channel_id, responseUrl: command.response_url };
    const account = { user: command.user_id, teams: [command.team_id] };
    work(async () => {
      if (CALLS.includes(verb)) {
        const message = `slack:command:${command.trigger_id}`;
        if (isNew(message)) await call(account, { text: rest, where, message });
        return;
      }
      const who = await identity.who(account);
      if (who.ok) await commands.run({ verb, rest, email: who.email, where, channel: command.channel_id });
      else await answers.tell(where, who.problem);
    });
  });

  app.action(/^firebreak\./, async ({ ack, body, action }) => {
    await ack();
    if (body.type !== 'block_actions' || !('action_id' in action)) return;
    const { view } = body;
    const carried = readCarried(view?.private_metadata);
    const channel = body.channel?.id ?? carried.channel;
    const where: Where = { user: body.user.id, ...(channel !== undefined && { channel }) };
    const value = 'value' in action && typeof action.value === 'string' ? action.value : '';
    const account = { user: body.user.id, teams: [body.user.team_id ?? body.team?.id] };
    const press = { triggerId: body.trigger_id, value, where, carried, viewId: view?.id };
    work(() => pressed(action.action_id, press, identity.who(account)));
  });

  interface Press {
    readonly triggerId: string;
    readonly value: string;
    readonly where: Where;
    /** Of the view in which it was pressed. */
    readonly carried: Carried;
    readonly viewId: string | undefined;
  }

  async function pressed(actionId: string, press: Press, asked: Promise<Who>): Promise<void> {
    const { triggerId, value, where, carried, viewId } = press;
    const found = pressedOf(actionId, value);
    if (!found)
      return answers.tell(where, 'Firebreak does not know this button any more: use a newer message.');
    const { id, codename, pressed: wanted } = found;
    const over = { triggerId, isOver: viewId !== undefined, where };
    const { channel } = where;
    const at = channel === undefined ? {} : { channel };
    switch (wanted.kind) {
      case 'words':
        return looks.openWords(over, wanted.view);
      case 'page': {
        const page = { id, value };
        const { show } = wanted;
        return looks.open({ ...over, codename, who: asked, carried: { ...at, page }, show });
      }
      case 'form': {
        const { name, preset } = wanted;
        const about: About = { codename, name, preset, ...at, ...(carried.page && { below: carried.page }) };
        const [suggested = ''] = candidates();
        const show = (view: Parameters<Extract<Pressed, { kind: 'page' }>['show']>[0]) =>
          formView(about, view, suggested) ??
          wordsView('What this is about is too long for Slack: use the command line.');
        return looks.open({ ...over, codename, who: asked, carried: at, show });
      }
      case 'send': {
        const who = await asked;
        if (!who.ok) return answers.tell(where, who.problem);
        const fields = wanted.fields(who.email);
        const told = await decider.decide({ codename, name: wanted.name, fields, by: who.email, where });
        return refreshed(viewId, carried, who.email, told);
      }
    }
  }

  /** What was decided in a view, or over it, shows there. */
  async function refreshed(
    viewId: string | null | undefined,
    carried: Carried,
    email: string,
    notice: string,
  ): Promise<void> {
    const { page } = carried;
    const found = page && pressedOf(`firebreak.${page.id}`, page.value);
    if (!viewId || found?.pressed.kind !== 'page') return;
    const { show } = found.pressed;
    await looks.refresh(viewId, found.codename, email, carried, (view, now) => show(view, now, notice));
  }

  app.view(FORM, async ({ ack, body, view }) => {
    const about = readAbout(view.private_metadata);
    if (!about) return ack();
    const { codename, name, preset, channel, below } = about;
    // Who decides is told by Slack, and is no field of the form.
    const read = readForm(name, preset, view.state.values, 'somebody@example.com');
    if (!read.ok) return ack({ response_action: 'errors', errors: { ...read.errors } });
    await ack();
    const where: Where = { user: body.user.id, ...(channel !== undefined && { channel }) };
    const account = { user: body.user.id, teams: [body.user.team_id ?? body.team?.id] };
    work(async () => {
      const who = await identity.who(account);
      if (!who.ok) return answers.tell(where, who.problem);
      const { email } = who;
      const told = await decider.decide({ codename, name, fields: read.fields, by: email, where });
      const at = channel === undefined ? {} : { channel };
      await refreshed(view.previous_view_id, { ...at, ...(below && { page: below }) }, email, told);
    });
  });

  return {
    async stop() {
      await receiver.stop();
      ending.abort();
      const said = new AbortController();
      const all = Promise.all(working).finally(() => said.abort());
      await Promise.race([all, pause(limits.lastWordsMs, said.signal)]);
      await answers.finish(limits.lastWordsMs);
    },
  };
}

/** A message in which somebody calls. Not an edit, and not what an app wrote; what a thread repeats is the same message. */
function readMessage(
  event: object,
  body: object,
): { readonly account: Account; readonly made: Omit<Call, 'by'> } | undefined {
  const { subtype, text, user, channel, channel_type, ts, thread_ts, hidden, ...rest } = event as Record<
    string,
    unknown
  >;
  const isPersons = subtype === undefined || subtype === 'file_share' || subtype === 'thread_broadcast';
  if (!isPersons || hidden === true || rest['bot_id'] !== undefined || rest['app_id'] !== undefined)
    return undefined;
  if (![text, user, channel, ts].every((one) => typeof one === 'string')) return undefined;
  const said = callIn(text as string);
  if (said === undefined) return undefined;
  const { team_id, is_ext_shared_channel } = body as Record<string, unknown>;
  const isPublic = channel_type === 'channel' && is_ext_shared_channel !== true;
  const teams = ['team', 'user_team', 'source_team'].map((name) => rest[name] as string | undefined);
  return {
    account: { user: user as string, teams },
    made: {
      text: said,
      // In a conversation with the app alone, everything is private.
      where: { user: user as string, ...(channel_type !== 'im' && { channel: channel as string }) },
      message: `slack:${String(team_id)}:${channel as string}:${ts as string}`,
      ...(isPublic && {
        isPublicIn: {
          channel: channel as string,
          ...(typeof thread_ts === 'string' && { thread: thread_ts }),
        },
      }),
    },
  };
}
