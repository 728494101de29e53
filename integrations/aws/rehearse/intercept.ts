/** Clients that let reads through and keep back everything else, however a step comes to call it. */
import type { InstanceLocation, RehearsedCall } from '../../../activities/containment';
import { conflict } from '../../../activities/failures';
import { createTargets, type AwsSettings, type Clients, type Target } from '../clients';
import { askForVerdict, DryRunIgnored, NO_DRY_RUN, NotADryRun, saysDryRun } from './dry-run';
import type { World } from './imagined';

export interface Interception {
  readonly target: Target;
  /** The calls that were kept back since it was last asked, in their order. */
  take(): Promise<RehearsedCall[]>;
  /** The failure, once AWS carried out a dry run: from then on nothing but reads is sent. */
  ignored(): Error | undefined;
  /** Closes the connections. */
  close(): void;
}

/** As IAM calls the services. */
const SERVICES: Readonly<Record<keyof Clients, string>> = {
  ec2: 'ec2',
  scaling: 'autoscaling',
  balancing: 'elasticloadbalancing',
  iam: 'iam',
  ssm: 'ssm',
  waf: 'wafv2',
  secrets: 'secretsmanager',
  kms: 'kms',
  s3: 's3',
  ebs: 'ebs',
};

/** What passes for a read. Anything else is kept back, also what nobody here has heard of. */
const READ = /^(?:Describe|Get|List)/;

interface Arguments {
  readonly input: object;
  /** In the later steps of the SDK. */
  readonly request?: unknown;
}
type Handler = (args: Arguments) => Promise<{ readonly output: object; readonly response: unknown }>;
type Middleware = (next: Handler, context: { readonly commandName?: string }) => Handler;

/** The clients are the rehearsal's own: nobody else's calls are kept back. */
export function intercept(settings: AwsSettings, instance: InstanceLocation, world: World): Interception {
  const target = createTargets(settings)(instance);
  let kept: Promise<RehearsedCall>[] = [];
  let ignored: Error | undefined;

  const keepBack =
    (service: string): Middleware =>
    (next, context) =>
    async (args) => {
      const command = nameOf(context);
      if (READ.test(command)) {
        const ask = async (input: object) => (await next({ ...args, input })).output;
        return { output: await world.read(command, args.input, ask), response: undefined };
      }
      if (ignored) throw ignored;
      const action = `${service}:${command}`;
      const call = rehearsed(action, args.input, world, () =>
        next({ ...args, input: { ...args.input, DryRun: true } }),
      );
      kept.push(call);
      await call.catch((error: unknown) => {
        // Never to be retried, by whichever part: it would be carried out again.
        if (error instanceof DryRunIgnored) ignored = conflict(error.message);
        throw ignored ?? error;
      });
      return { output: world.change(command, args.input), response: undefined };
    };

  const all = Object.keys(SERVICES) as (keyof Clients)[];
  for (const key of all) {
    const stack = target.clients[key].middlewareStack as {
      add(middleware: Middleware, options: object): void;
    };
    stack.add(keepBack(SERVICES[key]), { step: 'initialize', priority: 'low', name: 'keepBack' });
    stack.add(letDryRunsThrough, { step: 'build', priority: 'low', name: 'letDryRunsThrough' });
  }
  return {
    target,
    async take() {
      const calls = await Promise.allSettled(kept);
      kept = [];
      return calls.flatMap((call) => (call.status === 'fulfilled' ? [call.value] : []));
    },
    ignored: () => ignored,
    close() {
      for (const key of all) target.clients[key].destroy();
    },
  };
}

async function rehearsed(
  action: string,
  input: object,
  { newThings }: World,
  send: () => Promise<unknown>,
): Promise<RehearsedCall> {
  const verdict = action.startsWith('ec2:')
    ? await askForVerdict(action, newThings.areIn(input), send)
    : NO_DRY_RUN;
  return { action, parameters: newThings.label(input) as Record<string, unknown>, ...verdict };
}

/** The last look at what leaves: it does not trust the one who sent it. */
const letDryRunsThrough: Middleware = (next, context) => (args) => {
  if (!READ.test(nameOf(context)) && !saysDryRun(args.request))
    throw new NotADryRun('A rehearsal sends no call that is not a dry run.');
  return next(args);
};

function nameOf({ commandName = '' }: { readonly commandName?: string }): string {
  return commandName.replace(/Command$/, '');
}
