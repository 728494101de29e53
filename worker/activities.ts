/** Every activity with its vendor behind it: the one place where the two meet. */
import { activityInfo, Context } from '@temporalio/activity';
import { createCompanyActivities } from '../activities/company';
import { createAddressActivities } from '../activities/addresses';
import { createContainmentActivities } from '../activities/containment';
import { createEvidenceActivities } from '../activities/evidence';
import { createIdentityActivities } from '../activities/identities';
import { createPagingActivities } from '../activities/paging';
import { createRoomActivities } from '../activities/room';
import type { AwsSettings } from '../integrations/aws/clients';
import { createAws } from '../integrations/aws/cloud';
import { createColdStorage } from '../integrations/aws/cold-storage/cold-storage';
import { createIdentities } from '../integrations/aws/identity/provider';
import { createPerimeter } from '../integrations/aws/network/perimeter';
import { createPagerDuty } from '../integrations/pagerduty/pager';
import { createSlack } from '../integrations/slack/room';
import type { Config } from './config';
import { tellProgress } from './heartbeats';
import { version as VERSION } from '../package.json';

export interface Wired {
  readonly activities: object;
  /** Asks each vendor once, so that a wrong token shows at start and the first incident finds open connections. */
  checkVendors(): Promise<{ vendor: string; problem?: string }[]>;
}

export function wire(config: Config): Wired {
  const { company, roomPaceMs } = config;
  const slack = createSlack({ ...config.slack, isRetry: () => activityInfo().attempt > 1 });
  const aws = createAws(config.aws);
  return {
    activities: {
      ...createCompanyActivities(company),
      ...createPagingActivities(createPagerDuty(config.pagerduty), company),
      ...createRoomActivities(slack, { roomPaceMs }),
      ...createContainmentActivities(aws),
      ...createIdentityActivities(createIdentities(config.aws)),
      ...createAddressActivities(createPerimeter(config.aws)),
      ...coldStorageOf(config.aws),
    },
    checkVendors: () =>
      Promise.all([checked('Slack', () => slack.check()), checked('AWS', () => aws.warmUp())]),
  };
}

/** Without cold storage no workflow asks for it. */
function coldStorageOf(settings: AwsSettings): object {
  const { coldStorage } = settings;
  if (!coldStorage) return {};
  const { images, vault, signer } = createColdStorage(
    { ...settings, coldStorage },
    {
      progress: (parts) => tellProgress(Context.current(), parts),
      doneParts: () => {
        const told: unknown = Context.current().info.heartbeatDetails;
        return typeof told === 'number' ? told : 0;
      },
    },
  );
  return createEvidenceActivities({ images, vault, signer, version: VERSION });
}

async function checked(
  vendor: string,
  check: () => Promise<void>,
): Promise<{ vendor: string; problem?: string }> {
  try {
    await check();
    return { vendor };
  } catch (error) {
    // The integrations' own failures say what to do, and nothing of an incident.
    return { vendor, problem: error instanceof Error ? error.message : 'unknown failure' };
  }
}
