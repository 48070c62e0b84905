import { describe, expect, it } from 'vitest';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import { createHighsOptimum } from './highs-optimum.ts';

const optimum = createHighsOptimum();
const LIMIT = { timeLimitMs: 20_000 };

describe('the exact optimum', () => {
  it('places at least cost, and tells where', async () => {
    const services = [chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5)], 10)];
    const found = await optimum.solve({ substrate: ring(), services, objective: 'cheapest' }, LIMIT);
    if (found.kind !== 'optimal') throw new Error(found.kind);
    expect(found.value).toBeCloseTo(20);
    const [placement] = found.placements;
    expect(new Set(placement?.units.map((each) => each.host)).size).toBe(3);
    expect(placement?.links.map((each) => each.path.length)).toEqual([1, 1]);
  });

  it('splits no path where two halves would fit', async () => {
    const [s0, , s2] = ring().sites;
    const services = [
      chainOfUnits(
        'web',
        [unit('a', 5, { sites: s0 ? [s0] : [] }), unit('b', 5, { sites: s2 ? [s2] : [] })],
        80,
      ),
    ];
    const narrow = ring({ bytesPerSec: [50, 50, 50, 50] });
    const found = await optimum.solve({ substrate: narrow, services, objective: 'cheapest' }, LIMIT);
    expect(found.kind).toBe('infeasible');
  });

  it('keeps to affinity, anti-affinity and latency', async () => {
    const affinity = [{ group: 'g', scope: 'host' as const }];
    const antiAffinity = [{ group: 'h', scope: 'site' as const }];
    const graph = chainOfUnits(
      'web',
      [unit('a', 4, { affinity }), unit('b', 4, { affinity, antiAffinity }), unit('c', 1, { antiAffinity })],
      10,
      false,
    );
    const found = await optimum.solve({ substrate: ring(), services: [graph], objective: 'cheapest' }, LIMIT);
    expect(found.kind === 'optimal' ? found.value : found.kind).toBeCloseTo(10);
    const late = { ...graph, links: graph.links.map((each) => ({ ...each, maxLatencyMs: 0.5 })) };
    const none = await optimum.solve({ substrate: ring(), services: [late], objective: 'cheapest' }, LIMIT);
    expect(none.kind).toBe('infeasible');
  });

  it('chooses in hindsight the services that bring most', async () => {
    const services = [
      chainOfUnits('small', [unit('a', 10)], 0),
      ...[1, 2, 3, 4].map((number) => chainOfUnits(`large${number}`, [unit('a', 10)], 0)),
    ];
    const revenue = [1, 5, 5, 5, 5];
    const found = await optimum.solve(
      { substrate: ring(), services, objective: 'most-revenue', revenue },
      LIMIT,
    );
    if (found.kind !== 'optimal') throw new Error(found.kind);
    expect(found.value).toBeCloseTo(20);
    expect(found.placements.map((each) => each.service)).not.toContain('small');
  });

  it('is given up when it is called off', async () => {
    const signal = AbortSignal.abort();
    const services = [chainOfUnits('web', [unit('a', 5)], 0)];
    const found = await optimum.solve(
      { substrate: ring(), services, objective: 'cheapest' },
      { ...LIMIT, signal },
    );
    expect(found).toMatchObject({ kind: 'unknown', reason: 'it was called off' });
  });
});
