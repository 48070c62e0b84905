import { expect, it } from 'vitest';
import { createHighsOptimum } from '../../adapters/optimum-highs/highs-optimum.ts';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import { nodeName } from '../../protocol/ids.ts';
import { OptimumViewSchema } from '../../protocol/optimum-view.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { OptimumComparison } from './compare-with-optimum.ts';

/** A service of a chain of units of 5 vCPUs at those hosts, joined along those paths with 10 bytes/s. */
function service(
  name: string,
  hosts: readonly string[],
  paths: readonly (readonly string[])[],
): ServiceInstance {
  const { units, links } = chainOfUnits(
    name,
    hosts.map((_, at) => unit(`u${at}`, 5)),
    10,
  );
  return {
    format: 1,
    id: `id-of-${name}`,
    revision: 1,
    name,
    description: '',
    nsdId: 'ns',
    flavour: 'default',
    state: 'INSTANTIATED',
    wanted: { name, nsd: 'ns' },
    onPartition: 'stay',
    partitionGraceMs: 0,
    packages: {},
    held: [],
    shape: {
      vnfs: [],
      units: units.map((each, at) => ({
        id: `id-of-${name}/${each.id}`,
        vnf: each.member,
        vdu: each.vdu,
        index: 0,
        unit: each,
        recipe: { image: { catalogue: 'forwarder' }, interfaces: [], parameters: {} },
        host: nodeName(hosts[at] ?? ''),
        site: null,
        state: 'running',
        addresses: {},
        reason: null,
        configured: true,
        orderedAtMs: 0,
      })),
      chains: [],
      links: links.map((link, at) => ({ link, path: (paths[at] ?? []).map(nodeName) })),
    },
    marks: { scaledAtMs: {}, healedAtMs: {}, migratedAtMs: [] },
    nextIndex: {},
    operation: null,
    notes: [],
    alarms: [],
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

const FAR = service('far', ['h0', 'h2'], [['l0', 'l1']]);
const OTHER = service('other', ['h0', 'h1', 'h2', 'h3'], [['l0'], ['l1'], ['l2']]);

function comparison(services: readonly ServiceInstance[], substrate: Substrate = ring()) {
  return new OptimumComparison({
    substrate,
    optimum: createHighsOptimum(),
    services: async () => services,
  });
}

it('tells how much less a service would take at best, and where', async () => {
  const view = OptimumViewSchema.parse(await comparison([FAR]).compare({ withinS: 20 }));
  expect(view).toMatchObject({ services: ['far'], byteHops: 20, outcome: 'optimal', best: 0, bound: 0 });
  const best = view.units.map((each) => each.best);
  expect(best[0]).toBe(best[1]);
  expect(view.units.map(({ host }) => host)).toEqual(['h0', 'h2']);
});

it('leaves others where they are, and what they have', async () => {
  // Beside the other one 5 vCPUs are free at each host: no two units fit there.
  const view = await comparison([FAR, OTHER]).compare({ service: 'far', withinS: 20 });
  expect(view).toMatchObject({ services: ['far'], byteHops: 20, best: 10 });
  const all = await comparison([FAR, OTHER]).compare({ withinS: 20 });
  expect(all).toMatchObject({ services: ['far', 'other'], byteHops: 50 });
  // Two pairs of the long one at a host each, the short one at another.
  expect(all.best).toBeCloseTo(10);
});

it('does one at a time, and says what there is not', async () => {
  const one = comparison([FAR]);
  const first = one.compare({ withinS: 20 });
  await expect(one.compare({ withinS: 20 })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await first).outcome).toBe('optimal');
  await expect(one.compare({ service: 'none', withinS: 20 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(comparison([]).compare({ withinS: 20 })).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('does not begin what is too large to end', async () => {
  const { hosts, ...rest } = ring();
  const many = Array.from({ length: 20_000 }, (_, at) => ({
    ...hosts[0],
    name: nodeName(`n${at}`),
    site: nodeName('s0'),
    vcpus: 1,
    memoryMib: 1,
    storageGb: 1,
    energyPrice: 0,
  }));
  const large = comparison([FAR, OTHER], { ...rest, hosts: many });
  await expect(large.compare({ withinS: 1 })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
});
