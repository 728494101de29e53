/** How a drill's incident is declared: by the command line's way, or by a person who writes `!ic page` in a channel of Slack. */
import { declareIncident } from '../client/incidents';
import { readFinding } from '../client/guardduty';
import { isCodename } from '../domain/codename';
import { EMPTY_SCOPE, widen, type Scope } from '../domain/scope';
import { readFindingOf, type Scenario } from './scenario';
import { createSlackPerson } from './slack-person';
import type { Stage } from './stage';

/** PagerDuty is waited for before the declarer is told, and a busy machine is slow. */
const ANSWERED_WITHIN_MS = 30_000;

/** @returns the codename. */
export async function declare(scenario: Scenario, stage: Stage): Promise<string> {
  if (scenario.declare.as === 'slack') return declareInSlack(scenario, stage);
  const { by } = scenario.declare;
  const { codename } = await declareIncident(
    stage.client,
    declarationOf(scenario, stage),
    stage.keyring,
    stage.people.signerOf(by),
  );
  return codename;
}

/** Everybody in the channel reads the answer: it is the codename. */
async function declareInSlack({ declare: { by, summary, channel } }: Scenario, { slack }: Stage) {
  const person = createSlackPerson(slack, by);
  const { ts } = await person.say(channel, `!ic page ${summary}`);
  const answer = await person.waitForMessage(
    channel,
    (message) => message.from === 'firebreak' && message.ts > ts && codenameIn(message.text) !== undefined,
    ANSWERED_WITHIN_MS,
  );
  return codenameIn(answer.text) as string;
}

function codenameIn(text: string): string | undefined {
  return text.split(/[^a-z-]+/).find(isCodename);
}

function declarationOf({ declare: declared, ...scenario }: Scenario, { fleet }: Stage) {
  const { by, summary, instances, services } = declared;
  const text = readFindingOf({ declare: declared, ...scenario }, fleet);
  const read = text === undefined ? undefined : readFinding(text);
  if (read && !read.ok) throw new Error(`The scenario's finding can't be read:\n${read.problems.join('\n')}`);
  let scope: Scope = read ? read.scope : EMPTY_SCOPE;
  for (const name of instances) for (const id of idsOf(name, fleet)) scope = widen(scope, 'instance', id);
  for (const service of services) scope = widen(scope, 'service', service);
  for (const kind of ['identity', 'secret', 'user'] as const)
    for (const id of declared[NAMED[kind]]) scope = widen(scope, kind, id);
  return { by, summary, scope, ...(read && { finding: read.finding }) };
}

/** One host, or all of a kind: `batch-*`. */
function idsOf(name: string, fleet: Stage['fleet']): string[] {
  if (!name.endsWith('*')) return [fleet[name]?.id ?? name];
  return Object.entries(fleet).flatMap(([one, { id }]) => (one.startsWith(name.slice(0, -1)) ? [id] : []));
}

const NAMED = { identity: 'identities', secret: 'secrets', user: 'users' } as const;
