/**
 * The vendors in memory. Each records what it is asked and what it changed, is idempotent as the real ones are, and can be told to fail
 * or to hang. The real activities run on them.
 */
import { createCompanyActivities } from '../../activities/company';
import {
  createContainmentActivities,
  type Capture,
  type Cloud,
  type ContainmentActivities,
} from '../../activities/containment';
import { createPagingActivities, type Pager, type PagingActivities } from '../../activities/paging';
import { createRoomActivities, type ChatRoom, type RoomActivities } from '../../activities/room';
import type { CompanyActivities } from '../../activities/company';
import type { Company } from '../../domain/company';
import { company } from './incidents';

export type Activities = CompanyActivities & PagingActivities & RoomActivities & ContainmentActivities;

/** One call of a vendor. */
export interface Call {
  /** The method of the port, e.g. `openPage`. */
  readonly name: string;
  /** Milliseconds since the epoch, by the vendor's own clock. */
  readonly at: number;
  readonly request: unknown;
}

/** What is done to a vendor by a test. */
export interface Staged {
  /** Every call, in the order of arrival, also those that failed. */
  readonly calls: Call[];
  /** How often it was called. */
  count(name: string): number;
  /** The next calls of that method fail so; all of them, until `mend`, where no number is given. */
  fail(name: string, failure: Error, times?: number): void;
  mend(name: string): void;
  /** Calls of that method hang, before they do anything, until the function returned is called. */
  hold(name: string): () => void;
  /** The next call of that method does its work and then hangs: its answer is lost while it lasts. */
  holdAnswer(name: string): void;
  /** Nothing hangs any more, so that a worker can end. */
  releaseAll(): void;
}

interface Gate {
  readonly open: Promise<void>;
  release(): void;
}

function gate(): Gate {
  let release = () => {};
  const open = new Promise<void>((resolve) => (release = resolve));
  return { open, release };
}

/** The port, with every call recorded in the order of the whole world, failing and hanging as told. */
function staged<Port extends object>(port: Port, all: Call[]): Port & Staged {
  const calls: Call[] = [];
  const failures = new Map<string, { failure: Error; left: number }>();
  const held = new Map<string, Gate>();
  const heldAnswers = new Map<string, Gate>();
  const hung: Gate[] = [];
  const methods = Object.entries(port).map(([name, method]) => {
    const recorded = async (...args: readonly unknown[]): Promise<unknown> => {
      const call = { name, at: Date.now(), request: args.length === 1 ? args[0] : args };
      calls.push(call);
      all.push(call);
      await held.get(name)?.open;
      const failing = failures.get(name);
      if (failing && failing.left > 0) {
        failing.left -= 1;
        throw failing.failure;
      }
      const result = await (method as (...args: readonly unknown[]) => Promise<unknown>)(...args);
      const answer = heldAnswers.get(name);
      heldAnswers.delete(name);
      await answer?.open;
      return result;
    };
    return [name, recorded] as const;
  });
  return {
    ...(Object.fromEntries(methods) as unknown as Port),
    calls,
    count: (name) => calls.filter((call) => call.name === name).length,
    fail: (name, failure, times = Infinity) => void failures.set(name, { failure, left: times }),
    mend: (name) => void failures.delete(name),
    hold(name) {
      const made = gate();
      held.set(name, made);
      hung.push(made);
      return () => {
        held.delete(name);
        made.release();
      };
    },
    holdAnswer(name) {
      const made = gate();
      heldAnswers.set(name, made);
      hung.push(made);
    },
    releaseAll() {
      held.clear();
      heldAnswers.clear();
      for (const { release } of hung) release();
    },
  };
}

export interface FakePage {
  readonly id: string;
  readonly codename: string;
  readonly responders: Set<string>;
  readonly notes: string[];
  resolved: boolean;
}

export function createFakePager(all: Call[] = []) {
  const pages: FakePage[] = [];
  const strangers = new Set<string>();
  const find = (id: string) => {
    const page = pages.find((one) => one.id === id);
    if (!page) throw new Error(`the fake pager has no page ${id}`);
    return page;
  };
  const port: Pager = {
    async openPage({ codename }) {
      let page = pages.find((one) => one.codename === codename && !one.resolved);
      if (!page) {
        page = {
          id: `PAGE${pages.length + 1}`,
          codename,
          responders: new Set(),
          notes: [],
          resolved: false,
        };
        pages.push(page);
      }
      return { id: page.id, url: `https://pages.example.com/${page.id}` };
    },
    async requestResponders({ page, emails }) {
      const known = emails.filter((email) => !strangers.has(email));
      for (const email of known) find(page.id).responders.add(email);
      return { requested: known, unknown: emails.filter((email) => strangers.has(email)) };
    },
    async addNote({ page, text }) {
      const { notes } = find(page.id);
      if (!notes.includes(text)) notes.push(text);
    },
    async resolvePage({ page }) {
      find(page.id).resolved = true;
    },
  };
  return { ...staged(port, all), pages, strangers };
}

export interface FakeMessage {
  readonly id: string;
  readonly key: string;
  markdown: string;
  /** How often it was posted: more than once is a message that nobody wants to read twice. */
  posts: number;
}

