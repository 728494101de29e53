/**
 * Compares with the capture, field by field: with every field that a capture has, so that a new one is compared without a
 * word here. `capturedAt` and `consoleOutput` tell of the moment of the look and can't be put back.
 */
import type { Capture } from '../../activities/containment';
import { capture } from './capture';
import type { Target } from './clients';

/** The sentences name what they differ in: they belong into the incident, which is encrypted, and nowhere else. */
export async function compare(target: Target, captured: Capture): Promise<string[]> {
  return differences('', comparable(captured), comparable(await capture(target, captured.instance)));
}

function comparable(captured: Capture): Partial<Capture> {
  const { capturedAt: _at, consoleOutput: _output, ...fields } = captured;
  return fields;
}

function differences(field: string, was: unknown, is: unknown): string[] {
  if (Array.isArray(was) && Array.isArray(is))
    return isListOfThings(was) || isListOfThings(is)
      ? differences(field, byIdentity(was), byIdentity(is))
      : differences(field, inOrder(was), inOrder(is));
  if (isThing(was) && isThing(is))
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .sort()
      .flatMap((key) => differences(field === '' ? key : `${field}.${key}`, was[key], is[key]));
  return was === is ? [] : [`${field}: captured ${textOf(was)}, now ${textOf(is)}`];
}

/** What AWS lists, it lists in any order. A thing is known by its id, and without one by everything that it is. */
function byIdentity(things: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    things
      .filter(isThing)
      .map((thing) => [
        typeof thing['id'] === 'string' ? thing['id'] : Object.values(thing).sort().join(' '),
        thing,
      ]),
  );
}

function inOrder(values: readonly unknown[]): string {
  return values.map(String).sort().join(', ') || 'none';
}

function isListOfThings(values: readonly unknown[]): boolean {
  return values.some(isThing);
}

function isThing(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
