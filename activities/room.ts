/** The incident's chat room: the private place where responders read and say everything. */
import { sleep } from '@temporalio/activity';

/** What the room needs of a vendor. Every `key` is looked up before the message is posted, so that it appears once. */
export interface ChatRoom {
  /**
   * Opens the private room of that name, or adopts the one already opened under it, and sets its topic. A room of that
   * name that Firebreak did not open is a `Conflict`.
   */
  openRoom(request: { name: string; topic: string }): Promise<Room>;
  /** Invites people by their e-mail, in the order given. */
  invite(request: { room: Room; emails: readonly string[] }): Promise<Invitations>;
  /** The e-mails of the people in the room. */
  members(request: { room: Room }): Promise<string[]>;
  /** Posts a message in Markdown, once for the same key. */
  post(request: { room: Room; key: string; markdown: string }): Promise<{ messageId: string }>;
  /** Posts and pins a message, once for the same key. */
  postPinned(request: { room: Room; key: string; markdown: string }): Promise<{ messageId: string }>;
  /** Replaces a message in place. */
  update(request: { room: Room; messageId: string; markdown: string }): Promise<void>;
}

export interface Room {
  readonly id: string;
  readonly name: string;
}

export interface Invitations {
  /** People who are in the room now, whether invited by this call or there before. */
  readonly present: string[];
  /** People whom the vendor does not know by that e-mail, or does not let into the room. */
  readonly unknown: string[];
}

/** One message to the room. `key` is the ledger's number of what it tells. */
export interface RoomMessage {
  readonly key: string;
  readonly markdown: string;
}

export interface OpenedRoom {
  readonly room: Room;
  /** The pinned checklist, updated in place from then on. */
  readonly checklistId: string;
}

/** Slack takes about one message a second in a channel; the pace is part of the company's configuration. */
export function createRoomActivities(chat: ChatRoom, company: { roomPaceMs: number }) {
  return {
    /** Opens the room and pins the checklist in it. */
    async openRoom(name: string, topic: string, checklist: string): Promise<OpenedRoom> {
      const room = await chat.openRoom({ name, topic });
      const { messageId } = await chat.postPinned({ room, key: 'checklist', markdown: checklist });
      return { room, checklistId: messageId };
    },

    /** Invites people to the room, in the order given. */
    async inviteToRoom(room: Room, emails: string[]): Promise<Invitations> {
      return chat.invite({ room, emails });
    },

    /** Who is in the room. */
    async whoIsInTheRoom(room: Room): Promise<string[]> {
      return chat.members({ room });
    },

    /**
     * Posts messages in order and brings the pinned checklist up to date. Returns no sooner than the pace allows the next
     * message, so that what happens meanwhile goes out together, in the next call.
     */
    async tellRoom(
      { room, checklistId }: OpenedRoom,
      messages: RoomMessage[],
      checklist: string,
    ): Promise<void> {
      for (const message of messages) {
        await chat.post({ room, ...message });
        await sleep(company.roomPaceMs);
      }
      await chat.update({ room, messageId: checklistId, markdown: checklist });
    },
  };
}

export type RoomActivities = ReturnType<typeof createRoomActivities>;
