/** Compares the ledger of an incident with what Temporal holds of it. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { isCodename } from '../../domain/codename';
import type { Entry } from '../../domain/entries';
import type { Finding } from '../../domain/evidence/finding';
import { checkLedger, type CheckedLedger } from '../../domain/ledger/check';
import { viewQuery } from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import { InvalidInput, NoWorkerAnswers } from '../errors';
import { codeOf, readFolder } from '../evidence/folder';
import { timelineOf } from '../incidents';
import { compareHead, compareMessages, compareTimeline, type Difference } from './compare';
import { readHistory } from './history';
import { LEDGER_TOOLS } from './tools';

export interface Audit {
  readonly codename: string;
  readonly folder: string;
  readonly ledger: CheckedLedger;
  /** Of the ledger by itself. */
  readonly findings: readonly Finding[];
  /** Nothing where Temporal keeps the incident no longer. */
  readonly temporal?: {
    readonly status: string;
    readonly runs: number;
    /** Decisions in the history, of whatever content. */
    readonly messages: number;
    /** Left out where no worker has answered. */
    readonly entries?: number;
  };
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

/**
 * What a ledger tells of an incident, in order; whether it is intact is `verify`'s to say.
 *
 * @throws InvalidInput where there is none, or it is another incident's
 */
export async function entriesOfLedger(codename: string, named: string): Promise<Entry[]> {
  const read = await readFolder(await findLedger(named, codename));
  const ledger = checkLedger(read.files, LEDGER_TOOLS);
  if (ledger.codename !== codename)
    throw new InvalidInput([
      `${named}: holds the ledger of ${ledger.codename ?? 'no incident that can be read'}, not of ${codename}`,
    ]);
  return ledger.entries.map(({ entry }) => entry);
}

/** How long a worker has to say what it believes to have written, in ms. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * `folder` holds the ledger, or the incident's folder does that is in it; `key` is the company's public key, in PEM.
 * @throws InvalidInput where there is no ledger, where the workflow is no incident, or where a key of the codec is missing
 */
export async function auditIncident(
  client: Client,
  codename: string,
  { folder: named, key, at = Date.now() }: { folder: string; key?: string; at?: number },
): Promise<Audit> {
  if (!isCodename(codename))
    throw new InvalidInput([`"${codename}" is not a codename; they look like sapphire-unicorn`]);
  const folder = await findLedger(named, codename);
  const read = await readFolder(folder);
  const ledger = checkLedger(read.files, LEDGER_TOOLS, key);
  const ofLedger = read.findings.filter(({ path }) => path.startsWith('ledger'));
  const known = { codename, folder, ledger, findings: [...ledger.findings, ...ofLedger] };
  const others =
    ledger.codename === undefined || ledger.codename === codename
      ? []
      : [{ where: 'the ledger', problem: `is of ${ledger.codename}, not of ${codename}` }];
  const found = await describe(client, codename);
  if (!found)
    return {
      ...known,
      differences: [...others, ...(ledger.closes ? [] : [DELETED])],
      notes: [
        ...ledger.notices,
        `Temporal has no incident ${codename}, or keeps it no longer: this is what the ledger says by itself`,
      ],
    };
  const compared = await compareAll(client, codename, ledger, { at, runId: found.runId });
  return {
    ...known,
    temporal: { status: found.status, ...compared.temporal },
    differences: [
      ...others,
      ...compared.differences,
      ...(ledger.closes || found.status === 'RUNNING' || found.status === 'COMPLETED'
        ? []
        : [broken(found.status)]),
    ],
    notes: [...ledger.notices, ...compared.notes],
  };
}

const DELETED: Difference = {
  where: 'the ledger',
  problem: 'does not close, and Temporal has no such incident: it was deleted before it ended',
};

function broken(status: string): Difference {
  return {
    where: 'the ledger',
    problem: `does not close, and the workflow ended as ${status.toLowerCase()}: it was not its incident that ended it`,
  };
}

async function describe(
  client: Client,
  codename: string,
): Promise<{ readonly runId: string; readonly status: string } | undefined> {
  try {
    const { runId, status, type } = await client.workflow.getHandle(codename).describe();
    if (type !== INCIDENT_WORKFLOW) throw new InvalidInput([`${codename} is no incident of Firebreak's`]);
    return { runId, status: status.name };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function compareAll(
  client: Client,
  codename: string,
  ledger: CheckedLedger,
  { at, runId }: { readonly at: number; readonly runId: string },
) {
  const entries = ledger.entries.map(({ entry }) => entry);
  const { messages, runs, since } = await readHistory(client, codename, runId);
  const sent = compareMessages(entries, messages, {
    codename,
    crypto: LEDGER_TOOLS.crypto,
    ...(since !== undefined && { since }),
  });
  const told = await askTimeline(client, codename);
  const timeline = told && compareTimeline(entries, told.timeline, { at, closes: ledger.closes });
  return {
    temporal: {
      runs,
      messages: messages.filter(({ kind }) => kind === 'decision').length,
      ...(told && { entries: told.timeline.length }),
    },
    differences: [
      ...(timeline?.differences ?? []),
      ...(told ? compareHead(ledger.batches, told.head) : []),
      ...sent.differences,
    ],
    notes: [
      ...(timeline?.notes ?? ['no worker answers, so the timeline was not compared; its history was']),
      ...(since === undefined
        ? []
        : ['earlier runs are kept no longer: what was sent to them can be compared with nothing']),
      ...sent.notes,
    ],
  };
}

/** Nothing where no worker answers. */
async function askTimeline(client: Client, codename: string) {
  try {
    const timeline = await timelineOf(client, codename);
    const head = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflow.getHandle(codename).query(viewQuery, 'ledger'),
    );
    return { timeline, head: head as Parameters<typeof compareHead>[1] };
  } catch (error) {
    if (error instanceof NoWorkerAnswers) return undefined;
    throw error;
  }
}

/** The folder itself, the evidence in it, or the incident's folder in a folder of many. */
async function findLedger(named: string, codename: string): Promise<string> {
  for (const folder of [named, join(named, 'evidence'), join(named, codename)]) {
    const found = await lstat(join(folder, 'ledger')).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
      throw new InvalidInput([`--ledger ${named}: can't be read (${codeOf(error)})`]);
    });
    if (found) return folder;
  }
  throw new InvalidInput([
    `--ledger ${named}: holds no ledger; name a copy of what is under CODENAME/ in cold storage, or the folder that the ledger is written to (docs/ledger.md)`,
  ]);
}
