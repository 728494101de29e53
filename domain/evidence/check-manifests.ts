/** Checks the manifests of an evidence folder: that each can be read, is signed by the one key, and follows the one before. */
import type { Finding, Folder, Tools } from './finding';
import {
  custodyName,
  manifestName,
  readManifest,
  sequenceOf,
  signatureName,
  SIGNING_KEY,
  type Manifest,
  type ManifestFile,
} from './manifest';

/** A manifest that could be read. */
export interface ReadSeal {
  readonly path: string;
  readonly sha256: string;
  readonly manifest: Manifest;
  /** Something speaks against it, so that it is no proof against others. */
  readonly inDoubt: boolean;
}

export interface CheckedManifests {
  /** In their order. */
  readonly seals: readonly ReadSeal[];
  /** There is a manifest that could not be read. */
  readonly someUnreadable: boolean;
  readonly findings: readonly Finding[];
  /** Of the key that the signatures were checked with. */
  readonly fingerprint?: string;
}

/** A file as the manifest knows it; the manifest before is known by `previous` as well. */
export function listedIn({
  files,
  previous,
}: Manifest): (Omit<ManifestFile, 'bytes'> & { bytes?: number })[] {
  const isListed = files.some(({ path }) => path === previous?.path);
  return previous && !isListed ? [...files, previous] : [...files];
}

/** `given` is the public key that whoever checks has from elsewhere, in PEM. */
export function checkManifests(folder: Folder, tools: Tools, given?: string): CheckedManifests {
  const present = [...folder.keys()]
    .filter((path) => path.endsWith('.json') && sequenceOf(path) !== undefined)
    .sort((a, b) => (sequenceOf(a) ?? 0) - (sequenceOf(b) ?? 0));
  const findings: Finding[] = missingManifests(folder);
  const seals: ReadSeal[] = [];
  for (const path of present) {
    const read = readManifest(folder.get(path)?.text ?? '');
    if ('problem' in read) findings.push({ path, problem: read.problem });
    else seals.push({ path, sha256: folder.get(path)?.sha256 ?? '', manifest: read, inDoubt: false });
  }
  const key = keyOf(folder, tools, seals, given);
  const against = seals.map((seal) => [
    ...checkPlace(seal),
    ...(key.pem === undefined ? [] : checkSignature(folder, tools, seals, seal, { ...key, pem: key.pem })),
  ]);
  const undoubted = seals.filter(({ path }) => !against.flat().some((finding) => finding.path === path));
  const doubtful = seals.map((seal) => ({
    ...seal,
    inDoubt: !undoubted.includes(seal) || isDenied(seal, undoubted),
  }));
  return {
    seals: doubtful,
    someUnreadable: seals.length < present.length,
    findings: [...findings, ...key.findings, ...against.flat(), ...checkSuccession(doubtful)],
    ...(key.fingerprint !== undefined && { fingerprint: key.fingerprint }),
  };
}

/** A later manifest, or its own signature, shows that there must have been one. */
function missingManifests(folder: Folder): Finding[] {
  const wanted = new Map<number, string>();
  for (const path of folder.keys()) {
    const sequence = sequenceOf(path);
    if (sequence === undefined) continue;
    if (path.endsWith('.sig')) wanted.set(sequence, path);
    else if (sequence > 1 && !wanted.has(sequence - 1)) wanted.set(sequence - 1, path);
  }
  return [...wanted]
    .filter(([sequence]) => !folder.has(manifestName(sequence)))
    .map(([sequence, because]) => ({
      path: manifestName(sequence),
      problem: `missing: ${because} belongs to it or follows it`,
    }));
}

/** It is where its number says, and names the one before. */
function checkPlace({ path, manifest }: ReadSeal): Finding[] {
  const { sequence, previous, custody } = manifest;
  if (path !== manifestName(sequence))
    return [{ path, problem: `says that it is ${manifestName(sequence)}: it was renamed or changed` }];
  const before = sequence > 1 ? manifestName(sequence - 1) : undefined;
  return [
    ...(previous?.path === before
      ? []
      : [{ path, problem: `does not name ${before ?? 'nothing'} as the one before` }]),
    ...(custody.file === custodyName(sequence)
      ? []
      : [{ path, problem: `names ${custody.file} as its chain of custody` }]),
  ];
}

interface Key {
  /** Nothing where there is none to check with. */
  readonly pem?: string;
  readonly fingerprint?: string;
  /** Where it comes from, in words. */
  readonly from: string;
  readonly findings: readonly Finding[];
}

