/** Rings, workflows and payloads for the tests of seals. */
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { newKeyring, readKeyring, type Keyring } from '../../codec/keyring';

export const HERE = workflow('sapphire-unicorn');

export function workflow(workflowId: string, namespace = 'default'): SerializationContext {
  return { type: 'workflow', namespace, workflowId };
}

export function activity(workflowId: string, namespace = 'default'): SerializationContext {
  return { type: 'activity', namespace, workflowId, activityId: '1', isLocal: false };
}

export function ringOf(text: string = newKeyring('2026-05')): Keyring {
  const read = readKeyring(text);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.keyring;
}

export function problemsOf(text: string): readonly string[] {
  const read = readKeyring(text);
  return read.ok ? [] : read.problems;
}

export const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
export const fromPayload = (payload: Payload | undefined): unknown =>
  payload && defaultPayloadConverter.fromPayload(payload);
