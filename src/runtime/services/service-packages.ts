import type { Store } from '../../ports/store.ts';
import type { Nsd, Vnfd } from '../../protocol/descriptors.ts';
import { createDescriptorCache } from '../packages/descriptor-cache.ts';
import { holdPackage, letGoOfPackage } from '../packages/hold-package.ts';
import { fileKey } from '../packages/package-keys.ts';
import { findRecord } from '../packages/stored-packages.ts';

/** What services need of packages. Names are `nsd/<id>` and `vnfd/<id>`. */
export interface ServicePackages {
  /** Undefined: it is not onboarded. */
  nsd(id: string): Promise<Nsd | undefined>;
  /** All that are onboarded, by id. */
  vnfds(): Promise<ReadonlyMap<string, Vnfd>>;
  /** Text of a cloud-init file; undefined: the package has none of that name. */
  cloudInit(vnfd: string, file: string): Promise<string | undefined>;
  digest(name: string): Promise<string | undefined>;
  /** While it is held, a package stays, and its structure with it. @throws NOT_FOUND. */
  hold(name: string, holder: string): Promise<void>;
  letGo(name: string, holder: string): Promise<void>;
}

export function packagesIn(store: Store): ServicePackages {
  const descriptors = createDescriptorCache();
  return {
    nsd: async (id) => {
      const view = await store.view();
      const record = await findRecord(view, 'nsd', id);
      const descriptor = record === undefined ? undefined : await descriptors.descriptor(view, record);
      return descriptor?.kind === 'nsd' ? descriptor : undefined;
    },
    vnfds: async () => descriptors.vnfds(await store.view()),
    cloudInit: async (vnfd, file) => {
      const view = await store.view();
      const record = await findRecord(view, 'vnfd', vnfd);
      // Beside the descriptor, wherever in the package that is.
      const path = record?.files.find((each) => each.path.endsWith(`cloud_init/${file}`))?.path;
      const bytes = path === undefined ? undefined : await view.get(fileKey('vnfd', vnfd, path));
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    digest: async (name) => {
      const { kind, id } = split(name);
      return (await findRecord(await store.view(), kind, id))?.digest;
    },
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

function split(name: string): { readonly kind: 'nsd' | 'vnfd'; readonly id: string } {
  return name.startsWith('nsd/') ? { kind: 'nsd', id: name.slice(4) } : { kind: 'vnfd', id: name.slice(5) };
}
