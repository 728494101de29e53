/** The page: one after the other is called until somebody has it. */
import { condition } from '@temporalio/workflow';
import { backOffMs } from '../../domain/effects';
import { hasEnded, type Incident, type Page } from '../../domain/incident';
import { isAcknowledged, nextCall } from '../../domain/paging';
import { isExcluded } from '../../domain/people';
import { paging } from './activities';
import { unless } from './break-off';
import { causeOf } from './causes';
import { untilDue } from './due';
import type { Store } from './store';

/** Runs until `draining`. */
export async function keepPage(store: Store, draining: () => boolean): Promise<void> {
  await Promise.all([callInTurn(store, draining), watchPage(store, draining), passOn(store, draining)]);
}

/** Whatever comes of a call is reported: the next in line is due a pace later, also where the pager can't be reached. */
async function callInTurn(store: Store, draining: () => boolean): Promise<void> {
  for (;;) {
    const due = await untilDue(() => nextCall(store.incident), draining, 'Next call');
    if (!due) return;
    const { email } = due;
    try {
      const called = await call(email, store);
      if (called) store.report({ name: 'called', email, ...called });
    } catch (error) {
      store.report({ name: 'called', email, called: false, cause: causeOf(error) });
    }
  }
}

interface Called {
  readonly called: boolean;
  readonly cause?: string;
}

/** Undefined where there is nothing to tell: somebody has the page, or the one who was called is excluded. */
async function call(email: string, store: Store): Promise<Called | undefined> {
  const page = pageOf(store);
  const isOver = () =>
    isAcknowledged(store.incident) || isExcluded(email, store.incident) || hasEnded(store.incident);
  const ring = (one: Page) =>
    unless(isOver, () =>
      paging.callNext.executeWithOptions({ summary: 'Call the next in line' }, [
        one,
        email,
        Object.keys(store.incident.excluded),
      ]),
    );
  const rung = await ring(page);
  if (!rung?.answered) return rung && { called: rung.called };
  switch (await look(page, store)) {
    case 'acknowledged':
      return undefined;
    case 'resolved':
      await pageAnew(store);
      return ring(pageOf(store));
    default:
      return { called: false, cause: 'the page is with somebody who is excluded' };
  }
}

/** The pager ends by itself what nobody has acknowledged for hours; nobody would be woken any more. */
async function pageAnew(store: Store): Promise<void> {
  const { codename } = store.incident.declaration;
  const page = await paging.pageIncidentCommander.executeWithOptions({ summary: 'Page anew' }, [codename]);
  store.report({
    name: 'warned',
    text: 'the page was resolved at the pager although nobody had acknowledged it; it is opened anew',
  });
  store.report({ name: 'effectDone', effect: 'pageIncidentCommander', page });
}

/** Whether somebody has acknowledged it where it is; not asked any more once somebody has, by whatever door. */
async function watchPage(store: Store, draining: () => boolean): Promise<void> {
  const isOver = () => draining() || !isWatched(store.incident);
  let failures = 0;
  for (;;) {
    await condition(() => draining() || isWatched(store.incident));
    if (draining()) return;
    const pause = Math.max(store.incident.company.joinCheckMs, failures > 0 ? backOffMs(failures) : 0);
    if (await condition(isOver, pause, { summary: 'Next look at the page' })) continue;
    try {
      await look(pageOf(store), store);
      failures = 0;
    } catch (error) {
      // That the pager can't be reached is told with the calls.
      causeOf(error);
      failures += 1;
    }
  }
}

function isWatched(incident: Incident): boolean {
  return incident.page !== undefined && !isAcknowledged(incident) && !hasEnded(incident);
}

/** Whoever is excluded may have acknowledged it: then nobody has who would come. */
async function look(page: Page, store: Store): Promise<'triggered' | 'acknowledged' | 'resolved'> {
  const { status, by } = await paging.pageState.executeWithOptions({ summary: 'Look at the page' }, [
    page,
    Object.keys(store.incident.excluded),
  ]);
  if (status !== 'acknowledged') return status;
  if (by !== undefined && isExcluded(by, store.incident)) return 'triggered';
  store.report({ name: 'pageStood', ...(by !== undefined && { by }) });
  return status;
}

/** So often the pager is told something; after that its own rules may wake somebody who need not, or must not, come. */
const MOST_TRIES = 8;

/** What happened elsewhere, and the pager has to know: by its own rules it would go on calling. Said anew in each run: that changes nothing. */
async function passOn(store: Store, draining: () => boolean): Promise<void> {
  const told = new Set<string>();
  const next = () => newsForPager(store.incident).find(({ key }) => !told.has(key));
  for (let failures = 0; ;) {
    await condition(() => draining() || next() !== undefined);
    const news = next();
    if (draining() || !news) return;
    try {
      await news.tell();
      failures = 0;
    } catch (error) {
      const cause = causeOf(error);
      failures += 1;
      if (failures < MOST_TRIES) {
        await condition(draining, backOffMs(failures), { summary: 'Next try: the page' });
        continue;
      }
      store.report({ name: 'warned', text: `the pager can't be told ${news.what} (${cause}): do it there` });
      failures = 0;
    }
    told.add(news.key);
  }
}

interface News {
  readonly key: string;
  readonly what: string;
  tell(): Promise<void>;
}

function newsForPager(incident: Incident): News[] {
  const { page, calling, excluded } = incident;
  if (!page || hasEnded(incident)) return [];
  const { by, at, door } = calling.acknowledged ?? {};
  const withdrawals = Object.entries(excluded).map(([email, exclusion]): News => ({
    key: `withdraw ${email} ${exclusion.at}`,
    what: 'that somebody need not come',
    tell: () => paging.withdrawRequest.executeWithOptions({ summary: 'Tell the pager' }, [page, email]),
  }));
  if (by === undefined || door === 'pagerduty') return withdrawals;
  const acknowledged: News = {
    key: `acknowledge ${page.id} ${at}`,
    what: 'that somebody has the page',
    tell: () => paging.acknowledgePage.executeWithOptions({ summary: 'Tell the pager' }, [page, by]),
  };
  return [...withdrawals, acknowledged];
}

function pageOf({ incident: { page } }: Store): Page {
  if (!page) throw new Error('somebody was to be called before there was a page');
  return page;
}
