import { describe, expect, it } from 'vitest';
import { chainOfUnits, unit } from '../../core/placement/testing/small-substrate.ts';
import { MAX_MESSAGE_CHARS } from '../../protocol/acl.ts';
import type { NodeName } from '../../protocol/ids.ts';
import { nodeName } from '../../protocol/ids.ts';
import type { PlacedService, Wishes } from '../../protocol/placed-service.ts';
import { MAX_UNITS, MAX_UNITS_BOOKED, type ServiceGraph } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type { Answer } from './placing-agents.ts';
import { placingOf } from './placing-of.ts';
import { SiteProcesses } from './testing/site-processes.ts';

/** Sites of three hosts each at a switch; the switches are a ring, and each is joined to the one `chord` further on. */
function sitesInARing(
  count: number,
  chord: number,
  name: (what: string, site: number) => NodeName,
): Substrate {
  const sites = Array.from({ length: count }, (_, site) => name('site', site));
  const at = (site: number) => sites[site % count] ?? name('site', 0);
  const hosts = sites.flatMap((site, index) =>
    [0, 1, 2].map((number) => ({
      name: name(`host${number}`, index),
      site,
      vcpus: 16,
      memoryMib: 65_536,
      storageGb: 1000,
      energyPrice: 0,
    })),
  );
  const link = (id: NodeName, owner: number, from: NodeName, to: NodeName) => ({
    id,
    ends: [from, to] as [NodeName, NodeName],
    owner: at(owner),
    bytesPerSec: 125_000_000,
    latencyMs: 1,
  });
  const links = sites.flatMap((_, index) => [
    ...[0, 1, 2].map((number) =>
      link(name(`access${number}`, index), index, name(`host${number}`, index), name('switch', index)),
    ),
    link(name('ring', index), index, name('switch', index), name('switch', (index + 1) % count)),
    link(name('chord', index), index, name('switch', index), name('switch', (index + chord) % count)),
  ]);
  return { sites, hosts, links };
}

function place(substrate: Substrate, graphs: readonly ServiceGraph[]) {
  const sites = new SiteProcesses(substrate);
  sites.start();
  sites.run(1000);
  const answers: Answer[] = [];
  for (const graph of graphs) sites.placing.apply(graph, (answer) => answers.push(answer));
  sites.run(120_000);
  return { sites, answers };
}

const services = (count: number, units: number) =>
  Array.from({ length: count }, (_, service) =>
    chainOfUnits(
      `service-${service}`,
      Array.from({ length: units }, (__, index) => unit(`member-${index}/vdu/0`, 2)),
      1_000_000,
    ),
  );

describe('what agents of 40 sites tell one another', () => {
  it('fits in frames, with services of ten units', () => {
    const substrate = sitesInARing(40, 7, (what, site) => nodeName(`${what}-${site}`));
    const { sites, answers } = place(substrate, services(1, 10));
    expect(answers.map(({ ok }) => ok)).toEqual([true]);
    expect(sites.tooLong).toBe(0);
    expect(Math.max(...sites.longest.values())).toBeLessThan(MAX_MESSAGE_CHARS);
  }, 60_000);

  it('fits in frames with the longest names and services of 30 units', () => {
    const substrate = sitesInARing(40, 7, (what, site) =>
      nodeName(`${what}-${site}-`.padEnd(what === 'site' ? 61 : 63, 'x')),
    );
    const { sites, answers } = place(substrate, services(1, 30));
    expect(answers.map(({ ok }) => ok)).toEqual([true]);
    expect(sites.tooLong).toBe(0);
  }, 60_000);

  it('fits in frames and wishes while all units of the largest service are replaced', () => {
    const substrate = sitesInARing(8, 3, (what, site) => nodeName(`${what}-${site}`));
    const sites = new SiteProcesses(substrate);
    sites.start();
    sites.run(1000);
    const answered = (graph: ServiceGraph, wishes?: Wishes): PlacedService => {
      const answers: Answer[] = [];
      sites.placing.apply(graph, (answer) => answers.push(answer), wishes);
      sites.run(120_000);
      const [answer] = answers;
      if (answer?.ok !== true) throw new Error(answer?.error ?? 'no answer');
      return answer.placed;
    };
    const units = (from: number) =>
      Array.from({ length: MAX_UNITS }, (_, index) => unit(`member/vdu/${from + index}`, 0.1));
    const chain = (from: number) => ({ ...chainOfUnits('service', units(from), 1000), spread: false });
    const { placement } = answered(chain(0));
    const [before, after] = [chain(0), chain(MAX_UNITS)];
    const both = {
      ...before,
      units: [...before.units, ...after.units],
      links: [...before.links, ...after.links.map((each) => ({ ...each, id: `${each.id}'` }))],
    };
    const placed = answered(both, { keep: placement });
    expect(placed.placement.units).toHaveLength(MAX_UNITS_BOOKED);
    expect(sites.tooLong).toBe(0);
  }, 60_000);

  it('is refused beforehand where one site has more to tell than fits', () => {
    const [site] = ['all'].map(nodeName);
    if (site === undefined) throw new Error('there is one');
    const hosts = Array.from({ length: 400 }, (_, index) => ({
      name: nodeName(`host-${index}`),
      site,
      vcpus: 1,
      memoryMib: 1,
      storageGb: 1,
      energyPrice: 0,
    }));
    expect(() => placingOf({ sites: [site], hosts, links: [] })).toThrow(/too much to tell/);
  });
});
