/** The company's own configuration, read where the worker runs: no caller can bring a roster of its own. */
import type { Company } from '../domain/company';

/** `load` reads it anew: the keys of a running incident are renewed from it. */
export function createCompanyActivities(load: () => Company) {
  return {
    async loadCompany(): Promise<Company> {
      return load();
    },
  };
}

export type CompanyActivities = ReturnType<typeof createCompanyActivities>;
