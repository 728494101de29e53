/** Every arrow of the architecture, from both sides: what it forbids is reported, what it allows is not. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';

const ROOT = join(__dirname, '..');

const RULES = ['no-restricted-imports', 'no-restricted-syntax', 'no-restricted-properties'];

// The files are made up, so there is nothing of theirs for the rules that need types.
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: tseslint.configs.disableTypeChecked as Linter.Config,
  ruleFilter: ({ ruleId }) => RULES.includes(ruleId),
});

/** What the arrows say of a file with this text. */
async function complaints(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(ROOT, filePath) });
  const messages = result?.messages ?? [];
  const broken = messages.find(({ fatal }) => fatal);
  if (broken) throw new Error(broken.message);
  return messages.filter(({ ruleId }) => ruleId && RULES.includes(ruleId)).map(({ message }) => message);
}

interface Arrow {
  readonly file: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
  /** Part of what it says to do instead. */
  readonly instead: RegExp;
}

const ARROWS: readonly Arrow[] = [
  {
    file: 'domain/gates.ts',
    allowed: ['./findings', './rules/tasks'],
    forbidden: [
      '../workflows/names',
      '../activities/paging',
      '../integrations/slack/room',
      '../client/config',
    ],
    instead: /domain imports nothing outside domain: take what you need as a parameter/,
  },
  {
    file: 'domain/rules/tasks.ts',
    allowed: ['../gates', './ruling'],
    forbidden: ['../../worker/config', '../../drill/run', '../../test/support/fakes', '../../scripts/docs'],
    instead: /take what you need as a parameter/,
  },
  {
    file: 'domain/gates.ts',
    allowed: [],
    forbidden: ['zod', 'node:crypto', 'fs', '@temporalio/common', '@slack/web-api', 'yaml'],
    instead: /no package and nothing of Node/,
  },
  {
    file: 'domain/outgoing.ts',
    allowed: ['./gates', './hand-off/pack', './statement/lint'],
    forbidden: ['../activities/mail', '../integrations/smtp/mailer', '../workflows/names'],
    instead: /take what you need as a parameter/,
  },
  {
    file: 'domain/outgoing.ts',
    allowed: [],
    forbidden: ['nodemailer', 'markdown-it', '@noble/hashes/sha2', 'node:crypto'],
    instead: /no package and nothing of Node/,
  },
  {
    file: 'domain/statement/document.ts',
    allowed: ['markdown-it', './finding', '../findings'],
    forbidden: ['markdown-it-anchor', '@noble/hashes/sha2', 'node:crypto', 'zod'],
    instead: /no package and nothing of Node/,
  },
  {
    file: 'domain/statement/document.ts',
    allowed: [],
    forbidden: ['../../activities/publishing', '../../client/config'],
    instead: /take what you need as a parameter/,
  },
  {
    file: 'domain/statement/hash.ts',
    allowed: ['@noble/hashes/sha2', '@noble/hashes/utils'],
    forbidden: ['@noble/curves/ed25519', '@noble/hashes-of-another/sha2', 'markdown-it', 'node:crypto'],
    instead: /no package and nothing of Node/,
  },
  {
    file: 'domain/statement/lint.ts',
    allowed: ['./document', '../findings'],
    forbidden: ['markdown-it', '@noble/hashes/sha2'],
    instead: /no package and nothing of Node/,
  },
  {
    file: 'workflows/incident/effects.ts',
    allowed: ['../../domain/gates', './activities', '../names', '../contain-instance/messages'],
    forbidden: [
      '../../integrations/aws/aws',
      '../../client/incidents',
      '../../worker/main',
      '../../drill/run',
    ],
    instead: /everything else is an activity/,
  },
  {
    file: 'workflows/incident/effects.ts',
    allowed: ['@temporalio/workflow', '@temporalio/common'],
    forbidden: [
      'zod',
      'node:fs',
      'crypto',
      '@temporalio/client',
      '@temporalio/activity',
      '@aws-sdk/client-ec2',
    ],
    instead: /workflows are replayed/,
  },
  {
    file: 'workflows/crypto.ts',
    allowed: ['@noble/curves/ed25519', '@noble/curves/utils', '@noble/hashes/sha2'],
    forbidden: ['@noble/ciphers/aes', '@noble', '@noble/hashes-of-another/sha2', 'node:crypto', 'tweetnacl'],
    instead: /workflows are replayed/,
  },
  {
    file: 'workflows/names.ts',
    allowed: ['../domain/scope'],
    forbidden: ['../activities/paging', '../activities'],
    instead: /only the TYPES of activities/,
  },
  {
    file: 'activities/paging.ts',
    allowed: ['../domain/roles', './failures', '@temporalio/activity', '@temporalio/common', 'node:crypto'],
    forbidden: [
      '../workflows/names',
      '../integrations/pagerduty/pager',
      '../worker/config',
      '../client/config',
    ],
    instead: /the port that the activity declares/,
  },
  {
    file: 'activities/paging.ts',
    allowed: [],
    forbidden: ['@pagerduty/pdjs', '@slack/web-api', '@aws-sdk/client-ec2', '@temporalio/workflow'],
    instead: /a vendor is spoken to through the port/,
  },
  {
    file: 'integrations/aws/isolate.ts',
    allowed: ['../../activities/failures', '../../domain/scope', './clients', './failures/translate', 'zod'],
    forbidden: ['../../workflows/names', '../../worker/config', '../../client/config', '../../drill/run'],
    instead: /import activities \(ports, failures\), domain and their own folder/,
  },
  {
    file: 'integrations/aws/isolate.ts',
    allowed: ['../company', 'node:https', '@temporalio/common', '@temporalio/activity'],
    forbidden: ['../slack/client', '../../integrations/pagerduty/client'],
    instead: /never imports another vendor's folder/,
  },
  {
    file: 'integrations/aws/failures/translate.ts',
    allowed: ['@aws-sdk/client-ec2', '@smithy/types', '../clients'],
    forbidden: ['@slack/web-api', '@pagerduty/pdjs', '@pagerduty/pdjs/build/src/api'],
    instead: /its own vendor's SDK and no other's/,
  },
  {
    file: 'integrations/slack/room.ts',
    allowed: ['@slack/web-api'],
    forbidden: ['@aws-sdk/client-ec2', '@pagerduty/pdjs'],
    instead: /its own vendor's SDK and no other's/,
  },
  {
    file: 'integrations/pagerduty/pager.ts',
    allowed: ['@pagerduty/pdjs'],
    forbidden: ['@aws-sdk/client-ec2', '@slack/web-api'],
    instead: /its own vendor's SDK and no other's/,
  },
  {
    file: 'integrations/smtp/mailer.ts',
    allowed: ['nodemailer', 'openpgp', 'pkijs', 'asn1js', 'node:crypto', '../../domain/mail/addresses'],
    forbidden: ['pdfmake', '@slack/web-api', '@aws-sdk/client-kms'],
    instead: /its own vendor's SDK and no other's/,
  },
  {
    file: 'integrations/smtp/mailer.ts',
    allowed: ['../../activities/mail', '../http'],
    forbidden: ['../pdf/pdf', '../sms/provider', '../slack/announce'],
    instead: /never imports another vendor's folder/,
  },
  {
    file: 'integrations/pdf/pdf.ts',
    allowed: ['pdfmake', 'node:path'],
    forbidden: ['nodemailer', 'openpgp', '@slack/web-api'],
    instead: /its own vendor's SDK and no other's/,
  },
  ...['integrations/sms/provider.ts', 'integrations/publishing/publisher.ts'].map((file) => ({
    file,
    allowed: ['../http', 'node:crypto'],
    forbidden: ['nodemailer', 'pdfmake', '@slack/web-api'],
    instead: /its own vendor's SDK and no other's/,
  })),
  {
    file: 'integrations/a-new-vendor/mail.ts',
    allowed: ['../../activities/failures', 'node:net'],
    forbidden: ['@aws-sdk/client-ec2', '@slack/web-api'],
    instead: /its own vendor's SDK and no other's/,
  },
  {
    file: 'integrations/aws/isolate.ts',
    allowed: [],
    forbidden: ['@temporalio/workflow', '@temporalio/client', '@temporalio/worker'],
    instead: /integrations import @temporalio\/activity and @temporalio\/common/,
  },
  {
    file: 'codec/codec.ts',
    allowed: ['../domain/trust/unreadable', './keyring', 'node:crypto', 'yaml', 'zod'],
    forbidden: [
      '../workflows/names',
      '../activities/failures',
      '../integrations/aws/key-service',
      '../client/key-service',
      '../worker/config',
      '../drill/run',
    ],
    instead: /a key service is given to it/,
  },
  {
    file: 'codec/codec.ts',
    allowed: ['@temporalio/common'],
    forbidden: [
      '@temporalio/common/lib/internal-non-workflow/extstore-helpers',
      '@temporalio/workflow',
      '@temporalio/client',
      '@temporalio/worker',
    ],
    instead: /Of Temporal, codec imports @temporalio\/common/,
  },
  {
    file: 'codec/references.ts',
    allowed: ['@temporalio/common', '@temporalio/common/lib/internal-non-workflow/extstore-helpers'],
    forbidden: [
      '@temporalio/common/lib/internal-non-workflow/codec-helpers',
      '@temporalio/common/lib/internal-non-workflow/extstore-helpers/a',
      '@temporalio/client/lib/internal-non-workflow/extstore-helpers',
      '@temporalio/workflow',
    ],
    instead: /its part that looks at references/,
  },
  {
    file: 'codec/references.ts',
    allowed: ['../domain/trust/unreadable', './keyring'],
    forbidden: ['../client/config', '../integrations/aws/key-service'],
    instead: /a key service is given to it/,
  },
  {
    file: 'client/key-service.ts',
    allowed: ['../integrations/aws/key-service', '../codec/keyring', '../domain/codename', './config'],
    forbidden: [
      '../integrations',
      '../integrations/aws/clients',
      '../integrations/aws/key-service/a',
      '../integrations/slack/room',
    ],
    instead: /the key service alone/,
  },
  {
    file: 'client/key-service.ts',
    allowed: [],
    forbidden: ['../workflows/names', '../activities/paging', '../worker/config', '../drill/run'],
    instead: /hands the key service to codec/,
  },
  {
    file: 'client/key-service.ts',
    allowed: [],
    forbidden: ['@temporalio/worker', '@temporalio/workflow'],
    instead: /client imports @temporalio\/client/,
  },
  {
    file: 'client/pdf.ts',
    allowed: ['../integrations/pdf/pdf', '../domain/hand-off/render', './config'],
    forbidden: [
      '../integrations',
      '../integrations/pdf',
      '../integrations/pdf/pdf/a',
      '../integrations/smtp/mailer',
      '../integrations/aws/key-service',
    ],
    instead: /what makes a PDF alone/,
  },
  {
    file: 'client/pdf.ts',
    allowed: [],
    forbidden: ['../workflows/names', '../activities/mail', '../worker/config', '../drill/run'],
    instead: /hands on what makes a PDF/,
  },
  {
    file: 'client/config.ts',
    allowed: ['../codec/keyring', './key-service', './pdf'],
    forbidden: ['../integrations/aws/key-service', '../integrations/pdf/pdf'],
    instead: /asked through Temporal/,
  },
  {
    file: 'client/incidents.ts',
    allowed: [
      '../workflows/incident/messages',
      '../workflows/names',
      '../workflows/search-attributes',
      '../domain/view',
      './config',
    ],
    forbidden: ['../workflows', '../workflows/incident/incident', '../workflows/incident/activities'],
    instead: /what is sent, not what is run/,
  },
  {
    file: 'client/cli/program.ts',
    allowed: ['../guardduty', '../../domain/scope', '../../workflows/contain-instance/messages'],
    forbidden: [
      '../../activities/paging',
      '../../integrations/slack/room',
      '../../worker/config',
      '../../drill/run',
    ],
    instead: /asked through Temporal/,
  },
  {
    file: 'client/incidents.ts',
    allowed: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
      'zod',
      'commander',
      'node:fs',
    ],
    forbidden: ['@temporalio/worker', '@temporalio/workflow', '@temporalio/activity'],
    instead: /client imports @temporalio\/client/,
  },
  {
    file: 'client/slack-app/app.ts',
    allowed: ['@slack/bolt', './identity', '../incidents', '../../domain/view', '../../codec/codenames'],
    forbidden: [
      '@slack/web-api',
      '@slack/types',
      '@slack/socket-mode',
      '@slack/bolt/dist/App',
      '@pagerduty/pdjs',
      '@aws-sdk/client-ec2',
    ],
    instead: /the Slack app imports @slack\/bolt/,
  },
  {
    file: 'client/slack-app/views/blocks.ts',
    allowed: ['@slack/bolt', './text', '../../cli/format', '../../../domain/view'],
    forbidden: ['../../../integrations/slack/text', '../../../activities/room', '../../../worker/config'],
    instead: /asked through Temporal/,
  },
  {
    file: 'client/slack-app/decisions.ts',
    allowed: ['@temporalio/client', '../../workflows/incident/messages'],
    forbidden: ['../../workflows/incident/incident', '../../workflows'],
    instead: /what is sent, not what is run/,
  },
  {
    file: 'worker/main.ts',
    allowed: [
      '../domain/company',
      '../workflows/names',
      '../activities/paging',
      '../integrations/slack/room',
      'zod',
    ],
    forbidden: ['../client/config', '../drill/stand-ins/slack', '../test/support/incidents'],
    instead: /client and drill stand outside of it/,
  },
  ...[
    'worker/main.ts',
    'client/incidents.ts',
    'client/key-service.ts',
    'client/pdf.ts',
    'client/cli/program.ts',
    'client/pagerduty-webhook/main.ts',
    'codec/codec.ts',
    'codec/references.ts',
    'drill/run.ts',
    'scripts/docs.ts',
    'bench/load.ts',
  ].map((file) => ({
    file,
    allowed: ['@temporalio/common', 'node:http'],
    forbidden: [
      '@pagerduty/pdjs',
      '@slack/web-api',
      '@slack/bolt',
      '@aws-sdk/client-ec2',
      '@aws-sdk/client-kms',
      'nodemailer',
      'openpgp',
      'pdfmake',
    ],
    instead: /spoken only in integrations\/<vendor>/,
  })),
  {
    file: 'scripts/docs.ts',
    allowed: ['../domain/checklist', '../worker/config', '@temporalio/worker'],
    forbidden: ['../drill/run', '../test/support/incidents'],
    instead: /Only drill and test import the drill/,
  },
  {
    file: 'drill/run.ts',
    allowed: ['../client/incidents', '../worker/main', './stand-ins/slack', '../domain/view'],
    forbidden: [],
    instead: /./,
  },
  {
    file: 'drill/stand-ins/slack.ts',
    allowed: ['@slack/web-api', '@aws-sdk/client-ec2', '@pagerduty/pdjs', 'emulate', 'zod'],
    forbidden: [],
    instead: /./,
  },
  {
    file: 'test/integrations/slack.test.ts',
    allowed: [
      '@slack/web-api',
      '@aws-sdk/client-ec2',
      '../../drill/stand-ins/slack',
      '../../integrations/aws/aws',
    ],
    forbidden: [],
    instead: /./,
  },
];

