/** Which calls the sources of the AWS integration can make, read from them without running them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isDestructive } from '../../scripts/policies/denials';

const ROOT = join(__dirname, '..', '..');

/** As IAM calls the services, where the package has another name. */
const SERVICES: Readonly<Record<string, string>> = {
  'auto-scaling': 'autoscaling',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'secrets-manager': 'secretsmanager',
};
const CLIENT = /^@aws-sdk\/client-(.+)$/;
/** What is no call: the client itself, and what makes credentials. */
const HARMLESS = /^(?:\w+Client|fromTemporaryCredentials)$/;
const SINGLE_CALL = /^(?:paginate)?([A-Z]\w+?)(?:Command)?$/;

/** One sentence for each thing in the source that is not among the recorded calls, or that destroys. */
export function complaintsAbout(file: string, source: string, recorded: ReadonlySet<string>): string[] {
  return [...new Set(callsIn(file, source))].flatMap(([action, complaint]) => {
    if (complaint !== undefined) return [complaint];
    if (isDestructive(action)) return [`${file} calls ${action}, which destroys evidence: take it out.`];
    if (recorded.has(action)) return [];
    return [
      `${file} calls ${action}, which is not among the recorded calls, so that no policy allows it. Have ` +
        'test/support/aws-calls.ts make that call, run the test with UPDATE_CALLS=1, then `npm run policies`, and look at ' +
        'what changed in deploy/aws.',
    ];
  });
}

/** Every file of the integration, by its path. */
export function readSources(): Map<string, string> {
  const folder = join(ROOT, 'integrations', 'aws');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return new Map(files.map((file) => [`integrations/aws/${file}`, readFileSync(join(folder, file), 'utf8')]));
}

/** Each call as `service:Operation`, or a complaint about a way in that tells no call. */
function callsIn(file: string, source: string): (readonly [action: string, complaint?: string])[] {
  const found: (readonly [string, string?])[] = [];
  const unclear = (what: string) =>
    found.push([
      '',
      `${file} ${what}: import each command of AWS's SDK by its name, so that calls can be told.`,
    ]);

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return visitImport(node);
    if (
      ts.isStringLiteralLike(node) &&
      node.text.startsWith('@aws-sdk/') &&
      !ts.isLiteralTypeNode(node.parent)
    )
      unclear(`loads ${node.text} in another way than by an import`);
    ts.forEachChild(node, visit);
  };

  const visitImport = ({ importClause, moduleSpecifier }: ts.ImportDeclaration): void => {
    const module = (moduleSpecifier as ts.StringLiteral).text;
    if (!module.startsWith('@aws-sdk/') || importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return;
    const bindings = importClause?.namedBindings;
    if (importClause?.name || !bindings || !ts.isNamedImports(bindings))
      return void unclear(`imports all of ${module}`);
    for (const { name, propertyName, isTypeOnly } of bindings.elements) {
      const imported = (propertyName ?? name).text;
      if (isTypeOnly || HARMLESS.test(imported)) continue;
      const service = CLIENT.exec(module)?.[1];
      const isCall = /^paginate[A-Z]|Command$/.test(imported);
      if (service === undefined || !isCall) unclear(`imports ${imported} of ${module}`);
      else found.push([`${SERVICES[service] ?? service}:${SINGLE_CALL.exec(imported)?.[1]}`]);
    }
  };

  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return found;
}
