/** What every way of publishing is given, and gives back. */

/** A statement on its way to one channel. */
export interface Statement {
  /** What makes it one of its kind on this channel, in hexadecimal digits: nobody can read the codename in it. */
  readonly id: string;
  readonly title: string;
  readonly markdown: string;
  /** The same text, for a page of somebody's own. */
  readonly html: string;
}

/** Publishes once for the same `id`. Answers where it can be read, where that is known. */
export type Channel = (statement: Statement) => Promise<{ url?: string }>;
