/** A part of practice: has the shape of a containment, and contains nothing. */
import {
  ApplicationFailure,
  condition,
  setCurrentDetails,
  setHandler,
  sleep,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import { nextLookMs, SUB_STEPS, type SubStep } from '../../domain/containment';
import { createChance, isBeginning, padding, tellsOfPractice, type Beginning } from '../../domain/practice';
import { cloud, evidence, hashing, memory } from '../containment/activities';
import { meanwhile, reportTo } from '../containment/chain';
import { orderSignal, progressQuery } from '../containment/messages';
import { CRYPTO } from '../crypto';
import { callsBy, paceOf, type Size } from './call';

/** The parts of an incident that it can look like. */
export const PART_KINDS = ['containInstance', 'containIdentity', 'blockAddress'] as const;
type PartKind = (typeof PART_KINDS)[number];

export interface PracticePartInput extends Beginning {
  readonly codename: string;
  readonly kind: PartKind;
  /** Where the company has cold storage, images go there. */
  readonly keeps: boolean;
  readonly padding: string;
}

/** How long images take to be stored, and one to be hashed, in ms; but never longer than this part of the whole. */
const STORED_MS = 600_000;
const HASHED_MS = 480_000;
const AT_MOST = 1 / 6;

/** An instant and an image's place, as JSON. */
const INSTANT = 26;
const IMAGE = 88;

export async function practisePart(input: PracticePartInput): Promise<void> {
  const { codename, kind, seed, lastsMs, keeps } = input;
  if (!isBeginning(input) || typeof codename !== 'string' || !PART_KINDS.includes(kind))
    throw ApplicationFailure.nonRetryable('A part starts from an incident.', 'InvalidRequest');
  const chance = createChance(seed, (message) => CRYPTO.sha256(message));
  const call = callsBy(chance, lastsMs);
  const report = reportTo(codename, padding(36), padding(chance.between(12, 40)));
  let unsaid = 0;
  let saying = false;

  setHandler(orderSignal, () => undefined);
  setHandler(progressQuery, () => []);
  setCurrentDetails(`# Practice\n\n${tellsOfPractice(codename)}.\n\n<!-- ${padding(chance.around(700))} -->`);

  const name = codename.length + 2;
  const target = chance.between(55, 90);
  const capture = Math.round(chance.around(1_800));
  const surroundings = name + chance.between(32, 80);
  const images = chance.between(1, 2);
  switch (kind) {
    case 'containInstance':
      await instance();
      break;
    case 'containIdentity':
      await identity();
      break;
    case 'blockAddress':
      await address();
  }
  say(20);
  await condition(() => !saying && unsaid === 0);

  async function instance(): Promise<void> {
    await step('capture', cloud, 'captureInstance', { takes: [target], gives: capture });
    const recorded = record(21);
    let isProtected = false;
    const protecting = meanwhile(
      step('protect', cloud, 'protectInstance', { takes: [capture, name] }).then(
        () => void (isProtected = true),
      ),
    );
    await condition(() => isProtected, 2_000, { summary: 'Go on without protection' });
    const cutting = [
      step('leaveGroups', cloud, 'leaveGroups', { takes: [capture] }),
      step('isolate', cloud, 'isolateInstance', { takes: [capture, name] }).then(() =>
        step('cutConnections', cloud, 'cutConnections', { takes: [capture, surroundings] }),
      ),
      step('denyElsewhere', cloud, 'denyElsewhere', { takes: [capture, name] }),
      step('revokeRole', cloud, 'revokeRole', { takes: [capture, name, INSTANT] }),
      step('captureMemory', memory, 'captureMemory', { takes: [capture, name], gives: 75 }),
      image('snapshot', 6),
    ];
    await Promise.all([recorded, protecting, ...cutting]);
    await verify('verifyContainment', [capture, surroundings, INSTANT]);
    await stop();
    await image('snapshotStopped', 9);
    if (keeps) await store();
  }

  async function identity(): Promise<void> {
    await step('capture', cloud, 'captureIdentity', { takes: [target], gives: capture });
    await Promise.all([
      record(30),
      step('disableKeys', cloud, 'disableKeys', { takes: [capture] }),
      step('removeLogin', cloud, 'removeLogin', { takes: [capture] }),
      step('denySessions', cloud, 'denySessions', { takes: [capture, name, INSTANT] }),
    ]);
    await verify('verifyIdentity', [capture, name, INSTANT]);
  }

  async function address(): Promise<void> {
    const ip = chance.between(11, 17);
    await step('block', cloud, 'blockAddress', { takes: [ip, target, name] });
    await verify('verifyAddress', [ip, target]);
  }

  async function verify(
    like: 'verifyContainment' | 'verifyIdentity' | 'verifyAddress',
    takes: readonly number[],
  ): Promise<void> {
    await step('verify', cloud, like, { takes, gives: 58 });
  }

  function record(named: number): Promise<void> {
    if (!keeps) return Promise.resolve(say());
    const size = { takes: [name, named, capture], gives: capture + 230 };
    return meanwhile(step('record', evidence, 'recordCapture', size));
  }

  async function image(subStep: 'snapshot' | 'snapshotStopped', moment: number): Promise<void> {
    const gives = images * 150;
    await step(subStep, cloud, 'snapshotVolumes', { takes: [capture, name, moment], gives });
    await step('lock', cloud, 'lockSnapshots', { takes: [capture, name], gives: images * 105 });
  }

  /** Asked again, a host that stops answers how far it is. */
  async function stop(): Promise<void> {
    const most = Math.round(chance.between(3, 6) * paceOf(lastsMs));
    for (let looks = 1; looks <= most; looks += 1) {
      await call(cloud, 'stopInstance', SUB_STEPS.stop, { takes: [target], gives: 10 });
      await sleep(Math.min(1_000 * 2 ** (looks - 1), 15_000), { summary: 'Look whether it has stopped' });
    }
    await step('stop', cloud, 'stopInstance', { takes: [target], gives: 9 });
  }

  async function store(): Promise<void> {
    const began = Date.now();
    const wholeMs = Math.min(chance.around(STORED_MS), lastsMs * AT_MOST);
    const all = 2 * images;
    for (let copied = false; ;) {
      const elapsed = Date.now() - began;
      const percent = Math.min(Math.floor((100 * elapsed) / wholeMs), copied ? 100 : 50);
      await call(evidence, 'lookAtImages', `Look how far ${all} images are`, {
        takes: [all * IMAGE],
        gives: all * 110,
      });
      if (percent === 100) break;
      if (percent === 50 && !copied) {
        for (let one = 0; one < all; one += 1)
          await call(evidence, 'copyImage', SUB_STEPS.store, { takes: [IMAGE, name, 21], gives: 120 });
        copied = true;
      }
      say();
      await sleep(nextLookMs(elapsed, percent), { summary: 'Look how far the images are' });
    }
    const size = { takes: [all * IMAGE], gives: all * 105 };
    await call(evidence, 'lockImages', 'Lock the copies', size);
    say();
    for (let one = 1; one <= all; one += 1) {
      const ms = Math.min(HASHED_MS, lastsMs * AT_MOST) / all;
      const summary = `${SUB_STEPS.hash}: ${one} of ${all}`;
      await call(hashing, 'hashBlocks', summary, { takes: [IMAGE, name], gives: 330, ms });
      say();
    }
  }

  async function step<A>(
    subStep: SubStep,
    group: ActivityInterfaceFor<A>,
    like: keyof A & string,
    size: Size,
  ): Promise<void> {
    await call(group, like, SUB_STEPS[subStep], size);
    say();
  }

  /** One report at a time, as a containment: what happens while it is on its way goes out with the next. */
  function say(characters = chance.between(90, 220)): void {
    unsaid += characters;
    if (!saying) sayAll().catch(() => undefined);
  }

  async function sayAll(): Promise<void> {
    saying = true;
    try {
      while (unsaid > 0) {
        const told = { unproven: [padding(unsaid)] };
        unsaid = 0;
        await report(told);
      }
    } finally {
      saying = false;
    }
  }
}
