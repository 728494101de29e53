/** The keys of people outside, as their folder has them now: mail is encrypted to them, and incidents know whose there are. */
import type { MailKey } from '../domain/communication';
import type { Company } from '../domain/company';
import { readMailKeys, type MailKeys } from '../integrations/smtp/keys';

export interface MailKeyring {
  /** Lists what is wrong with the folder; nothing where all of it can be used. What was read before stays then. */
  read(): Promise<readonly string[]>;
  /** The company, with what is known of its keys. */
  told(company: Company): Company;
  get(address: string): { readonly text: string } | undefined;
}

/** @param folder left out: there are none */
export function createMailKeyring(folder: string | undefined): MailKeyring {
  let keys: MailKeys = new Map();
  return {
    async read() {
      if (folder === undefined) return [];
      const found = await readMailKeys(folder);
      if (!found.ok) return found.problems;
      keys = found.keys;
      return [];
    },
    told(company) {
      const { communication } = company;
      if (!communication) return company;
      const known = Object.fromEntries(
        [...keys].map(([address, { kind, fingerprint, notAfter }]): [string, MailKey] => [
          address,
          { kind, fingerprint, ...(notAfter !== undefined && { notAfter }) },
        ]),
      );
      return { ...company, communication: { ...communication, keys: known } };
    },
    get: (address) => keys.get(address),
  };
}
