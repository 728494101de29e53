/** Every activity with its vendor behind it: the one place where the two meet. */
import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createCompanyActivities } from '../activities/company';
import { createAddressActivities } from '../activities/addresses';
import { createContainmentActivities } from '../activities/containment';
import { createEvidenceActivities } from '../activities/evidence';
import { createIdentityActivities } from '../activities/identities';
import { createLedgerActivities } from '../activities/ledger';
import { createMailActivities, type Mailer } from '../activities/mail';
import { createPagingActivities } from '../activities/paging';
import { createPracticeActivities } from '../activities/practice';
import { createPublishingActivities } from '../activities/publishing';
import { createRoomActivities } from '../activities/room';
import { createSmsActivities } from '../activities/sms';
import { asOneStep } from '../activities/step';
import type { Company } from '../domain/company';
import { personAt } from '../domain/roles';
import { createAws } from '../integrations/aws/cloud';
import { createColdStorage } from '../integrations/aws/cold-storage/cold-storage';
import { createIdentities } from '../integrations/aws/identity/provider';
import { createPerimeter } from '../integrations/aws/network/perimeter';
import { createDiskSigner } from '../integrations/disk/signer';
import { createDiskVault } from '../integrations/disk/vault';
import { createPagerDuty } from '../integrations/pagerduty/pager';
import { createPdfApart } from '../integrations/pdf/apart';
import { createPublisher } from '../integrations/publishing/publisher';
import { createSlack } from '../integrations/slack/room';
import { createSmsProvider } from '../integrations/sms/provider';
import { createSmtpMailer } from '../integrations/smtp/mailer';
import type { Config } from './config';
import { tellProgress } from './heartbeats';
import type { MailKeyring } from './mail-keys';
import { createOnCall } from './on-call';
import { version as VERSION } from '../package.json';

export interface Wired {
  readonly activities: object;
  /** Asks the pager who is on call, until the signal. */
  keepOnCall(signal: AbortSignal): void;
  /** Asks each vendor once, so that a wrong token shows at start and the first incident finds open connections. */
  checkVendors(): Promise<{ vendor: string; problem?: string }[]>;
}

export interface Surroundings {
  /** Reads the company's configuration anew, and throws where it can't be used. */
  renew(): Promise<Company>;
  readonly mailKeys: MailKeyring;
  warn(text: string): void;
}

export function wire(config: Config, { renew, mailKeys, warn }: Surroundings): Wired {
  let { company } = config;
  const { roomPaceMs } = config;
  const idOf = (vendor: 'slack' | 'pagerduty') => (email: string) =>
    personAt(email, company.roster)?.[vendor];
  const slack = createSlack({
    ...config.slack,
    announces: company.communication?.inside.some(({ kind }) => kind === 'slack') === true,
    isRetry: () => activityInfo().attempt > 1,
    idOf: idOf('slack'),
    emailOf: (id) => company.roster.find((person) => person.slack === id)?.email,
  });
  const pager = createPagerDuty({
    ...config.pagerduty,
    idOf: idOf('pagerduty'),
    emailOf: (id) => company.roster.find((person) => person.pagerduty === id)?.email,
  });
  const onCall = createOnCall({ ...config.onCall, ask: () => pager.onCall(), warn });
  const asItIs = (known: Company): Company => {
    const now = onCall.current();
    return mailKeys.told(now ? { ...known, onCall: now } : known);
  };
  const aws = createAws(config.aws);
  const mailer = mailerOf(config, mailKeys);
  return {
    activities: asOneStep({
      ...createCompanyActivities(
        () => asItIs(company),
        async () => asItIs((company = await renew())),
      ),
      ...createPagingActivities(pager, company),
      ...createRoomActivities(slack, { roomPaceMs }),
      ...createContainmentActivities(aws),
      ...createIdentityActivities(createIdentities(config.aws)),
      ...createAddressActivities(createPerimeter(config.aws)),
      ...keepingOf(config),
      ...(mailer && createMailActivities(mailer, createPdfApart)),
      ...waysOutOf(config),
      ...createPracticeActivities(),
    }),
    keepOnCall: (signal) => onCall.start(signal),
    checkVendors: () =>
      Promise.all([
        checked('Slack', () => slack.check()),
        checked('AWS', () => aws.warmUp()),
        ...(mailer ? [checked('The mail server', () => mailer.check())] : []),
      ]),
  };
}

/** Evidence and the ledger. Without cold storage no workflow asks to keep evidence, and the ledger has a folder of its own. */
function keepingOf({ aws, ledger }: Config): object {
  const cold = aws.coldStorage && createColdStorage({ ...aws, coldStorage: aws.coldStorage }, PROGRESS);
  const disk = ledger && { vault: createDiskVault(ledger.folder), signer: createDiskSigner(ledger.keyFile) };
  const keeper = disk ?? cold;
  return {
    ...(cold && createEvidenceActivities({ ...cold, version: VERSION })),
    ...(keeper && createLedgerActivities({ vault: keeper.vault, signer: keeper.signer, version: VERSION })),
  };
}

function mailerOf({ waysOut }: Config, keys: MailKeyring): Mailer | undefined {
  return waysOut?.mail && createSmtpMailer({ ...waysOut.mail, keys });
}

/** Words inside and outside. Where a way is not configured, no message passes that would take it (`domain/outgoing.ts`). */
function waysOutOf({ waysOut }: Config): object {
  const { sms, publishing } = waysOut ?? {};
  return {
    ...(sms && createSmsActivities(createSmsProvider(sms))),
    ...(publishing && createPublishingActivities(createPublisher(publishing))),
  };
}

const PROGRESS = {
  progress: (parts: number) => tellProgress(Context.current(), parts),
  doneParts: () => {
    const told: unknown = Context.current().info.heartbeatDetails;
    return typeof told === 'number' ? told : 0;
  },
};

async function checked(
  vendor: string,
  check: () => Promise<void>,
): Promise<{ vendor: string; problem?: string }> {
  try {
    await check();
    return { vendor };
  } catch (error) {
    // The integrations' own failures say what to do, and nothing of an incident.
    return { vendor, problem: error instanceof ApplicationFailure ? error.message : 'unknown failure' };
  }
}
