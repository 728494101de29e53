/** What a rehearsal imagines: the answers to calls that it does not make, and how later reads show what they would have done. */
import { imagineAcls } from './acls';
import { imagineInstance } from './instance';
import { imagineProfiles } from './profiles';
import { imagineSecurityGroups } from './security-groups';
import { imagineSnapshots } from './snapshots';
import { createNewThings, type NewThings } from './new-things';
import type { Capture } from '../../../activities/containment';

/** Of one kind of thing, by the names of the commands. A command belongs to one kind. */
export interface Imagined {
  /** The answer to a call that would change something. */
  readonly changes: Readonly<Record<string, (input: never) => object>>;
  /** What a read shows after those; `ask` asks AWS. */
  readonly reads: Readonly<Record<string, (input: never, ask: never) => Promise<object>>>;
}

export interface World {
  readonly newThings: NewThings;
  /** Nothing of the answer is needed where no kind knows the command. */
  change(command: string, input: object): object;
  read(command: string, input: object, ask: (input: object) => Promise<object>): Promise<object>;
}

/** Imagines only what a later part of the chain looks at, or what AWS would answer with an id. */
export function imagineWorld(captured: Capture): World {
  const newThings = createNewThings();
  const kinds: readonly Imagined[] = [
    imagineInstance(captured),
    imagineSnapshots(captured, newThings),
    imagineSecurityGroups(newThings),
    imagineAcls(),
    imagineProfiles(captured),
  ];
  const changes = Object.assign({}, ...kinds.map((kind) => kind.changes)) as Imagined['changes'];
  const reads = Object.assign({}, ...kinds.map((kind) => kind.reads)) as Imagined['reads'];
  return {
    newThings,
    change: (command, input) => changes[command]?.(input as never) ?? {},
    read: (command, input, ask) => reads[command]?.(input as never, ask as never) ?? ask(input),
  };
}