function keyOf(folder: Folder, tools: Tools, seals: readonly ReadSeal[], given: string | undefined): Key {
  const path = SIGNING_KEY;
  const pem = folder.get(path)?.text;
  const fingerprint = pem === undefined ? undefined : tools.fingerprint(pem);
  const wanted = given === undefined ? undefined : tools.fingerprint(given);
  const because = given === undefined ? ', so no signature could be checked' : '';
  const from = given === undefined ? SIGNING_KEY : 'the key given';
  const finding = (problem: string) => [{ path, problem }];
  const usable =
    given === undefined
      ? { from, ...(pem !== undefined && { pem }), ...(fingerprint !== undefined && { fingerprint }) }
      : { from, pem: given, ...(wanted !== undefined && { fingerprint: wanted }) };
  if (!folder.has(path)) return { ...usable, findings: finding(`missing${because}`) };
  if (fingerprint === undefined)
    return { from, ...(given !== undefined && usable), findings: finding(`holds no public key${because}`) };
  if (given !== undefined)
    return {
      ...usable,
      findings:
        fingerprint === wanted ? [] : finding(`is not the key given: its fingerprint is ${fingerprint}`),
    };
  // Where no manifest knows it, it is more likely that one file was changed than that all of them were.
  const known = seals.length === 0 || seals.some(({ manifest }) => manifest.key.fingerprint === fingerprint);
  return known
    ? { ...usable, findings: [] }
    : { from, findings: finding(`its fingerprint is in no manifest: it was replaced${because}`) };
}

function checkSignature(
  folder: Folder,
  tools: Tools,
  seals: readonly ReadSeal[],
  { path, sha256, manifest }: ReadSeal,
  { pem, fingerprint, from }: Key & { readonly pem: string },
): Finding[] {
  const { key } = manifest;
  const signature = signatureName(sequenceOf(path) ?? 0);
  const sealed = folder.get(signature);
  if (!sealed) return [{ path: signature, problem: `missing: it is the signature of ${path}` }];
  if (key.fingerprint !== fingerprint)
    return [{ path, problem: `was signed with another key than ${from}: it names ${key.fingerprint}` }];
  if (!/^[A-Za-z0-9+/]+={0,2}\n$/.test(sealed.text ?? ''))
    return [{ path: signature, problem: 'is not one line of base64' }];
  const content = folder.get(path)?.text ?? '';
  const fits = tools.verifySignature(pem, key.algorithm, content, (sealed.text ?? '').trimEnd());
  // The content is what was hashed only if it was read without a loss.
  if (fits && tools.sha256(content) === sha256) return [];
  const isConfirmed = seals.some((other) =>
    listedIn(other.manifest).some((listed) => listed.path === path && listed.sha256 === sha256),
  );
  return isConfirmed
    ? [{ path: signature, problem: `does not fit ${path}` }]
    : [{ path, problem: `its signature does not fit: this file or ${signature} was changed` }];
}

/** A later manifest knows another one under this name. */
function isDenied({ path, sha256 }: ReadSeal, by: readonly ReadSeal[]): boolean {
  return by.some(({ manifest }) =>
    listedIn(manifest).some((listed) => listed.path === path && listed.sha256 !== sha256),
  );
}

/** Each lists what the one before did. */
function checkSuccession(seals: readonly ReadSeal[]): Finding[] {
  return seals.flatMap((later, index) => {
    const earlier = seals[index - 1];
    if (!earlier || earlier.inDoubt || later.inDoubt) return [];
    return problemsOfSuccession(earlier.manifest, later.manifest).map((problem) => ({
      path: later.path,
      problem,
    }));
  });
}

/** Why one manifest can't follow another: to be read after the path of the later one and a colon. */
export function problemsOfSuccession(earlier: Manifest, later: Manifest): string[] {
  const before = manifestName(earlier.sequence);
  const files = new Map(later.files.map((file) => [file.path, file]));
  const items = new Set(later.items.map(({ id }) => id));
  return [
    ...(later.codename === earlier.codename ? [] : [`is of another incident than ${before}`]),
    ...(Date.parse(later.sealedAt) >= Date.parse(earlier.sealedAt) ? [] : [`is earlier than ${before}`]),
    ...(later.custody.records >= earlier.custody.records
      ? []
      : [`has fewer records of custody than ${before}`]),
    ...earlier.items
      .filter(({ id }) => !items.has(id))
      .map(({ id }) => `does not list the item ${id}, which ${before} lists`),
    ...earlier.files.flatMap(({ path, sha256 }) => {
      const file = files.get(path);
      if (!file) return [`does not list ${path}, which ${before} lists`];
      return file.sha256 === sha256 ? [] : [`has another SHA-256 of ${path} than ${before}`];
    }),
  ];
}

/** What a manifest says of one thing in two places has to agree: to be read after its path and a colon. */
export function problemsOfManifest({ items, files }: Manifest): string[] {
  const listed = new Map(files.map((file) => [file.path, file]));
  const ids = new Set(items.map(({ id }) => id));
  return [
    ...(ids.size === items.length ? [] : ['lists an item twice']),
    ...(listed.size === files.length ? [] : ['lists a file twice']),
    ...items.flatMap(({ id, kind, bytes, sha256 }) => {
      const file = listed.get(id);
      if (!file)
        return kind === 'capture' || kind === 'blocks' ? [`lists the item ${id}, but not its file`] : [];
      const agrees = (bytes ?? file.bytes) === file.bytes && (sha256 ?? file.sha256) === file.sha256;
      return agrees ? [] : [`has one SHA-256 or size of ${id} as an item, and another as a file`];
    }),
  ];
}
