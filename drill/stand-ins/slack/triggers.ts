/**
 * Trigger ids: the right to open one view on the screen of who has just done something.
 * @see https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
 */
import { randomBytes } from 'node:crypto';

/** An id is good for three seconds. */
export const TRIGGER_LIFE_MS = 3_000;

export interface Trigger {
  readonly user: string;
  /** The view in which it was done, where it was done in one. */
  readonly viewId: string | undefined;
}

export type TriggerRefusal = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';

export interface Triggers {
  issue(trigger: Trigger): string;
  /** Spends the id. */
  exchange(id: string): Trigger | TriggerRefusal;
}

export function createTriggers(): Triggers {
  const issued = new Map<string, { trigger: Trigger; until: number; spent: boolean }>();
  return {
    issue(trigger) {
      const id = `${Date.now()}.${issued.size + 1}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { trigger, until: Date.now() + TRIGGER_LIFE_MS, spent: false });
      return id;
    },
    exchange(id) {
      const found = issued.get(id);
      if (!found) return 'invalid_trigger_id';
      if (found.spent) return 'exchanged_trigger_id';
      if (Date.now() > found.until) return 'expired_trigger_id';
      found.spent = true;
      return found.trigger;
    },
  };
}
