import { describe, expect, it } from 'vitest';
import { bidForUnit } from './bid-for-unit.ts';
import { ChainSearch } from './chain-search.ts';
import { emptyView } from './substrate-view.ts';
import { chainOfUnits, ring, unit } from './testing/small-substrate.ts';
import { topologyOf } from './topology.ts';
import { scarcityWeights, unitGraphOf } from './unit-graph.ts';

const topology = topologyOf(ring({ vcpus: [100, 100, 100, 100], bytesPerSec: [1e6, 1e6, 1e6, 1e6] }));

const [, elsewhere] = topology.hosts;
if (elsewhere === undefined) throw new Error('the ring has four hosts');

/** Runs a search to its end, all hosts bidding; calls back with the tasks of each round. */
function run(
  search: ChainSearch,
  graph: ReturnType<typeof unitGraphOf>,
  onRound: (chars: number, tasks: number) => void,
  over = topology,
) {
  const context = { topology: over, view: emptyView(over), weights: scarcityWeights(graph) };
  for (let round = 0; search.tasks.length > 0; round++) {
    if (round > 1000) throw new Error('it does not end');
    onRound(JSON.stringify(search.tasks).length, search.tasks.length);
    const { tasks } = search;
    search.take(
      over.substrate.sites.map((site) => {
        const offers = tasks.map((task) => bidForUnit(context, task, over.hostsOfSite(site)));
        const bids = offers.flatMap((offer) => (offer.kind === 'bid' ? [offer.bid] : []));
        const refusals = offers.flatMap((offer) => (offer.kind === 'refusal' ? [offer.refusal] : []));
        return { site, answer: { bids, refusals } };
      }),
    );
  }
}

describe('the search for chains', () => {
  it('tries a large service in fewer ways, so that a round fits in one message', () => {
    const units = Array.from({ length: 60 }, (_, index) => unit(`unit-${index}`, 1));
    const links = units.flatMap((one, a) =>
      units.slice(a + 1).map((other) => ({
        id: `${one.id}-to-${other.id}`,
        ends: [one.id, other.id] as [string, string],
        bytesPerSec: 1,
      })),
    );
    const graph = unitGraphOf({ service: 'large', units, links, spread: false });
    const search = new ChainSearch(topology, graph, {
      starts: 32,
      improvements: 0,
      explain: false,
      lot: () => 0,
    });
    let most = 0;
    let widest = 0;
    run(search, graph, (chars, tasks) => {
      most = Math.max(most, chars);
      widest = Math.max(widest, tasks);
    });
    expect(widest).toBe(32);
    expect(most).toBeLessThan(46_000);
    expect(search.complete().length).toBeGreaterThanOrEqual(1);
    expect(search.complete()[0]?.places.size).toBe(60);
  });

  it('tries the more ways the more units a service has, from eight to twelve', () => {
    const wide = topologyOf(ring({ vcpus: Array(16).fill(100), bytesPerSec: Array(16).fill(1e6) }));
    const widths = [1, 3, 4, 5, 6].map((count) => {
      const units = Array.from({ length: count }, (_, index) => unit(`unit-${index}`, 1));
      const graph = unitGraphOf(chainOfUnits('web', units, 10, true));
      const search = new ChainSearch(wide, graph, { improvements: 0, explain: false, lot: () => 0 });
      let widest = 0;
      const widen = (_: number, tasks: number) => {
        widest = Math.max(widest, tasks);
      };
      run(search, graph, widen, wide);
      return widest;
    });
    expect(widths).toEqual([1, 8, 10, 12, 12]);
  });

  it('does not go on twice with what began differently and has come to the same', () => {
    const units = ['a', 'b', 'c', 'd'].map((id) => unit(id, 1));
    const graph = unitGraphOf(chainOfUnits('web', units, 10, false));
    const options = { starts: 4, improvements: 0, explain: false, lot: () => 0 };
    const search = new ChainSearch(topology, graph, options);
    const widths: number[] = [];
    run(search, graph, (_, tasks) => widths.push(tasks));
    // From each unit on its neighbours come to the same host: a-b, b-a and so on are the same.
    expect(widths).toEqual([4, 4, 3, 2]);
    expect(search.complete().map(({ places }) => places.size)).toEqual([4]);
  });

  it('does not hear what is bid in a way that cannot be', () => {
    const graph = unitGraphOf({ service: 'web', units: [unit('a', 1)], links: [], spread: false });
    const search = new ChainSearch(topology, graph, {
      starts: 1,
      improvements: 0,
      explain: true,
      lot: () => 0,
    });
    const bid = {
      chain: 0,
      host: elsewhere.name,
      price: 0,
      energy: 0,
      parts: [],
      routes: [],
    };
    // A host of another site, at the best of prices.
    search.take([{ site: 's0', answer: { bids: [bid], refusals: [] } }]);
    expect(search.complete()).toEqual([]);
    expect(search.stuck()[0]?.stuck?.answers).toMatchObject([{ site: 's0', kind: 'invalid' }]);
  });

  it('puts every unit up once more for an improvement, and keeps what is as cheap', () => {
    const units = ['a', 'b', 'c'].map((id) => unit(id, 60));
    const graph = unitGraphOf({
      service: 'web',
      units,
      links: [{ id: 'a-b', ends: ['a', 'b'], bytesPerSec: 10 }],
      spread: true,
    });
    const costs = [0, 1].map((improvements) => {
      const search = new ChainSearch(topology, graph, {
        starts: 1,
        improvements,
        explain: false,
        lot: () => 0,
      });
      let rounds = 0;
      run(search, graph, () => {
        rounds++;
      });
      return [rounds, search.complete()[0]?.byteHops];
    });
    expect(costs).toEqual([
      [3, 10],
      [6, 10],
    ]);
  });
});
