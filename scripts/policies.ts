/**
 * Writes the IAM policies of `deploy/aws`, their places in the CloudFormation templates and their tables in `docs/aws.md`, from
 * `deploy/aws/calls.json`: the calls that test/integrations/aws-policy.test.ts saw.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { buildPolicy, type Calls } from './policies/build';
import { FORENSIC } from './policies/forensic';
import { renderJson, renderTables, renderYaml, splice } from './policies/render';
import { WORKER } from './policies/worker';

const FOLDER = 'deploy/aws';
const CALLS = `${FOLDER}/calls.json`;
const DOC = 'docs/aws.md';
/** Where a role's policy document is in its template. */
const INDENT = ' '.repeat(12);

export const ROLES = { worker: WORKER, forensic: FORENSIC };
const TEMPLATES = { worker: 'affected-account.yaml', forensic: 'forensic-account.yaml' };

export function readCalls(): Calls {
  return JSON.parse(readFileSync(CALLS, 'utf8')) as Calls;
}

/** Every file with what it should say, by its path. */
export function renderPolicies(calls: Calls): Record<string, string> {
  const files: Record<string, string> = {};
  let doc = readFileSync(DOC, 'utf8');
  for (const name of ['worker', 'forensic'] as const) {
    const policy = buildPolicy(name, calls[name], ROLES[name]);
    const template = `${FOLDER}/${TEMPLATES[name]}`;
    files[`${FOLDER}/${name}-policy.json`] = renderJson(policy);
    files[template] = splice(template, readFileSync(template, 'utf8'), renderYaml(policy, INDENT), 'policy');
    doc = splice(DOC, doc, `\n${renderTables(ROLES[name])}\n\n`, `${name} permissions`);
  }
  return { ...files, [DOC]: doc };
}

/** `calls.json` as it is written. */
export function renderCalls(calls: Calls): string {
  return `${JSON.stringify(calls, null, 2)}\n`;
}

if (require.main === module)
  for (const [path, text] of Object.entries(renderPolicies(readCalls()))) writeFileSync(path, text);
