/**
 * What the linter holds: the arrows of the architecture (docs: "client → workflows → activities → integrations, and domain
 * is asked by all; arrows never point back"), and TypeScript's own traps.
 *
 * One block per arrow. A block says what its folder may NOT import, as patterns over the import's text, each with a message
 * that says what to import instead. A later block replaces the rules of an earlier one, it does not add to them: each file is
 * under one arrow, the last that names it. test/architecture.test.ts holds each arrow from both sides.
 */
import { readdirSync } from 'node:fs';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const FOLDERS = [
  'domain',
  'workflows',
  'activities',
  'integrations',
  'codec',
  'worker',
  'client',
  'drill',
  'test',
  'scripts',
  'bench',
];

/** Each vendor's SDK belongs to that vendor's folder in integrations. */
const SDKS = {
  aws: ['@aws-sdk', '@smithy'],
  pagerduty: ['@pagerduty'],
  pdf: ['pdfmake'],
  slack: ['@slack'],
  smtp: ['nodemailer', 'openpgp', 'pkijs', 'asn1js'],
};

/** Of integrations. */
const MAY_READ_MARKDOWN = ['pdf', 'publishing'];

const VENDORS = readdirSync(new URL('./integrations', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

// Patterns over an import's text. `UP` is any way up: "../", "../../", "./../".
const UP = String.raw`(?:\./)*\.\./(?:\.{1,2}/)*`;
const anyOf = (names) => `(?:${names.join('|')})`;
const folders = (...names) => `^${UP}${anyOf(names)}(?:/|$)`;
const foldersExcept = (...names) => folders(...FOLDERS.filter((folder) => !names.includes(folder)));
const packages = (...names) => `^${anyOf(names)}(?:/|$)`;
const packagesExcept = (...names) => String.raw`^(?!\.)` + names.map((name) => `(?!${name}(?:/|$))`).join('');
const sdksExcept = (vendor) =>
  packages(...Object.entries(SDKS).flatMap(([owner, names]) => (owner === vendor ? [] : names)));
const BUILTINS = 'node:[a-z_/]+';
const NO_ENVIRONMENT =
  'The environment is read once, in worker/config.ts or client/config.ts: take the setting as a parameter.';

/** "../domain/../activities": what hides its folder behind a detour is under no arrow at all. */
const DETOUR = { regex: String.raw`[^./][^/]*/\.\.(?:/|$)`, message: 'Write the import without a detour.' };
const MAY_READ_ENVIRONMENT = /^(?:drill|test|scripts)\//;
/** A second way to process.env, which a rule about properties does not see. */
const ENVIRONMENT = { regex: '^(?:node:)?process$', importNames: ['env'], message: NO_ENVIRONMENT };

/** A message that may be sent is made in one file, which asks the gates. */
const MAKES_MESSAGES = 'domain-makes-messages-once';
const SENDABLE = {
  selector: ":matches(TSAsExpression, TSTypeAssertion)[typeAnnotation.typeName.name='Sendable']",
  message: 'A message passes the gates before it may be sent: ask domain/outgoing.ts for it.',
};

/**
 * An arrow: the patterns for `import … from` and `export … from`, and the same ones for `import()`, `require()` and
 * `import('…').Type`, which the rule about imports does not look at.
 */
function arrow(name, files, ...patterns) {
  const all = [...patterns, DETOUR, ...(MAY_READ_ENVIRONMENT.test(files[0]) ? [] : [ENVIRONMENT])];
  const literal = ({ regex }) => `Literal[value=/${regex.replaceAll('/', '\\u002F')}/u]`;
  return {
    name: `firebreak/arrows/${name}`,
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: all.map((pattern) => ({ ...pattern, caseSensitive: true })) },
      ],
      'no-restricted-syntax': [
        'error',
        ...all.flatMap((pattern) => [
          { selector: `ImportExpression > ${literal(pattern)}`, message: pattern.message },
          {
            selector: `CallExpression[callee.name='require'] > ${literal(pattern)}`,
            message: pattern.message,
          },
          ...(pattern.allowTypeImports
            ? []
            : [{ selector: `TSImportType ${literal(pattern)}`, message: pattern.message }]),
        ]),
        ...(name === MAKES_MESSAGES ? [] : [SENDABLE]),
      ],
    },
  };
}

const vendorSdk = (vendor) => ({
  regex: sdksExcept(vendor),
  message:
    "A vendor's SDK is spoken only in integrations/<vendor>: ask the port of an activity instead (activities/).",
});
const NO_DRILL = {
  regex: folders('drill', 'test'),
  message: 'Only drill and test import the drill: what both need belongs to the folder that owns it.',
};

