/** Answers of the emulator as Slack gives them, where the two differ. */
import { fieldsOf, isFields, json, refusal, type Fields } from './answers';
import type { IncomingMessage } from 'node:http';
import { SLACKBOT, type Directory } from './directory';
import type { Answer, Call } from '../recording-proxy';

export function mended(call: Call, request: IncomingMessage, answer: Answer, directory: Directory): Answer {
  if (answer.status !== 200) return answer;
  const body = JSON.parse(answer.body.toString('utf8')) as Fields;
  if (body.error === 'not_in_channel') return json({ ...body, error: 'channel_not_found' });
  switch (call.name) {
    case 'conversations.kick':
      return body.error === 'user_not_in_channel' ? json({ ...body, error: 'not_in_channel' }) : answer;
    case 'conversations.history':
      return Array.isArray(body.messages) ? history(body, fieldsOf(call, request)) : answer;
    case 'users.list':
      return Array.isArray(body.members) ? people(body, fieldsOf(call, request), directory) : answer;
    case 'users.info':
      if (fieldsOf(call, request).user === SLACKBOT.id) return json({ ok: true, user: SLACKBOT });
      return person(body, answer, 'user_not_found', directory);
    case 'users.lookupByEmail':
      return person(body, answer, 'users_not_found', directory);
    default:
      return answer;
  }
}

function history(body: Fields, asked: Fields): Answer {
  const oldest = typeof asked.oldest === 'string' ? asked.oldest : '';
  const wantsMetadata = String(asked.include_all_metadata) === 'true';
  const messages = (body.messages as Fields[])
    .filter(({ ts }) => String(ts) > oldest)
    .map(({ metadata, ...message }) =>
      wantsMetadata && metadata !== undefined ? { ...message, metadata } : message,
    );
  return json({ ...body, messages });
}

function people(body: Fields, asked: Fields, directory: Directory): Answer {
  const shown = (body.members as Fields[])
    .map((user) => directory.shown(user))
    .filter((user) => user !== undefined);
  const isFirstPage = asked.cursor === undefined || asked.cursor === '';
  return json({ ...body, members: isFirstPage ? [SLACKBOT, ...shown] : shown });
}

function person(body: Fields, answer: Answer, unknown: string, directory: Directory): Answer {
  if (!isFields(body.user)) return answer;
  const user = directory.shown(body.user);
  return user ? json({ ...body, user }) : refusal(unknown);
}
