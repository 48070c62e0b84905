import type { Demand } from '../../protocol/descriptors.ts';
import type { Lack, Reservation } from '../../protocol/placement.ts';
import { bounded } from '../../protocol/service-graph.ts';

/** What is free: undefined, where it is not kept here. */
export interface FreeAmounts {
  freeOfHost(host: string): Demand | undefined;
  freeOfLink(link: string): number | undefined;
}

const RESOURCES = ['vcpus', 'memoryMib', 'storageGb'] as const;

/** All that a reservation wants beyond what is free; several parts that want the same thing are added up. */
export function lacksOf({ hosts, links }: Reservation, free: FreeAmounts): readonly Lack[] {
  const lacks: Lack[] = [];
  const onHosts = new Map<string, Demand>();
  for (const { host, demand } of hosts) {
    const sum = onHosts.get(host);
    onHosts.set(host, {
      vcpus: (sum?.vcpus ?? 0) + demand.vcpus,
      memoryMib: (sum?.memoryMib ?? 0) + demand.memoryMib,
      storageGb: (sum?.storageGb ?? 0) + demand.storageGb,
    });
  }
  for (const [host, wanted] of onHosts) {
    const there = free.freeOfHost(host);
    for (const what of RESOURCES) {
      if (there !== undefined && wanted[what] <= there[what]) continue;
      lacks.push({ what, where: host, wanted: bounded(wanted[what]), free: there?.[what] ?? 0 });
    }
  }
  const onLinks = new Map<string, number>();
  for (const { link, bytesPerSec } of links) onLinks.set(link, (onLinks.get(link) ?? 0) + bytesPerSec);
  for (const [link, wanted] of onLinks) {
    const there = free.freeOfLink(link);
    if (there !== undefined && wanted <= there) continue;
    lacks.push({ what: 'bytesPerSec', where: link, wanted: bounded(wanted), free: there ?? 0 });
  }
  return lacks;
}

const UNITS = {
  vcpus: 'vCPU',
  memoryMib: 'MiB',
  storageGb: 'GB',
  bytesPerSec: 'bytes/s',
  latencyMs: 'ms',
  path: 'paths',
} as const;

/** E.g. `host edge-1 has 2 of 4 vCPU`. */
export function lackInWords({ what, where, wanted, free }: Lack): string {
  if (what === 'path') return `no way to ${where}`;
  if (what === 'latencyMs')
    return `the way to ${where} takes ${plain(free)} ms, at most ${plain(wanted)} are allowed`;
  const kind = what === 'bytesPerSec' ? (where.includes(' ') ? '' : 'link ') : 'host ';
  return `${kind}${where} has ${plain(free)} of ${plain(wanted)} ${UNITS[what]}`;
}

function plain(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}
