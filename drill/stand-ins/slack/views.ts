/**
 * Modal views: what `views.open`, `views.push` and `views.update` do, and the views that are on each person's screen.
 * @see https://docs.slack.dev/surfaces/modals
 *
 * As in Slack, what is wrong with a view's own form is `invalid_arguments`: `invalid_blocks` is for messages.
 */
import { randomBytes } from 'node:crypto';
import { isFields, parsed, refusal, json, textOf, type Fields } from './answers';
import { APP, TEAM } from './app';
import { problemsOf, withIds } from './blocks';
import { boolean, list, object, oneOfValues, plainText, string } from './checks';
import type { Triggers } from './triggers';
import type { Answer } from '../recording-proxy';

const MOST_VIEWS = 3;
const MOST_BYTES = 250_000;

/** A view in Slack's form, without the state, which the screen adds. */
export type View = Fields & {
  readonly id: string;
  readonly blocks: Fields[];
  readonly hash: string;
  readonly callback_id: string;
  readonly notify_on_close: boolean;
  readonly clear_on_close: boolean;
};

export interface Views {
  /** Answers one of the three methods. `isDone` is called where it had an effect. */
  answer(method: string, fields: Fields, isDone: () => void): Answer;
  /** What is on that person's screen, the topmost view last. */
  stackOf(user: string): readonly View[];
  /** Takes the topmost view off, or with `all` every one. */
  close(user: string, all?: boolean): void;
  /**
   * Does what the app answered to a submission of that view.
   *
   * @throws what Slack would show as trouble with the app.
   */
  respond(user: string, viewId: string, response: Fields): { errors: Record<string, string> };
}

const METHODS = ['views.open', 'views.push', 'views.update'];
export const isViewMethod = (method: string) => METHODS.includes(method);

const FORM = object(
  {
    title: plainText(24),
    submit: plainText(24),
    close: plainText(24),
    private_metadata: string(3000, 0),
    callback_id: string(255, 0),
    external_id: string(255, 0),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
    blocks: list(() => undefined, 100),
  },
  ['title', 'blocks'],
);

/** What Slack would find wrong with a view; nothing where it would show it. */
export function problemsOfView(view: unknown): string[] {
  if (!isFields(view)) return ['must provide an object [json-pointer:/view]'];
  const problems: string[] = [];
  oneOfValues('modal')(view.type, '/view/type', problems);
  FORM(view, '/view', problems);
  if (!Array.isArray(view.blocks)) return problems;
  problems.push(...problemsOf(view.blocks, 'modal', '/view/blocks'));
  const hasInputs = view.blocks.some((block) => isFields(block) && block.type === 'input');
  if (hasInputs && view.submit === undefined)
    problems.push('missing required field: submit [json-pointer:/view]');
  return [...new Set(problems)];
}

