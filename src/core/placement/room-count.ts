import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';
import { Book } from './book.ts';
import { chainOf } from './chain.ts';
import { lackInWords } from './lacks-of.ts';
import { reservationsOf } from './reservations-of.ts';
import type { Topology } from './topology.ts';
import { unitGraphOf } from './unit-graph.ts';

const COUNTED = 'count';

/**
 * Counts what services that run take of a whole substrate, one after the other. Answers why one cannot be where it is, whoever is asked:
 * a host that is gone, or what lacks beside those before it; undefined: it can, and counts from now on.
 */
export function roomCount(topology: Topology): (graph: ServiceGraph, at: Placement) => string | undefined {
  const { sites, hosts, links } = topology.substrate;
  const [site] = sites;
  if (site === undefined) return () => 'there is no site';
  const book = new Book({ site, hosts, links });
  let number = 0;
  return (graph, at) => {
    const units = unitGraphOf(graph);
    const chain = chainOf(at, units, topology);
    if (chain === undefined) return 'one of its hosts is not there any more';
    const parts = [...reservationsOf(chain, units, topology).values()];
    const reservation = {
      hosts: parts.flatMap((each) => each.hosts),
      links: parts.flatMap((each) => each.links),
    };
    const id = `${COUNTED}.${++number}`;
    const kept = book.settle(graph.service, COUNTED, { id, reservation }, 0);
    if (kept.ok) return undefined;
    return kept.lacks.map(lackInWords).join('; ') || kept.reason;
  };
}
