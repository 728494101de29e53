/** `declare`, and `acknowledge` for whoever was woken by it. */
import { webUi } from '../../config';
import { FileUnreadable, InvalidInput } from '../../errors';
import { declareIncident } from '../../incidents';
import type { Signer } from '../../signing/signer';
import { callLines } from '../assembly';
import { assembling, readDeclaration, type Options } from '../declaration';
import { repeated, type Shell } from '../shell';

export function addDeclaration({ acting, around, decide }: Shell): void {
  acting('declare', 'start an incident: page, room and containment begin at once')
    .option('--summary <text>', 'what happens, in one line')
    .option('--finding <file>', 'a GuardDuty finding, in EventBridge or API form')
    .option('--instance <id>', 'an affected instance; may be repeated', repeated)
    .option('--identity <name>', 'an IAM user, role or access key; may be repeated', repeated)
    .option('--secret <name>', 'a secret that the attacker may know; may be repeated', repeated)
    .option('--address <ip>', 'an address of the attacker; may be repeated', repeated)
    .option('--user <name>', 'a user account that was used in the attack; may be repeated', repeated)
    .option('--service <name>', 'an affected service; may be repeated', repeated)
    .action(async (options: Options) => {
      const { request, notes: read } = readDeclaration(options);
      const { signer, problem } = await signerOrNot(options);
      const notes = [
        ...read,
        ...(problem === undefined
          ? []
          : [`Not signed: what it names is contained only once somebody has approved it. ${problem}`]),
      ];
      const { client, keyring: ring } = await around.connect();
      const { codename, adopted } = await declareIncident(client, request, ring, signer);
      const say = (text: string) => (options['json'] ? undefined : around.print(text));
      // At once: what comes after may take a moment, or fail.
      say(
        adopted
          ? `${codename} runs already for this finding; nothing was declared twice.`
          : `Declared ${codename}.`,
      );
      for (const note of notes) say(note);
      const { paged, text, call } = await assembling(client, codename);
      const ui = webUi();
      const follow = {
        status: `firebreak status ${codename}`,
        ...(ui && { ui: `${ui}/namespaces/${client.options.namespace}/workflows/${codename}` }),
      };
      if (options['json'])
        around.print(JSON.stringify({ codename, adopted, notes, paged, page: text, call, follow }));
      say([text, ...(paged ? [] : callLines(call))].join('\n'));
      say(`Follow it: ${follow.status}${ui ? `\n           ${follow.ui}` : ''}`);
    });

  acting(
    'acknowledge <codename>',
    'say that you have seen the page, and are coming: nobody else is called',
  ).action((codename: string, options: Options) => decide('acknowledge', codename, options, {}));

  /** Nobody is kept from declaring at 3 a.m. because a key is elsewhere. */
  async function signerOrNot(options: Options): Promise<{ signer?: Signer; problem?: string }> {
    try {
      return { signer: await around.signer(options['key']) };
    } catch (error) {
      if (!(error instanceof InvalidInput || error instanceof FileUnreadable)) throw error;
      return { problem: error.message };
    }
  }
}
