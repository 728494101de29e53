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
import { createMailActivities, type MailActivities } from '../../activities/mail';
import { createPagingActivities, type Pager, type PagingActivities } from '../../activities/paging';
import { createPublishingActivities, type PublishingActivities } from '../../activities/publishing';
import { createRoomActivities, type Button, type ChatRoom, type RoomActivities } from '../../activities/room';
import { createSmsActivities, type SmsActivities } from '../../activities/sms';
import type { CompanyActivities } from '../../activities/company';
import type { Company } from '../../domain/company';
import { createFakeMail, createFakePublisher, createFakeTexter } from './fake-ways-out';
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
  EvidenceActivities &
  MailActivities &
  SmsActivities &
  PublishingActivities;

/** What reached a person: an invitation, a call, a message to them or to a room that they were in. */
export interface Reached {
  readonly email: string;
  readonly what: string;
}

export interface FakePage {
  readonly id: string;
  readonly codename: string;
  readonly responders: Set<string>;
  readonly notes: string[];
  /** Whose phones were made to ring, one after the other. */
  readonly rings: string[];
  acknowledgedBy?: string;
  resolved: boolean;
}

export function createFakePager(all: Call[] = [], reached: Reached[] = []) {
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
          rings: [],
          resolved: false,
        };
        pages.push(page);
      }
      return { id: page.id, url: `https://pages.example.com/${page.id}` };
    },
    async requestResponders({ page, emails }) {
      const { responders } = find(page.id);
      const known = emails.filter((email) => !strangers.has(email));
      for (const email of known.filter((one) => !responders.has(one))) {
        responders.add(email);
        reached.push({ email, what: 'asked to join the page' });
      }
      return { requested: known, unknown: emails.filter((email) => strangers.has(email)) };
    },
    async addNote({ page, text }) {
      const { notes } = find(page.id);
      if (!notes.includes(text)) notes.push(text);
    },
    async resolvePage({ page }) {
      find(page.id).resolved = true;
    },
    async stateOf({ page, excluded = [] }) {
      const { resolved, acknowledgedBy } = find(page.id);
      if (resolved) return { status: 'resolved' };
      return acknowledgedBy === undefined || excluded.includes(acknowledgedBy)
        ? { status: 'triggered' }
        : { status: 'acknowledged', by: acknowledgedBy };
    },
    /** Taken from whoever is excluded; as PagerDuty does it, that takes the acknowledgement back. */
    async callNext({ page, email, excluded = [] }) {
      const one = find(page.id);
      if (one.resolved || (one.acknowledgedBy !== undefined && !excluded.includes(one.acknowledgedBy)))
        return { called: false, answered: true };
      if (strangers.has(email)) return { called: false };
      delete one.acknowledgedBy;
      one.rings.push(email);
      reached.push({ email, what: 'called' });
      return { called: true };
    },
    async acknowledge({ page, email }) {
      find(page.id).acknowledgedBy ??= email;
    },
    async withdraw({ page, email }) {
      find(page.id).responders.delete(email);
    },
    administrators: async () => ['pager-owner@example.com'],
    onCall: async () => [],
  };
  return { ...staged(port, all), pages, strangers };
}

export interface FakeMessage {
  readonly id: string;
  readonly key: string;
  markdown: string;
  buttons: readonly Button[];
  /** How often it was posted: more than once is a message that nobody wants to read twice. */
  posts: number;
}

export interface FakeRoom {
  readonly id: string;
  readonly topic: string;
  readonly people: string[];
  /** In the order of their appearance. */
  readonly messages: FakeMessage[];
}

/** In a channel of the company's. */
export interface FakeAnnouncement extends FakeMessage {
  readonly channel: string;
}

/** To one person alone. */
export interface FakeWord extends FakeMessage {
  readonly email: string;
}

