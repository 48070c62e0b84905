import type { StoreView } from '../../ports/store.ts';
import type { Descriptor, Vnfd } from '../../protocol/descriptors.ts';
import type { PackageRecord } from '../../protocol/package-record.ts';
import { packageRecords, storedDescriptor } from './stored-packages.ts';

/** Descriptors that are remembered at most; beyond it the one that was read first is read again. */
const MOST = 2000;

/** Reads descriptors of stored packages; what was read of a package with the same content is not read again. */
export interface DescriptorCache {
  descriptor(view: StoreView, record: PackageRecord): Promise<Descriptor>;
  /** Every VNFD that is onboarded, by its id. */
  vnfds(view: StoreView): Promise<ReadonlyMap<string, Vnfd>>;
}

export function createDescriptorCache(): DescriptorCache {
  const known = new Map<string, Promise<Descriptor>>();
  // What is being read is waited for, not read beside it: services that are applied at once ask for the same.
  const descriptor = (view: StoreView, record: PackageRecord): Promise<Descriptor> => {
    const key = `${record.kind}/${record.id}@${record.digest}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const read = storedDescriptor(view, record);
    known.set(key, read);
    // What cannot be read now may be mended by the next time.
    read.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    return read;
  };
  return {
    descriptor,
    vnfds: async (view) => {
      const vnfds = new Map<string, Vnfd>();
      for (const record of await packageRecords(view, 'vnfd')) {
        const read = await descriptor(view, record);
        if (read.kind === 'vnfd') vnfds.set(record.id, read);
      }
      return vnfds;
    },
  };
}
