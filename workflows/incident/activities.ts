/** The activities as the incident calls them, grouped by how they may fail. Each number carries its reason. */
import type { CompanyActivities } from '../../activities/company';
import type { MailActivities } from '../../activities/mail';
import type { PagingActivities } from '../../activities/paging';
import type { PublishingActivities } from '../../activities/publishing';
import type { RoomActivities } from '../../activities/room';
import type { SmsActivities } from '../../activities/sms';
import { localSteps, steps } from '../steps';

/** Read from the worker's memory. */
export const company = localSteps<CompanyActivities>({ startToCloseTimeout: '5 seconds' });

/** The worker says every half second that it lives (`worker/heartbeats.ts`): its death is noticed within this. */
const ALIVE = '3 seconds';

/** Quick attempts for a passing blip; after those the incident says that it failed, and tries again by its own clock. */
const QUICK = { initialInterval: '200 milliseconds', backoffCoefficient: 3, maximumAttempts: 3 } as const;

export const paging = steps<PagingActivities>({
  // The vendor's own time-out is 10 s; a page that takes longer is better sent again.
  startToCloseTimeout: '15 seconds',
  // A vendor that asks to wait a minute is waited for by the incident's clock, where people see it.
  scheduleToCloseTimeout: '45 seconds',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const room = steps<RoomActivities>({
  // Invitations are one call a person where one of them is refused.
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '60 seconds',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const words = steps<Pick<RoomActivities, 'tellPerson'>>({
  // Three calls at most. Whoever is not reached by then is named in the room.
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '30 seconds',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const audiences = steps<Pick<RoomActivities, 'roomAudience'>>({
  // A big workspace is read in many calls, and Slack takes about twenty of them a minute. Nobody waits for it.
  startToCloseTimeout: '60 seconds',
  scheduleToCloseTimeout: '4 minutes',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

/** At most this many messages go out in one call: at one a second, Slack's own pace, within the time-out below. */
export const MESSAGES_A_CALL = 20;

export const roomFeed = steps<Pick<RoomActivities, 'tellRoom'>>({
  startToCloseTimeout: '90 seconds',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

/** One attempt: the outbox tries again by its own clock, and asks the gates before it does. */
const ONCE = { maximumAttempts: 1 } as const;

export const mail = steps<MailActivities>({
  // A server that takes a big mail slowly is given the time: what is broken off may have arrived.
  startToCloseTimeout: '2 minutes',
  // Waiting for a worker is no attempt.
  scheduleToStartTimeout: '10 minutes',
  heartbeatTimeout: ALIVE,
  retry: ONCE,
});

export const sms = steps<SmsActivities>({
  startToCloseTimeout: '15 seconds',
  heartbeatTimeout: ALIVE,
  retry: ONCE,
});

export const publishing = steps<PublishingActivities>({
  // A status page tells its own subscribers before it answers.
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout: ALIVE,
  retry: ONCE,
});

export const announcements = steps<Pick<RoomActivities, 'announce'>>({
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout: ALIVE,
  retry: ONCE,
});
