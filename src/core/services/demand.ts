import type { Demand, Nsd, ServiceFlavour, Vnfd, VnfFlavour } from '../../protocol/descriptors.ts';

export const NOTHING: Demand = { vcpus: 0, memoryMib: 0, storageGb: 0 };

export function addDemand(left: Demand, right: Demand): Demand {
  return {
    vcpus: left.vcpus + right.vcpus,
    memoryMib: left.memoryMib + right.memoryMib,
    storageGb: left.storageGb + right.storageGb,
  };
}

export function timesDemand(demand: Demand, times: number): Demand {
  return {
    vcpus: demand.vcpus * times,
    memoryMib: demand.memoryMib * times,
    storageGb: demand.storageGb * times,
  };
}

/** What all instances that a VNF has at first need together. */
export function demandOfVnf(
  vdus: readonly Pick<Vnfd['vdus'][number], 'id' | 'demand'>[],
  instances: VnfFlavour['instances'],
): Demand {
  return vdus.reduce((sum, vdu) => {
    const bounds = instances.find((each) => each.vdu === vdu.id);
    return addDemand(sum, timesDemand(vdu.demand, bounds?.initial ?? 1));
  }, NOTHING);
}

/** What a service needs at first; undefined: a VNFD is absent. `vnfds`: those that are there, by id. */
export function demandOfService(
  nsd: Nsd,
  vnfds: ReadonlyMap<string, Vnfd>,
  flavour: ServiceFlavour | undefined = nsd.flavours[0],
): Demand | undefined {
  return (flavour?.members ?? []).reduce<Demand | undefined>((sum, member) => {
    const vnfd = vnfds.get(member.vnfdId);
    const chosen = vnfd?.flavours.find((each) => each.id === member.flavour) ?? vnfd?.flavours[0];
    if (sum === undefined || chosen === undefined) return undefined;
    return addDemand(sum, timesDemand(chosen.demand, member.minInstances));
  }, NOTHING);
}

/** E.g. `8 vCPU, 8 GiB, 80 GB`. */
export function demandInWords({ vcpus, memoryMib, storageGb }: Demand): string {
  const memory = memoryMib < 1024 ? `${plain(memoryMib)} MiB` : `${plain(memoryMib / 1024)} GiB`;
  return `${plain(vcpus)} vCPU, ${memory}, ${plain(storageGb)} GB`;
}

function plain(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}
