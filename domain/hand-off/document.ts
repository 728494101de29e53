/** A document as data, before it is Markdown or a PDF. */

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

export interface PackDocument {
  /** Says nothing of what it is about. */
  readonly title: string;
  readonly blocks: readonly Block[];
}
