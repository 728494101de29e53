/** Paging: waking people up, with nothing said but the codename and where to go. */
import { activityInfo } from '@temporalio/activity';
import type { OnCallPerson } from '../domain/on-call';

/** How the voice call is reached. */
export interface Bridge {
  readonly url: string;
  readonly phone?: string;
}

/** How the page stands. */
export interface PageState {
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  /** The e-mail of who acknowledged it first, where the vendor tells. */
  readonly by?: string;
}

export interface Called {
  readonly called: boolean;
  /** Nobody was rung since somebody has answered already, and not because the vendor does not know the person. */
  readonly answered?: true;
}

/** What paging needs of a vendor. The keys make each call safe to repeat: it is made once or adopted. */
export interface Pager {
  /** Opens the page for an incident, or adopts the open one of the same codename. */
  openPage(request: { codename: string; bridge: Bridge }): Promise<Page>;
  /** Asks people, by their e-mail, to join the page. People whom the vendor does not know are named in `unknown`. */
  requestResponders(request: {
    page: Page;
    emails: readonly string[];
  }): Promise<{ requested: string[]; unknown: string[] }>;
  /** Adds a note to the page, once for the same text. */
  addNote(request: { page: Page; text: string }): Promise<void>;
  /** Resolves the page; resolving a resolved page changes nothing. */
  resolvePage(request: { page: Page }): Promise<void>;
  /** @param request `excluded`, e-mails: whose answer does not count, here and below; somebody else has to have the page */
  stateOf(request: { page: Page; excluded?: readonly string[] }): Promise<PageState>;
  /**
   * Makes the page ring with this person next; rings again if it was theirs. False where the vendor does not know them. Does
   * nothing to a page that somebody has acknowledged.
   *
   * @param request `since`, in milliseconds since the epoch: a ring with this person from then on is this call's own, made by an
   * attempt whose answer was lost, and is not made again. Left out: it always rings
   */
  callNext(request: {
    page: Page;
    email: string;
    excluded?: readonly string[];
    since?: number;
  }): Promise<Called>;
  /** Says on the page that this person has it, so that the vendor's own rules wake nobody else. Nothing where somebody has it. */
  acknowledge(request: { page: Page; email: string }): Promise<void>;
  /** Asks a person no longer to come: what still rings with them stops. Nothing where they were not asked. */
  withdraw(request: { page: Page; email: string }): Promise<void>;
  /** Everybody who can read every page by their role in the account. E-mails. */
  administrators(): Promise<string[]>;
  /** Who is on call now, in the order in which people are called. Phones where the vendor tells them. */
  onCall(): Promise<OnCallPerson[]>;
}

export interface Page {
  readonly id: string;
  readonly url: string;
}

export function createPagingActivities(pager: Pager, company: { bridge: Bridge }) {
  return {
    /** Pages the incident commander on call. */
    async pageIncidentCommander(codename: string): Promise<Page> {
      return pager.openPage({ codename, bridge: company.bridge });
    },

    /** Adds responders to the page, so that they are woken too. */
    async pageResponders(page: Page, emails: string[]): Promise<{ requested: string[]; unknown: string[] }> {
      return pager.requestResponders({ page, emails });
    },

    /** Writes to the page where people meet. */
    async noteOnPage(page: Page, text: string): Promise<void> {
      await pager.addNote({ page, text });
    },

    /** Ends the page when the incident has ended. */
    async resolvePage(page: Page): Promise<void> {
      await pager.resolvePage({ page });
    },

    /** Whether somebody has said "I have it". */
    async pageState(page: Page, excluded: string[] = []): Promise<PageState> {
      return pager.stateOf({ page, excluded });
    },

    /** The next in line: their phone rings, once however many attempts this takes. */
    async callNext(page: Page, email: string, excluded: string[] = []): Promise<Called> {
      return pager.callNext({ page, email, excluded, since: activityInfo().scheduledTimestampMs });
    },

    /** Somebody has said so elsewhere: the vendor is told, and goes no further. */
    async acknowledgePage(page: Page, email: string): Promise<void> {
      await pager.acknowledge({ page, email });
    },

    /** Somebody is excluded: nothing rings with them any more. */
    async withdrawRequest(page: Page, email: string): Promise<void> {
      await pager.withdraw({ page, email });
    },

    /** Who else can read the page. */
    async pageAdministrators(): Promise<string[]> {
      return pager.administrators();
    },
  };
}

export type PagingActivities = ReturnType<typeof createPagingActivities>;
