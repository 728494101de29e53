/** What the parts of cold storage have in common. */
import type { ImageLocation } from '../../../activities/evidence';
import { createPlaces, type AwsSettings, type Clients, type ColdStorageSettings } from '../clients';

export interface Depot {
  readonly settings: ColdStorageSettings;
  /** The clients of the place where an affected image is. */
  at(image: ImageLocation): Clients;
  /** The clients of cold storage. */
  readonly here: Clients;
  /** Where an affected image is: the company's own region where the image names none. */
  regionOf(image: ImageLocation): string;
}

export function createDepot(settings: AwsSettings & { readonly coldStorage: ColdStorageSettings }): Depot {
  const { coldStorage } = settings;
  const at = createPlaces(settings);
  return {
    settings: coldStorage,
    at,
    here: at({ account: coldStorage.account, region: coldStorage.region }),
    regionOf: ({ region = settings.region }) => region,
  };
}

/** Where a copy is: in cold storage, unless it says otherwise. */
export function placeOfCopy({ settings }: Depot, copy: ImageLocation): Required<ImageLocation> {
  return { account: settings.account, region: settings.region, ...copy };
}

/** The images of each account and region. */
export function byPlace<Image extends ImageLocation>(images: readonly Image[]): Image[][] {
  const places = new Map<string, Image[]>();
  for (const image of images) {
    const place = `${image.account ?? ''} ${image.region ?? ''}`;
    places.set(place, [...(places.get(place) ?? []), image]);
  }
  return [...places.values()];
}
