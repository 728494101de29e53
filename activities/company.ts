/** The company's own configuration, read where the worker runs: no caller can bring a roster of its own. */
import type { Company } from '../domain/company';

/** `current` is what the worker started with, or read last; `renew` reads the configuration anew and throws where it can't. */
export function createCompanyActivities(
  current: () => Company,
  renew: () => Company | Promise<Company> = current,
) {
  return {
    async loadCompany(): Promise<Company> {
      return current();
    },
    /** For incidents that run: a responder's key was added, lost or stolen. */
    async renewCompany(): Promise<Company> {
      return renew();
    },
  };
}

export type CompanyActivities = ReturnType<typeof createCompanyActivities>;
