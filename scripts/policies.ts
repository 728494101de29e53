/**
 * Writes the IAM policies of `deploy/aws`, their places in the CloudFormation templates and their tables in `docs/aws.md`, from
 * `deploy/aws/calls.json`: the calls that test/integrations/aws-policy.test.ts saw.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { buildPolicy, POLICIES, type Calls, type PolicyName } from './policies/build';
import { FORENSIC } from './policies/forensic';
import { PAYLOAD_KEY } from './policies/payload-key';
import { renderJson, renderTables, renderYaml, splice } from './policies/render';
import { WORKER } from './policies/worker';

const FOLDER = 'deploy/aws';
const CALLS = `${FOLDER}/calls.json`;
const DOC = 'docs/aws.md';
/** Where a role's policy document is in its template. */
const INDENT = ' '.repeat(12);

export const ROLES = { worker: WORKER, forensic: FORENSIC, 'payload-key': PAYLOAD_KEY };
/** The payload key is in neither: who has one says where it is. */
const TEMPLATES: Partial<Record<PolicyName, string>> = {
  worker: 'affected-account.yaml',
  forensic: 'forensic-account.yaml',
};

export function readCalls(): Calls {
  return JSON.parse(readFileSync(CALLS, 'utf8')) as Calls;
}

/** Every file with what it should say, by its path. */
export function renderPolicies(calls: Calls): Record<string, string> {
  const files: Record<string, string> = {};
  let doc = readFileSync(DOC, 'utf8');
  for (const name of POLICIES) {
    const policy = buildPolicy(name, calls[name], ROLES[name]);
    files[`${FOLDER}/${name}-policy.json`] = renderJson(policy);
    const template = TEMPLATES[name] && `${FOLDER}/${TEMPLATES[name]}`;
    if (template !== undefined)
      files[template] = splice(
        template,
        readFileSync(template, 'utf8'),
        renderYaml(policy, INDENT),
        'policy',
      );
    doc = splice(DOC, doc, `\n${renderTables(ROLES[name])}\n\n`, `${name} permissions`);
  }
  return { ...files, [DOC]: doc };
}

/** `calls.json` as it is written. */
export function renderCalls(calls: Calls): string {
  return renderJson(calls);
}

if (require.main === module)
  for (const [path, text] of Object.entries(renderPolicies(readCalls()))) writeFileSync(path, text);
