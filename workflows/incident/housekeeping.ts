/** What the incident does for itself beside the checklist. */
import { condition, setCurrentDetails } from '@temporalio/workflow';
import { renderDetails } from '../../domain/markdown';
import { nextTellingAt } from '../../domain/refusals';
import { nextStatusRequestAt } from '../../domain/status-requests';
import { company } from './activities';
import { causeOf } from './causes';
import { untilDue } from './due';
import type { Store } from './store';

/** What the Web UI shows. Costs no event of the history; written once for all that came in together. */
export async function keepDetails(store: Store, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const shown = store.incident;
    setCurrentDetails(renderDetails(shown));
    await condition(() => isOver() || store.incident !== shown);
  }
}

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
      store.report({ name: 'keysRenewed', company: await company.renewCompany() });
    } catch (error) {
      store.report({ name: 'keysNotRenewed', cause: causeOf(error) });
    }
  }
}

/** Asks the room how it stands, again and again. Runs until `draining`. */
export async function keepStatusRequests(store: Store, draining: () => boolean): Promise<void> {
  const next = () => {
    const at = nextStatusRequestAt(store.incident);
    return at === undefined ? undefined : { at };
  };
  while (await untilDue(next, draining, 'Next request for a status')) store.report({ name: 'statusAsked' });
}
