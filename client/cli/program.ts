/** The commands. Each reads what was typed, asks the library, and prints. Long because it is the list of all of them. */
import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import type { DecisionInput, DecisionName } from '../../domain/decisions';
import { findStep } from '../../domain/checklist';
import { CANNOT_BE_UNDONE } from '../../domain/evidence/store';
import { problemOfScopeId, readInstance, SCOPE_KIND_IDS } from '../../domain/scope';
import { CODEC_SERVER_AUDIENCE } from '../codec-server/audience';
import { companyFile, signerOptions, webUi, type Connected } from '../config';
import { FileUnreadable, InvalidInput } from '../errors';
import {
  checklistOf,
  decideIncident,
  declareIncident,
  evidenceOf,
  listIncidents,
  rehearseContainment,
  taskOfIncident,
  timelineOf,
} from '../incidents';
import { entriesOfLedger } from '../ledger/audit';
import { newToken } from '../signing/token';
import type { Signer } from '../signing/signer';
import { audit } from './audit';
import { readText } from '../read-text';
import { actor, assembling, readDeclaration, type Options } from './declaration';
import { formatEvidence, formatRehearsal } from './evidence';
import { EXIT, type ExitStatus } from './exit';
import { formatList, formatOutcome, formatStatus, formatTask, formatTimeline } from './format';
import { createKeyringFile, rotateKeyringFile, showKeyringFile } from './keyring';
import { enrolKey, listKeys, removeKey } from './keys';
import { checked, readFinding, readStep, readTask, readTasks } from './input';
import { verify } from './verify';

/** What the process gives a command. */
export interface Surroundings {
  /** Connects to Temporal on first use: wrong usage is told without a server. */
  connect(): Promise<Pick<Connected, 'client' | 'keyring'>>;
  /** The person's own key: the file, where one is named. */
  signer(file: Options[string]): Promise<Signer>;
  print(text: string): void;
  exit(status: ExitStatus): void;
}

const clientOf = async (around: Surroundings): Promise<Client> => (await around.connect()).client;

const repeated = (value: string, before: string[] = []) => [...before, value];

