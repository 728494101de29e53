/**
 * A VPC made of network namespaces, on the packets of this machine's kernel: three subnets, five hosts, security groups and
 * network ACLs. docs/packet-lab.md has the picture, and says where it is AWS's and where it is only Linux's.
 *
 * - Each host has an interface in a namespace of its own (as a cloud's hypervisor has it outside of the host), with the
 *   security group as forward rules and a connection table that belongs to that interface alone.
 * - One router namespace has a bridge for each subnet; the network ACLs are its stateless forward rules. What stays inside of a
 *   subnet is bridged, never forwarded.
 *
 * Nothing is connected with the machine's own network. Everything is in namespaces called firebreak-lab-<process id>-…, and gone
 * with them.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SUBNETS = ['a', 'b', 'c'] as const;
export type Subnet = (typeof SUBNETS)[number];

/** `affected` is contained; `neighbour` shares its subnet; `peer` and `bystander` share another; `distant` is in a third. */
const HOSTS = {
  affected: { subnet: 'a', number: 10 },
  neighbour: { subnet: 'a', number: 11 },
  peer: { subnet: 'b', number: 10 },
  bystander: { subnet: 'b', number: 11 },
  distant: { subnet: 'c', number: 10 },
} as const satisfies Record<string, { subnet: Subnet; number: number }>;
export type Host = keyof typeof HOSTS;
const HOST_NAMES = Object.keys(HOSTS) as Host[];

const network = (subnet: Subnet) => `10.77.${SUBNETS.indexOf(subnet) + 1}`;
const bridge = (subnet: Subnet) => `subnet-${subnet}`;
export const addressOf = (host: Host) => `${network(HOSTS[host].subnet)}.${HOSTS[host].number}`;

/** The port that every host's own group lets in, and one that listens but that no group but the all-open one lets in. */
export const SERVICE_PORT = 7000;
export const HIDDEN_PORT = 2222;

type Rule = 'everything' | { with: string; port: number };
export interface Group {
  inbound: Rule[];
  outbound: Rule[];
}
export const GROUPS = {
  /** What hosts have in peace. Narrower than "everything" inbound, so its connections are tracked. */
  normal: { inbound: [{ with: '10.77.0.0/16', port: SERVICE_PORT }], outbound: ['everything'] },
  /** The quarantine group: no rule at all. */
  empty: { inbound: [], outbound: [] },
  /** Everything both ways: AWS does not track what such a group lets through. */
  allOpen: { inbound: ['everything'], outbound: ['everything'] },
} as const satisfies Record<string, { inbound: readonly Rule[]; outbound: readonly Rule[] }>;

/** A deny entry of a network ACL. Inbound means into the subnet, from the address; outbound means out of it, to the address. */
export interface Deny {
  address: string;
  ways: ('inbound' | 'outbound')[];
}
export const bothWays = (...hosts: Host[]): Deny[] =>
  hosts.map((host) => ({ address: addressOf(host), ways: ['inbound', 'outbound'] }));

/** A moment of the machine's monotonic clock, in microseconds, as the talkers have it. */
export type Moment = number;
export const now = (): Moment => Number(process.hrtime.bigint() / 1000n);

export interface Flow {
  from: Host;
  to: Host;
  name: string;
}
export interface Heard {
  /** Ticks sent after the moment asked for that arrived where `to` is, and where `from` is. */
  there: number;
  back: number;
  /** When the last tick that ever arrived, at either end, was sent. */
  last: Moment | null;
}

export interface Vpc {
  /** Replaces a host's groups in one transaction; returns the moment since which the new rules hold. */
  swapGroup: (
    host: Host,
    group: { inbound: readonly Rule[]; outbound: readonly Rule[] },
    hop?: { forgets: boolean },
  ) => Moment;
  /** Replaces a subnet's deny entries; everything else is allowed, as in AWS's default ACL. Returns as above. */
  setAcl: (subnet: Subnet, denies: Deny[]) => Moment;
  dial: (from: Host, to: Host, port: number, withinMs: number) => Promise<Flow | 'timed out'>;
  heard: (flow: Flow, since: Moment) => Promise<Heard>;
  /** Packets that passed a host's interface because their connection is tracked, and packets that no rule let through. */
  counters: (host: Host) => { tracked: number; refused: number };
  /** Ends all conversations and puts all groups and ACLs back to what they were at the start. */
  reset: () => Promise<void>;
  remove: () => void;
}

const PREFIX = 'firebreak-lab';
const namespaceOf = (what: string) => `${PREFIX}-${process.pid}-${what}`;
const ROUTER = namespaceOf('router');
const hostNamespace = (host: Host) => namespaceOf(host);
const interfaceNamespace = (host: Host) => namespaceOf(`${host}-if`);

