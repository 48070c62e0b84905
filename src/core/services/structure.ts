import type { Descriptor, Nsd, Vnfd } from '../../protocol/descriptors.ts';

type Parts = Readonly<Record<string, unknown>>;

/**
 * The parts in which two versions of a descriptor differ that nobody may change while something runs of it. Names, texts and
 * version may change; of a VNFD also its primitives, alarms, scaling and healing (as in OSM), and all of it once its
 * software version is another.
 */
export function structuralChanges(before: Descriptor, after: Descriptor): readonly string[] {
  if (before.kind === 'vnfd' && after.kind === 'vnfd' && before.softwareVersion !== after.softwareVersion) {
    return [];
  }
  const old = partsOf(before);
  const now = partsOf(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (part) => JSON.stringify(old[part]) !== JSON.stringify(now[part]),
  );
}

function partsOf(descriptor: Descriptor): Parts {
  return descriptor.kind === 'nsd' ? ofNsd(descriptor) : ofVnfd(descriptor);
}

function ofNsd({ vnfdIds, links, flavours, forwardingGraphs }: Nsd): Parts {
  return { 'vnfd-id': vnfdIds, 'virtual-link-desc': links, df: flavours, vnffgd: forwardingGraphs };
}

function ofVnfd(vnfd: Vnfd): Parts {
  return {
    'mgmt-cp': vnfd.managementPoint,
    vdu: vnfd.vdus.map(({ alarms, monitoring, ...vdu }) => vdu),
    'int-virtual-link-desc': vnfd.virtualLinks,
    'ext-cpd': vnfd.externalPoints,
    kdu: vnfd.kdus,
    df: vnfd.flavours.map(({ id, instances, groups }) => ({ id, instances, groups })),
  };
}
