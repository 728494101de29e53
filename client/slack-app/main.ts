/** The Slack app's process: configuration, listen. Ends in order on SIGINT and SIGTERM. */
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { tryKeyring } from '../../codec/codec';
import { connectLater, environment } from '../config';
import { ConnectionMisconfigured } from '../errors';
import { openKeyService } from '../key-service';
import { codeOf, complain, log, runProcess, untilToldToEnd } from '../process';
import { createSlackDoor } from './app';
import { readSlackAppConfig, type SlackAppConfig } from './config';
import { createHttpReceiver } from './http';
import { watchRoster } from './roster';
import { createSlackApi } from './slack';
import { createSocketReceiver } from './socket';
import { isReachable } from './temporal';

async function main(): Promise<number> {
  const env = environment();
  const keyService = openKeyService(env['AWS_ENDPOINT_URL'] || undefined);
  const read = await readSlackAppConfig(env, (path) => readFileSync(path, 'utf8'), keyService);
  if (!read.ok) return complain('The configuration has problems:', read.problems);
  const { config } = read;
  let client: Client;
  try {
    client = connectLater(config.keyring);
  } catch (error) {
    if (!(error instanceof ConnectionMisconfigured)) throw error;
    return complain('The configuration has problems:', [error.message]);
  }
  const receiver = receiverOf(config);
  const door = createSlackDoor({
    ...config,
    receiver,
    slack: createSlackApi(config),
    client,
    secret: config.keyring,
    roster: watchRoster(config.rosterPath, config.roster, log),
    log,
  });
  const ended = untilToldToEnd();
  try {
    await receiver.start();
  } catch (error) {
    return complain(`The Slack app can't listen${codeOf(error)}.`, [
      'end what listens there, or name others in FIREBREAK_SLACK_HOST and FIREBREAK_SLACK_PORT',
    ]);
  }
  void isReachable(client).then((is) =>
    log(is ? 'Temporal answers' : "Temporal can't be reached: what is decided meanwhile is tried on"),
  );
  void tryKeyring(config.keyring).catch(() =>
    log("the keys can't be used just now, so nothing can be read: look at the keyring and its key service"),
  );
  await ended;
  // The connection to Temporal ends with the process: closed before, it would throw at attempts that are left behind.
  await door.stop();
  return 0;
}

function receiverOf({ listening, url }: SlackAppConfig) {
  return listening.kind === 'http'
    ? createHttpReceiver({ ...listening, log })
    : createSocketReceiver({ ...listening, ...(url !== undefined && { url }), log });
}

runProcess('The Slack app', main);