const COMMAND_TIMEOUT_MS = 10_000;
// Where `ip` and `nft` are when the caller's PATH is not root's.
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

function attempt(command: string, args: string[], input = '') {
  const done = spawnSync(command, args, {
    input,
    env: environment,
    encoding: 'utf8',
    timeout: COMMAND_TIMEOUT_MS,
  });
  const why =
    done.error?.message ?? (done.stderr.trim().split('\n')[0] || `ended with ${String(done.status)}`);
  return {
    ok: done.status === 0,
    absent: done.error !== undefined && 'code' in done.error && done.error.code === 'ENOENT',
    why,
    output: done.stdout,
  };
}

function run(command: string, args: string[], input = ''): string {
  const { ok, why, output } = attempt(command, args, input);
  if (!ok) throw new Error(`${command} ${args.join(' ')}: ${why}`);
  return output;
}

const inside = (namespace: string, ...command: string[]) => ['netns', 'exec', namespace, ...command];
const nft = (namespace: string, rules: string) => run('ip', inside(namespace, 'nft', '-f', '-'), rules);

/**
 * The security group of one interface. `tracking` is where packets are kept out of the connection table, or told which one is
 * theirs; the rest is a group as AWS describes it: what is tracked passes, new connections need a rule, all else is dropped.
 */
const INTERFACE_RULES = `
table inet group {
  counter tracked { }
  counter refused { }
  chain tracking { type filter hook prerouting priority raw; policy accept; }
  chain inbound { }
  chain outbound { }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related counter name tracked accept
    iifname "subnet" jump inbound
    iifname "host" jump outbound
    counter name refused drop
  }
}`;

/** The network ACLs, on the border of each subnet. No rule here asks for a connection's state. */
const ROUTER_RULES = `
table inet acl {
  ${SUBNETS.map((subnet) => `chain ${subnet}_inbound { }\n  chain ${subnet}_outbound { }`).join('\n  ')}
  chain forward {
    type filter hook forward priority filter; policy accept;
    ${SUBNETS.map((subnet) => `iifname "${bridge(subnet)}" jump ${subnet}_outbound\n    oifname "${bridge(subnet)}" jump ${subnet}_inbound`).join('\n    ')}
  }
}`;

/** Linux checks sequence numbers too, and cuts some connections by that alone: what cuts in the lab is to be the rules. */
const IGNORE_SEQUENCE_NUMBERS = 'echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal';

const NOT_TRACKED = 'notrack';
const trackedIn = (zone: number) => (zone === 0 ? '' : `ct zone set ${zone}`);
/** The rules of swapGroup, for the trial. */
const TRACKING_RULES = `
table inet probe {
  chain tracking { type filter hook prerouting priority raw; ${trackedIn(1)}; ${NOT_TRACKED}; }
}`;

/**
 * What this machine lacks for the lab, as a sentence with the way to get it, or null. Found by trying each thing once in a
 * namespace that is removed again.
 */
