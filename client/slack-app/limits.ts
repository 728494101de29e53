/** Every number of the Slack app: what Slack allows, and what one person may ask of this door. */
import { FRESH_FOR_MS } from '../../domain/trust/proof';

/** Slack's own: https://docs.slack.dev/reference/block-kit. Text is counted in UTF-16 units. */
export const SLACK = {
  title: 24,
  section: 3_000,
  label: 2_000,
  hint: 2_000,
  button: 75,
  buttonValue: 2_000,
  option: 75,
  optionValue: 150,
  options: 100,
  input: 3_000,
  metadata: 3_000,
  blocksOfView: 100,
  blocksOfMessage: 50,
  elements: 25,
  /** Of a message's text, where blocks say the same. */
  text: 3_000,
} as const;

/** What the declaration's line may hold; the command line's own limit. */
export const SUMMARY = 500;

export interface Limits {
  /** Slack gives three seconds; a person who has heard nothing by then is told that it is being tried on, in ms. */
  readonly slowAfterMs: number;
  /** One attempt at Temporal, in ms. */
  readonly attemptMs: number;
  /** Between attempts: the first wait, and the longest, in ms. */
  readonly retryMs: readonly [first: number, longest: number];
  /** For so long a decision is tried: its signature is no good any more after that, in ms. */
  readonly triedForMs: number;
  /** A view waits for Temporal so long, in ms; whoever still wants it presses again. */
  readonly viewForMs: number;
  /** How long a declarer is kept waiting for whether somebody is paged, in ms. */
  readonly pagedWithinMs: number;
  /** Decisions and declarations that are tried at the same time. */
  readonly pending: number;
  readonly pendingOfOne: number;
  /** How long it is believed who a Slack account is, in ms. */
  readonly identityMs: number;
  /** An answer that Slack does not take is tried so long, in ms. */
  readonly answerForMs: number;
  /** How long the process waits for its last words when it ends, in ms. */
  readonly lastWordsMs: number;
  /** Messages that are remembered, so that a second delivery is not answered twice. */
  readonly remembered: number;
}

export const LIMITS: Limits = {
  slowAfterMs: 2_000,
  attemptMs: 10_000,
  retryMs: [1_000, 30_000],
  // Less than the signature's life by the length of a last attempt.
  triedForMs: FRESH_FOR_MS - 30_000,
  viewForMs: 120_000,
  pagedWithinMs: 10_000,
  pending: 100,
  pendingOfOne: 10,
  identityMs: 5 * 60_000,
  answerForMs: 10 * 60_000,
  lastWordsMs: 4_000,
  remembered: 1_000,
};
