/**
 * `npm run test:long`: what takes longer than a change should wait for. Run it before a release. Whichever file keeps something
 * back in `npm test` is run whole; the workflows run in threads, as in production.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const KEEPS_BACK = /support\/thorough'|FIREBREAK_LONG/;

const isLong = (file) =>
  /^(?:long|workflows)[\\/]/.test(file) || KEEPS_BACK.test(readFileSync(join(ROOT, 'test', file), 'utf8'));

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && isLong(file))
  .map((file) => join('test', file));

process.env.FIREBREAK_LONG = '1';
// With files of one's own, only those.
if (!process.argv.slice(2).some((argument) => !argument.startsWith('-'))) process.argv.push(...files);
await import('./test.mjs');
