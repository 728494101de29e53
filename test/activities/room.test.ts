import { MockActivityEnvironment } from '@temporalio/testing';
import { createRoomActivities, type ChatRoom } from '../../activities/room';
import { sendable } from '../support/sendable';

/** A room in memory, which keeps the promise of the port: one message for a key. */
function memoryRoom() {
  const posted: { key: string; markdown: string; at: number }[] = [];
  const pinned: string[] = [];
  const updates: string[] = [];
  const buttons: unknown[] = [];
  const removed: string[] = [];
  const told: unknown[] = [];
  const announced: unknown[] = [];
  const chat: ChatRoom = {
    openRoom: async ({ name }) => ({ id: 'C1', name }),
    invite: async ({ emails }) => ({ present: [...emails], unknown: [] }),
    members: async () => ['ic@example.com'],
    remove: async ({ email }) => {
      removed.push(email);
      return { wasThere: true };
    },
    tellPerson: async (word) => {
      told.push(word);
      return { told: true };
    },
    audience: async () => ({ members: ['ic@example.com'], owners: ['owner@example.com'] }),
    post: async ({ key, markdown, buttons: under }) => {
      buttons.push(under);
      if (!posted.some((one) => one.key === key)) posted.push({ key, markdown, at: Date.now() });
      return { messageId: key };
    },
    postPinned: async ({ key, buttons: under }) => {
      buttons.push(under);
      pinned.push(key);
      return { messageId: `pin-${key}` };
    },
    update: async ({ messageId, markdown, buttons: under }) => {
      buttons.push(under);
      updates.push(`${messageId}: ${markdown}`);
    },
    announce: async (word) => {
      announced.push(word);
      return { messageId: 'A1' };
    },
  };
  return { chat, announced, posted, pinned, updates, buttons, removed, told };
}

const OPENED = { room: { id: 'C1', name: 'sapphire-unicorn' }, checklistId: 'pin-checklist' };

test('opening the room pins the checklist and says where it is', async () => {
  const { chat, pinned } = memoryRoom();
  const { openRoom } = createRoomActivities(chat, { roomPaceMs: 0 });
  const opened = await new MockActivityEnvironment().run(
    openRoom,
    'sapphire-unicorn',
    'Attorney Work Project',
    '# list',
  );
  expect(opened).toEqual(OPENED);
  expect(pinned).toEqual(['checklist']);
});

test('messages go out in order, no faster than the pace, and the checklist is updated after them', async () => {
  const { chat, posted, updates } = memoryRoom();
  const { tellRoom } = createRoomActivities(chat, { roomPaceMs: 40 });
  const messages = ['1', '2', '3'].map((key) => ({ key, markdown: `entry ${key}` }));
  const begun = Date.now();
  await new MockActivityEnvironment().run(tellRoom, OPENED, sendable(messages), 'after');
  expect(posted.map(({ key }) => key)).toEqual(['1', '2', '3']);
  const pauses = posted.slice(1).map(({ at }, index) => at - (posted[index]?.at ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(35);
  // The last message has its pause too: the next call may follow at once.
  expect(Date.now() - begun).toBeGreaterThanOrEqual(110);
  expect(updates).toEqual(['pin-checklist: after']);
});

test('the first message does not wait', async () => {
  const { chat, posted } = memoryRoom();
  const { tellRoom } = createRoomActivities(chat, { roomPaceMs: 200 });
  const begun = Date.now();
  await new MockActivityEnvironment().run(
    tellRoom,
    OPENED,
    sendable([{ key: '1', markdown: 'now' }]),
    'after',
  );
  expect((posted[0]?.at ?? Infinity) - begun).toBeLessThan(100);
});

test('a cancelled call stops between two messages', async () => {
  const { chat, posted } = memoryRoom();
  const { tellRoom } = createRoomActivities(chat, { roomPaceMs: 10_000 });
  const environment = new MockActivityEnvironment();
  const messages = ['1', '2'].map((key) => ({ key, markdown: key }));
  const telling = environment.run(tellRoom, OPENED, sendable(messages), 'after');
  setTimeout(() => environment.cancel(), 50);
  await expect(telling).rejects.toThrow('CANCELLED');
  expect(posted.map(({ key }) => key)).toEqual(['1']);
});

test('buttons stand under the messages and the checklist, and are gone where none are given', async () => {
  const { chat, buttons } = memoryRoom();
  const { openRoom, tellRoom } = createRoomActivities(chat, { roomPaceMs: 0 });
  const environment = new MockActivityEnvironment();
  const [step, approve] = ['step', 'approve'].map((id) => ({ id, value: 'sapphire-unicorn', label: id }));
  await environment.run(openRoom, 'sapphire-unicorn', 'Attorney Work Project', '# list', [step!]);
  const messages = [
    { key: '1', markdown: 'asked', buttons: [approve!] },
    { key: '2', markdown: 'found' },
  ];
  await environment.run(tellRoom, OPENED, sendable(messages), 'after', [step!]);
  await environment.run(tellRoom, OPENED, sendable([]), 'closed');
  expect(buttons).toEqual([[step], [approve], undefined, [step], []]);
});

test('a person is taken out of the room, told something alone, and the audience is told', async () => {
  const { chat, removed, told } = memoryRoom();
  const activities = createRoomActivities(chat, { roomPaceMs: 0 });
  const environment = new MockActivityEnvironment();
  const { removeFromRoom, tellPerson, roomAudience } = activities;
  const email = 'forensics@example.com';
  expect(await environment.run(removeFromRoom, OPENED.room, email)).toEqual({ wasThere: true });
  expect(removed).toEqual([email]);
  const word = await environment.run(tellPerson, email, 'sapphire-unicorn 12', sendable('You are asked.'));
  expect(word).toEqual({ told: true });
  expect(told).toEqual([{ email, key: 'sapphire-unicorn 12', markdown: 'You are asked.', buttons: [] }]);
  expect(await environment.run(roomAudience, OPENED.room)).toEqual({
    members: ['ic@example.com'],
    owners: ['owner@example.com'],
  });
});

test('the company is told in one of its channels, by the key of the message', async () => {
  const { chat, announced } = memoryRoom();
  const { announce } = createRoomActivities(chat, { roomPaceMs: 0 });
  const word = { way: 'slack', channel: 'engineering', markdown: 'A note.' } as const;
  const answer = await new MockActivityEnvironment().run(
    announce,
    'sapphire-unicorn message-1',
    sendable(word),
  );
  expect(answer).toEqual({ messageId: 'A1' });
  expect(announced).toEqual([
    { channel: 'engineering', key: 'sapphire-unicorn message-1', markdown: 'A note.' },
  ]);
});
