/** Where words may stand, and why. What is not in this table may stand nowhere outside of payloads, the room and the ledger. */
import type { Canaries, WordKind } from './canaries';
import type { Found } from './search';

/** Where is looked; `docs/leak-scan.md` explains each. */
export const PLACE_KINDS = {
  temporal:
    "Temporal: its database, its log, its metrics, what its command line and its Web UI's own interface answer",
  log: 'the logs of the worker and the codec server',
  process: 'the command lines of processes',
  endpoint: 'what the worker and the codec server answer to anybody',
  error: "what the command line says when something can't be done",
  pagerduty: 'what PagerDuty was told',
  slack: 'what Slack was told, and shows, outside of the room',
  private: 'what Slack shows one person alone, outside of the room',
  mail: 'mail as everybody reads it who passes it on: envelopes, headers, what is sealed',
  inside: 'what the whole company reads: its own channels, mail to its groups',
  sms: 'what the provider of SMS was told',
  public: 'what was published: website, status page, folder',
  aws: 'what AWS was told, but for what is kept in the evidence bucket',
} as const;

export type PlaceKind = keyof typeof PLACE_KINDS;

export interface Allowance {
  readonly words: readonly WordKind[];
  readonly places: readonly PlaceKind[];
  /** This word alone. */
  readonly only?: string;
  /** Only within names, paths and addresses like this. */
  readonly within?: RegExp;
  readonly because: string;
}

export const ALLOWANCES: readonly Allowance[] = [
  {
    words: ['thing'],
    places: ['aws'],
    because: 'AWS has them, is asked to contain them, and names the images itself',
  },
  {
    words: ['person'],
    places: ['pagerduty', 'slack'],
    because: 'who is paged or invited is looked up by the address that the vendor has in its own directory',
  },
  {
    words: ['product', 'thing'],
    places: ['pagerduty', 'slack'],
    within: /^[^@]+@[^@]+$/,
    because: 'the same addresses: a mailbox may be called after its office, or after a service',
  },
  {
    words: ['person'],
    places: ['mail'],
    because: 'from whom it is and to whom stands on every mail',
  },
  {
    words: ['product', 'thing'],
    places: ['mail'],
    within: /^[^@]+@[^@]+$/,
    because: 'the same addresses: a mailbox may be called after its office, or after a service',
  },
  {
    words: ['note'],
    places: ['inside'],
    because: 'the incident commander approved that the company reads these words',
  },
  {
    words: ['statement'],
    places: ['public'],
    because: 'Marketing, the incident commander and legal counsel approved that everybody reads these words',
  },
  {
    words: ['product', 'person'],
    places: ['private'],
    because: 'whoever calls for help is told what to do next, and whom to ring; nobody else reads it',
  },
  {
    words: ['product', 'entry'],
    places: ['error'],
    because: 'the help and the advice of a command line are the same whether there is an incident or not',
  },
  {
    words: ['product'],
    places: ['temporal', 'process'],
    only: 'incident',
    because:
      'incident, incidents and IncidentPhase are the names on the wire; drills run under them too, so that they mean nothing',
  },
  {
    words: ['product'],
    places: ['temporal'],
    only: 'completeTasks',
    within: /^CompleteTasksLessThan$/,
    because: "a call of Temporal's to its own database, in its metrics",
  },
  {
    words: ['product'],
    places: ['pagerduty'],
    within: /^(\/?incidents?(\/\w+)*(_reference|_body)?)$/,
    because: "PagerDuty's own word for every page: its paths, and the types of what is sent",
  },
  {
    words: ['product'],
    places: ['public'],
    within: /^\/v1\/pages\/\w+\/incidents$/,
    because: "Statuspage's own word for all that it shows: the path at which anything is asked of it",
  },
  {
    words: ['product'],
    places: ['aws'],
    within: /\/custody-\d+\.jsonl$/,
    because: "a file's name in the evidence bucket: who may list that may read what is in it",
  },
];

export function isAllowed({ word, within }: Found, place: PlaceKind, canaries: Canaries): boolean {
  const kinds = canaries.get(word) ?? new Set();
  return ALLOWANCES.some(
    (one) =>
      one.places.includes(place) &&
      one.words.some((kind) => kinds.has(kind)) &&
      (one.only === undefined || one.only === word) &&
      (one.within === undefined || one.within.test(within)),
  );
}
