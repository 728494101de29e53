/** Starts a child for each affected instance, passes the commander's order on to it, and takes its reports. */
import {
  ChildWorkflowFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError, type SignalDefinition } from '@temporalio/common';
import type { Containment } from '../../domain/containment';
import { hasEnded } from '../../domain/incident';
import type { containInstance } from '../contain-instance/contain-instance';
import { orderStopSignal, retrySignal } from '../contain-instance/messages';
import { containmentWorkflowId } from '../names';
import type { TokenedReport } from './messages';
import type { Store } from './store';

export class Containments {
  /** What this run has started or found running. */
  private readonly started = new Set<string>();
  private readonly stopPassedOn = new Set<string>();
  /** When the retry that was passed on last had been ordered, by instance. */
  private readonly retryPassedOn = new Map<string, number>();

  constructor(
    private readonly store: Store,
    public readonly tokens: Record<string, string>,
  ) {}

  /** Runs until `draining`. Children outlive a run of the incident: they report to its id, whatever run it is in. */
  async run(draining: () => boolean): Promise<void> {
    for (;;) {
      await condition(
        () => draining() || [this.toStart(), this.toStop(), this.toRetry()].some(({ length }) => length > 0),
      );
      if (draining()) break;
      const starting = this.toStart();
      await Promise.all(starting.map((containment) => this.start(containment)));
      await Promise.all(this.toStop().map((containment) => this.passStopOn(containment)));
      await Promise.all(this.toRetry().map((containment) => this.passRetryOn(containment)));
    }
    if (this.store.incident.phase.name === 'stoodDown') await this.abandon();
  }

  /** A report counts only with the token of its child: a signal is anybody's who reaches the server, and may be anything. */
  take(report: unknown): void {
    const { token, told } = (report ?? {}) as Partial<TokenedReport>;
    const expected = typeof told?.instance === 'string' ? this.tokens[told.instance] : undefined;
    if (told === undefined || expected === undefined || token !== expected) {
      this.store.report({
        name: 'warned',
        text: 'a report of a containment that did not come from it was left out',
      });
      return;
    }
    this.store.report({ name: 'containmentReported', told });
  }

  private toStart(): Containment[] {
    return this.all().filter(
      ({ status, instance }) => status === 'running' && !this.started.has(instance.id),
    );
  }

  private toStop(): Containment[] {
    return this.all().filter(
      ({ status, instance, stopOrdered, stoppedAt }) =>
        stopOrdered &&
        status === 'running' &&
        stoppedAt === undefined &&
        this.started.has(instance.id) &&
        !this.stopPassedOn.has(instance.id),
    );
  }

  private toRetry(): Containment[] {
    return this.all().filter(
      ({ status, instance, retryOrderedAt }) =>
        retryOrderedAt !== undefined &&
        status === 'running' &&
        this.started.has(instance.id) &&
        this.retryPassedOn.get(instance.id) !== retryOrderedAt,
    );
  }

  private all(): Containment[] {
    return Object.values(this.store.incident.containments);
  }

  private async start({ instance, number, stopOrdered }: Containment): Promise<void> {
    this.started.add(instance.id);
    const { codename } = this.store.incident.declaration;
    const token = (this.tokens[instance.id] ??= uuid4());
    try {
      const child = await startChild<typeof containInstance>('containInstance', {
        workflowId: containmentWorkflowId(codename, number),
        args: [{ codename, instance, token, stopOrdered: stopOrdered !== undefined }],
        staticSummary: `${codename}, ${number}`,
        // As for the incident itself: what a dead worker held is handed on soon.
        workflowTaskTimeout: '5 seconds',
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
      if (stopOrdered) this.stopPassedOn.add(instance.id);
      void this.watch(instance.id, child.result());
    } catch (error) {
      // The child of an earlier run is at work still; it reports by itself.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /** A child that was ended from outside can't say so itself. */
  private async watch(instance: string, result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure)) throw error;
    }
    this.missed(instance);
  }

  /** Where it has not said itself how it ended, it ended before it was done. */
  private missed(instance: string): void {
    this.started.delete(instance);
    const status = this.store.incident.containments[instance]?.status;
    if (status === 'running' && !hasEnded(this.store.incident))
      this.store.report({ name: 'containmentReported', told: { instance, ended: 'abandoned' } });
  }

  private async passStopOn(containment: Containment): Promise<void> {
    this.stopPassedOn.add(containment.instance.id);
    await this.passOn(containment, orderStopSignal);
  }

  private async passRetryOn(containment: Containment): Promise<void> {
    this.retryPassedOn.set(containment.instance.id, containment.retryOrderedAt ?? 0);
    await this.passOn(containment, retrySignal);
  }

  /** A child of an earlier run is not watched by this one: that it has gone shows when nobody is there to be told. */
  private async passOn({ instance, number }: Containment, signal: SignalDefinition): Promise<void> {
    const { codename } = this.store.incident.declaration;
    try {
      await getExternalWorkflowHandle(containmentWorkflowId(codename, number)).signal(signal);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.missed(instance.id);
    }
  }

  /** Nothing is undone: what is contained stays so. What has not been done yet is left. */
  private async abandon(): Promise<void> {
    const { codename } = this.store.incident.declaration;
    const running = this.all().filter(({ status }) => status === 'running');
    await Promise.all(
      running.map(async ({ instance, number }) => {
        await ignoreMissing(getExternalWorkflowHandle(containmentWorkflowId(codename, number)).cancel());
        this.store.report({
          name: 'containmentReported',
          told: { instance: instance.id, ended: 'abandoned' },
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
