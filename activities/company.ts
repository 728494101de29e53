/** The company's own configuration, read where the worker runs: no caller can bring a roster of its own. */
import type { Company } from '../domain/company';

export function createCompanyActivities(company: Company) {
  return {
    async loadCompany(): Promise<Company> {
      return company;
    },
  };
}

export type CompanyActivities = ReturnType<typeof createCompanyActivities>;
