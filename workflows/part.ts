/** What an incident has done beside it. All parts are of one type: which part it is stands in the sealed payload. */
import { ApplicationFailure } from '@temporalio/workflow';
import { PRACTICE_NAMES } from '../domain/practice';
import { blockAddress } from './containment/block-address';
import { containIdentity } from './containment/contain-identity';
import { containInstance } from './containment/contain-instance';
import type { ContainmentInput, ReleaseInput, RehearsalInput } from './containment/messages';
import { rehearse } from './containment/rehearse';
import { waitForOurKey } from './own-key';
import { releaseInstance } from './containment/release-instance';
import { practisePart, type PracticePartInput } from './practice/part';

const PARTS = { blockAddress, containIdentity, containInstance, rehearse, releaseInstance } as const;

export type Part = keyof typeof PARTS;
export type PartInput = ContainmentInput | ReleaseInput | RehearsalInput;

export async function part(kind: Part, input: PartInput | PracticePartInput): Promise<unknown> {
  waitForOurKey(kind, input);
  // Anybody can start a workflow with anything; what can't be read must end at once, and not be tried for ever.
  if (isInput(input) && PRACTICE_NAMES.includes(kind)) return practisePart(input as PracticePartInput);
  if (typeof kind !== 'string' || !Object.hasOwn(PARTS, kind) || !isInput(input))
    throw ApplicationFailure.nonRetryable('A part starts from an incident.', 'InvalidRequest');
  return PARTS[kind](input as never);
}

function isInput(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'codename' in input;
}
