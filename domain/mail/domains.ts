/** A domain as it is typed, and as it is compared: in lower case, without the dot of the root. */

export type ReadDomain =
  { readonly ok: true; readonly domain: string } | { readonly ok: false; readonly problem: string };

/** RFC 1035: 255 octets on the wire, of which two are not written. */
const LONGEST = 253;
const LONGEST_LABEL = 63;

/**
 * What can be compared letter by letter, and nothing else. A domain in another script is refused before anything is turned into
 * lower case: the Kelvin sign becomes a "k" there, and a full-width dot becomes a dot in the program that sends.
 */
export function readDomain(text: string): ReadDomain {
  const refuse = (problem: string): ReadDomain => ({ ok: false, problem });
  if (/[^\x20-\x7e]/.test(text))
    return refuse(
      `the domain ${shown(text)} is not written in ASCII, and may look like another one: give the form that begins with xn--`,
    );
  if (text.startsWith('[')) return refuse('an IP address says nothing of whose mailbox it is: give a domain');
  const domain = withoutRoot(text).toLowerCase();
  if (domain.length > LONGEST) return refuse(`the domain is longer than ${LONGEST} characters`);
  const labels = domain.split('.');
  if (labels.length < 2)
    return refuse(`${shown(text)} is not a full domain: a mail server would complete it in its own way`);
  const wrong = labels.find((label) => !isLabel(label));
  if (wrong !== undefined) return refuse(`${shown(text)} is not a domain: ${problemOfLabel(wrong)}`);
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? ''))
    return refuse('an IP address says nothing of whose mailbox it is: give a domain');
  return { ok: true, domain };
}

/** `example.com.` is `example.com`; with two dots it is nothing. */
function withoutRoot(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

function isLabel(label: string): boolean {
  return label.length <= LONGEST_LABEL && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label);
}

function problemOfLabel(label: string): string {
  if (label === '') return 'a part between two dots is empty';
  if (label.length > LONGEST_LABEL) return `a part is longer than ${LONGEST_LABEL} characters`;
  return `${shown(label)} may hold letters, digits and inner hyphens only`;
}

/** For a message: short, and what disguises itself is seen (`ex\u{430}mple.com`). */
export function shown(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const visible = cut.replace(
    /[^\x20-\x7e…]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
  return `"${visible}"`;
}
