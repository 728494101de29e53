/** Starts a child for everything affected, passes people's orders on to it, and takes its reports. */
import {
  ChildWorkflowFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { doneAt, type Containment, type TargetKind } from '../../domain/containment';
import { hasEnded } from '../../domain/incident';
import { orderSignal, type ContainmentInput, type Order, type ReleaseInput } from '../containment/messages';
import { PART_WORKFLOW, partWorkflowId } from '../names';
import type { Part } from '../part';
import type { CarriedOver, TokenedReport } from './messages';
import type { Store } from './store';

/** The part for each kind. */
const PARTS: Readonly<Record<TargetKind, Part>> = {
  instance: 'containInstance',
  identity: 'containIdentity',
  secret: 'containIdentity',
  address: 'blockAddress',
};

export class Containments {
  /** What this run has started or found running. */
  private readonly started = new Set<string>();
  private readonly stopPassedOn = new Set<string>();
  /** Releases, by their number. */
  private readonly releasing = new Set<number>();
  /** When the retry that was passed on last had been ordered, by target. */
  private readonly retryPassedOn = new Map<string, number>();

  /** By target, whose name may be one that every object answers to. */
  private readonly tokens: Map<string, string>;

  /** Children that an earlier run had under way, by their number. They may end before this run has found them. */
  private readonly underWay: Set<number>;

  constructor(
    private readonly store: Store,
    { tokens, children = [] }: Pick<CarriedOver, 'tokens' | 'children'>,
  ) {
    this.tokens = new Map(Object.entries(tokens));
    this.underWay = new Set(children);
  }

  carryTokens(): Record<string, string> {
    return Object.fromEntries(this.tokens);
  }

  carryChildren(): number[] {
    const containing = this.all().filter(
      ({ target, status, number }) =>
        status === 'running' && (this.started.has(target.id) || this.underWay.has(number)),
    );
    const releasing = this.all().flatMap(({ release }) =>
      release && release.doneAt === undefined ? [release.number] : [],
    );
    return [
      ...containing.map(({ number }) => number),
      ...releasing.filter((number) => this.releasing.has(number) || this.underWay.has(number)),
    ];
  }

  /** Runs until `draining`. Children outlive a run of the incident: they report to its id, whatever run it is in. */
  async run(draining: () => boolean): Promise<void> {
    for (;;) {
      await condition(
        () =>
          draining() ||
          [this.toStart(), this.toStop(), this.toRetry(), this.toRelease(), this.toEnd()].some(
            ({ length }) => length > 0,
          ),
      );
      if (draining()) break;
      const starting = this.toStart();
      await Promise.all(starting.map((containment) => this.start(containment)));
      await Promise.all(this.toStop().map((containment) => this.passStopOn(containment)));
      await Promise.all(this.toRetry().map((containment) => this.passRetryOn(containment)));
      await Promise.all(this.toRelease().map((containment) => this.release(containment)));
      await Promise.all(this.toEnd().map((containment) => this.end(containment)));
    }
    if (hasEnded(this.store.incident)) await this.abandon();
  }

  /** A report counts only with the token of its child: a signal is anybody's who reaches the server, and may be anything. */
  take(report: unknown): void {
    const { token, told } = (report ?? {}) as Partial<TokenedReport>;
    const expected = typeof told?.target === 'string' ? this.tokens.get(told.target) : undefined;
    if (told === undefined || expected === undefined || token !== expected) {
      this.store.refuse({
        key: 'report',
        text: 'report the progress of a containment',
        reasons: [{ gate: 'reportIsItsOwn', reason: 'it did not come from the containment' }],
      });
      return;
    }
    this.store.report({ name: 'containmentReported', told });
  }

  private tokenOf(id: string): string {
    const token = this.tokens.get(id) ?? uuid4();
    this.tokens.set(id, token);
    return token;
  }

  private toStart(): Containment[] {
    return this.all().filter(({ status, target }) => status === 'running' && !this.started.has(target.id));
  }

  private toStop(): Containment[] {
    return this.all().filter(
      (one) =>
        one.stopOrdered &&
        one.status === 'running' &&
        doneAt(one, 'stop') === undefined &&
        this.started.has(one.target.id) &&
        !this.stopPassedOn.has(one.target.id),
    );
  }

  private toRetry(): Containment[] {
    return this.all().filter(
      ({ status, target, retryOrderedAt }) =>
        retryOrderedAt !== undefined &&
        status === 'running' &&
        this.started.has(target.id) &&
        this.retryPassedOn.get(target.id) !== retryOrderedAt,
    );
  }

  /** Somebody gave it up while it ran. */
  private toEnd(): Containment[] {
    return this.all().filter(({ status, target }) => status === 'abandoned' && this.started.has(target.id));
  }

  private toRelease(): Containment[] {
    return this.all().filter(
      ({ release }) => release && release.doneAt === undefined && !this.releasing.has(release.number),
    );
  }

  private all(): Containment[] {
    return Object.values(this.store.incident.containments);
  }

  private async start({ target, number, stopOrdered }: Containment): Promise<void> {
    this.started.add(target.id);
    const { declaration, scope, company } = this.store.incident;
    const token = this.tokenOf(target.id);
    const input: ContainmentInput = {
      codename: declaration.codename,
      target,
      token,
      stopOrdered: stopOrdered !== undefined,
      attackers: scope.addresses,
      affected: scope.instances.map((instance) => ({ kind: 'instance', ...instance })),
      ...(company.coldStorage && { storeWithinMs: company.coldStorage.withinMs }),
    };
    const child = await this.startChild(PARTS[target.kind], number, input);
    if (stopOrdered) this.stopPassedOn.add(target.id);
    if (child) void this.watch(target.id, child.result());
  }

  /** Another child than the one that contained; it reports by the same token. */
  private async release({ target, release }: Containment): Promise<void> {
    if (!release) return;
    this.releasing.add(release.number);
    const { codename } = this.store.incident.declaration;
    const token = this.tokenOf(target.id);
    const input: ReleaseInput = { codename, target, token };
    const child = await this.startChild('releaseInstance', release.number, input);
    if (child) void this.watchRelease(target.id, child.result());
  }

  /** The child, or undefined where the child of an earlier run is at work still; that reports by itself. */
  private async startChild(
    part: Part,
    number: number,
    input: ContainmentInput | ReleaseInput,
  ): Promise<{ result(): Promise<unknown> } | undefined> {
    const { codename } = this.store.incident.declaration;
    const isFound = this.underWay.delete(number);
    try {
      return await startChild(PART_WORKFLOW, {
        workflowId: partWorkflowId(codename, number),
        args: [part, input],
        staticSummary: `${codename}, ${number}`,
        // As for the incident itself: what a dead worker held is handed on soon.
        workflowTaskTimeout: '5 seconds',
        parentClosePolicy: ParentClosePolicy.ABANDON,
        // One that has ended its work since the last run is not done all over again: its last report is on the way.
        ...(isFound && { workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' as const }),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return undefined;
    }
  }

  private async watchRelease(id: string, result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure)) throw error;
    }
    const release = this.store.incident.containments[id]?.release;
    if (!release || release.doneAt !== undefined || hasEnded(this.store.incident)) return;
    this.releasing.delete(release.number);
    this.store.report({
      name: 'containmentReported',
      told: { target: id, release: { failing: 'it was ended from outside' } },
    });
  }

  /** A child that was ended from outside can't say so itself. */
  private async watch(id: string, result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure)) throw error;
    }
    this.missed(id);
  }

  /** Where it has not said itself how it ended, it ended before it was done. */
  private missed(id: string): void {
    this.started.delete(id);
    const status = this.store.incident.containments[id]?.status;
    if (status === 'running' && !hasEnded(this.store.incident))
      this.store.report({ name: 'containmentReported', told: { target: id, ended: 'abandoned' } });
  }

  private async passStopOn(containment: Containment): Promise<void> {
    this.stopPassedOn.add(containment.target.id);
    await this.passOn(containment, 'stop');
  }

  private async passRetryOn(containment: Containment): Promise<void> {
    this.retryPassedOn.set(containment.target.id, containment.retryOrderedAt ?? 0);
    await this.passOn(containment, 'retry');
  }

  /** A child of an earlier run is not watched by this one: that it has gone shows when nobody is there to be told. */
  private async passOn({ target, number }: Containment, order: Order): Promise<void> {
    const { codename } = this.store.incident.declaration;
    try {
      await getExternalWorkflowHandle(partWorkflowId(codename, number)).signal(orderSignal, order);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.missed(target.id);
    }
  }

  private async end({ target, number }: Containment): Promise<void> {
    this.started.delete(target.id);
    const { codename } = this.store.incident.declaration;
    await ignoreMissing(getExternalWorkflowHandle(partWorkflowId(codename, number)).cancel());
  }

  /** Nothing is undone: what is contained stays so. What has not been done yet is left. */
  private async abandon(): Promise<void> {
    const { codename } = this.store.incident.declaration;
    const running = this.all().filter(({ status }) => status === 'running');
    await Promise.all(
      running.map(async ({ target, number }) => {
        await ignoreMissing(getExternalWorkflowHandle(partWorkflowId(codename, number)).cancel());
        this.store.report({
          name: 'containmentReported',
          told: { target: target.id, ended: 'abandoned' },
        });
      }),
    );
  }
}

/** The child may have ended in between: then there is nobody to tell. */
async function ignoreMissing(told: Promise<void>): Promise<void> {
  try {
    await told;
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
