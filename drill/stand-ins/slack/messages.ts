/** What Slack checks and adds when a message is posted, which the emulator does not. */
import { fieldsOf, isFields, parsed, refusal, textOf, withFields, type Fields } from './answers';
import type { IncomingMessage } from 'node:http';
import { isTooLong, problemsOf, withIds } from './blocks';
import type { Answer, Call } from '../recording-proxy';

const WITH_BLOCKS = ['chat.postMessage', 'chat.postEphemeral', 'chat.update'];
export const carriesBlocks = (name: string) => WITH_BLOCKS.includes(name);

/**
 * The call as it goes on, its blocks named; or Slack's refusal.
 *
 * @param isReachable whether the app may write into that conversation, as far as the emulator does not look.
 */
export async function checkedMessage(
  call: Call,
  request: IncomingMessage,
  isReachable: (channel: string) => Promise<boolean>,
): Promise<{ body?: string } | { refused: Answer }> {
  const fields = fieldsOf(call, request);
  if (call.name !== 'chat.update' && !(await isReachable(textOf(fields.channel))))
    return { refused: refusal('not_in_channel') };
  if (fields.blocks === undefined || fields.blocks === '') return {};
  const blocks = parsed(fields.blocks);
  if (!Array.isArray(blocks) || !blocks.every(isFields)) return { refused: refusal('invalid_blocks_format') };
  if (isTooLong(blocks)) return { refused: refusal('msg_blocks_too_long') };
  const problems = problemsOf(blocks, 'message');
  if (problems.length > 0) return { refused: refusal('invalid_blocks', problems) };
  return { body: withFields(call, request, { blocks: withIds(blocks) }) };
}

/** The person, and what they are shown, of a `chat.postEphemeral` that was done. */
export function ephemeralOf(fields: Fields, answer: Fields) {
  const blocks = parsed(fields.blocks);
  return {
    user: textOf(fields.user),
    message: {
      channel: textOf(fields.channel),
      ts: textOf(answer.message_ts),
      text: textOf(fields.text),
      blocks: Array.isArray(blocks) ? withIds(blocks.filter(isFields)) : [],
    },
  };
}
