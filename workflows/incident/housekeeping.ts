/** What the incident does for itself beside the checklist. */
import { condition } from '@temporalio/workflow';
import { nextTellingAt } from '../../domain/refusals';
import { company } from './activities';
import { causeOf } from './causes';
import type { Store } from './store';

/** Tells once a minute what was refused over and over. Runs until `draining`. */
export async function keepCounts(store: Store, draining: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => draining() || nextTellingAt(store.incident) !== undefined);
    if (draining()) return;
    const wait = (nextTellingAt(store.incident) ?? 0) - Date.now();
    if (wait > 0) await condition(draining, wait, { summary: 'Next count of refusals' });
    if (draining()) return;
    store.tellRefusals(false);
  }
}

/** Reads the responders' keys anew whenever that is ordered. Runs until `draining`. */
export async function keepKeys(store: Store, draining: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => draining() || store.incident.keysWantedSince !== undefined);
    if (draining()) return;
    try {
      store.report({ name: 'keysRenewed', company: await company.loadCompany() });
    } catch (error) {
      store.report({ name: 'keysNotRenewed', cause: causeOf(error) });
    }
  }
}
