/** The incident's chat room: the private place where responders read and say everything. */
import { sleep } from '@temporalio/activity';
import type { Message, Sendable } from '../domain/outgoing';

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
  /**
   * Takes a person out of the room, with every account that is theirs. Nothing where they are not in it, or the vendor
   * does not know them. `wasThere`: they were in it, now or before, as far as the vendor and this process know.
   */
  remove(request: { room: Room; email: string }): Promise<{ wasThere: boolean }>;
  /** Posts a message in Markdown, once for the same key. */
  post(request: RoomMessage & { room: Room }): Promise<{ messageId: string }>;
  /** Posts and pins a message, once for the same key. */
  postPinned(request: RoomMessage & { room: Room }): Promise<{ messageId: string }>;
  /** Replaces a message in place, with its buttons: without new ones it has none. */
  update(request: Omit<RoomMessage, 'key'> & { room: Room; messageId: string }): Promise<void>;
  /**
   * Says something to one person alone, once for the same key. One conversation with them serves every incident, so the
   * key holds the codename. `told` is false where the vendor does not know them, or does not let them be written to.
   */
  tellPerson(request: RoomMessage & { email: string }): Promise<{ told: boolean }>;
  /**
   * Everybody who can read the room: its members, and the vendor's owners and admins, who can get in. By e-mail; who has
   * none is named by name and id, so that nobody is left out.
   */
  audience(request: { room: Room }): Promise<Audience>;
  /**
   * Posts once for the same key in a channel of the company's, by its name: one that the app is in, or a public one that
   * it can join. `NotFound` where there is none; none is ever made.
   */
  announce(request: { channel: string; key: string; markdown: string }): Promise<{ messageId: string }>;
}

export interface Audience {
  readonly members: string[];
  /** The highest role first. */
  readonly owners: string[];
}

/** A button under a message. */
export interface Button {
  /** What pressing it asks for. */
  readonly id: string;
  /** What it is about. */
  readonly value: string;
  readonly label: string;
  readonly style?: 'primary' | 'danger';
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
  readonly buttons?: readonly Button[];
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
    async openRoom(
      name: string,
      topic: string,
      checklist: string,
      buttons: readonly Button[] = [],
    ): Promise<OpenedRoom> {
      const room = await chat.openRoom({ name, topic });
      const pinned = { room, key: 'checklist', markdown: checklist, buttons };
      const { messageId } = await chat.postPinned(pinned);
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
      messages: Sendable<readonly RoomMessage[]>,
      checklist: string,
      buttons: readonly Button[] = [],
    ): Promise<void> {
      for (const message of messages) {
        await chat.post({ room, ...message });
        await sleep(company.roomPaceMs);
      }
      await chat.update({ room, messageId: checklistId, markdown: checklist, buttons });
    },

    /** Takes a person out of the room. */
    async removeFromRoom(room: Room, email: string): Promise<{ wasThere: boolean }> {
      return chat.remove({ room, email });
    },

    /** Says something to one person alone. `key` begins with the codename. */
    async tellPerson(
      email: string,
      key: string,
      markdown: Sendable<string>,
      buttons: readonly Button[] = [],
    ): Promise<{ told: boolean }> {
      return chat.tellPerson({ email, key, markdown, buttons });
    },

    /** Everybody who can read the room. */
    async roomAudience(room: Room): Promise<Audience> {
      return chat.audience({ room });
    },

    /** Tells the company, in one of its channels. `key` begins with the codename. */
    async announce(
      key: string,
      { channel, markdown }: Sendable<Extract<Message, { way: 'slack' }>>,
    ): Promise<{ messageId: string }> {
      return chat.announce({ channel, key, markdown });
    },
  };
}

export type RoomActivities = ReturnType<typeof createRoomActivities>;
