/** What was promised for a day: whoever has to keep the promise is told in person. */
import { nextReminder } from '../../domain/reminders';
import { untilDue } from './due';
import type { Store } from './store';
import { meetingPlaceOf, tellInPerson } from './words';

/** Runs until `draining`. */
export async function keepReminders(store: Store, draining: () => boolean): Promise<void> {
  for (;;) {
    const due = await untilDue(() => nextReminder(store.incident), draining, 'Next reminder');
    if (!due) return;
    const untold = await tellInPerson(due.to, store, {
      key: `reminder ${due.about}`,
      text: `${due.task} is due today. Please join ${meetingPlaceOf(store.incident)}`,
    });
    store.report({ name: 'reminded', about: due.about, untold });
  }
}