export function createFakeChat(all: Call[] = []) {
  const rooms = new Map<string, { id: string; topic: string }>();
  const people: string[] = [];
  /** In the order of their appearance. */
  const messages: FakeMessage[] = [];
  const strangers = new Set<string>();
  const post: ChatRoom['post'] = async ({ key, markdown }) => {
    const known = messages.find((message) => message.key === key);
    if (known) {
      known.posts += 1;
      return { messageId: known.id };
    }
    const id = `MESSAGE${messages.length + 1}`;
    messages.push({ id, key, markdown, posts: 1 });
    return { messageId: id };
  };
  const port: ChatRoom = {
    async openRoom({ name, topic }) {
      const room = rooms.get(name) ?? { id: `ROOM${rooms.size + 1}`, topic };
      rooms.set(name, room);
      return { id: room.id, name };
    },
    async invite({ emails }) {
      const known = emails.filter((email) => !strangers.has(email));
      for (const email of known) if (!people.includes(email)) people.push(email);
      return {
        present: emails.filter((email) => people.includes(email)),
        unknown: emails.filter((email) => !people.includes(email)),
      };
    },
    members: async () => [...people],
    post,
    postPinned: post,
    async update({ messageId, markdown }) {
      const message = messages.find(({ id }) => id === messageId);
      if (!message) throw new Error(`the fake chat has no message ${messageId}`);
      message.markdown = markdown;
    },
  };
  return {
    ...staged(port, all),
    rooms,
    people,
    messages,
    /** Whom an invitation does not bring in. They may still join by themselves: add them to `people`. */
    strangers,
    /** What the room was told of the timeline: the messages whose key is an entry's number. */
    told: () => messages.filter(({ key }) => /^\d+$/.test(key)),
  };
}

export interface FakeInstance {
  readonly id: string;
  state: 'running' | 'stopped';
  protectedFromEnd: boolean;
  inGroups: boolean;
  isolated: boolean;
  readonly snapshots: string[];
  /** Everything that was changed, in order, each once. */
  readonly changes: string[];
}

export function createFakeCloud(all: Call[] = []) {
  const instances = new Map<string, FakeInstance>();
  /** What each look says, one after the other; nothing unproven when none is left. */
  const looks: string[][] = [];
  const find = (id: string): FakeInstance => {
    let instance = instances.get(id);
    if (!instance) {
      instance = {
        id,
        state: 'running',
        protectedFromEnd: false,
        inGroups: true,
        isolated: false,
        snapshots: [],
        changes: [],
      };
      instances.set(id, instance);
    }
    return instance;
  };
  /** Looks first and changes only what is not yet so. */
  const change = (instance: FakeInstance, name: string, isSo: boolean, make: () => void) => {
    if (isSo) return;
    make();
    instance.changes.push(name);
  };
  const port: Cloud = {
    capture: async (instance): Promise<Capture> => ({
      instance,
      capturedAt: new Date().toISOString(),
      state: find(instance.id).state,
      vpcId: 'vpc-1',
      interfaces: [],
      volumes: [
        {
          id: `vol-of-${instance.id}`,
          device: '/dev/xvda',
          deleteOnTermination: true,
          encrypted: true,
          sizeGiB: 8,
        },
      ],
      targetGroups: [],
      terminationProtected: false,
      shutdownBehaviour: 'stop',
      tags: {},
    }),
    async protect({ instance }) {
      const one = find(instance.id);
      change(one, 'protect', one.protectedFromEnd, () => (one.protectedFromEnd = true));
    },
    async snapshot({ instance, volumes }) {
      const one = find(instance.id);
      change(one, 'snapshot', one.snapshots.length > 0, () => one.snapshots.push(`snap-of-${instance.id}`));
      return one.snapshots.map((id, index) => ({
        id,
        volumeId: volumes[index]?.id ?? 'unknown',
        state: 'pending',
      }));
    },
    async leaveGroups({ instance }) {
      const one = find(instance.id);
      change(one, 'leaveGroups', !one.inGroups, () => (one.inGroups = false));
    },
    async isolate({ instance }) {
      const one = find(instance.id);
      change(one, 'isolate', one.isolated, () => (one.isolated = true));
    },
    verify: async () => ({ verifiedAt: new Date().toISOString(), unproven: looks.shift() ?? [] }),
    async stop({ id }) {
      const one = find(id);
      change(one, 'stop', one.state === 'stopped', () => (one.state = 'stopped'));
      return one.state;
    },
  };
  return { ...staged(port, all), instances, looks, instance: find };
}

export interface World {
  readonly company: Company;
  readonly pager: ReturnType<typeof createFakePager>;
  readonly chat: ReturnType<typeof createFakeChat>;
  readonly cloud: ReturnType<typeof createFakeCloud>;
  /** Every call of every vendor, in the order of arrival. */
  readonly calls: readonly Call[];
  readonly activities: Activities;
  releaseAll(): void;
}

/** A company and its vendors, for one test. */
export function createWorld(changes: Partial<Company> = {}, roomPaceMs = 0): World {
  const calls: Call[] = [];
  const ours = company(changes);
  const pager = createFakePager(calls);
  const chat = createFakeChat(calls);
  const cloud = createFakeCloud(calls);
  return {
    company: ours,
    pager,
    chat,
    cloud,
    calls,
    activities: {
      ...createCompanyActivities(ours),
      ...createPagingActivities(pager, ours),
      ...createRoomActivities(chat, { roomPaceMs }),
      ...createContainmentActivities(cloud),
    },
    releaseAll() {
      for (const vendor of [pager, chat, cloud]) vendor.releaseAll();
    },
  };
}