export function whatIsMissing(): string | null {
  for (const [command, flag, packageName] of [
    ['ip', '-V', 'iproute2'],
    ['nft', '--version', 'nftables'],
  ] as const) {
    const { ok, absent, why } = attempt(command, [flag]);
    if (absent) return `no command "${command}" (on Debian: apt-get install -y ${packageName}; Linux only)`;
    if (!ok) return `"${command} ${flag}" does not run: ${why} (reinstall ${packageName})`;
  }
  const probe = namespaceOf('probe');
  const made = attempt('ip', ['netns', 'add', probe]);
  if (!made.ok) {
    attempt('ip', ['netns', 'del', probe]);
    return `no right to make a network namespace: ${made.why} (run as root; a container needs --privileged)`;
  }
  try {
    const trials: [args: string[], input: string, what: string][] = [
      [
        ['-n', probe, '-batch', '-'],
        'link add host type veth peer name other\nlink add bridge type bridge\n',
        'veth and bridge devices (kernel options VETH and BRIDGE, or their modules)',
      ],
      [
        inside(probe, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'),
        '',
        'a writable /proc/sys in a namespace (a container needs --privileged)',
      ],
      [
        inside(probe, 'nft', '-f', '-'),
        INTERFACE_RULES + ROUTER_RULES + TRACKING_RULES,
        'nftables with connection tracking (kernel options NF_TABLES_INET, NFT_CT and NF_CONNTRACK_ZONES, or their modules)',
      ],
      [
        inside(probe, 'sh', '-c', IGNORE_SEQUENCE_NUMBERS),
        '',
        'the setting nf_conntrack_tcp_be_liberal (kernel option SYSCTL, or the module nf_conntrack)',
      ],
    ];
    for (const [args, input, what] of trials) {
      const { ok, why } = attempt('ip', args, input);
      if (!ok) return `this kernel does not give ${what}: ${why}`;
    }
    return null;
  } finally {
    attempt('ip', ['netns', 'del', probe]);
  }
}

function namespaces(): { name: string; pid: number }[] {
  const pattern = new RegExp(String.raw`^${PREFIX}-(\d+)-[a-z-]+$`);
  return run('ip', ['netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .flatMap((name) => {
      const pid = pattern.exec(name)?.[1];
      return pid === undefined ? [] : [{ name, pid: Number(pid) }];
    });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes what this process made and what processes that no longer run have left; the kernel takes the devices and rules. */
export function removeNamespaces(): void {
  for (const { name, pid } of namespaces())
    if (pid === process.pid || !isRunning(pid)) attempt('ip', ['netns', 'del', name]);
}

function layCables(): void {
  const everyone = [...HOST_NAMES.flatMap((host) => [hostNamespace(host), interfaceNamespace(host)]), ROUTER];
  run('ip', ['-batch', '-'], everyone.map((name) => `netns add ${name}\n`).join(''));
  run(
    'ip',
    ['-batch', '-'],
    HOST_NAMES.flatMap((host) => [
      `link add host netns ${interfaceNamespace(host)} type veth peer name eth0 netns ${hostNamespace(host)}\n`,
      `link add subnet netns ${interfaceNamespace(host)} type veth peer name ${host} netns ${ROUTER}\n`,
    ]).join(''),
  );

  run(
    'ip',
    ['-n', ROUTER, '-batch', '-'],
    [
      ...SUBNETS.flatMap((subnet) => [
        `link add ${bridge(subnet)} type bridge`,
        `addr add ${network(subnet)}.1/24 dev ${bridge(subnet)}`,
        `link set ${bridge(subnet)} up`,
      ]),
      ...HOST_NAMES.map((host) => `link set ${host} master ${bridge(HOSTS[host].subnet)} up`),
    ].join('\n') + '\n',
  );
  run(
    'ip',
    inside(
      ROUTER,
      'sh',
      '-c',
      // Where the module br_netfilter is loaded (Docker does), bridged packets would pass the ACLs' rules too.
      `echo 1 > /proc/sys/net/ipv4/ip_forward
       bridged=/proc/sys/net/bridge/bridge-nf-call-iptables
       if [ -e $bridged ]; then echo 0 > $bridged; fi`,
    ),
  );
  nft(ROUTER, ROUTER_RULES);

  for (const host of HOST_NAMES) {
    const subnet = network(HOSTS[host].subnet);
    run(
      'ip',
      ['-n', hostNamespace(host), '-batch', '-'],
      `link set lo up
       addr add ${addressOf(host)}/24 dev eth0
       link set eth0 up
       route add default via ${subnet}.1
      `,
    );
    // The interface forwards between its host and the subnet, and answers ARP for each towards the other. Its own address is
    // only there to ask ARP with.
    run(
      'ip',
      ['-n', interfaceNamespace(host), '-batch', '-'],
      `addr add ${subnet}.${HOSTS[host].number + 100}/32 dev subnet
       link set host up
       link set subnet up
       route add ${subnet}.0/24 dev subnet
       route add ${addressOf(host)}/32 dev host
       route add default via ${subnet}.1 dev subnet
      `,
    );
    run(
      'ip',
      inside(
        interfaceNamespace(host),
        'sh',
        '-c',
        `cd /proc/sys/net/ipv4 && echo 1 > ip_forward && for end in host subnet; do
           echo 1 > conf/$end/proxy_arp && echo 0 > neigh/$end/proxy_delay || exit 1
         done`,
      ),
    );
    nft(interfaceNamespace(host), INTERFACE_RULES);
    run('ip', inside(interfaceNamespace(host), 'sh', '-c', IGNORE_SEQUENCE_NUMBERS));
  }
}

interface Talker {
  ask: (order: string, details?: object) => Promise<Record<string, unknown>>;
  stop: () => void;
}

const ANSWER_TIMEOUT_MS = 10_000;

async function startTalker(namespace: string): Promise<Talker> {
  const child: ChildProcessWithoutNullStreams = spawn(
    'ip',
    inside(
      namespace,
      process.execPath,
      join(__dirname, 'talker.mjs'),
      String(SERVICE_PORT),
      String(HIDDEN_PORT),
    ),
    { env: environment },
  );
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Record<string, unknown>;
    waiting.get(Number(answer['id']))?.(answer);
    waiting.delete(Number(answer['id']));
  });
  const answerTo = (id: number, what: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${namespace} gave no answer to "${what}": ${complaints}`)),
        ANSWER_TIMEOUT_MS,
      );
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  let orders = 0;
  const talker: Talker = {
    ask: (order, details = {}) => {
      const id = ++orders;
      const answer = answerTo(id, order);
      child.stdin.write(`${JSON.stringify({ id, order, ...details })}\n`);
      return answer;
    },
    stop: () => child.kill('SIGKILL'),
  };
  await answerTo(0, 'start').catch((error: unknown) => {
    talker.stop();
    throw error;
  });
  return talker;
}

export async function createVpc(): Promise<Vpc> {
  removeNamespaces();
  layCables();
  const started = await Promise.allSettled(
    HOST_NAMES.map(async (host) => [host, await startTalker(hostNamespace(host))] as const),
  );
  const talkers = new Map(started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  const remove = () => {
    for (const talker of talkers.values()) talker.stop();
    removeNamespaces();
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    remove();
    throw failed.reason;
  }
  const ask = (host: Host, order: string, details?: object) => {
    const talker = talkers.get(host);
    if (!talker) throw new Error(`no talker for ${host}`);
    return talker.ask(order, details);
  };

  /** A connection table by number for each interface; a new number is a table that has forgotten everything. */
  const zones = new Map<Host, number>();
  const untracked = new Set<Host>();

  const swapGroup: Vpc['swapGroup'] = (host, group, hop = { forgets: true }) => {
    const open = group.inbound.includes('everything') && group.outbound.includes('everything');
    if (untracked.has(host) && hop.forgets) zones.set(host, (zones.get(host) ?? 0) + 1);
    if (open) untracked.add(host);
    else untracked.delete(host);
    const lines = (chain: string, end: 'saddr' | 'daddr', rules: readonly Rule[]) => [
      `flush chain inet group ${chain}`,
      ...rules.map(
        (rule) =>
          `add rule inet group ${chain} ${rule === 'everything' ? '' : `ip ${end} ${rule.with} tcp dport ${rule.port}`} accept`,
      ),
    ];
    const tracking = open ? NOT_TRACKED : trackedIn(zones.get(host) ?? 0);
    nft(
      interfaceNamespace(host),
      [
        'flush chain inet group tracking',
        ...(tracking === '' ? [] : [`add rule inet group tracking ${tracking}`]),
        ...lines('inbound', 'saddr', group.inbound),
        ...lines('outbound', 'daddr', group.outbound),
      ].join('\n') + '\n',
    );
    return now();
  };

  const setAcl: Vpc['setAcl'] = (subnet, denies) => {
    const lines = (way: 'inbound' | 'outbound', end: 'saddr' | 'daddr') => [
      `flush chain inet acl ${subnet}_${way}`,
      ...denies
        .filter(({ ways }) => ways.includes(way))
        .map(({ address }) => `add rule inet acl ${subnet}_${way} ip ${end} ${address} drop`),
    ];
    nft(ROUTER, [...lines('inbound', 'saddr'), ...lines('outbound', 'daddr')].join('\n') + '\n');
    return now();
  };

  const peace = () => {
    for (const host of HOST_NAMES) swapGroup(host, GROUPS.normal);
    for (const subnet of SUBNETS) setAcl(subnet, []);
  };
  peace();

  return {
    swapGroup,
    setAcl,
    dial: async (from, to, port, withinMs) => {
      const { flow, why } = await ask(from, 'dial', { to: addressOf(to), port, within: withinMs });
      if (typeof flow === 'string') return { from, to, name: flow };
      if (why === 'timed out') return 'timed out';
      throw new Error(`${from} could not dial ${to}: ${String(why)}`);
    },
    heard: async ({ from, to, name }, since) => {
      const [there, back] = await Promise.all(
        [to, from].map((host) => ask(host, 'heard', { flow: name, since })),
      );
      const last = [there?.['last'], back?.['last']].filter((moment) => typeof moment === 'number');
      return {
        there: Number(there?.['count']),
        back: Number(back?.['count']),
        last: last.length === 0 ? null : Math.max(...last),
      };
    },
    counters: (host) => {
      const text = run('ip', inside(interfaceNamespace(host), 'nft', 'list', 'counters'));
      const packets = (name: string) =>
        Number(new RegExp(String.raw`counter ${name} \{\s*packets (\d+)`).exec(text)?.[1]);
      return { tracked: packets('tracked'), refused: packets('refused') };
    },
    reset: async () => {
      await Promise.all(HOST_NAMES.map((host) => ask(host, 'hangUp')));
      peace();
    },
    remove,
  };
}
