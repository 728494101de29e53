/** Memory, by a document of Systems Manager that the company brings: Firebreak has no tool of its own for it. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  GetCommandInvocationCommand,
  paginateListCommands,
  SendCommandCommand,
  type Command,
  type GetCommandInvocationResult,
} from '@aws-sdk/client-ssm';
import type { Capture, MemoryCapture } from '../../activities/containment';
import type { MemorySettings, Target } from './clients';
import { hasCode } from './failures/aws-error';

/** The first pause between two looks and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;
/** How long Systems Manager tries to deliver the command, in seconds: it takes no less. */
const SHORTEST_DELIVERY_S = 30;

/** Codes of an instance that Systems Manager does not know or can't reach, or that the document is not for. */
const NO_AGENT = ['InvalidInstanceId', 'UnsupportedPlatformType'];

/**
 * Has the document capture memory to `<destination>/<codename>/<instance>` and waits for it as long as the time box says.
 * Never throws for what keeps memory from being captured: it says why not. Missing permissions and AWS in trouble are
 * failures as everywhere. The SHA-256 is what the document prints of it, if it does.
 *
 * To be started right after `protect`, beside the isolation, which never waits for it. On an isolated host the agent loses
 * its connection to Systems Manager: only a command that had arrived by then goes on, and only where its upload reaches
 * the bucket past the quarantine is there an image. Its end can't be reported either: the outcome then is that the time was
 * up, and somebody looks at the destination.
 *
 * There is no client token: the key is the codename in the comment, with the instance, and it is looked up first.
 */
export async function captureMemory(
  target: Target,
  captured: Capture,
  codename: string,
  settings: MemorySettings | undefined,
): Promise<MemoryCapture> {
  if (settings === undefined) return { captured: false, reason: 'not configured' };
  if (captured.state === 'stopped' || captured.state === 'stopping')
    return { captured: false, reason: `The instance was ${captured.state} before: it has no memory left.` };
  const location = `${settings.destination.replace(/\/+$/, '')}/${codename}/${target.id}`;
  try {
    const command =
      (await findCommand(target, codename, settings)) ??
      (await sendCommand(target, codename, location, settings));
    return await outcomeOf(target, command, location, settings.timeBoxMs);
  } catch (error) {
    if (!hasCode(error, ...NO_AGENT)) throw error;
    return {
      captured: false,
      reason: 'Systems Manager can not reach the instance, or the document is not for its system.',
    };
  }
}

/**
 * The command that was sent already. One that failed longer ago than the time box is no longer the same attempt: somebody
 * wants another. By document and not by instance, since AWS lists a pending command under no instance.
 */
async function findCommand(
  { clients, id }: Target,
  codename: string,
  { document, timeBoxMs }: MemorySettings,
): Promise<Command | undefined> {
  const found: Command[] = [];
  const pages = paginateListCommands(
    { client: clients.ssm },
    { Filters: [{ key: 'DocumentName', value: document }] },
  );
  for await (const { Commands = [] } of pages)
    found.push(
      ...Commands.filter(
        ({ Comment, DocumentName, InstanceIds = [] }) =>
          Comment === codename && DocumentName === document && InstanceIds.includes(id),
      ),
    );
  const byAge = found.sort((one, other) => requestedAt(other) - requestedAt(one));
  return (
    byAge.find(({ Status = '' }) => Status === 'Success' || isUnderWay(Status)) ??
    byAge.find((command) => requestedAt(command) + timeBoxMs > Date.now())
  );
}

async function sendCommand(
  { clients, id }: Target,
  codename: string,
  location: string,
  { document, timeBoxMs }: MemorySettings,
): Promise<Command> {
  const { Command = {} } = await clients.ssm.send(
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: [id],
      // Anybody who may list commands reads it, so it says nothing but the codename.
      Comment: codename,
      Parameters: { Destination: [location] },
      TimeoutSeconds: Math.max(SHORTEST_DELIVERY_S, Math.ceil(timeBoxMs / 1_000)),
    }),
  );
  return Command;
}

/** The time box begins when the command was requested, so that a retry does not begin another one. */
async function outcomeOf(
  target: Target,
  command: Command,
  location: string,
  timeBoxMs: number,
): Promise<MemoryCapture> {
  const deadline = requestedAt(command) + timeBoxMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    const { Status = 'Pending', StandardOutputContent = '' } = await invocationOf(target, command);
    if (Status === 'Success') {
      const sha256 = /\b[0-9a-f]{64}\b/i.exec(StandardOutputContent)?.[0].toLowerCase();
      return { captured: true, location, ...(sha256 === undefined ? {} : { sha256 }) };
    }
    if (!isUnderWay(Status))
      return {
        captured: false,
        reason: `The document ended with ${Status}. Systems Manager has its output.`,
      };
    const leftMs = deadline - Date.now();
    if (leftMs <= 0)
      return {
        captured: false,
        reason:
          `The time was up, and the command was ${Status}. An isolated host can not report: look whether there is ` +
          `something at ${location}.`,
      };
    await pause(Math.min(pauseMs, leftMs));
  }
}

async function invocationOf(
  { clients, id }: Target,
  { CommandId }: Command,
): Promise<Partial<GetCommandInvocationResult>> {
  try {
    return await clients.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: id }));
  } catch (error) {
    // It shows a moment after the command.
    if (hasCode(error, 'InvocationDoesNotExist')) return {};
    throw error;
  }
}

function requestedAt({ RequestedDateTime }: Command): number {
  return RequestedDateTime?.getTime() ?? Date.now();
}

function isUnderWay(status: string): boolean {
  return ['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(status);
}
