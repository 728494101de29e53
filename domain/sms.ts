/**
 * "Do not use SMS to communicate about the incident. The only exception is to tell someone to move to a more secure channel.
 * e.g. 'Please join Slack ASAP'." These are all the texts there are.
 */
export const SMS_TEXTS = {
  joinSlack: 'Please join Slack ASAP',
  joinCall: 'Please join the call ASAP',
  checkPager: 'Please check PagerDuty ASAP',
} as const;

export type SmsTextId = keyof typeof SMS_TEXTS;

export const SMS_TEXT_IDS = Object.keys(SMS_TEXTS) as SmsTextId[];

export const SMS_SOURCE = 'Do not use SMS to communicate about the incident.';
