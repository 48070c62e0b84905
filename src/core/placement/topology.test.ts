import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeName } from '../../protocol/ids.ts';
import { shortestPaths } from './shortest-paths.ts';
import { PATHS_LOOKED_AT, topologyOf } from './topology.ts';

it('hosts behind one switch have the same paths as if each were searched for by itself, in the same order', () => {
  // Six switches and eight hosts: most of the hosts have one link, some more, some none.
  const pairs = fc.array(fc.tuple(fc.nat({ max: 13 }), fc.nat({ max: 13 })), { minLength: 4, maxLength: 24 });
  void fc.assert(
    fc.property(pairs, (drawn) => {
      const name = (node: number) => nodeName(node < 8 ? `h${node}` : `w${node}`);
      const links = drawn.map(([a, b], index) => ({
        id: nodeName(`l${index}`),
        ends: [name(a), name(b)] as [ReturnType<typeof name>, ReturnType<typeof name>],
        owner: nodeName('s'),
        bytesPerSec: 1,
        latencyMs: 1,
      }));
      const hosts = Array.from({ length: 8 }, (_, host) => ({
        name: name(host),
        site: nodeName('s'),
        vcpus: 1,
        memoryMib: 1,
        storageGb: 1,
        energyPrice: 0,
      }));
      const topology = topologyOf({ sites: [nodeName('s')], hosts, links });
      const nodes = [...new Set([...hosts.map((host) => host.name), ...links.flatMap(({ ends }) => ends)])];
      const adjacency: { node: number; link: number }[][] = nodes.map(() => []);
      links.forEach(({ ends: [a, b] }, link) => {
        const [from, to] = [nodes.indexOf(a), nodes.indexOf(b)];
        if (from === to) return;
        adjacency[from]?.push({ node: to, link });
        adjacency[to]?.push({ node: from, link });
      });
      for (let from = 0; from < 8; from++) {
        for (let to = from + 1; to < 8; to++) {
          const found = topology.paths(from, to).map((path) => path.links);
          expect(found).toEqual(shortestPaths(adjacency, from, to, PATHS_LOOKED_AT));
          expect(topology.paths(to, from).map((path) => path.links.toReversed())).toEqual(found);
        }
      }
    }),
    { numRuns: 200 },
  );
});
