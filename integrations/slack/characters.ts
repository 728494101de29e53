/** Text as it can be sent. */

/** Half characters, which somebody's cut has left, become a replacement: the client library throws on them. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