export function createFakeChat(all: Call[] = [], reached: Reached[] = []) {
  const rooms = new Map<string, FakeRoom>();
  /** Of the first room, also before it is open. */
  const people: string[] = [];
  const messages: FakeMessage[] = [];
  const words: FakeWord[] = [];
  const announcements: FakeAnnouncement[] = [];
  const strangers = new Set<string>();
  const owners = ['workspace-owner@example.com'];
  let posted = 0;
  const find = (id: string) => {
    const room = [...rooms.values()].find((one) => one.id === id);
    if (!room) throw new Error(`the fake chat has no room ${id}`);
    return room;
  };
  const say = <M extends FakeMessage>(list: M[], made: Omit<M, 'id' | 'posts'>): M => {
    const message = { ...made, id: `MESSAGE${(posted += 1)}`, posts: 1 } as M;
    list.push(message);
    return message;
  };
  const post: ChatRoom['post'] = async ({ room, key, markdown, buttons = [] }) => {
    const { people: readers, messages: list } = find(room.id);
    const known = list.find((message) => message.key === key);
    if (known) {
      known.posts += 1;
      return { messageId: known.id };
    }
    for (const email of readers) reached.push({ email, what: markdown });
    return { messageId: say<FakeMessage>(list, { key, markdown, buttons }).id };
  };
  const port: ChatRoom = {
    async openRoom({ name, topic }) {
      const isFirst = rooms.size === 0;
      const room = rooms.get(name) ?? {
        id: `ROOM${rooms.size + 1}`,
        topic,
        people: isFirst ? people : [],
        messages: isFirst ? messages : [],
      };
      rooms.set(name, room);
      return { id: room.id, name };
    },
    async invite({ room, emails }) {
      const here = find(room.id).people;
      for (const email of emails.filter((one) => !strangers.has(one) && !here.includes(one))) {
        here.push(email);
        reached.push({ email, what: 'invited' });
      }
      return {
        present: emails.filter((email) => here.includes(email)),
        unknown: emails.filter((email) => !here.includes(email)),
      };
    },
    members: async ({ room }) => [...find(room.id).people],
    async remove({ room, email }) {
      const here = find(room.id).people;
      const index = here.indexOf(email);
      if (index >= 0) here.splice(index, 1);
      return { wasThere: index >= 0 };
    },
    post,
    postPinned: post,
    async update({ room, messageId, markdown, buttons = [] }) {
      const { people: readers, messages: list } = find(room.id);
      const message = list.find(({ id }) => id === messageId);
      if (!message) throw new Error(`the fake chat has no message ${messageId} in ${room.id}`);
      if (message.markdown !== markdown) for (const email of readers) reached.push({ email, what: markdown });
      Object.assign(message, { markdown, buttons });
    },
    async tellPerson({ email, key, markdown, buttons = [] }) {
      if (strangers.has(email)) return { told: false };
      const known = words.find((word) => word.email === email && word.key === key);
      if (known) known.posts += 1;
      else {
        say<FakeWord>(words, { email, key, markdown, buttons });
        reached.push({ email, what: markdown });
      }
      return { told: true };
    },
    audience: async ({ room }) => ({ members: [...find(room.id).people], owners: [...owners] }),
    async announce({ channel, key, markdown }) {
      const known = announcements.find((one) => one.channel === channel && one.key === key);
      if (known) known.posts += 1;
      const made = { channel, key, markdown, buttons: [] };
      return { messageId: (known ?? say<FakeAnnouncement>(announcements, made)).id };
    },
  };
  return {
    ...staged(port, all),
    rooms,
    people,
    messages,
    words,
    announcements,
    owners,
    /** Whom an invitation does not bring in. They may still join by themselves: add them to `people`. */
    strangers,
    /** What a room, the first where none is named, was told of the timeline: the messages whose key is an entry's number. */
    told: (name?: string) =>
      (name === undefined ? messages : (rooms.get(name)?.messages ?? [])).filter(({ key }) =>
        /^\d+$/.test(key),
      ),
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
  readonly mail: ReturnType<typeof createFakeMail>;
  readonly sms: ReturnType<typeof createFakeTexter>;
  readonly publisher: ReturnType<typeof createFakePublisher>;
  /** Every call of every vendor, in the order of arrival. */
  readonly calls: readonly Call[];
  /** Everything that reached anybody, in that order. */
  readonly reached: readonly Reached[];
  readonly activities: Activities;
  releaseAll(): void;
}

/** A company and its vendors, for one test. */
export function createWorld(changes: Partial<Company> = {}, roomPaceMs = 0): World {
  const calls: Call[] = [];
  const reached: Reached[] = [];
  const ours = company(changes);
  const pager = createFakePager(calls, reached);
  const chat = createFakeChat(calls, reached);
  const failed = new Set<string>();
  const cloud = createFakeCloud(calls, failed);
  const identities = createFakeIdentities(calls);
  const perimeter = createFakePerimeter(calls);
  const vault = createFakeVault(calls);
  const images = createFakeImages(vault, failed, calls);
  const signer = createFakeSigner(calls);
  const mail = createFakeMail(calls, reached);
  const sms = createFakeTexter(calls);
  const publisher = createFakePublisher(calls);
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
    mail,
    sms,
    publisher,
    calls,
    reached,
    activities: {
      ...createCompanyActivities(() => ours),
      ...createLedgerActivities({ vault, signer, version: '0.0.0' }),
      ...createPagingActivities(pager, ours),
      ...createRoomActivities(chat, { roomPaceMs }),
      ...createContainmentActivities(cloud),
      ...createIdentityActivities(identities),
      ...createAddressActivities(perimeter),
      ...createEvidenceActivities({ vault, signer, images, version: '0.0.0' }),
      ...createMailActivities(mail, async (markdown) => Buffer.from(`PDF of ${markdown}`)),
      ...createSmsActivities(sms),
      ...createPublishingActivities(publisher),
    },
    releaseAll() {
      const all = [pager, chat, cloud, identities, perimeter, images, vault, signer, mail, sms, publisher];
      for (const vendor of all) vendor.releaseAll();
    },
  };
}