/** Rules that hold in all of a folder, also in the one file of it that may do more than the others. */
const CODEC_FOLDERS = {
  regex: foldersExcept('domain', 'codec'),
  message: 'codec seals what others send: it imports domain, and a key service is given to it.',
};
const CLIENT_FOLDERS = [
  {
    regex: `^${UP}workflows(?:/(?!(?:.+/)?messages$|names$|search-attributes$)|$)`,
    message:
      "Of workflows, client imports a workflow's messages, workflows/names and workflows/search-attributes: what is sent, not what is run.",
  },
  {
    regex: foldersExcept('domain', 'workflows', 'client', 'codec'),
    message:
      'client imports domain, codec and what workflows send and receive; a vendor is the business of the worker, who is asked through Temporal.',
  },
];
const CLIENT_TEMPORAL = {
  regex: packages('@temporalio/(?:workflow|activity|worker|testing)'),
  message: 'Of Temporal, client imports @temporalio/client, @temporalio/common and @temporalio/envconfig.',
};

const DOMAIN_FOLDERS = {
  regex: foldersExcept('domain'),
  message: 'domain imports nothing outside domain: take what you need as a parameter.',
};
const DOMAIN_PACKAGES =
  'domain imports no package and nothing of Node: it is plain TypeScript, replayed and tested as it is.';

