import { describe, expect, it } from 'vitest';
import { placementOf } from './chain.ts';
import { placeGreedily } from './place-greedily.ts';
import { emptyView } from './substrate-view.ts';
import { chainOfUnits, ring, unit } from './testing/small-substrate.ts';
import { topologyOf } from './topology.ts';
import { unitGraphOf } from './unit-graph.ts';

const ONCE = { starts: 8, improvements: 0 };

function hostsOf(substrate: Parameters<typeof topologyOf>[0], graph: Parameters<typeof unitGraphOf>[0]) {
  const topology = topologyOf(substrate);
  const [chain] = placeGreedily(topology, emptyView(topology), graph, ONCE).complete;
  return chain === undefined
    ? undefined
    : placementOf(chain, unitGraphOf(graph), topology).units.map((each) => each.host);
}

describe('chains side by side', () => {
  it('place a chain of units next to one another', () => {
    const graph = chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5)], 10);
    const topology = topologyOf(ring());
    const { complete } = placeGreedily(topology, emptyView(topology), graph, ONCE);
    // Eight are tried; those that come to the same places by the same ways are one.
    const placements = complete.map((chain) => placementOf(chain, unitGraphOf(graph), topology));
    expect(new Set(placements.map((each) => JSON.stringify(each))).size).toBe(placements.length);
    expect(placements.length).toBeGreaterThan(1);
    expect(complete[0]?.byteHops).toBe(20);
    expect(new Set([...(complete[0]?.places.values() ?? [])].map((place) => place.host)).size).toBe(3);
  });

  it('put units on one host where nothing forbids it', () => {
    const graph = chainOfUnits('web', [unit('a', 5), unit('b', 5)], 10, false);
    expect(new Set(hostsOf(ring(), graph)).size).toBe(1);
  });

  it('keep units of a group together, and look for a host that has room for all of it', () => {
    const affinity = [{ group: 'g', scope: 'host' as const }];
    const graph = chainOfUnits(
      'web',
      [unit('a', 5, { affinity }), unit('b', 1), unit('c', 4, { affinity })],
      10,
      false,
    );
    expect(hostsOf(ring({ vcpus: [8, 8, 9, 8] }), graph)?.filter((_, index) => index !== 1)).toEqual([
      'h2',
      'h2',
    ]);
  });

  it('keep units of a group apart', () => {
    const antiAffinity = [{ group: 'g', scope: 'site' as const }];
    const graph = chainOfUnits(
      'web',
      [unit('a', 1, { antiAffinity }), unit('b', 1, { antiAffinity })],
      10,
      false,
    );
    expect(new Set(hostsOf(ring(), graph)).size).toBe(2);
  });

  it('tell which unit nobody hosts, and what every site has answered', () => {
    const topology = topologyOf(ring());
    const graph = chainOfUnits('web', [unit('a', 5), unit('b', 11)], 10, false);
    const { complete, stuck } = placeGreedily(topology, emptyView(topology), graph, ONCE);
    expect(complete).toEqual([]);
    expect(stuck[0]?.stuck?.answers).toHaveLength(4);
    expect(stuck[0]?.stuck?.answers[0]).toMatchObject({
      kind: 'refusal',
      refusal: { reason: expect.stringMatching(/^host h\d has (5|10) of 11 vCPU$/) },
    });
  });
});
