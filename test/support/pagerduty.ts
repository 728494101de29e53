/** PagerDuty for tests of its integration: the stand-in's settings, and a pager that speaks to it. */
import type { PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';
import { createPagerDuty } from '../../integrations/pagerduty/pager';

export const TOKEN = 'stand-in-token';
export const CODENAME = 'sapphire-unicorn';
export const BRIDGE = {
  url: 'https://meet.example.com/attorney-work-project',
  phone: '+1 415-555-1212,,,,1234#',
};
/** In whose name the worker calls. */
export const FROM = 'firebreak@example.com';

const SERVICE = { serviceId: 'PSERVIC', escalationPolicyId: 'PPOLICY' };

/** What every account has. */
export const ACCOUNT = { token: TOKEN, ...SERVICE };

export function pagerAt(
  { url }: Pick<PagerDutyStandIn, 'url'>,
  changed: Partial<Parameters<typeof createPagerDuty>[0]> = {},
) {
  return createPagerDuty({ ...ACCOUNT, fromEmail: FROM, url, ...changed });
}
