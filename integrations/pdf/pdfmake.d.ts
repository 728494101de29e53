/** What is used of pdfmake 0.3. The types that others publish of it bring the browser's own with them. */
declare module 'pdfmake/interfaces' {
  export interface Styled {
    readonly bold?: boolean;
    readonly italics?: boolean;
    readonly font?: string;
    readonly fontSize?: number;
    readonly lineHeight?: number;
    readonly alignment?: 'left' | 'right' | 'center' | 'justify';
    readonly margin?: [number, number, number, number];
    readonly decoration?: 'underline' | 'lineThrough';
    readonly unbreakable?: boolean;
  }
  export interface Table {
    readonly body: TableCell[][];
    readonly widths?: number[];
    readonly headerRows?: number;
    readonly dontBreakRows?: boolean;
  }
  export type Content =
    | string
    | Content[]
    | (Styled &
        (
          | { readonly text: string | readonly (Styled & { readonly text: string })[] }
          | { readonly ul: Content[] }
          | { readonly ol: Content[]; readonly start?: number }
          | { readonly stack: Content[] }
          | { readonly columns: Content[] }
          | { readonly table: Table; readonly layout?: string }
        ));
  export type TableCell = Content;
  export interface DocumentDefinition {
    readonly info?: { readonly title?: string; readonly creationDate?: Date };
    readonly pageSize?: string;
    readonly pageMargins?: [number, number, number, number];
    readonly displayTitle?: boolean;
    readonly defaultStyle?: Styled;
    readonly footer?: (page: number, pages: number) => Content;
    readonly content: Content;
  }
}

declare module 'pdfmake' {
  import type { DocumentDefinition } from 'pdfmake/interfaces';
  const pdfmake: {
    setFonts(fonts: Record<string, object>): void;
    setUrlAccessPolicy(policy: (url: string) => boolean): void;
    setLocalAccessPolicy(policy: (path: string) => boolean): void;
    createPdf(definition: DocumentDefinition): { getBuffer(): Promise<Uint8Array> };
  };
  export default pdfmake;
}
