import type { Store, StoreView } from '../../ports/store.ts';
import type { Nsd, Vnfd } from '../../protocol/descriptors.ts';
import { createDescriptorCache, type DescriptorCache } from '../packages/descriptor-cache.ts';
import { holdPackage, letGoOfPackage } from '../packages/hold-package.ts';
import { fileKey } from '../packages/package-keys.ts';
import { findRecord } from '../packages/stored-packages.ts';

/** Packages as they are at one time. Names are `nsd/<id>` and `vnfd/<id>`. */
export interface PackagesNow {
  /** Undefined: it is not onboarded. */
  nsd(id: string): Promise<Nsd | undefined>;
  /** All that are onboarded, by id. */
  vnfds(): Promise<ReadonlyMap<string, Vnfd>>;
  /** Text of a cloud-init file; undefined: the package has none of that name. */
  cloudInit(vnfd: string, file: string): Promise<string | undefined>;
  digest(name: string): Promise<string | undefined>;
}

/** What services need of packages. */
export interface ServicePackages extends PackagesNow {
  /** For who reads several that have to fit one another. */
  now(): Promise<PackagesNow>;
  /** While it is held, a package stays, and its structure with it. @throws NOT_FOUND. */
  hold(name: string, holder: string): Promise<void>;
  letGo(name: string, holder: string): Promise<void>;
}

export function packagesIn(store: Store): ServicePackages {
  const descriptors = createDescriptorCache();
  const now = async () => packagesAt(await store.view(), descriptors);
  return {
    now,
    nsd: async (id) => (await now()).nsd(id),
    vnfds: async () => (await now()).vnfds(),
    cloudInit: async (vnfd, file) => (await now()).cloudInit(vnfd, file),
    digest: async (name) => (await now()).digest(name),
    hold: async (name, holder) => {
      const { kind, id } = split(name);
      await holdPackage(store, kind, id, holder);
    },
    letGo: async (name, holder) => {
      const { kind, id } = split(name);
      await letGoOfPackage(store, kind, id, holder);
    },
  };
}

function packagesAt(view: StoreView, descriptors: DescriptorCache): PackagesNow {
  return {
    nsd: async (id) => {
      const record = await findRecord(view, 'nsd', id);
      const descriptor = record === undefined ? undefined : await descriptors.descriptor(view, record);
      return descriptor?.kind === 'nsd' ? descriptor : undefined;
    },
    vnfds: () => descriptors.vnfds(view),
    cloudInit: async (vnfd, file) => {
      const record = await findRecord(view, 'vnfd', vnfd);
      // Beside the descriptor, wherever in the package that is.
      const path = record?.files.find((each) => each.path.endsWith(`cloud_init/${file}`))?.path;
      const bytes = path === undefined ? undefined : await view.get(fileKey('vnfd', vnfd, path));
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    digest: async (name) => {
      const { kind, id } = split(name);
      return (await findRecord(view, kind, id))?.digest;
    },
  };
}

function split(name: string): { readonly kind: 'nsd' | 'vnfd'; readonly id: string } {
  return name.startsWith('nsd/') ? { kind: 'nsd', id: name.slice(4) } : { kind: 'vnfd', id: name.slice(5) };
}
