/** The process of PagerDuty's door: configuration, keys, listen. Ends in order on SIGINT and SIGTERM. */
import { readFileSync } from 'node:fs';
import { connect, environment, readKeys } from '../config';
import { withoutComment } from '../../domain/trust/keys';
import { FileUnreadable, InvalidInput } from '../errors';
import { isLoopback } from '../http/loopback';
import { codeOf, complain, log, runProcess, untilToldToEnd } from '../process';
import { watchRoster } from '../roster';
import { loadSigner } from '../signing/signer';
import { acknowledging } from './acknowledgement';
import { readWebhookConfig } from './config';
import { startWebhook, type WebhookServer } from './server';
import { createWay } from './temporal';

const PROBLEMS = 'The configuration has problems:';

async function main(): Promise<number> {
  const read = readWebhookConfig(environment(), (path) => readFileSync(path, 'utf8'));
  const ring = await problemsOr(async () => readKeys());
  if (!read.ok) return complain(PROBLEMS, [...read.problems, ...('problems' in ring ? ring.problems : [])]);
  const { config } = read;
  const signer = await problemsOr(() => loadSigner({ keyFile: config.keyFile }));
  if ('problems' in ring || 'problems' in signer)
    return complain(
      PROBLEMS,
      [ring, signer].flatMap((one) => ('problems' in one ? one.problems : [])),
    );
  if (!config.enrolled.some((key) => withoutComment(key) === signer.value.publicKey))
    return complain(PROBLEMS, [
      `${config.rosterPath}: doors.pagerduty: the key in ${config.keyFile} is not among them, so nothing that it signs would count: write "${signer.value.publicKey}" there`,
    ]);
  const way = createWay(() => connect(ring.value), log);
  let server: WebhookServer;
  try {
    server = await startWebhook({
      ...config,
      roster: watchRoster(config.rosterPath),
      acknowledging: (acknowledged) => acknowledging(acknowledged, signer.value, way.client),
      log,
    });
  } catch (error) {
    await way.close();
    return complain(`PagerDuty's door can't listen on ${config.host}, port ${config.port}${codeOf(error)}.`, [
      'end what listens there, or name others in FIREBREAK_WEBHOOK_HOST and FIREBREAK_WEBHOOK_PORT',
    ]);
  }
  log(`listening at ${config.host}, port ${server.port}`);
  if (!isLoopback(config.host))
    log('other machines reach this door in clear text: let something that speaks TLS stand before it');
  if (config.known === 0)
    log("nobody on the roster has PagerDuty's id (pagerduty), so no acknowledgement is anybody's");
  await untilToldToEnd();
  await server.close();
  await way.close();
  return 0;
}

type Got<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** Those that somebody can mend; whatever else goes wrong is thrown. */
async function problemsOr<T>(get: () => Promise<T>): Promise<Got<T>> {
  try {
    return { value: await get() };
  } catch (error) {
    if (error instanceof InvalidInput) return { problems: error.problems };
    if (error instanceof FileUnreadable) return { problems: [error.message] };
    throw error;
  }
}

runProcess("PagerDuty's door", main);
