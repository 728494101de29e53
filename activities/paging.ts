/** Paging: waking people up, with nothing said but the codename and where to go. */

/** How the voice call is reached. */
export interface Bridge {
  readonly url: string;
  readonly phone?: string;
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
  };
}

export type PagingActivities = ReturnType<typeof createPagingActivities>;
