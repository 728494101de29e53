/** Everything outside of payloads, the room and the ledger that somebody could read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run as runCommandLine } from '../../client/cli/main';
import { CODEC_SERVER_AUDIENCE } from '../../client/codec-server/audience';
import { newToken } from '../../client/signing/token';
import { newKeyring } from '../../codec/keyring';
import { DOOR_LOGS } from '../doors';
import type { Records } from '../records';
import { answersIn } from '../sent';
import type { Stage } from '../stage';
import type { Call } from '../stand-ins/recording-proxy';
import type { Place } from './scan';
import { database, overHttp, printed, whatTemporalShows, type Shown } from './temporal';
import { whatVendorsWereTold } from './vendors';
import { whatLeft } from './ways-out';

export async function gatherPlaces(
  stage: Stage,
  records: Records,
  history: string,
): Promise<{ readonly places: readonly Place[]; readonly documents: Shown['documents'] }> {
  const { codename } = records;
  const { places: shown, documents } = await whatTemporalShows(stage, codename);
  const [web, endpoints, errors, processes] = await Promise.all([
    overHttp(stage, codename),
    whatAnybodyIsAnswered(stage, history),
    whatTheCommandLineSays(stage, codename),
    commandLinesOfProcesses(),
  ]);
  const places: Place[] = [
    ...shown,
    ...web,
    ...(await database(stage, codename)),
    { name: 'history.json', kind: 'temporal', content: history, knows: codename },
    ...endpoints,
    ...errors,
    processes,
    // Last, with all that the others have caused to be logged.
    ...logs(stage),
    ...doorLogs(stage),
    ...whatVendorsWereTold({
      codename,
      pagerduty: stage.pagerduty,
      slack: { calls: stage.slack.calls, roomId: records.slack.room?.id, ...whoSaw(records) },
      aws: { calls: records.aws.calls, evidenceBucket: stage.configuration.coldStorage.bucket },
    }),
    ...(records.messages
      ? whatLeft({
          messages: records.messages,
          smsRequests: stage.waysOut.sms.received,
          publishingRequests: stage.waysOut.publishing.received,
          isOnTheTeam: (address) =>
            records.checklist.people.some(({ email, roles }) => email === address && roles.length > 0),
        })
      : []),
    await whatSlackShows(stage, codename),
  ];
  return { places, documents };
}

/** What one person alone is shown is as much as that person may see: in the room, or in a view of somebody who takes part. */
function whoSaw({ checklist, slack, people }: Records) {
  if (!people) return {};
  const answers = answersIn({ calls: slack.calls, deliveries: people.deliveries });
  const takesPart = (user: string, at: number) =>
    checklist.people.some(
      ({ email, roles, excluded }) =>
        people.idOf(email) === user && roles.length > 0 && (!excluded || at < excluded.at),
    );
  return {
    otherRooms: people.rooms,
    company: people.company ?? [],
    isForInsider: (call: Call) => {
      const answer = answers.get(call);
      if (!answer || !takesPart(answer.user, call.at)) return false;
      return answer.channel === undefined || people.rooms.includes(answer.channel);
    },
    isPrivate: (call: Call) => answers.has(call),
  };
}

/** Those of the doors, where there are doors. */
export function doorLogs({ folder }: Pick<Stage, 'folder'>): Place[] {
  return Object.values(DOOR_LOGS).map(({ file, knows }) => ({
    name: file,
    kind: 'log',
    content: readFileSync(join(folder, file), 'utf8'),
    knows,
  }));
}

export function logs({ folder, codecLog }: Pick<Stage, 'folder' | 'codecLog'>): Place[] {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  return [
    { name: 'worker.log', kind: 'log', content: read('worker.log'), knows: 'Worker state changed' },
    { name: 'temporal.log', kind: 'temporal', content: read('temporal.log'), knows: 'Temporal Server' },
    {
      name: "the codec server's log",
      kind: 'log',
      content: codecLog.join('\n'),
      knows: 'POST /decode 200, 1 payload',
    },
  ];
}

/** Everybody on a machine can list these. */
export async function commandLinesOfProcesses(): Promise<Place> {
  const table = (await printed('ps', ['-A', '-o', 'ppid=', '-o', 'comm=', '-o', 'args='])).toString('utf8');
  const ours = table.split('\n').filter((line) => Number.parseInt(line, 10) === process.pid);
  return {
    name: 'the list of processes',
    kind: 'process',
    content: ours.join('\n'),
    knows: join('worker', 'main.js'),
  };
}

