import { describe, expect, it } from 'vitest';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import { createAgentPlacer } from './agent-placer.ts';
import { SiteProcesses } from './testing/site-processes.ts';

const SUBSTRATE = ring();
const signal = new AbortController().signal;

function bench() {
  const sites = new SiteProcesses(SUBSTRATE);
  sites.start();
  sites.run(100);
  const placer = createAgentPlacer(sites.placing, SUBSTRATE);
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    for (let turn = 0; turn < 10_000 && !over; turn++) await sites.clock.passUntil(sites.clock.nowMs() + 5);
    return work;
  };
  const place = (id: string, graph: ServiceGraph) =>
    settled(placer.place({ id, graph, keep: [], avoidSites: [] }, signal));
  const units = () => {
    sites.run(1000);
    return sites.booked().filter((each) => / at h\d$/.test(each));
  };
  return { sites, placer, settled, place, units };
}

describe('the placer of services over agents in processes of their own', () => {
  it('adds to a service, gives back a part and the rest, while agents end and come back', async () => {
    const { sites, placer, settled, place, units } = bench();
    const two = chainOfUnits('web', [unit('a', 5), unit('b', 5)], 10, false);
    expect((await place('1', two)).kind).toBe('placed');
    for (const agent of sites.agents) {
      sites.kill(agent);
      sites.run(50);
      sites.start([agent]);
      sites.run(50);
    }
    const three = chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5)], 10, false);
    expect((await place('2', three)).kind).toBe('placed');
    expect(units().map((each) => each.split(' ')[1])).toEqual(['a', 'b', 'c']);
    await settled(placer.release('web', ['b']));
    expect(units().map((each) => each.split(' ')[1])).toEqual(['a', 'c']);
    for (const agent of sites.agents.slice(0, 2)) {
      sites.kill(agent);
      sites.run(50);
      sites.start([agent]);
    }
    await settled(placer.release('web'));
    expect(units()).toEqual([]);
    expect(sites.booked()).toEqual([]);
  });

  it('books more between units that run, also with agents that have ended since, and gives it back', async () => {
    const { sites, placer, settled, place, units } = bench();
    const web = (bytesPerSec: number) => chainOfUnits('web', [unit('a', 5), unit('b', 5)], bytesPerSec);
    await place('1', web(10));
    const before = sites.booked();
    expect((await place('2', web(40))).kind).toBe('placed');
    for (const agent of sites.agents) {
      sites.kill(agent);
      sites.run(50);
      sites.start([agent]);
      sites.run(50);
    }
    expect(units()).toHaveLength(2);
    expect(sites.booked().filter((each) => each.startsWith('web a-b+1 at l'))).toHaveLength(1);
    expect(await place('3', web(1000))).toMatchObject({ kind: 'refused' });
    await settled(placer.lower('web', web(10).links));
    sites.run(1000);
    expect(sites.booked()).toEqual(before);
    expect(sites.faults).toEqual([]);
  });

  it('books what runs again after the whole pipeline was started anew', async () => {
    const { place, units } = bench();
    const graph = chainOfUnits('web', [unit('a', 5), unit('b', 5)], 10);
    const outcome = await place('1', graph);
    if (outcome.kind !== 'placed') throw new Error('it is not placed');
    const before = units();
    const again = bench();
    await again.settled(again.placer.adopt([{ graph, placement: outcome.placement }]));
    expect(again.units()).toEqual(before);
    expect(again.sites.faults).toEqual([]);
  });
});
