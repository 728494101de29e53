/**
 * The vendors in memory. Each records what it is asked and what it changed, is idempotent as the real ones are, and can be told to fail
 * or to hang. The real activities run on them.
 */
import { createAddressActivities, type AddressActivities } from '../../activities/addresses';
import { createCompanyActivities } from '../../activities/company';
import {
  createContainmentActivities,
  type Capture,
  type Cloud,
  type ContainmentActivities,
  type MemoryCapture,
  type Moment,
} from '../../activities/containment';
import { createEvidenceActivities, type EvidenceActivities } from '../../activities/evidence';
import { createIdentityActivities, type IdentityActivities } from '../../activities/identities';
import { createLedgerActivities, type LedgerActivities } from '../../activities/ledger';
import { createPagingActivities, type Pager, type PagingActivities } from '../../activities/paging';
import { createRoomActivities, type ChatRoom, type RoomActivities } from '../../activities/room';
import type { CompanyActivities } from '../../activities/company';
import type { Company } from '../../domain/company';
import { createFakeIdentities, createFakePerimeter } from './fake-identities';
import { createFakeImages, createFakeSigner, createFakeVault, LOCKED_UNTIL } from './fake-storage';
import { company } from './incidents';
import { staged, type Call } from './staged';

export type Activities = CompanyActivities &
  PagingActivities &
  RoomActivities &
  ContainmentActivities &
  IdentityActivities &
  AddressActivities &
  LedgerActivities &
  EvidenceActivities;

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
  cut: boolean;
  deniedElsewhere: boolean;
  roleRevoked: boolean;
  readonly snapshots: { readonly id: string; readonly moment: Moment }[];
  readonly locked: Set<string>;
  /** Everything that was changed, in order, each once. */
  readonly changes: string[];
}

