/**
 * Writes the software bill of materials of what runs in production to stdout: CycloneDX 1.6, in JSON, made of
 * `package-lock.json` alone. It is the same for the same lock, but for its serial number and its time. Plain Node: nothing has
 * to be installed. `npm sbom --omit dev` would do the same, and leaves most packages out (41 of 226 with npm 11.19).
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A reader that has left (`| head`) has read enough; without a listener Node would end with a stack.
process.stdout.on('error', ({ code }) => {
  if (code !== 'EPIPE') process.exitCode = 4;
});

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Licences that a package states in its files and not in its `package.json`, read by a person, of that very version. */
const READ_IN_FILES = {
  'png-js@1.1.0': 'MIT',
  'unionfs@4.6.0': 'Unlicense',
};

const ALGORITHMS = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

function billOf(lock) {
  const root = lock.packages[''];
  const places = Object.keys(lock.packages).filter((place) => place !== '' && !lock.packages[place].dev);
  const components = new Map();
  const dependencies = new Map();
  for (const place of places) {
    const entry = lock.packages[place];
    const ref = refOf(place, entry);
    const isOptional = entry.optional === true && components.get(ref)?.scope !== 'required';
    components.set(ref, componentOf(place, entry, isOptional ? 'optional' : 'required'));
    const wanted = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
    add(dependencies, ref, refsOf(lock, place, wanted));
  }
  const own = `pkg:npm/${root.name}@${root.version}`;
  add(dependencies, own, refsOf(lock, '', { ...root.dependencies, ...root.optionalDependencies }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      lifecycles: [{ phase: 'pre-build' }],
      component: {
        type: 'application',
        'bom-ref': own,
        name: root.name,
        version: root.version,
        licenses: licensesOf(root.license),
        purl: own,
      },
    },
    components: sorted(components).map(([, component]) => component),
    dependencies: sorted(dependencies).map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })),
  };
}

function componentOf(place, entry, scope) {
  const purl = refOf(place, entry);
  const name = nameOf(place, entry);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version: entry.version,
    scope,
    hashes: hashesOf(place, entry.integrity),
    licenses: licensesOf(entry.license ?? READ_IN_FILES[`${name}@${entry.version}`]),
    purl,
  };
}

/** A list of one: a single licence by its SPDX id, or an expression. Empty where none is stated. */
function licensesOf(license) {
  if (typeof license !== 'string') return [];
  return [/[\s()]/.test(license) ? { expression: license } : { license: { id: license } }];
}

function hashesOf(place, integrity) {
  if (!integrity) throw new Error(`${place} has no hash in package-lock.json: npm install writes it.`);
  return integrity.split(/\s+/).map((each) => {
    const [, algorithm, digest] = /^(sha\d+)-([A-Za-z0-9+/]+={0,2})$/.exec(each) ?? [];
    if (!ALGORITHMS[algorithm]) throw new Error(`${place} has a hash of a kind that is not known: ${each}.`);
    return { alg: ALGORITHMS[algorithm], content: Buffer.from(digest, 'base64').toString('hex') };
  });
}

/** An alias has its own name in `name`. */
function nameOf(place, entry) {
  return entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function refOf(place, entry) {
  return `pkg:npm/${nameOf(place, entry).replace('@', '%40')}@${entry.version}`;
}

/** What Node would find for each name from that place, upwards. Optional ones and peers may not be there. */
function refsOf(lock, place, wanted) {
  return Object.keys(wanted).flatMap((name) => {
    for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
      const at = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
      const entry = lock.packages[at];
      if (entry) return entry.dev ? [] : [refOf(at, entry)];
      if (from === '') return [];
    }
  });
}

function add(all, key, values) {
  all.set(key, new Set([...(all.get(key) ?? []), ...values]));
}

function sorted(map) {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
process.stdout.write(`${JSON.stringify(billOf(lock), null, 2)}\n`);