const pairs = (side: 'allowed' | 'forbidden') =>
  ARROWS.flatMap(({ file, instead, ...arrow }) => arrow[side].map((source) => ({ file, source, instead })));

test.each(pairs('allowed'))('$file may import $source', async ({ file, source }) => {
  const everyWay = `import { a } from '${source}';\nimport type { B } from '${source}';\nexport { c } from '${source}';\n`;
  expect(await complaints(file, everyWay)).toEqual([]);
});

test.each(pairs('forbidden'))('$file must not import $source', async ({ file, source, instead }) => {
  const ways = [
    `import { a } from '${source}'`,
    `import '${source}'`,
    `import * as a from '${source}'`,
    `export { a } from '${source}'`,
    `export * from '${source}'`,
    `import a = require('${source}')`,
    `const a = import('${source}')`,
    `const a = require('${source}')`,
    ...(source.includes('activities') && file.startsWith('workflows')
      ? []
      : [`import type { A } from '${source}'`, `type A = import('${source}').A`]),
  ];
  for (const way of ways) {
    expect([way, await complaints(file, `${way};\n`)]).toEqual([way, [expect.stringMatching(instead)]]);
  }
});

test.each([
  `import type { PagingActivities } from '../../activities/paging';`,
  `import { type PagingActivities } from '../../activities/paging';`,
  `export type { PagingActivities } from '../../activities/paging';`,
  `type A = import('../../activities/paging').PagingActivities;`,
])('a workflow may import the types of activities: %s', async (text) => {
  expect(await complaints('workflows/incident/activities.ts', text)).toEqual([]);
});

