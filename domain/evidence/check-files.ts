/** Checks that the files of an evidence folder are those that its manifests list, each as it was. */
import { listedIn, type CheckedManifests, type ReadSeal } from './check-manifests';
import type { Finding, Folder, FolderFile } from './finding';
import { signatureName } from './manifest';

interface Listing {
  readonly bytes?: number;
  readonly sha256: string;
  readonly by: ReadSeal;
}

export function checkFiles(folder: Folder, manifests: CheckedManifests): Finding[] {
  const listings = listingsOf(manifests.seals);
  const missing = [...listings].filter(([path]) => !folder.has(path));
  const findings = missing.map(([path, listing]) => ({
    path,
    problem: `missing: ${says(listing)} lists it`,
  }));
  const newest = manifests.seals.at(-1);
  const unlisted = newest ? [newest.path, signatureName(newest.manifest.sequence)] : [];
  const sound = new Set(manifests.seals.filter(({ inDoubt }) => !inDoubt).map(({ path }) => path));
  for (const [path, file] of folder) {
    const listing = listings.get(path);
    // A manifest that its own signature speaks for is not blamed by one that nothing speaks for.
    const speaksForItself = listing?.by.inDoubt && sound.has(path);
    const problem = listing && !speaksForItself ? compared(file, listing) : undefined;
    if (problem !== undefined) findings.push({ path, problem });
    if (listing || unlisted.includes(path)) continue;
    const was = missing.find(([, { sha256 }]) => sha256 === file.sha256)?.[0];
    findings.push({ path, problem: was ? `was ${was}: it was renamed` : strange(manifests) });
  }
  return findings;
}

/** What speaks last and is not in doubt itself knows best. */
function listingsOf(seals: readonly ReadSeal[]): Map<string, Listing> {
  const byTrust = [...seals.filter(({ inDoubt }) => inDoubt), ...seals.filter(({ inDoubt }) => !inDoubt)];
  return new Map(
    byTrust.flatMap((by) => listedIn(by.manifest).map((listed) => [listed.path, { ...listed, by }])),
  );
}

function compared(file: FolderFile, listing: Listing): string | undefined {
  const { bytes, sha256 } = listing;
  if (bytes !== undefined && bytes !== file.bytes)
    return `has ${file.bytes} bytes, ${says(listing)} says ${bytes}`;
  return sha256 === file.sha256 ? undefined : `its SHA-256 is not the one in ${says(listing)}`;
}

function says({ by }: Listing): string {
  return by.inDoubt ? `${by.path} (in doubt itself)` : by.path;
}

function strange({ someUnreadable }: CheckedManifests): string {
  return someUnreadable
    ? "can't be checked: it is in no manifest that can be read"
    : 'is in no manifest: it was added, or has not been sealed yet';
}
