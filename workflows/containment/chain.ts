/**
 * What every containment has in common: sub-steps that are tried until they are done, shown while they run, and reported to
 * the incident.
 */
import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import {
  CHAINS,
  SUB_STEPS,
  type ContainmentReport,
  type ContainmentTarget,
  type SubStep,
  type SubStepState,
} from '../../domain/containment';
import { backOffMs } from '../../domain/effects';
import { causeOf } from '../incident/causes';
import { reportSignal } from '../incident/messages';
import { ORDERS, orderSignal, progressQuery, type SubStepProgress } from './messages';

type Told = Omit<ContainmentReport, 'target'>;

/** Another try by itself would end the same way: only a person's order tries it again. */
export class NeedsAPerson extends Error {
  override readonly name = 'NeedsAPerson';
}

/** It was done, and looking again did not prove it. */
class Unproven extends Error {
  override readonly name = 'Unproven';
}

export const NO_COLD_STORAGE = { state: 'skipped', cause: 'no cold storage is configured' } as const;

/** Tells the incident. It may have ended, by a stand-down say; containment is finished all the same. */
export function reportTo(codename: string, token: string, target: string): (told: Told) => Promise<void> {
  return async (told) => {
    try {
      await getExternalWorkflowHandle(codename).signal(reportSignal, {
        token,
        told: { target, ...told },
      });
    } catch (error) {
      // Nobody is there to be told.
      if (isCancellation(error)) throw error;
    }
  };
}

/** Goes on by itself, and is awaited later: that it was cancelled until then is no failure of the workflow's code. */
export function meanwhile<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

export class Chain {
  private readonly subSteps = new Map<SubStep, SubStepState>();
  private readonly tried = new Set<SubStep>();
  private retriesOrdered = 0;
  /** The incident commander ordered the stop, before everything that it waits for. */
  stopOrdered = false;
  private unsaid: Told = {};
  private hasNews = false;
  private saying = false;

  private readonly report: (told: Told) => Promise<void>;

  constructor(
    codename: string,
    private readonly target: ContainmentTarget,
    token: string,
  ) {
    this.report = reportTo(codename, token, target.id);
    setHandler(
      orderSignal,
      (order) => {
        if (order === 'retry') this.retriesOrdered += 1;
        if (order === 'stop') this.stopOrdered = true;
      },
      { description: `A person's order, passed on by the incident: ${ORDERS.join(' or ')}.` },
    );
    setHandler(progressQuery, () => this.progress(), {
      description: 'Each sub-step, its state and since when.',
    });
    this.show();
  }

  /** Does one sub-step, however often it takes. */
  async keepTrying<T>(subStep: SubStep, attempt: () => Promise<T>): Promise<T> {
    for (let failures = 0; ;) {
      this.set(subStep, { state: 'running' });
      try {
        const result = await attempt();
        this.set(subStep, { state: 'done' });
        return result;
      } catch (error) {
        if (isCancellation(error)) throw error;
        const waits = error instanceof NeedsAPerson;
        const cause = waits || error instanceof Unproven ? error.message : causeOf(error);
        failures += 1;
        this.set(subStep, { state: 'failing', cause });
        await this.pause(waits ? undefined : backOffMs(failures), `Next try: ${SUB_STEPS[subStep]}`);
      }
    }
  }

  /**
   * Looks until it is proven; before each look after the first, `again` does anew what somebody may have changed back. What has
   * not been done yet is being tried anyway.
   */
  async keepProving(
    look: () => Promise<{ readonly unproven: readonly string[] }>,
    again: () => Promise<void>,
  ): Promise<void> {
    let looks = 0;
    await this.keepTrying('verify', async () => {
      if (looks > 0) await again();
      looks += 1;
      const { unproven } = await look();
      this.tell({ unproven });
      if (unproven.length > 0) throw new Unproven(unproven.join('; '));
    });
  }

  /** Waits for the time to pass, or for a person's order; without a time, for the order alone. */
  async pause(ms: number | undefined, summary: string): Promise<void> {
    const before = this.retriesOrdered;
    const ordered = () => this.retriesOrdered > before;
    if (ms === undefined) await condition(ordered);
    else await condition(ordered, ms, { summary });
  }

  set(subStep: SubStep, state: Omit<SubStepState, 'at'>): void {
    const next = { ...state, at: Date.now() };
    this.subSteps.set(subStep, next);
    if (state.state !== 'running') this.tried.add(subStep);
    this.unsaid = { ...this.unsaid, subSteps: { ...this.unsaid.subSteps, [subStep]: next } };
    // That something begins is told with the next news; it is no news by itself.
    if (state.state !== 'running' || state.percent !== undefined) this.say();
    this.show();
  }

  /** What is told besides the sub-steps: it goes out with the next of them. */
  tell(told: Told): void {
    const { items = [], custody = [], files = [], ...rest } = told;
    this.unsaid = {
      ...this.unsaid,
      ...rest,
      items: [...(this.unsaid.items ?? []), ...items],
      custody: [...(this.unsaid.custody ?? []), ...custody],
      files: [...(this.unsaid.files ?? []), ...files],
    };
  }

  isDone(...subSteps: SubStep[]): boolean {
    return subSteps.every((subStep) => ['done', 'skipped'].includes(this.subSteps.get(subStep)?.state ?? ''));
  }

  /** Done, or failed at least once: nothing has to wait for it any longer. */
  wasTried(...subSteps: SubStep[]): boolean {
    return subSteps.every((subStep) => this.tried.has(subStep));
  }

  /** Resolves when everything has been said. */
  async end(): Promise<void> {
    this.tell({ ended: 'finished' });
    this.say();
    await condition(() => !this.hasNews && !this.saying);
  }

  /** One report at a time: what happens while it is on its way goes out together with the next. */
  private say(): void {
    this.hasNews = true;
    // Cancelled while it speaks: the work is cancelled too, and says so.
    if (!this.saying) this.sayAll().catch(() => undefined);
  }

  private async sayAll(): Promise<void> {
    this.saying = true;
    try {
      while (this.hasNews) {
        const told = this.unsaid;
        this.unsaid = {};
        this.hasNews = false;
        await this.report(told);
      }
    } finally {
      this.saying = false;
    }
  }

  private progress(): SubStepProgress[] {
    return CHAINS[this.target.kind].map((subStep) => {
      const seen = this.subSteps.get(subStep);
      return seen ? { subStep, ...seen } : { subStep, state: 'waiting' };
    });
  }

  private show(): void {
    setCurrentDetails(['# Containment', '', ...this.progress().map(lineOf)].join('\n'));
  }
}

function lineOf(one: SubStepProgress): string {
  const title = SUB_STEPS[one.subStep];
  if (one.state === 'waiting') return `- [ ] ${title} — waiting`;
  const clock = `${new Date(one.at).toISOString().slice(11, 19)} UTC`;
  const percent = one.percent === undefined ? '' : `, ${one.percent} %`;
  const box = one.state === 'done' || one.state === 'skipped' ? '[x]' : '[ ]';
  return `- ${box} ${title} — ${one.state}${percent} since ${clock}${one.cause ? `: ${one.cause}` : ''}`;
}
