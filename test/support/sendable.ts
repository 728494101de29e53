/** What has passed the gates, for tests of what takes nothing else. */
import { passToRoom, type Sendable } from '../../domain/outgoing';
import { declared } from './incidents';

export function sendable<M>(message: M): Sendable<M> {
  const passed = passToRoom(message, declared());
  if (!passed.ok) throw new Error('a word to the room has to pass');
  return passed.message;
}
