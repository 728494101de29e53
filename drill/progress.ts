/** What a person at the terminal sees while a drill runs: the steps of the checklist, and what just happened. */
import { Listr, type ListrTaskWrapper } from 'listr2';
import { STEP_IDS, stepOf, type StepId } from '../domain/steps';
import type { StepView } from '../domain/view';

export interface Progress {
  /** A stage of the drill itself begins. */
  begin(title: string): void;
  /** What just happened. */
  happened(text: string): void;
  /** The checklist as it is now. */
  steps(views: readonly StepView[]): void;
  /** The drill is over. */
  end(): Promise<void>;
}

type Task = ListrTaskWrapper<unknown, never, never>;

const WORD: Record<StepView['state'], string> = {
  locked: 'locked',
  open: 'open',
  done: 'done',
  notNeeded: 'not needed',
  withheld: 'withheld',
};

const isSettled = ({ state }: StepView) => state !== 'open' && state !== 'locked';

/** A list that is redrawn in place on a terminal, and lines where there is none. */
export function showProgress(): Progress {
  return process.stdout.isTTY ? showList() : showLines();
}

export function showNothing(): Progress {
  return {
    begin: () => undefined,
    happened: () => undefined,
    steps: () => undefined,
    end: async () => undefined,
  };
}

function showLines(): Progress {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const seen = new Set<StepId>();
  return {
    begin: (title) => print(`\n== ${title}`),
    happened: (text) => print(`   ${text}`),
    steps(views) {
      for (const step of views.filter(isSettled)) {
        if (seen.has(step.id)) continue;
        seen.add(step.id);
        print(`** step ${step.number} of ${views.length}: ${step.title}: ${WORD[step.state]}`);
      }
    },
    end: async () => undefined,
  };
}

function showList(): Progress {
  const ending = new Gate();
  const story: { task?: Task } = {};
  const steps = new Map<StepId, { task?: Task; settled: Gate }>(
    STEP_IDS.map((id) => [id, { settled: new Gate() }]),
  );
  const list = new Listr(
    [
      ...STEP_IDS.map((id) => ({
        title: `${stepOf(id).number}. ${stepOf(id).title}`,
        task: async (_: unknown, task: unknown) => {
          const step = steps.get(id);
          if (!step) return;
          step.task = task as Task;
          await Promise.race([step.settled.opened, ending.opened]);
          // A step that the incident ended without is no tick.
          if (!step.settled.isOpen) (task as Task).skip();
        },
      })),
      {
        title: 'What happens',
        rendererOptions: { bottomBar: 6, persistentOutput: true },
        task: async (_: unknown, task: unknown) => {
          story.task = task as Task;
          await ending.opened;
        },
      },
    ],
    { concurrent: true, exitOnError: false, rendererOptions: { collapseSubtasks: false } },
  );
  const running = list.run();
  return {
    begin(title) {
      if (story.task) story.task.title = title;
    },
    happened(text) {
      if (story.task) story.task.output = text.slice(0, Math.max(40, (process.stdout.columns ?? 100) - 8));
    },
    steps(views) {
      for (const view of views) {
        const step = steps.get(view.id);
        if (!step?.task) continue;
        const count = view.state === 'open' ? ` ${view.settled}/${view.total}` : '';
        step.task.title = `${view.number}. ${view.title}: ${WORD[view.state]}${count}`;
        if (isSettled(view)) step.settled.open();
      }
    },
    async end() {
      ending.open();
      await running;
    },
  };
}

class Gate {
  isOpen = false;
  private resolve!: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  open(): void {
    this.isOpen = true;
    this.resolve();
  }
}