export function createFakeCloud(all: Call[] = [], failedImages: ReadonlySet<string> = new Set()) {
  const instances = new Map<string, FakeInstance>();
  /** What each look says, one after the other; what is so when none is left. */
  const looks: string[][] = [];
  /** What each order to stop is answered, one after the other; `stopped` when none is left. */
  const stopAnswers: string[] = [];
  /** What is not as captured when an instance is released. */
  const drift: string[] = [];
  /** What comes of capturing memory. */
  const memory: { answer: MemoryCapture } = {
    answer: { captured: false, reason: 'no capture of memory is configured' },
  };
  const find = (id: string): FakeInstance => {
    let instance = instances.get(id);
    if (!instance) {
      instance = {
        id,
        state: 'running',
        protectedFromEnd: false,
        inGroups: true,
        isolated: false,
        cut: false,
        deniedElsewhere: false,
        roleRevoked: false,
        snapshots: [],
        locked: new Set(),
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
    async snapshot({ instance, volumes }, _codename, moment) {
      const one = find(instance.id);
      const usable = () =>
        one.snapshots.filter((taken) => taken.moment === moment && !failedImages.has(taken.id));
      const name = moment === 'live' ? 'snapshot' : 'snapshotStopped';
      const again = one.snapshots.filter((taken) => taken.moment === moment).length;
      change(one, name, usable().length > 0, () =>
        one.snapshots.push({
          id: `snap-${moment}-of-${instance.id}${again === 0 ? '' : `-${again + 1}`}`,
          moment,
        }),
      );
      return usable().map(({ id }, index) => ({
        id,
        volumeId: volumes[index]?.id ?? 'unknown',
        state: 'pending',
        moment,
        sizeGiB: 8,
        startedAt: new Date().toISOString(),
      }));
    },
    async lock({ instance }) {
      const one = find(instance.id);
      const ids = one.snapshots.map(({ id }) => id);
      change(one, 'lock', one.locked.size === ids.length, () => ids.forEach((id) => one.locked.add(id)));
      return ids.map((snapshotId) => ({ snapshotId, state: 'governance', lockedUntil: LOCKED_UNTIL }));
    },
    async leaveGroups({ instance }) {
      const one = find(instance.id);
      change(one, 'leaveGroups', !one.inGroups, () => (one.inGroups = false));
    },
    async isolate({ instance }) {
      const one = find(instance.id);
      change(one, 'isolate', one.isolated, () => (one.isolated = true));
    },
    async cutConnections({ instance }) {
      const one = find(instance.id);
      change(one, 'cutConnections', one.cut, () => (one.cut = true));
    },
    async denyElsewhere({ instance }) {
      const one = find(instance.id);
      change(one, 'denyElsewhere', one.deniedElsewhere, () => (one.deniedElsewhere = true));
    },
    async revokeRole({ instance }) {
      const one = find(instance.id);
      change(one, 'revokeRole', one.roleRevoked, () => (one.roleRevoked = true));
    },
    verify: async ({ instance }) => ({
      verifiedAt: new Date().toISOString(),
      unproven: looks.shift() ?? unprovenOf(find(instance.id)),
    }),
    captureMemory: async () => memory.answer,
    async stop({ id }) {
      const one = find(id);
      const answer = stopAnswers.shift();
      if (answer !== undefined) return answer;
      change(one, 'stop', one.state === 'stopped', () => (one.state = 'stopped'));
      return one.state;
    },
    async release({ instance }) {
      const one = find(instance.id);
      change(one, 'release', !one.isolated, () => (one.isolated = false));
      return { restored: ['eni-1 is in its groups again'], drift: [] };
    },
    compare: async () => [...drift],
    rehearse: async (instance, { attackers }) => {
      find(instance.id);
      return [
        {
          subStep: 'protect',
          calls: [
            {
              action: 'ec2:ModifyInstanceAttribute',
              parameters: { InstanceId: instance.id },
              dryRun: 'would succeed',
            },
          ],
        },
        {
          subStep: 'cutConnections',
          calls: attackers.map((address) => ({
            action: 'ec2:CreateNetworkAclEntry',
            parameters: { CidrBlock: address },
            dryRun: 'would be refused',
            refusal: 'not allowed',
          })),
        },
      ];
    },
  };
  return { ...staged(port, all), instances, looks, stopAnswers, drift, memory, instance: find };
}

/** What a look finds that is not as it should be. */
function unprovenOf(one: FakeInstance): string[] {
  return [
    ...(one.protectedFromEnd ? [] : ['it can be terminated']),
    ...(one.snapshots.some(({ moment }) => moment === 'live') ? [] : ['its disk has no snapshot']),
    ...(one.inGroups ? ['it is in a scaling group'] : []),
    ...(one.isolated ? [] : ['its interface is not isolated']),
    ...(one.cut ? [] : ['open connections are not cut']),
    ...(one.deniedElsewhere ? [] : ['its addresses are not denied elsewhere']),
    ...(one.roleRevoked ? [] : ["its role's sessions are valid"]),
  ];
}

export interface World {
  readonly company: Company;
  readonly pager: ReturnType<typeof createFakePager>;
  readonly chat: ReturnType<typeof createFakeChat>;
  readonly cloud: ReturnType<typeof createFakeCloud>;
  readonly identities: ReturnType<typeof createFakeIdentities>;
  readonly perimeter: ReturnType<typeof createFakePerimeter>;
  readonly images: ReturnType<typeof createFakeImages>;
  readonly vault: ReturnType<typeof createFakeVault>;
  readonly signer: ReturnType<typeof createFakeSigner>;
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
  const failed = new Set<string>();
  const cloud = createFakeCloud(calls, failed);
  const identities = createFakeIdentities(calls);
  const perimeter = createFakePerimeter(calls);
  const vault = createFakeVault(calls);
  const images = createFakeImages(vault, failed, calls);
  const signer = createFakeSigner(calls);
  return {
    company: ours,
    pager,
    chat,
    cloud,
    identities,
    perimeter,
    images,
    vault,
    signer,
    calls,
    activities: {
      ...createCompanyActivities(() => ours),
      ...createLedgerActivities({ vault, signer, version: '0.0.0' }),
      ...createPagingActivities(pager, ours),
      ...createRoomActivities(chat, { roomPaceMs }),
      ...createContainmentActivities(cloud),
      ...createIdentityActivities(identities),
      ...createAddressActivities(perimeter),
      ...createEvidenceActivities({ vault, signer, images, version: '0.0.0' }),
    },
    releaseAll() {
      for (const vendor of [pager, chat, cloud, identities, perimeter, images, vault, signer])
        vendor.releaseAll();
    },
  };
}