const SENDABLE = [
  `export const a = b as Sendable<string>;`,
  `export const a = b as unknown as Sendable<{ way: 'mail' }>;`,
  `export const a = <Sendable<string>>b;`,
];

test.each([
  'domain/gates.ts',
  'domain/rules/communication.ts',
  'domain/statement/document.ts',
  'domain/statement/hash.ts',
  'workflows/incident/outbox.ts',
  'activities/mail.ts',
  'integrations/smtp/mailer.ts',
  'client/cli/program.ts',
  'client/slack-app/decisions.ts',
  'worker/activities.ts',
  'drill/run.ts',
])('%s makes no message that may be sent: it asks the gates for one', async (file) => {
  for (const text of SENDABLE)
    expect(await complaints(file, text)).toEqual([expect.stringMatching(/ask domain\/outgoing\.ts/)]);
});

test('a message that may be sent is made in one file', async () => {
  for (const text of SENDABLE) expect(await complaints('domain/outgoing.ts', text)).toEqual([]);
});

test('a detour does not hide where an import goes', async () => {
  for (const source of [
    './rules/../../activities/paging',
    '../domain/../activities/paging',
    './../activities/paging',
  ])
    expect(await complaints('domain/gates.ts', `import { a } from '${source}';`)).not.toEqual([]);
});