/** Health, what is not there, and the codec server without a token; and one payload opened with one, for its log. */
export async function whatAnybodyIsAnswered(
  {
    workerHealth,
    codecServer,
    people,
    configuration,
  }: Pick<Stage, 'workerHealth' | 'codecServer' | 'people' | 'configuration'>,
  history: string,
): Promise<Place[]> {
  const worker = new URL('/', workerHealth()).origin;
  const asked: readonly (readonly [url: string, method: string, knows?: string])[] = [
    [`${worker}/health`, 'GET', '"status"'],
    [`${worker}/metrics`, 'GET'],
    [`${codecServer.url}/`, 'GET', '<!doctype html>'],
    [`${codecServer.url}/health`, 'GET', '"status"'],
    [`${codecServer.url}/session`, 'GET'],
    [`${codecServer.url}/metrics`, 'GET', 'There is nothing here'],
    [`${codecServer.url}/decode`, 'POST', 'firebreak token'],
  ];
  const answers = asked.map(async ([url, method, knows]): Promise<Place> => {
    const answer = await fetch(url, { method, ...(method === 'POST' && { body: sealedIn(history) }) });
    return {
      name: `${method} ${url}`,
      kind: 'endpoint',
      content: [...answer.headers].map((header) => header.join(': ')).join('\n') + (await answer.text()),
      ...(knows !== undefined && { knows }),
    };
  });
  const places = await Promise.all(answers);
  const by = configuration.roster[0]?.email ?? '';
  const token = await newToken(people.signerOf(by), by, CODEC_SERVER_AUDIENCE, 60_000);
  await fetch(`${codecServer.url}/decode`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-namespace': 'default',
    },
    body: sealedIn(history),
  });
  return places;
}

/** The declaration, as it lies in the history. */
function sealedIn(history: string): string {
  const { events } = JSON.parse(history) as {
    events: { workflowExecutionStartedEventAttributes?: { input: { payloads: unknown[] } } }[];
  };
  return JSON.stringify({
    payloads: events[0]?.workflowExecutionStartedEventAttributes?.input.payloads.slice(0, 1),
  });
}

/** Wrong names, a wrong keyring, an incident that has ended: on stderr stands what was typed, and nothing else of the incident. */
async function whatTheCommandLineSays(
  { folder, temporal, keyringFile, people, configuration }: Stage,
  codename: string,
): Promise<Place[]> {
  const by = configuration.roster[0]?.email ?? '';
  const otherKeyring = join(folder, 'other-keyring.yaml');
  writeFileSync(otherKeyring, newKeyring('other'), { mode: 0o600 });
  const environment = {
    TEMPORAL_ADDRESS: temporal.address,
    FIREBREAK_KEYRING_FILE: keyringFile,
    FIREBREAK_KEY: people.keyFile(by),
  };
  const tried: readonly (readonly [
    args: readonly string[],
    knows: string | undefined,
    more?: Record<string, string>,
  ])[] = [
    [['status', 'amber-nowhere'], 'amber-nowhere'],
    [['timeline', `${codename}-1`], `${codename}-1`],
    [['complete', codename, 'no-such-task', '--as', by], 'no-such-task'],
    [
      ['approve', codename, 'contact:nobody', '--as', by],
      undefined,
      { FIREBREAK_KEYRING_FILE: otherKeyring },
    ],
    [['approve', codename, 'contact:nobody', '--as', by], 'has ended'],
    [['evidence', codename, '--nonsense'], '--nonsense'],
    [['status', codename], 'keyring', { FIREBREAK_KEYRING_FILE: join(folder, 'missing.yaml') }],
    [
      ['approve', codename, 'contact:nobody', '--as', by],
      'missing',
      { FIREBREAK_KEY: join(folder, 'missing') },
    ],
    [['verify', join(folder, 'missing')], 'missing'],
  ];
  const places: Place[] = [];
  for (const [args, knows, more = {}] of tried) {
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    await within({ ...environment, ...more }, () => runCommandLine(args, { out: say, err: say }));
    const name = `what "firebreak ${args.join(' ')}" said`;
    places.push({
      name,
      kind: 'error',
      content: said.join(''),
      ...(knows !== undefined && { knows }),
      typed: [...args, ...Object.values(more)],
    });
  }
  return places;
}

/** The command line reads this process's own environment. */
async function within(
  settings: Readonly<Record<string, string>>,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, settings);
  try {
    await work();
  } finally {
    for (const name of Object.keys(settings))
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
  }
}

/** To anybody in the workspace, and to the app itself: which rooms there are, and what they are about. */
export async function whatSlackShows(
  { slack, configuration, colleagues }: Pick<Stage, 'slack' | 'configuration' | 'colleagues'>,
  codename: string,
): Promise<Place> {
  const everybody = [...configuration.roster.map(({ email }) => email), ...colleagues];
  const lists = everybody.map(async (email) => {
    const answer = await fetch(`${slack.url}conversations.list`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.tokenOf(email)}` },
      body: new URLSearchParams({ types: 'private_channel,public_channel', limit: '1000' }),
    });
    const { channels = [] } = (await answer.json()) as { channels?: Channel[] };
    return channels.map(({ name, topic, purpose }) => [name, topic?.value, purpose?.value].join('\n'));
  });
  return {
    name: "Slack's list of rooms",
    kind: 'slack',
    content: (await Promise.all(lists)).flat().join('\n'),
    knows: `Attorney Work Project ${codename}`,
  };
}

interface Channel {
  readonly name: string;
  readonly topic?: { readonly value: string };
  readonly purpose?: { readonly value: string };
}
