/** Exit statuses, and how a failure is told: one clear message, never a stack. */
import { NamespaceNotFoundError } from '@temporalio/common';
import { KeyUnusable, UnreadablePayload } from '../../codec/errors';
import {
  ConnectionMisconfigured,
  FileUnreadable,
  InvalidInput,
  NoWorkerAnswers,
  TemporalUnreachable,
} from '../errors';
import { grpcErrorIn } from '../grpc';

export const EXIT = {
  done: 0,
  /** What was examined has findings: evidence is not as it was sealed, a statement breaks a rule. */
  changed: 1,
  /** Wrong usage or invalid input. */
  invalid: 2,
  /** Refused by the incident, with reasons. */
  refused: 3,
  /** Temporal, a worker or a file can't be reached. */
  unreachable: 4,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export interface Failure {
  readonly status: ExitStatus;
  readonly problems: readonly string[];
}

/** Whatever was thrown, or what it was thrown for. */
function causeOf<E extends Error>(error: unknown, kind: abstract new (...args: never[]) => E): E | undefined {
  for (let one: unknown = error; one instanceof Error; one = one.cause) if (one instanceof kind) return one;
  return undefined;
}

const UNREACHABLE = [TemporalUnreachable, ConnectionMisconfigured, NoWorkerAnswers, FileUnreadable];

export function failureOf(error: unknown): Failure {
  if (error instanceof InvalidInput) return { status: EXIT.invalid, problems: error.problems };
  if (UNREACHABLE.some((kind) => error instanceof kind))
    return { status: EXIT.unreachable, problems: [(error as Error).message] };
  const sealed = causeOf(error, UnreadablePayload) ?? causeOf(error, KeyUnusable);
  if (sealed)
    return {
      status: EXIT.unreachable,
      problems: [sealed.message],
    };
  if (error instanceof NamespaceNotFoundError)
    return {
      status: EXIT.unreachable,
      problems: [`Temporal has no namespace ${error.namespace}. Set TEMPORAL_NAMESPACE.`],
    };
  const details = serviceDetails(error);
  if (details !== undefined)
    return {
      status: EXIT.unreachable,
      problems: [`Temporal answered: ${details}. Check its address, its namespace and your access to it.`],
    };
  const name = error instanceof Error ? error.name : 'unknown error';
  return {
    status: EXIT.unreachable,
    problems: [
      `Something unexpected went wrong (${name}). See what the incident says ("firebreak timeline CODENAME") before you try again.`,
    ],
  };
}

/** Temporal's own words, also where the client has wrapped them. */
function serviceDetails(error: unknown): string | undefined {
  const details = grpcErrorIn(error)?.details;
  return details !== undefined && /IncidentPhase/.test(details) ? ADVICE_SEARCH_ATTRIBUTE : details;
}

const ADVICE_SEARCH_ATTRIBUTE =
  'the search attribute IncidentPhase is not registered; run: temporal operator search-attribute create --name IncidentPhase --type Keyword';
