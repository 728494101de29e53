/** What people do in a drill: each decision by the way that the scenario says. */
import { checklistOf, decideIncident, signDecision, timelineOf } from '../client/incidents';
import { CODEC_SERVER_AUDIENCE } from '../client/codec-server/audience';
import { newToken } from '../client/signing/token';
import { parseDecision, type DecisionInput } from '../domain/decisions';
import { decisionSignal } from '../workflows/incident/messages';
import { fieldsOf } from './fields';
import { surpriseOf } from './outcome';
import type { ScenarioDecision, ScenarioLook } from './scenario';
import { createSlackHands, type SlackHands } from './slack-hands';
import type { Stage } from './stage';

export interface Acting {
  /** All at the same moment. What went otherwise than the scenario says, a sentence each. */
  act(decisions: readonly ScenarioDecision[], openTasks: readonly string[]): Promise<string[]>;
  /** One after the other. */
  look(looks: readonly ScenarioLook[]): Promise<string[]>;
}

/** How long the webhook of an acknowledgement may take, and the door behind it. */
const ACKNOWLEDGED_WITHIN_MS = 30_000;

export function createActing(stage: Stage, codename: string): Acting {
  const hands = createSlackHands(stage, codename);
  return {
    async act(decisions, openTasks) {
      const sent = await Promise.all(
        byPerson(decisions).map(async (own) => {
          const surprises: string[] = [];
          for (const decision of own) {
            const surprise = await send(stage, hands, codename, decision, openTasks);
            if (surprise !== undefined) surprises.push(surprise);
          }
          return surprises;
        }),
      );
      return sent.flat();
    },
    async look(looks) {
      const surprises: string[] = [];
      for (const look of looks) {
        const surprise = await hands.look(look);
        if (surprise !== undefined) surprises.push(surprise);
      }
      return surprises;
    },
  };
}

/** In Slack, one person has one screen. */
function byPerson(decisions: readonly ScenarioDecision[]): ScenarioDecision[][] {
  const groups = new Map<unknown, ScenarioDecision[]>();
  for (const decision of decisions) {
    const key = decision.as === 'slack' ? decision.by : decision;
    groups.set(key, [...(groups.get(key) ?? []), decision]);
  }
  return [...groups.values()];
}

/** Sends one decision of a person, and says so where its outcome is not the scenario's. */
async function send(
  stage: Stage,
  hands: SlackHands,
  codename: string,
  decision: ScenarioDecision,
  openTasks: readonly string[],
): Promise<string | undefined> {
  const { client, fleet, people } = stage;
  const { by, does, as, raw, refused } = decision;
  const fields = await boundToTexts(
    stage,
    codename,
    fieldsOf(decision, openTasks, { fleet, codename, now: Date.now() }),
  );
  const input = { by, ...fields } as unknown as DecisionInput<typeof does>;
  const parsed = parseDecision(does, input);
  if (parsed.ok === (raw === true))
    throw new Error(
      parsed.ok
        ? `The scenario's ${does} by ${by} can be read, and should not.`
        : `The scenario's ${does} by ${by} can't be read:\n${parsed.problems.join('\n')}`,
    );
  const signer = people.signerOf(by);
  switch (as) {
    case 'slack':
      return hands.decide({ by, does, fields, ...(refused && { refused }) });
    case 'phone':
      return acknowledgeByPhone(stage, codename, by);
    case 'asked':
      await askInWebUi(stage, codename, by, { decision: does, by, ...fields });
      return undefined;
    case 'signal': {
      const message = await signDecision(codename, does, input, signer);
      await client.workflow.getHandle(codename).signal(decisionSignal, message);
      return undefined;
    }
    case 'update': {
      const { accepted, reasons } = await decideIncident(client, codename, does, input, signer);
      return surpriseOf(decision, refused, accepted, reasons);
    }
  }
}

/** `statement@1` is a request for the very text that is version 1; which that is, the incident says. */
async function boundToTexts(
  { client }: Stage,
  codename: string,
  fields: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { request } = fields;
  if (typeof request !== 'string' || !/^(note|statement)@\d+$/.test(request)) return fields;
  const { requests } = await checklistOf(client, codename);
  const bound = requests.find(({ id }) => id.startsWith(`${request}-`));
  return { ...fields, request: bound?.id ?? request };
}

/** PagerDuty says so to its door, whose decision is waited for: the worker's own look at the page would come too late. */
async function acknowledgeByPhone(
  { client, pagerduty }: Stage,
  codename: string,
  by: string,
): Promise<string | undefined> {
  pagerduty.acknowledge(codename, by);
  const deadline = Date.now() + ACKNOWLEDGED_WITHIN_MS;
  while (Date.now() < deadline) {
    const entries = await timelineOf(client, codename);
    if (
      entries.some(
        (entry) => entry.decision === 'acknowledge' && entry.door === 'pagerduty' && entry.by === by,
      )
    )
      return undefined;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return `${by} acknowledged the page on the phone, and the incident did not hear of it`;
}

/** As Temporal's Web UI does it for somebody who is signed in at the codec server: sealed there, and sent as a signal. */
async function askInWebUi(
  { client, codecServer, people }: Stage,
  codename: string,
  by: string,
  message: object,
): Promise<void> {
  const token = await newToken(people.signerOf(by), by, CODEC_SERVER_AUDIENCE, 60_000);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const answer = await fetch(`${codecServer.url}/encode`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-namespace': 'default',
    },
    body: JSON.stringify({
      payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(message)) }],
    }),
  });
  if (!answer.ok) throw new Error(`The codec server did not seal what ${by} asks: ${await answer.text()}`);
  const { payloads } = (await answer.json()) as {
    payloads: { metadata: Record<string, string>; data: string }[];
  };
  const bytes = (text: string) => Buffer.from(text, 'base64');
  await client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: codename },
    signalName: decisionSignal.name,
    identity: 'firebreak',
    input: {
      payloads: payloads.map(({ metadata, data }) => ({
        metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, bytes(value)])),
        data: bytes(data),
      })),
    },
  });
}
