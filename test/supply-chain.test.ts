/** What Firebreak is built from: exact, hashed, from the registry, without scripts of its own, under licences that were read. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isMet } from './support/licences';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Package {
  readonly name?: string;
  readonly version: string;
  readonly license?: unknown;
  readonly scripts?: Record<string, string>;
  readonly engines?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

interface Locked extends Package {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const OWN = JSON.parse(read('package.json')) as Package;
const LOCK = JSON.parse(read('package-lock.json')) as {
  readonly lockfileVersion: number;
  readonly packages: Record<string, Locked>;
};
/** Every package of the lock, of production and of development, by its place. */
const LOCKED = Object.entries(LOCK.packages).filter(([place]) => place !== '');
/** Those that are there: some are for other systems. */
const INSTALLED = LOCKED.filter(([place]) => existsSync(join(ROOT, place, 'package.json'))).map(
  ([place, locked]) => ({
    place,
    locked,
    is: JSON.parse(read(`${place}/package.json`)) as Package,
  }),
);

const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

describe('package.json', () => {
  const wanted = { ...OWN.dependencies, ...OWN.devDependencies };

  it('names every version exactly', () => {
    expect(Object.keys(wanted).length).toBeGreaterThan(30);
    expect(Object.entries(wanted).filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it('is what the lock was made of', () => {
    const root = LOCK.packages[''];
    expect(LOCK.lockfileVersion).toBe(3);
    for (const part of ['dependencies', 'devDependencies', 'engines', 'license', 'version'] as const)
      expect([part, root?.[part]]).toEqual([part, OWN[part]]);
    for (const [name, version] of Object.entries(wanted))
      expect([name, LOCK.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
  });

  it('keeps all of Temporal’s packages at one version', () => {
    const versions = LOCKED.filter(([place]) => nameOf(place).startsWith('@temporalio/')).map(
      ([, { version }]) => version,
    );
    expect(versions.length).toBeGreaterThan(8);
    expect(new Set(versions).size).toBe(1);
  });

  it('has no script that npm would run by itself', () => {
    const itself = /^(?:pre|post)?(?:install|prepare|publish|prepublish|prepublishOnly|pack|dependencies)$/;
    expect(Object.keys(OWN.scripts ?? {}).filter((name) => itself.test(name))).toEqual([]);
  });
});

describe('.npmrc', () => {
  const lines = read('.npmrc').trim().split('\n');

  it('runs no script of a package, and writes exact versions', () => {
    expect(lines).toEqual(
      expect.arrayContaining(['ignore-scripts=true', 'save-exact=true', 'engine-strict=true']),
    );
  });

  it('holds no token and no registry of its own', () => {
    expect(lines.filter((line) => /:\/\/|_auth|token|password|registry=/i.test(line))).toEqual([]);
  });
});

describe('the lock', () => {
  it('has a hash of every package', () => {
    expect(LOCKED.length).toBeGreaterThan(300);
    const weak = LOCKED.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
    expect(weak.map(([place]) => place)).toEqual([]);
  });

  it('has every package from the registry: no address, no repository, no folder, none inside of another', () => {
    const others = LOCKED.filter(
      ([place, { resolved, link, inBundle, version }]) =>
        resolved !== undefined ||
        link ||
        inBundle ||
        !place.startsWith('node_modules/') ||
        !EXACT.test(version),
    );
    expect(others.map(([place]) => place)).toEqual([]);
  });

  it('has no package that asks for one from elsewhere', () => {
    // `npm:` is another package of the registry under this name.
    const asked = LOCKED.flatMap(([place, { dependencies, optionalDependencies, peerDependencies }]) =>
      Object.entries({ ...dependencies, ...optionalDependencies, ...peerDependencies })
        .filter(([, range]) => /[:/]/.test(range.replace(/^npm:(?:@[\w.-]+\/)?[\w.-]+@/, '')))
        .map(([wanted, range]) => `${place} asks for ${wanted} ${range}`),
    );
    expect(asked).toEqual([]);
  });

  it('is what is installed', () => {
    expect(INSTALLED.length).toBeGreaterThan(300);
    const others = INSTALLED.filter(
      ({ place, locked, is }) => is.name !== (locked.name ?? nameOf(place)) || is.version !== locked.version,
    );
    expect(others.map(({ place }) => place)).toEqual([]);
  });
});

describe('install scripts', () => {
  /** Packages that have one, which never runs here, and why they do without. */
  const NOT_NEEDED: Readonly<Record<string, string>> = {
    '@swc/core':
      'its binary comes as a package of its own for each system; the script only looks whether it is there',
    protobufjs:
      'the script only warns of a version that is asked for in an old way (7.x, of @grpc/proto-loader)',
    '@parcel/watcher':
      'its binary comes as a package of its own for each system; and jest uses it only in watch mode',
  };

  it('are those of the list, by what the lock says', () => {
    const having = LOCKED.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) =>
      nameOf(place),
    );
    expect([...new Set(having)].sort()).toEqual(Object.keys(NOT_NEEDED).sort());
  });

  it('are those of the list, by what is installed', () => {
    const having = INSTALLED.filter(
      ({ place, is }) =>
        ['preinstall', 'install', 'postinstall'].some((name) => is.scripts?.[name] !== undefined) ||
        // npm would build it.
        existsSync(join(ROOT, place, 'binding.gyp')),
    ).map(({ place }) => nameOf(place));
    const missing = [...new Set(having)].filter((name) => !(name in NOT_NEEDED));
    expect(missing).toEqual([]);
  });

  it('did not have to run: what is native loads', () => {
    const load = (name: string) => `require(${JSON.stringify(name)});`;
    const script = ['@swc/core', '@temporalio/core-bridge'].map(load).join('');
    expect(() => execFileSync(process.execPath, ['-e', script], { cwd: ROOT })).not.toThrow();
  });
});

describe('Python', () => {
  const lines = read('scripts/python-requirements.txt')
    .replaceAll(/ \\\n\s*/g, ' ')
    .trim()
    .split('\n');

  it('gets what is listed, exactly and by its hash', () => {
    expect(lines.length).toBeGreaterThan(40);
    const loose = lines.filter(
      (line) =>
        !/^[a-z0-9._-]+(?:\[[a-z,]+\])?==[\w.!+-]+(?: ; [^#]+?)?(?: --hash=sha256:[0-9a-f]{64})+$/.test(line),
    );
    expect(loose).toEqual([]);
  });

  it('gets nothing from elsewhere', () => {
    expect(lines.filter((line) => /:\/\/|^-|@ /.test(line))).toEqual([]);
  });

  it('is installed with hashes required, and with nothing that has to be built', () => {
    const script = read('scripts/python.mjs');
    for (const option of ["'--require-hashes'", "'--only-binary', ':all:'"])
      expect(script.replace(/\s+/g, ' ')).toContain(option);
  });

  it('is asked for what the list was made of', () => {
    const wanted = read('scripts/python-requirements.in')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(wanted.length).toBeGreaterThan(0);
    for (const line of wanted) {
      const pin = line.replace(/\[.*\]/, '');
      expect(lines.some((each) => each.replace(/\[.*?\]/, '').startsWith(`${pin} `))).toBe(true);
    }
  });
});

/** Those that let a company use, change and hand on, and ask at most that their notice is kept. */
const PERMISSIVE = new Set([
  ...[
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'CC0-1.0',
    'ISC',
    'MIT',
    'MIT-0',
  ],
  ...['Python-2.0', 'Unlicense', 'Zlib'],
]);

describe('licences', () => {
  /** Each by its name and version, so that another version is looked at again. */
  const EXCEPTIONS: Readonly<Record<string, { readonly license: unknown; readonly why: string }>> = {
    'caniuse-lite@1.0.30001827': {
      license: 'CC-BY-4.0',
      why: 'data, not code: which browser can do what; webpack asks for it, and it is handed on unchanged with its notice',
    },
    'openpgp@6.3.2': {
      license: 'LGPL-3.0+',
      why: 'weak copyleft: used unchanged, as a package of its own that can be replaced; nothing permissive does OpenPGP and is kept up (docs/decisions/0024)',
    },
    'png-js@1.1.0': {
      license: undefined,
      why: 'states none in package.json; its LICENSE file is the MIT licence, word for word',
    },
    'unionfs@4.6.0': {
      license: undefined,
      why: 'states none in package.json; its LICENSE file is the Unlicense, word for word',
    },
  };
  const keyOf = (place: string, { version }: Package) => `${nameOf(place)}@${version}`;

  it('of every package are permissive, or among the exceptions', () => {
    const others = LOCKED.filter(
      ([place, locked]) =>
        !(keyOf(place, locked) in EXCEPTIONS) &&
        !(typeof locked.license === 'string' && isMet(locked.license, PERMISSIVE)),
    ).map(([place, { version, license }]) => `${place} ${version}: ${String(license)}`);
    expect(others).toEqual([]);
  });

  it('are those that the lock says', () => {
    const others = INSTALLED.filter(({ locked, is }) => locked.license !== is.license).map(
      ({ place }) => place,
    );
    expect(others).toEqual([]);
  });

  it('that are exceptions are all there, as they were read', () => {
    for (const [key, { license }] of Object.entries(EXCEPTIONS)) {
      const [, found] = LOCKED.find(([place, locked]) => keyOf(place, locked) === key) ?? [];
      expect([key, found !== undefined, found?.license]).toEqual([key, true, license]);
    }
    expect(read('node_modules/unionfs/LICENSE')).toMatch(
      /^This is free and unencumbered software released into/,
    );
  });

  it('of Firebreak is the one of its LICENSE', () => {
    expect(OWN.license).toBe('Apache-2.0');
    expect(read('LICENSE')).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004\s/);
    expect(read('LICENSE')).toContain('END OF TERMS AND CONDITIONS');
  });

  it('of what others wrote are in NOTICE, with the files that there are', () => {
    const notice = read('NOTICE');
    const files = [...notice.matchAll(/^ {2}(\S+\.md)$/gm)].map(([, file = '']) => file);
    expect(files).toEqual(['docs/seed/security-incident-response.md']);
    for (const file of files) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
    expect(notice).toContain('Licensed under the Apache License, Version 2.0');
  });
});

describe('a licence expression', () => {
  const allowed = new Set(['MIT', 'ISC']);

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['MIT OR GPL-3.0-only', true],
    ['GPL-3.0-only OR MIT', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND ISC)', true],
    ['GPL-3.0-only AND ISC OR MIT', true],
    ['MIT OR GPL-3.0-only AND ISC', true],
    ['(MIT OR GPL-3.0-only) AND GPL-2.0-only', false],
    ['((MIT))', true],
    ['MIT WITH Classpath-exception-2.0', false],
    ['GPL-2.0-only WITH Classpath-exception-2.0 OR ISC', true],
    ['', false],
    ['MIT ISC', false],
    ['MIT OR', false],
    ['(MIT', false],
    ['MIT)', false],
    [')MIT(', false],
    ['OR MIT', false],
    ['SEE LICENSE IN LICENSE', false],
    ['UNLICENSED', false],
    ['mit', false],
    ['MIT/ISC', false],
  ])('%p is met by MIT and ISC alone: %s', (expression, answer) => {
    expect(isMet(expression, allowed)).toBe(answer);
  });

  it('that is built of allowed licences is met, and with AND of another never', () => {
    const built = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('MIT', 'ISC'),
        fc
          .tuple(tie('tree'), fc.constantFrom(' AND ', ' OR '), tie('tree'))
          .map(([one, word, other]) => `(${one}${word}${other})`),
      ),
    })).tree;
    fc.assert(
      fc.property(built, (expression) => {
        expect(isMet(expression, allowed)).toBe(true);
        expect(isMet(`${expression} AND GPL-3.0-only`, allowed)).toBe(false);
        expect(isMet(`GPL-3.0-only OR ${expression}`, allowed)).toBe(true);
      }),
    );
  });

  it('that is anything at all throws nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof isMet(text, allowed) === 'boolean'));
  });
});

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Record<string, unknown> };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly scope: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
    readonly licenses: readonly {
      readonly license?: { readonly id: string };
      readonly expression?: string;
    }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('the bill of materials', () => {
  // From another folder: it is no matter where it is called.
  const make = () =>
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'sbom.mjs')], { cwd: '/', encoding: 'utf8' });
  const text = make();
  const bill = JSON.parse(text) as Bill;
  const keyOf = ({ name, version }: { name: string; version: string }) => `${name}@${version}`;
  const production = new Map(
    LOCKED.filter(([, { dev }]) => !dev).map(([place, locked]) => [
      keyOf({ name: nameOf(place), version: locked.version }),
      locked,
    ]),
  );

  it('is CycloneDX', () => {
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Number.isNaN(Date.parse(bill.metadata.timestamp))).toBe(false);
    expect(bill.metadata.component).toMatchObject({ name: 'firebreak', version: OWN.version });
  });

  it('lists every package of production, once, and no other', () => {
    expect(bill.components.map(keyOf).sort()).toEqual([...production.keys()].sort());
    expect(production.size).toBeGreaterThan(100);
  });

  /** Of packages that state none in package.json. */
  const READ_IN_FILES: Readonly<Record<string, string>> = { 'png-js': 'MIT', unionfs: 'Unlicense' };

  it('has each with its hash, its licence and its address', () => {
    for (const component of bill.components) {
      const { integrity = '', license = READ_IN_FILES[component.name] } =
        production.get(keyOf(component)) ?? {};
      const sha512 = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
      expect([component.name, component.hashes]).toEqual([
        component.name,
        [{ alg: 'SHA-512', content: sha512 }],
      ]);
      const [stated] = component.licenses;
      expect([component.name, stated?.expression ?? stated?.license?.id]).toEqual([component.name, license]);
      expect(component.purl).toBe(`pkg:npm/${component.name.replace('@', '%40')}@${component.version}`);
      expect(['required', 'optional']).toContain(component.scope);
    }
  });

  it('leads from Firebreak to each of them', () => {
    const next = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const go = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const each of next.get(ref) ?? []) go(each);
    };
    const own = String(bill.metadata.component['bom-ref']);
    go(own);
    reached.delete(own);
    expect([...reached].sort()).toEqual(bill.components.map((each) => each['bom-ref']).sort());
    expect(next.get(own)).toHaveLength(Object.keys(OWN.dependencies ?? {}).length);
  });

  it('is the same again, but for its number and its time', () => {
    const without = (each: string) => each.replace(/"(?:serialNumber|timestamp)": "[^"]*"/g, '');
    expect(make()).not.toBe(text);
    expect(without(make())).toBe(without(text));
  });
});
