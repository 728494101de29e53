/** The doors of a drill: Slack's over Socket Mode and PagerDuty's for webhooks, each a process of its own with a key of its own. */
import { join } from 'node:path';
import { createPeople, type DrillPeople } from './people';
import { startProcess, untilListening, type Running } from './processes';
import type { PagerDutyStandIn } from './stand-ins/pagerduty';
import type { SlackStandIn } from './stand-ins/slack';

export const DOOR_NAMES = ['slack', 'pagerduty'] as const;
export type DoorName = (typeof DOOR_NAMES)[number];

/** What the stand-ins and their doors know of each other, and nobody else. */
export const DOOR_SECRETS = {
  appToken: 'xapp-drill-slack-app-token',
  signingSecret: 'drill-slack-signing-secret',
  webhookSecret: 'drill-pagerduty-webhook-secret',
} as const;

/** Their logs in the drill's folder, and what stands in each once it runs. */
export const DOOR_LOGS: Readonly<Record<DoorName, { readonly file: string; readonly knows: string }>> = {
  slack: { file: 'slack-app.log', knows: 'connected to Slack' },
  pagerduty: { file: 'pagerduty-webhook.log', knows: 'listening at' },
};

/** By the door's name, as if each were somebody. */
export function createDoorKeys(folder: string): Promise<DrillPeople> {
  return createPeople(join(folder, 'doors'), DOOR_NAMES);
}

export interface DoorSettings {
  readonly root: string;
  readonly folder: string;
  /** What every process of Firebreak's is given here. */
  readonly env: Readonly<Record<string, string>>;
  readonly keys: DrillPeople;
}

export async function startSlackDoor(
  { root, folder, env, keys }: DoorSettings,
  slack: SlackStandIn,
): Promise<Running> {
  return startProcess({
    name: "Slack's door",
    main: join(root, 'dist', 'client', 'slack-app', 'main.js'),
    folder,
    log: DOOR_LOGS.slack.file,
    env: {
      ...env,
      SLACK_APP_TOKEN: DOOR_SECRETS.appToken,
      FIREBREAK_SLACK_DOOR_KEY: keys.keyFile('slack'),
    },
    isReady: async () => slack.app.connections() > 0,
  });
}

/** From then on PagerDuty sends its webhooks there. */
export async function startPagerDutyDoor(
  { root, folder, env, keys }: DoorSettings,
  pagerduty: PagerDutyStandIn,
): Promise<Running> {
  const { port, ...running } = await untilListening((listeningAt) =>
    startProcess({
      name: "PagerDuty's door",
      main: join(root, 'dist', 'client', 'pagerduty-webhook', 'main.js'),
      folder,
      log: DOOR_LOGS.pagerduty.file,
      env: {
        ...env,
        FIREBREAK_WEBHOOK_PORT: String(listeningAt),
        FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: DOOR_SECRETS.webhookSecret,
        FIREBREAK_PAGERDUTY_DOOR_KEY: keys.keyFile('pagerduty'),
      },
      isReady: async () => (await fetch(`http://127.0.0.1:${listeningAt}/`)).status === 404,
    }),
  );
  pagerduty.webhooks.subscribe({
    url: `http://127.0.0.1:${port}/pagerduty`,
    secret: DOOR_SECRETS.webhookSecret,
  });
  return running;
}
