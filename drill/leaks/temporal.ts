/** What Temporal keeps and shows: its database, the answers of its own command line, of its Web UI's interface, its metrics. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage';
import type { Place } from './scan';

/** Where Temporal is, of the drill. */
type Where = Pick<Stage, 'root' | 'folder' | 'temporal'>;

/** Two processors at least are the drill's own just then. */
const AT_ONCE = 4;
const ANSWER_WITHIN_MS = 60_000;
const MOST_BYTES = 512 * 1024 * 1024;
const DATABASE = 'temporal.db';

/** What the command line shows of workflows, raw, and parsed where it is JSON. */
export interface Shown {
  readonly places: readonly Place[];
  /** Histories and descriptions, by the name of their place. */
  readonly documents: ReadonlyMap<string, unknown>;
}

export async function whatTemporalShows(stage: Where, codename: string): Promise<Shown> {
  const ids = await workflowIds(stage, codename);
  const asked: readonly (readonly string[])[] = [
    ['workflow', 'list', '--output', 'json'],
    ['workflow', 'list'],
    ['workflow', 'count', '--query', "WorkflowType = 'incident'"],
    ['task-queue', 'describe', '--task-queue', 'incidents', '--output', 'json'],
    ['worker', 'list', '--output', 'json'],
    ['operator', 'search-attribute', 'list'],
    ...ids.flatMap((id) => [
      ['workflow', 'describe', '--workflow-id', id, '--output', 'json'],
      ['workflow', 'show', '--workflow-id', id, '--output', 'json'],
      ['workflow', 'show', '--workflow-id', id, '--follow'],
    ]),
  ];
  const documents = new Map<string, unknown>();
  const places = await inTurn(asked, async (args): Promise<Place> => {
    const name = `temporal ${args.join(' ')}`;
    const content = await temporal(stage, args);
    if (args.includes('json') && args[0] === 'workflow') documents.set(name, JSON.parse(content));
    const knows = knownOf(args, codename);
    return { name, kind: 'temporal', content, ...(knows !== undefined && { knows }) };
  });
  return { places, documents };
}

/** What each of them prints for certain. Workers that tell the server nothing of themselves are not listed. */
function knownOf([noun, verb, ...rest]: readonly string[], codename: string): string | undefined {
  if (noun === 'worker') return undefined;
  if (noun === 'task-queue') return 'workflow';
  if (noun === 'operator') return 'IncidentPhase';
  if (verb === 'count') return 'Total:';
  return rest.includes('--follow') ? 'WorkflowExecutionStarted' : codename;
}

/** The incident and all of its parts. */
async function workflowIds(stage: Where, codename: string): Promise<string[]> {
  const listed = JSON.parse(await temporal(stage, ['workflow', 'list', '--output', 'json'])) as {
    execution: { workflowId: string };
  }[];
  const ids = listed.map(({ execution }) => execution.workflowId);
  return ids.filter((id) => id === codename || id.startsWith(`${codename}-`));
}

async function temporal({ root, temporal: { address } }: Where, args: readonly string[]): Promise<string> {
  const said = await printed(join(root, '.venv', 'bin', 'temporal'), [...args, '--address', address]);
  return said.toString('utf8');
}

/** What a program prints, on either stream; its exit status is not asked. */
export function printed(program: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: ANSWER_WITHIN_MS, maxBuffer: MOST_BYTES, encoding: 'buffer' } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT')
        reject(new Error(`${program} is not there.`));
      else resolve(Buffer.concat([stdout, stderr]));
    });
  });
}

/** The files, byte by byte, with what was deleted in them; and every value in every row, since a page may end within a word. */
export async function database({ root, folder }: Where, codename: string): Promise<Place[]> {
  const copies = join(folder, 'leak-scan');
  mkdirSync(copies, { recursive: true });
  const files = readdirSync(folder).filter((file) => file.startsWith(DATABASE));
  for (const file of files) copyFileSync(join(folder, file), join(copies, file));
  // Before SQLite opens them, which clears its journals away.
  const raw = files.map((file) => ({
    name: `Temporal's database (${file})`,
    kind: 'temporal' as const,
    content: readFileSync(join(copies, file)),
    ...(file === DATABASE && { knows: codename }),
  }));
  const rows = await printed(join(root, '.venv', 'bin', 'python'), ['-c', ROWS, join(copies, DATABASE)]);
  return [
    ...raw,
    { name: "Temporal's database (each value in it)", kind: 'temporal', content: rows, knows: codename },
    {
      name: "the encodings in Temporal's database",
      kind: 'temporal',
      content: rows.subarray(0, rows.indexOf('\n')),
      knows: READABLE_ENCODINGS,
    },
  ];
}

/** Node 20 has no SQLite; Python has, and moto needs Python anyway. Bytes are printed as ISO 8859-1, one for each. */
const ROWS = `
import sqlite3, sys
sys.stdout.reconfigure(encoding='latin-1', errors='replace')
db = sqlite3.connect(sys.argv[1])
db.text_factory = bytes
tables = [name.decode() for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
encodings, rows = set(), []
for table in tables:
    columns = [column[1].decode() for column in db.execute('pragma table_info("%s")' % table)]
    for row in db.execute('select * from "%s"' % table):
        for column, value in zip(columns, row):
            if column.endswith('encoding') and value: encodings.add(value.decode())
            rows.append(value.decode('latin-1') if isinstance(value, bytes) else str(value))
print('encodings: ' + ', '.join(sorted(encodings)) + '.')
print('\\n'.join(rows))
`;

/** Neither of them is compressed: another one would hide what it holds from this scan. */
const READABLE_ENCODINGS = 'encodings: Json, Proto3.';

/** What Temporal's Web UI asks, and what a scrape of its metrics shows. */
export async function overHttp({ temporal: { ui, metrics } }: Where, codename: string): Promise<Place[]> {
  const workflows = `${ui}/api/v1/namespaces/default/workflows`;
  const pages: readonly (readonly [url: string, knows: string])[] = [
    [workflows, codename],
    [`${workflows}/${codename}`, codename],
    [metrics, 'taskqueue="incidents"'],
  ];
  return Promise.all(
    pages.map(async ([url, knows]) => ({
      name: url,
      kind: 'temporal' as const,
      content: url === metrics ? eachOnce(await textOf(url)) : await textOf(url),
      knows,
    })),
  );
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Three megabytes of metrics are the same labels over and over. */
function eachOnce(metrics: string): string {
  return [...new Set(metrics.split(/[{},\n]/))].join('\n');
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = all.map((one, index) => ({ one, index }));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.shift(); next; next = left.shift()) results[next.index] = await work(next.one);
    }),
  );
  return results;
}