export function createProgram(around: Surroundings): Command {
  const program = new Command('firebreak')
    .description(
      "Runs a company's security-incident response. Begin with: firebreak declare --summary TEXT --as EMAIL",
    )
    .configureHelp({ sortSubcommands: false });

  const command = (usage: string, description: string) =>
    program.command(usage).description(description).option('--json', 'print one JSON document');
  const acting = (usage: string, description: string) =>
    command(usage, description)
      .option('--as <email>', 'who acts (or FIREBREAK_AS); it is signed with your SSH key')
      .option('--key <file>', 'your SSH key, or its public half where an agent has it (or FIREBREAK_KEY)');

  /** Sends one decision, prints its outcome, and sets the exit status. */
  async function decide<N extends DecisionName>(
    name: N,
    codename: string,
    options: Options,
    fields: Record<string, unknown>,
    problems: readonly string[] = [],
  ): Promise<void> {
    const { name: _name, ...input } = checked(name, { by: actor(options), ...fields }, problems);
    const signer = await around.signer(options['key']);
    const client = await clientOf(around);
    const outcome = await decideIncident(
      client,
      codename,
      name,
      input as unknown as DecisionInput<N>,
      signer,
    );
    around.print(options['json'] ? JSON.stringify(outcome) : formatOutcome(outcome));
    around.exit(outcome.accepted ? EXIT.done : EXIT.refused);
  }

  acting('declare', 'start an incident: page, room and containment begin at once')
    .option('--summary <text>', 'what happens, in one line')
    .option('--finding <file>', 'a GuardDuty finding, in EventBridge or API form')
    .option('--instance <id>', 'an affected instance; may be repeated', repeated)
    .option('--identity <name>', 'an IAM user, role or access key; may be repeated', repeated)
    .option('--secret <name>', 'a secret that the attacker may know; may be repeated', repeated)
    .option('--address <ip>', 'an address of the attacker; may be repeated', repeated)
    .option('--user <name>', 'a user account that was used in the attack; may be repeated', repeated)
    .option('--service <name>', 'an affected service; may be repeated', repeated)
    .action(async (options: Options) => {
      const { request, notes: read } = readDeclaration(options);
      const { signer, problem } = await signerOrNot(options);
      const notes = [
        ...read,
        ...(problem === undefined
          ? []
          : [`Not signed: what it names is contained only once somebody has approved it. ${problem}`]),
      ];
      const { client, keyring: ring } = await around.connect();
      const { codename, adopted } = await declareIncident(client, request, ring, signer);
      const say = (text: string) => (options['json'] ? undefined : around.print(text));
      // At once: what comes after may take a moment, or fail.
      say(
        adopted
          ? `${codename} runs already for this finding; nothing was declared twice.`
          : `Declared ${codename}.`,
      );
      for (const note of notes) say(note);
      const { paged, text } = await assembling(client, codename);
      const ui = webUi();
      const follow = {
        status: `firebreak status ${codename}`,
        ...(ui && { ui: `${ui}/namespaces/${client.options.namespace}/workflows/${codename}` }),
      };
      if (options['json'])
        around.print(JSON.stringify({ codename, adopted, notes, paged, page: text, follow }));
      say(text);
      say(`Follow it: ${follow.status}${ui ? `\n           ${follow.ui}` : ''}`);
    });

  command('status <codename> [task]', 'what is done, open or locked, and why; or one task or step of it')
    .option('--all', 'every task, settled ones too')
    .action(async (codename: string, named: string | undefined, options: Options) => {
      const step = named === undefined ? undefined : findStep(named);
      const problems: string[] = [];
      const task = named === undefined || step ? undefined : readTask(named, problems);
      if (problems.length > 0) throw new InvalidInput(problems);
      const client = await clientOf(around);
      if (task !== undefined) {
        const view = await taskOfIncident(client, codename, task);
        if (!view) throw new InvalidInput([`${codename} has no task ${task}`]);
        around.print(options['json'] ? JSON.stringify(view) : formatTask(view, Date.now()));
        return;
      }
      const whole = await checklistOf(client, codename);
      const view = step ? { ...whole, steps: whole.steps.filter(({ id }) => id === step) } : whole;
      const all = options['all'] === true || step !== undefined;
      around.print(options['json'] ? JSON.stringify(view) : formatStatus(view, Date.now(), all));
    });

  command('timeline <codename>', 'what happened, in order')
    .option('--ledger <folder>', "from the incident's ledger, without a server")
    .action(async (codename: string, options: Options) => {
      const folder = options['ledger'];
      const entries =
        typeof folder === 'string'
          ? await entriesOfLedger(codename, folder)
          : await timelineOf(await clientOf(around), codename);
      around.print(options['json'] ? JSON.stringify(entries) : formatTimeline(entries));
    });

  command('list', 'the open incidents').action(async (options: Options) => {
    const incidents = await listIncidents(await clientOf(around));
    const plain = incidents.map(({ codename, since, checklist, practice }) => ({
      codename,
      since,
      phase: checklist?.phase.name,
      ...(practice && { practice }),
    }));
    around.print(options['json'] ? JSON.stringify(plain) : formatList(incidents, Date.now()));
  });

  acting(
    'complete <codename> <task...>',
    'say that tasks are done; a step stands for the tasks in it that people do',
  )
    .option('--note <text>', 'what was done')
    .action(async (codename: string, named: string[], options: Options) => {
      const problems: string[] = [];
      const tasks = await leaveSettledOut(codename, named, readTasks(named, problems), problems);
      await decide('completeTasks', codename, options, { tasks, note: options['note'] }, problems);
    });

  acting('fail <codename> <task>', 'say that a task failed')
    .option('--cause <text>', 'why')
    .option('--reason <text>', 'the same as --cause')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      const task = readTask(named, problems);
      await decide(
        'failTask',
        codename,
        options,
        { task, cause: options['cause'] ?? options['reason'] },
        problems,
      );
    });

  acting('retry <codename> <task>', 'try a failed task again now').action(
    async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      await decide('retryTask', codename, options, { task: readTask(named, problems) }, problems);
    },
  );

  acting('not-needed <codename> <task...>', 'say that tasks are not needed')
    .option('--reason <text>', 'why')
    .action(async (codename: string, named: string[], options: Options) => {
      const problems: string[] = [];
      const tasks = await leaveSettledOut(codename, named, readTasks(named, problems), problems);
      await decide('markNotNeeded', codename, options, { tasks, reason: options['reason'] }, problems);
    });

  acting('assign <codename> <task>', 'give a task to a responder')
    .option('--to <email>', 'to whom')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      const task = readTask(named, problems);
      await decide('assignTask', codename, options, { task, to: options['to'] }, problems);
    });

  acting('record <codename> <finding>', 'establish a fact: FINDING or FINDING=VALUE')
    .option('--grounds <text>', 'on what it rests')
    .action(async (codename: string, text: string, options: Options) => {
      const problems: string[] = [];
      const found = readFinding(text, problems);
      await decide('recordFinding', codename, options, { ...found, grounds: options['grounds'] }, problems);
    });

  acting('withdraw <codename> <finding>', 'take a fact back; its gates close again')
    .option('--reason <text>', 'why')
    .action(async (codename: string, text: string, options: Options) => {
      const problems: string[] = [];
      const { finding } = readFinding(text.includes('=') ? text : withAnyValue(text), problems);
      await decide('withdrawFinding', codename, options, { finding, reason: options['reason'] }, problems);
    });

  acting(
    'determine <codename> <determination>',
    "the incident commander's determination: respond or stand-down",
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, determination: string, options: Options) => {
      await decide('determine', codename, options, { determination, reason: options['reason'] });
    });

  for (const name of ['approve', 'refuse'] as const)
    acting(
      `${name} <codename> <request>`,
      `${name} a request: contain:ID, release:INSTANCE, contact:NAME or statement@VERSION`,
    )
      .option('--reason <text>', 'why')
      .action(async (codename: string, request: string, options: Options) => {
        await decide(name, codename, options, { request, reason: options['reason'] });
      });

  acting(
    'withhold <codename> <step>',
    'end a step of communication without it: incident commander and legal counsel, both',
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, named: string, options: Options) => {
      const problems: string[] = [];
      await decide(
        'withhold',
        codename,
        options,
        { step: readStep(named, problems), reason: options['reason'] },
        problems,
      );
    });

  acting(
    'break-glass <codename> <request>',
    'open one outside contact before forensics: incident commander and legal counsel, both',
  )
    .option('--reason <text>', 'why')
    .action(async (codename: string, request: string, options: Options) => {
      await decide('breakGlass', codename, options, { request, reason: options['reason'] });
    });

  acting('scope <codename> <add> <kind> <id>', `widen the scope: add ${SCOPE_KIND_IDS.join('|')} ID`).action(
    async (codename: string, add: string, kind: string, id: string, options: Options) => {
      const problems =
        add === 'add' ? [] : [`"${add}": a scope can only be widened: scope CODENAME add KIND ID`];
      await decide('widenScope', codename, options, { what: kind, which: id }, problems);
    },
  );

  acting('stop <codename> <instance>', 'stop an instance now, before its snapshots and isolation')
    .option('--reason <text>', 'why')
    .action(async (codename: string, instance: string, options: Options) => {
      await decide('orderStop', codename, options, { instance, reason: options['reason'] });
    });

  command('contain', 'with --dry-run: every call that the containment of an instance would make now')
    .option('--dry-run', 'make none of them')
    .option('--instance <id>', 'the instance; may be repeated', repeated)
    .option('--address <ip>', 'an address of the attacker that would be denied; may be repeated', repeated)
    .action(async (options: Options) => {
      const instances = (options['instance'] as string[] | undefined) ?? [];
      const attackers = (options['address'] as string[] | undefined) ?? [];
      const problems = [
        ...(options['dryRun'] === true
          ? []
          : [
              'containment belongs to an incident: firebreak declare, or scope CODENAME add; or add --dry-run',
            ]),
        ...(instances.length > 0 ? [] : ['--instance ID: say which']),
        ...instances.map((id) => problemOfScopeId('instance', id)),
        ...attackers.map((id) => problemOfScopeId('address', id)),
      ].filter((problem) => problem !== undefined);
      if (problems.length > 0) throw new InvalidInput(problems);
      const client = await clientOf(around);
      const rehearsed = [];
      for (const id of instances) {
        const instance = readInstance(id);
        const subSteps = await rehearseContainment(client, { instance, attackers });
        rehearsed.push({ instance: instance.id, subSteps });
        if (!options['json']) around.print(formatRehearsal(instance.id, subSteps));
      }
      if (options['json']) around.print(JSON.stringify(rehearsed));
    });

  acting('give-up <codename> <target>', 'end a containment that fails, and leave the rest of it to people')
    .option('--reason <text>', 'why')
    .action(async (codename: string, target: string, options: Options) => {
      await decide('giveUp', codename, options, { target, reason: options['reason'] });
    });

  acting('release <codename> <instance>', 'undo the containment of an instance: two people, each says so')
    .option('--reason <text>', 'why')
    .action(async (codename: string, instance: string, options: Options) => {
      await decide('release', codename, options, { instance, reason: options['reason'] });
    });

  command('evidence <codename>', 'what was kept, where it is, and how it is locked')
    .option('--all', 'the chain of custody too')
    .action(async (codename: string, options: Options) => {
      const evidence = await evidenceOf(await clientOf(around), codename);
      around.print(
        options['json']
          ? JSON.stringify(evidence)
          : formatEvidence(codename, evidence, options['all'] === true),
      );
    });

  acting('hand-over <codename> <item>', 'say that an item of evidence was handed over')
    .option('--to <whom>', 'to whom')
    .option('--reason <text>', 'why')
    .action(async (codename: string, item: string, options: Options) => {
      await decide('handOver', codename, options, { item, to: options['to'], reason: options['reason'] });
    });

  acting('lock-for-good <codename>', 'lock the images in cold storage in compliance mode')
    .option('--confirm <words>', `"${CANNOT_BE_UNDONE}"`)
    .option('--reason <text>', 'why')
    .action(async (codename: string, options: Options) => {
      await decide('lockForGood', codename, options, {
        confirm: options['confirm'],
        reason: options['reason'],
      });
    });

  acting(
    'rotated <codename> <user> <system>',
    'say that an account used in the attack is rotated on a system',
  )
    .option('--no-account', 'there is no such account')
    .option('--note <text>', 'what was done')
    .action(async (codename: string, user: string, system: string, options: Options) => {
      const outcome = options['account'] === false ? 'no-account' : 'rotated';
      await decide('settleRotation', codename, options, { user, system, outcome, note: options['note'] });
    });

  acting('statement <codename> <file>', 'submit the public statement, in Markdown').action(
    async (codename: string, file: string, options: Options) => {
      await decide('submitStatement', codename, options, { text: readText(file, 'statement') });
    },
  );

  acting('close <codename>', 'end the incident')
    .option('--note <text>', 'a last word')
    .action(async (codename: string, options: Options) => {
      await decide('close', codename, options, { note: options['note'] });
    });

  acting(
    'confirm <codename> <request>',
    'make a request from the Temporal Web UI (asked-1) your own decision',
  ).action(async (codename: string, request: string, options: Options) => {
    await decide('confirm', codename, options, { request });
  });

  acting('renew-keys <codename>', "read the responders' keys anew: one was added, lost or stolen")
    .option('--reason <text>', 'why')
    .action(async (codename: string, options: Options) => {
      await decide('renewKeys', codename, options, { reason: options['reason'] });
    });

  const keys = program
    .command('keys')
    .description('whose signatures count: enrolled in firebreak.yaml on this machine, without a server');
  const keysCommand = (usage: string, description: string) =>
    keys
      .command(usage)
      .description(description)
      .option('--config <file>', "the company's configuration (or FIREBREAK_CONFIG; else firebreak.yaml)")
      .option('--json', 'print one JSON document');
  const keysAround = () => {
    const config = companyFile();
    return { signer: signerOptions(), ...(config !== undefined && { config }) };
  };
  keysCommand('enrol <email> <public-key-file>', "enrol a responder's SSH key")
    .option('--proof <file>', 'made elsewhere: ssh-keygen -Y sign -n enrol@firebreak (docs/signing.md)')
    .action(async (email: string, file: string, options: Options) =>
      around.exit(await enrolKey(email, file, options, keysAround(), (text) => around.print(text))),
    );
  keysCommand('list', 'who has which key, and who has none').action((options: Options) =>
    around.exit(listKeys(options, keysAround(), (text) => around.print(text))),
  );
  keysCommand('remove <email> <fingerprint>', 'from then on its signatures count no longer').action(
    (email: string, fingerprint: string, options: Options) =>
      around.exit(removeKey(email, fingerprint, options, keysAround(), (text) => around.print(text))),
  );

  const keyring = program
    .command('keyring')
    .description(
      "the keys that Temporal's payloads are sealed with: a file that worker and command line share",
    );
  keyring
    .command('new <file>')
    .description('make one')
    .option('--id <id>', "the key's id, which others can see; the date, if left out")
    .option('--kms <arn>', 'wrap by this key of AWS KMS instead of a secret in the file')
    .action(async (file: string, options: Options) =>
      around.exit(await createKeyringFile(file, newKeyOf(options), (text) => around.print(text))),
    );
  keyring
    .command('rotate <file>')
    .description('add a key and make it the current one; the old ones stay, to read with')
    .option('--id <id>', "the key's id, which others can see; the date, if left out")
    .option('--kms <arn>', 'wrap by this key of AWS KMS instead of a secret in the file')
    .action(async (file: string, options: Options) =>
      around.exit(await rotateKeyringFile(file, newKeyOf(options), (text) => around.print(text))),
    );
  keyring
    .command('show <file>')
    .description('the ids in it, and which is the current one; no secret')
    .action(async (file: string) => around.exit(await showKeyringFile(file, (text) => around.print(text))));

  acting('token', 'print a token for the codec server, so that the Temporal Web UI can show what is sealed')
    .option('--hours <hours>', 'for how long, at most 12', '8')
    .action(async (options: Options) => {
      const by = actor(options);
      const hours = Number(options['hours']);
      const problems = [
        ...(typeof by === 'string' && /^[^\s@]+@[^\s@]+$/.test(by)
          ? []
          : ['--as EMAIL (or FIREBREAK_AS): say who asks']),
        ...(hours > 0 && hours <= 12 ? [] : ['--hours: more than 0, at most 12']),
      ];
      if (problems.length > 0) throw new InvalidInput(problems);
      const signer = await around.signer(options['key']);
      const token = await newToken(signer, by as string, CODEC_SERVER_AUDIENCE, hours * 3_600_000);
      around.print(options['json'] ? JSON.stringify({ token }) : token);
    });

  command('audit <codename>', 'compare the ledger with what Temporal holds, and name each difference')
    .option('--ledger <folder>', "the incident's folder, with its ledger in it")
    .option('--key <file>', 'the public key that your security team published, in PEM')
    .action(async (codename: string, options: Options) =>
      around.exit(
        await audit(
          codename,
          options,
          () => clientOf(around),
          (text) => around.print(text),
        ),
      ),
    );

  command('verify <folder>', 'check evidence and ledger in a folder: on this machine alone, without a server')
    .option('--key <file>', 'the public key that your security team published, in PEM')
    .action(async (folder: string, options: Options) =>
      around.exit(await verify(folder, options, (text) => around.print(text))),
    );

  /** Nobody is kept from declaring at 3 a.m. because a key is elsewhere. */
  async function signerOrNot(options: Options): Promise<{ signer?: Signer; problem?: string }> {
    try {
      return { signer: await around.signer(options['key']) };
    } catch (error) {
      if (!(error instanceof InvalidInput || error instanceof FileUnreadable)) throw error;
      return { problem: error.message };
    }
  }

  /** A whole step was named: tasks of it that are settled, or that the machine is at, are left as they are. */
  async function leaveSettledOut<T extends string>(
    codename: string,
    named: readonly string[],
    tasks: T[],
    problems: readonly string[],
  ): Promise<T[]> {
    if (problems.length > 0 || tasks.length === named.length) return tasks;
    const view = await checklistOf(await clientOf(around), codename);
    const open = view.steps
      .flatMap((step) => step.tasks)
      .filter(
        ({ state, machine, inDoubt }) =>
          (state === 'open' && !machine) || state === 'failed' || inDoubt !== undefined,
      )
      .map(({ id }) => id as string);
    const left = tasks.filter((task) => open.includes(task));
    return left.length > 0 ? left : tasks;
  }

  return program;
}

/** As typed. */
function newKeyOf({ id, kms }: Options): { id?: string; kms?: string } {
  return { ...(typeof id === 'string' && { id }), ...(typeof kms === 'string' && { kms }) };
}

/** `withdraw` names a finding, whatever value it has. */
function withAnyValue(finding: string): string {
  return /^attack-?source$/i.test(finding) ? `${finding}=external` : finding;
}
