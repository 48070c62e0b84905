import type { ServiceGraph, UnitLink } from '../../protocol/service-graph.ts';
import type { ServiceShape } from '../../protocol/service-record.ts';

/**
 * A service as it is to be booked. Between units that stay as much flows as is booked already; when traffic is `raised`, more where more is
 * asked for now.
 */
export function withBooked(
  graph: ServiceGraph,
  booked: ServiceShape['links'],
  raised: boolean,
): ServiceGraph {
  const before = new Map(booked.map(({ link }) => [link.id, link]));
  return {
    ...graph,
    links: graph.links.map((link) => {
      const was = before.get(link.id);
      if (was === undefined) return link;
      return raised && link.bytesPerSec > was.bytesPerSec ? { ...was, bytesPerSec: link.bytesPerSec } : was;
    }),
  };
}

/** Links between units that stay of which more is to be booked than is. */
export function raisedLinks(
  graph: Pick<ServiceGraph, 'links'> | null,
  booked: ServiceShape['links'],
): readonly UnitLink[] {
  const before = new Map(booked.map(({ link }) => [link.id, link.bytesPerSec]));
  return (graph?.links ?? []).filter(({ id, bytesPerSec }) => bytesPerSec > (before.get(id) ?? bytesPerSec));
}
