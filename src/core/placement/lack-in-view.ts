import type { Reservation } from '../../protocol/placement.ts';
import { lackInWords, lacksOf } from './lacks-of.ts';
import type { SubstrateView } from './substrate-view.ts';
import type { Topology } from './topology.ts';

/** The first thing that reservations lack by what is believed to be free, in words; undefined: nothing. */
export function lackInView(
  reservations: ReadonlyMap<string, Reservation>,
  topology: Topology,
  view: SubstrateView,
): string | undefined {
  const free = {
    freeOfHost: (name: string) => {
      const host = topology.hostOf(name);
      if (host === undefined) return undefined;
      return {
        vcpus: view.vcpus[host] ?? 0,
        memoryMib: view.memoryMib[host] ?? 0,
        storageGb: view.storageGb[host] ?? 0,
      };
    },
    freeOfLink: (id: string) => view.bytesPerSec[topology.linkOf(id) ?? -1],
  };
  for (const reservation of reservations.values()) {
    const [lack] = lacksOf(reservation, free);
    if (lack !== undefined) return lackInWords(lack);
  }
  return undefined;
}
