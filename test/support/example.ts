/** The example configuration, for a worker of a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Without what begins by itself, and without the ways out, of which the worker would want secrets. */
export function quietExample(): { readonly roster: readonly { readonly email: string }[] } {
  const {
    practice: _practice,
    communication: _communication,
    ...example
  } = parse(readFileSync(join(__dirname, '..', '..', 'firebreak.example.yaml'), 'utf8')) as {
    roster: { email: string }[];
    practice?: unknown;
    communication?: unknown;
  };
  return example;
}
