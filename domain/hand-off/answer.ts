/** A pack that somebody asks to see, by the kind of contact or by the party: only while they may be spoken to. */
import { sameName } from '../checklist';
import { CONTACT_IDS, findParty, type ContactId, type Party } from '../contacts';
import type { Blocker } from '../gates';
import { packFor, type PackSource } from './pack';
import { renderPack } from './render';

export type PackAnswer =
  { readonly blockers: readonly Blocker[] } | { readonly title: string; readonly markdown: string };

/** `whyNot` asks the gates of that contact: of the party where one was named, of its kind otherwise. */
export function answerPack(
  named: string,
  incident: PackSource,
  whyNot: (contact: ContactId, party: Party | undefined) => readonly Blocker[],
): PackAnswer {
  const party = findParty(named, incident);
  const contact = party?.kind ?? CONTACT_IDS.find((id) => sameName(id, named));
  if (contact === undefined)
    return {
      blockers: [
        {
          gate: 'contactIsKnown',
          reason: `nobody outside is called ${named}: name a party (firebreak contacts ${incident.declaration.codename}), or one of ${CONTACT_IDS.join(', ')}`,
        },
      ],
    };
  if (contact === 'customer')
    return {
      blockers: [
        {
          gate: 'packIsForContacts',
          reason: `${named} is a customer: their security team is told by the approved statement, and by no pack`,
          source:
            "If possible, get in touch with customers' internal security teams before the general public notice is sent.",
        },
      ],
    };
  const blockers = whyNot(contact, party);
  if (blockers.length > 0) return { blockers };
  const document = packFor(contact, incident, party);
  return { title: document.title, markdown: renderPack(document) };
}