export function createViews(triggers: Triggers): Views {
  const stacks = new Map<string, View[]>();
  const stackOf = (user: string) => stacks.get(user) ?? [];

  function placeOf(viewId: string, externalId: string): { user: string; index: number } | undefined {
    for (const [user, stack] of stacks) {
      const index = stack.findIndex(
        (view) => view.id === viewId || (externalId !== '' && view.external_id === externalId),
      );
      if (index >= 0) return { user, index };
    }
    return undefined;
  }

  function isTaken(view: Fields, except?: string): boolean {
    const wanted = textOf(view.external_id);
    return (
      wanted !== '' &&
      [...stacks.values()].flat().some(({ id, external_id }) => external_id === wanted && id !== except)
    );
  }

  function push(user: string, view: Fields): View {
    const below = stackOf(user);
    const shown = made(view, newId('V'), below);
    stacks.set(user, [...below, shown]);
    return shown;
  }

  function replace(user: string, index: number, view: Fields): View {
    const stack = [...stackOf(user)];
    const old = stack[index]!;
    const shown = { ...made(view, old.id, stack.slice(0, index)), root_view_id: old.root_view_id };
    stack[index] = shown;
    stacks.set(user, stack);
    return shown;
  }

  function opened(method: string, fields: Fields, view: Fields): View | string {
    const exchange = textOf(fields.trigger_id) || textOf(fields.interactivity_pointer);
    if (exchange === '') return 'invalid_arguments';
    const trigger = triggers.exchange(exchange);
    if (typeof trigger === 'string') return trigger;
    if (isTaken(view)) return 'duplicate_external_id';
    if (method === 'views.open') stacks.set(trigger.user, []);
    else if (!stackOf(trigger.user).some(({ id }) => id === trigger.viewId)) return 'not_found';
    else if (stackOf(trigger.user).length >= MOST_VIEWS) return 'push_limit_reached';
    return push(trigger.user, view);
  }

  function updated(fields: Fields, view: Fields): View | string {
    const viewId = textOf(fields.view_id);
    const externalId = textOf(fields.external_id);
    if (viewId === '' && externalId === '') return 'invalid_arguments';
    const place = placeOf(viewId, externalId);
    if (!place) return 'not_found';
    const old = stackOf(place.user)[place.index]!;
    const hash = textOf(fields.hash);
    if (hash !== '' && hash !== old.hash) return 'hash_conflict';
    if (isTaken(view, old.id)) return 'duplicate_external_id';
    return replace(place.user, place.index, view);
  }

  return {
    answer(method, fields, isDone) {
      const view = parsed(fields.view);
      const problems = problemsOfView(view);
      if (!isFields(view) || problems.length > 0) return refusal('invalid_arguments', problems);
      if (Buffer.byteLength(JSON.stringify(view)) > MOST_BYTES) return refusal('view_too_large');
      const done = method === 'views.update' ? updated(fields, view) : opened(method, fields, view);
      if (typeof done === 'string') return refusal(done);
      isDone();
      return json({ ok: true, view: { ...done, state: { values: {} } } });
    },
    stackOf,
    close(user, all = false) {
      stacks.set(user, all ? [] : stackOf(user).slice(0, -1));
    },
    respond(user, viewId, response) {
      const index = stackOf(user).findIndex(({ id }) => id === viewId);
      const view = stackOf(user)[index];
      if (!view) throw new Error('the view was closed before the app had answered.');
      const action = response.response_action;
      switch (action) {
        case undefined:
          stacks.set(user, stackOf(user).slice(0, index));
          return { errors: {} };
        case 'clear':
          stacks.set(user, []);
          return { errors: {} };
        case 'errors':
          return { errors: errorsOf(response.errors, view) };
        case 'update':
        case 'push': {
          const problems = problemsOfView(response.view);
          if (problems.length > 0)
            throw new Error(`the app answered with a view that Slack refuses: ${problems.join('; ')}.`);
          if (action === 'update') replace(user, index, response.view as Fields);
          else if (stackOf(user).length >= MOST_VIEWS) throw new Error('the app pushed a fourth view.');
          else push(user, response.view as Fields);
          return { errors: {} };
        }
        default:
          throw new Error('the app answered with a response_action that Slack does not know.');
      }
    },
  };
}

/** Slack shows an error only beside an input, and its own trouble where there is none of that id. */
function errorsOf(errors: unknown, view: View): Record<string, string> {
  const inputs = view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id);
  const shown = isFields(errors) ? Object.entries(errors) : [];
  if (shown.length === 0) throw new Error('the app answered with errors and named none.');
  for (const [blockId, text] of shown) {
    if (!inputs.includes(blockId))
      throw new Error(`the app answered with an error for ${blockId}: no input of the view.`);
    if (typeof text !== 'string' || text === '')
      throw new Error('the app answered with an error that says nothing.');
  }
  return Object.fromEntries(shown) as Record<string, string>;
}

function made(view: Fields, id: string, below: readonly View[]): View {
  return {
    id,
    team_id: TEAM.id,
    type: 'modal',
    blocks: withIds((view.blocks as Fields[]) ?? []),
    private_metadata: textOf(view.private_metadata),
    callback_id: textOf(view.callback_id),
    external_id: textOf(view.external_id),
    hash: `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString('hex')}`,
    title: view.title,
    close: view.close ?? null,
    submit: view.submit ?? null,
    clear_on_close: view.clear_on_close === true,
    notify_on_close: view.notify_on_close === true,
    submit_disabled: view.submit_disabled === true,
    previous_view_id: below.at(-1)?.id ?? null,
    root_view_id: below[0]?.id ?? id,
    app_id: APP.id,
    app_installed_team_id: TEAM.id,
    bot_id: APP.botId,
  };
}

function newId(prefix: string): string {
  return prefix + randomBytes(5).toString('hex').toUpperCase();
}