const ARROWS = [
  arrow('domain-imports-only-domain', ['domain/**/*.ts'], DOMAIN_FOLDERS, {
    regex: packagesExcept(),
    message: DOMAIN_PACKAGES,
  }),
  arrow(MAKES_MESSAGES, ['domain/outgoing.ts'], DOMAIN_FOLDERS, {
    regex: packagesExcept(),
    message: DOMAIN_PACKAGES,
  }),
  // Reading Markdown and hashing are nobody's own to write: plain JavaScript, each met in one file (docs/decisions/0024).
  arrow('domain-reads-markdown-once', ['domain/statement/document.ts'], DOMAIN_FOLDERS, {
    regex: packagesExcept('markdown-it'),
    message: DOMAIN_PACKAGES,
  }),
  arrow('domain-hashes-once', ['domain/statement/hash.ts'], DOMAIN_FOLDERS, {
    regex: packagesExcept('@noble/hashes'),
    message: DOMAIN_PACKAGES,
  }),
  arrow(
    'workflows-import-domain-and-activity-types',
    ['workflows/**/*.ts'],
    {
      regex: folders('activities'),
      allowTypeImports: true,
      message:
        'workflows import only the TYPES of activities: write "import type", and call them through proxyActivities.',
    },
    {
      regex: foldersExcept('domain', 'workflows', 'activities'),
      message:
        'workflows import domain, workflows and the types of activities; everything else is an activity.',
    },
    {
      regex: packagesExcept('@temporalio/workflow', '@temporalio/common', '@noble/curves', '@noble/hashes'),
      message:
        'workflows are replayed: they import @temporalio/workflow, @temporalio/common and the plain JavaScript of @noble, no other package and nothing of Node.',
    },
  ),
  arrow(
    'activities-import-domain',
    ['activities/**/*.ts'],
    {
      regex: foldersExcept('domain', 'activities'),
      message:
        'activities import domain and activities: integrations implement the port that the activity declares.',
    },
    {
      regex: packagesExcept('@temporalio/activity', '@temporalio/common', BUILTINS),
      message:
        "activities import @temporalio/activity, @temporalio/common and Node's own modules: a vendor is spoken to through the port that the activity declares.",
    },
  ),
  ...[...new Set(['', ...VENDORS, ...Object.keys(SDKS)])].map((vendor) =>
    arrow(
      `integrations-import-activities${vendor && `/${vendor}`}`,
      [`integrations/${vendor ? `${vendor}/` : ''}**/*.ts`],
      {
        regex: foldersExcept('domain', 'activities', 'integrations'),
        message: 'integrations import activities (ports, failures), domain and their own folder.',
      },
      {
        regex: `^${UP}(?:integrations/)?${anyOf(VENDORS.filter((other) => other !== vendor))}(?:/|$)`,
        message:
          "An integration never imports another vendor's folder: what both need belongs to activities or domain.",
      },
      {
        regex: sdksExcept(vendor),
        message: "An integration imports its own vendor's SDK and no other's.",
      },
      ...(MAY_READ_MARKDOWN.includes(vendor)
        ? []
        : [
            {
              regex: packages('markdown-it'),
              message:
                'Markdown is read where it becomes something else: in integrations/publishing and integrations/pdf.',
            },
          ]),
      {
        regex: packages('@temporalio/(?!activity$|common$).+'),
        message: 'Of Temporal, integrations import @temporalio/activity and @temporalio/common.',
      },
    ),
  ),
  arrow(
    'codec-imports-domain',
    ['codec/**/*.ts'],
    CODEC_FOLDERS,
    {
      regex: packages('@temporalio/(?!common$).+'),
      message: 'Of Temporal, codec imports @temporalio/common.',
    },
    vendorSdk(),
  ),
  // What the SDK has no setting for, it is told in one file.
  arrow(
    'codec-enters-the-sdk-once',
    ['codec/references.ts'],
    CODEC_FOLDERS,
    {
      regex: packages('@temporalio/(?!common(?:/lib/internal-non-workflow/extstore-helpers)?$).+'),
      message: 'Of Temporal, this file imports @temporalio/common and its part that looks at references.',
    },
    vendorSdk(),
  ),
  arrow(
    'client-imports-domain-and-messages',
    ['client/**/*.ts'],
    ...CLIENT_FOLDERS,
    CLIENT_TEMPORAL,
    vendorSdk(),
  ),
  // Slack is spoken to from both sides: what it sends comes in here, by Bolt, and is answered by Bolt's own client.
  arrow('slack-app-meets-bolt', ['client/slack-app/**/*.ts'], ...CLIENT_FOLDERS, CLIENT_TEMPORAL, {
    regex: packages(
      ...Object.values(SDKS)
        .flat()
        .filter((name) => name !== '@slack'),
      '@slack/(?!bolt$).+',
    ),
    message: "Of vendors' packages, the Slack app imports @slack/bolt, with the types and the client in it.",
  }),
  // A key service is a vendor of the client too: it is met in one file.
  arrow(
    'client-meets-one-vendor',
    ['client/key-service.ts'],
    {
      regex: `^${UP}integrations(?:/(?!aws/key-service$)|$)`,
      message: 'Of integrations, this file imports the key service alone.',
    },
    {
      regex: foldersExcept('domain', 'client', 'codec', 'integrations'),
      message: 'This file hands the key service to codec, and imports domain, client and codec besides.',
    },
    CLIENT_TEMPORAL,
    vendorSdk(),
  ),
  // A document for somebody outside is made on this machine as the worker makes it: a PDF of the same text.
  arrow(
    'client-makes-documents-as-the-worker-does',
    ['client/pdf.ts'],
    {
      regex: `^${UP}integrations(?:/(?!pdf/pdf$)|$)`,
      message: 'Of integrations, this file imports what makes a PDF alone.',
    },
    {
      regex: foldersExcept('domain', 'client', 'codec', 'integrations'),
      message: 'This file hands on what makes a PDF, and imports domain, client and codec besides.',
    },
    CLIENT_TEMPORAL,
    vendorSdk(),
  ),
  arrow(
    'worker-imports-all-but-client-and-drill',
    ['worker/**/*.ts'],
    {
      regex: folders('client', 'drill', 'test'),
      message:
        'worker wires domain, workflows, activities and integrations; client and drill stand outside of it.',
    },
    vendorSdk(),
  ),
  arrow('drill-leaves-vendors-to-stand-ins', ['drill/**/*.ts'], vendorSdk()),
  arrow('stand-ins-may-import-all', ['drill/stand-ins/**/*.ts']),
  arrow('scripts-leave-the-drill-alone', ['scripts/**/*.ts'], NO_DRILL, vendorSdk()),
  arrow('bench-leaves-the-drill-alone', ['bench/**/*.ts'], NO_DRILL, vendorSdk()),
];

export default defineConfig([
  globalIgnores([
    '**/dist/',
    '**/node_modules/',
    '.venv/',
    '.firebreak/',
    'coverage/',
    'test/replay/histories/',
  ]),
  { name: 'firebreak/scripts', files: ['**/*.mjs'], extends: [tseslint.configs.recommended] },
  {
    name: 'firebreak/typescript',
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      // Handlers are set before the first await, over a variable that is given its value after it.
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A leading underscore says "not used, and on purpose".
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An activity or a port is asynchronous by contract, whether or not this one has anything to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // Ports, clients and stand-ins are records of closures made by a factory: there is no `this` to lose.
    name: 'firebreak/closures',
    files: ['activities', 'integrations', 'worker', 'drill', 'test'].map((folder) => `${folder}/**/*.ts`),
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // expect.any() and its like are of type any, and belong inside of what is expected.
    name: 'firebreak/tests',
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    name: 'firebreak/environment',
    files: ['**/*.ts'],
    ignores: ['worker/config.ts', 'client/config.ts', 'drill/**', 'test/**', 'scripts/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: NO_ENVIRONMENT },
        { object: 'globalThis', property: 'process', message: NO_ENVIRONMENT },
      ],
    },
  },
  ...ARROWS,
]);