const WAYS_TO_THE_ENVIRONMENT = [
  `export const a = process.env.HOME;`,
  `export const a = process['env'];`,
  `export const { env } = process;`,
  `export const a = globalThis.process.env;`,
];

test.each([
  'domain',
  'workflows',
  'activities',
  'integrations/slack',
  'worker',
  'client',
  'client/cli',
  'client/slack-app',
  'codec',
  'bench',
])('nothing in %s reads the environment', async (folder) => {
  for (const text of WAYS_TO_THE_ENVIRONMENT)
    expect(await complaints(`${folder}/paging.ts`, text)).toEqual([expect.stringMatching(/is read once/)]);
  const imported = await complaints(`${folder}/paging.ts`, `import { env } from 'node:process';`);
  expect(imported).not.toEqual([]);
});

test.each(['worker/config.ts', 'client/config.ts', 'drill/run.ts', 'test/a.test.ts', 'scripts/docs.ts'])(
  '%s may read the environment',
  async (file) => {
    expect(await complaints(file, `export const a = process.env.HOME;`)).toEqual([]);
  },
);

test('every folder of the repository is under an arrow: none can be imported by domain', async () => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^(dist|node_modules|coverage|domain)$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) =>
      readdirSync(join(ROOT, name), { recursive: true }).some((file) => String(file).endsWith('.ts')),
    );
  expect(folders).toEqual(expect.arrayContaining(['workflows', 'activities', 'integrations', 'worker']));
  for (const folder of folders)
    expect([folder, await complaints('domain/gates.ts', `import '../${folder}/a';`)]).toEqual([
      folder,
      [expect.any(String)],
    ]);
});
