import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentSpecSchema } from '../../protocol/scenario.ts';
import { type WhatIfChange, WhatIfOrderSchema } from '../../protocol/what-if.ts';
import { brokenFor } from './compare-runs.ts';
import { CHANGE_AT_MS } from './fork.ts';
import { runSites } from './run-sites.ts';
import { takeFork } from './take-fork.ts';
import { type ForkableShop, forkableShop } from './testing/forkable-shop.ts';

let shop: ForkableShop;
beforeEach(async () => {
  shop = await forkableShop();
});
afterEach(() => shop.bench.close());

const placesOf = (
  units: readonly { readonly unit: { readonly id: string }; readonly host: string | null }[],
) => units.map(({ unit, host }) => `${unit.id} ${host}`).toSorted();

async function ran(change: WhatIfChange, changed: boolean, seconds = 20, from = shop.from) {
  const fork = await takeFork(from, 1_000_000);
  const order = WhatIfOrderSchema.parse({ change, seconds });
  return runSites({ fork, order, changed, onProgress: () => {} });
}

describe('a fork of sites with services', () => {
  test('is what is up, and stays so where nothing is changed: units where they are, people served', async () => {
    const run = await ran({ kind: 'lose-site', site: await shop.siteOf() }, false);
    const live = await shop.shop();
    expect(run.trouble).toEqual([]);
    for (const of of [run.before, run.after])
      expect(of.map(({ id, shape }) => [id, placesOf(shape.units)])).toEqual([
        [live.id, placesOf(live.shape.units)],
      ]);
    expect(run.after[0]?.shape.links).toEqual(live.shape.links);
    expect(run.after[0]?.shape.units.map(({ addresses }) => addresses)).toEqual(
      live.shape.units.map(({ addresses }) => addresses),
    );
    expect(run.whole.get(live.id)).toEqual([{ tMs: 0, whole: true }]);
    expect(run.requests.get(live.id)?.filter(({ inTime }) => inTime).length).toBeGreaterThan(50);
    expect(run.operations).toEqual([]);
  });

  test('that loses a site has its units bargained for and started elsewhere, and is whole again; the live network has not been touched', async () => {
    const site = await shop.siteOf();
    const live = {
      booked: shop.bench.placer.booked(),
      shop: await shop.shop(),
      runs: await shop.bench.twin.list(),
    };
    const run = await ran({ kind: 'lose-site', site }, true);
    const [after] = run.after;
    expect(after?.shape.units.map((unit) => unit.site)).not.toContain(site);
    expect(after?.shape.units.every(({ state }) => state === 'running')).toBe(true);
    expect(run.operations.map(({ params, state }) => [params.kind, state])).toEqual([['heal', 'COMPLETED']]);
    const { brokenMs, wholeAfterMs } = brokenFor(run.whole.get(live.shop.id) ?? [], 20_000);
    // The site is silent for a second before it counts as lost.
    expect(brokenMs).toBeGreaterThan(1000);
    expect(wholeAfterMs).toBeLessThan(6000);
    const back = run.requests.get(live.shop.id)?.filter(({ startMs, inTime }) => inTime && startMs > 12_000);
    expect(back?.length).toBeGreaterThan(20);
    const awards = run.recording.journal.filter(
      (entry) => entry.kind === 'auction' && entry.status === 'completed' && entry.tMs > CHANGE_AT_MS,
    );
    expect(awards.length).toBeGreaterThan(0);

    expect(shop.bench.placer.booked()).toEqual(live.booked);
    expect(await shop.shop()).toEqual(live.shop);
    expect(await shop.bench.twin.list()).toEqual(live.runs);
  });

  test('runs the same for the same seed', async () => {
    const change = { kind: 'lose-site', site: await shop.siteOf() } as const;
    const [one, other] = [await ran(change, true), await ran(change, true)];
    expect(one.recording.traceHash).toBe(other.recording.traceHash);
    expect(one.recording.requests).toEqual(other.recording.requests);
    expect(JSON.stringify(one.after)).toBe(JSON.stringify(other.after));
  });

  test('with twice the load scales out as its descriptor says', async () => {
    const from = {
      ...shop.from,
      rates: async () =>
        (await shop.shop()).shape.units.map(({ id }) => ({
          id,
          busyVcpus: 0.4,
          receivedBytesPerSec: 20_000,
        })),
    };
    const change = { kind: 'more-users', factor: 2 } as const;
    const scaled = (run: Awaited<ReturnType<typeof ran>>) =>
      run.operations.map(({ params, state }) => [params.kind, state]);
    expect(scaled(await ran(change, false, 20, from))).toEqual([]);
    const run = await ran(change, true, 20, from);
    expect(scaled(run)).toEqual([['scale', 'COMPLETED']]);
    expect(run.after[0]?.shape.units.length).toBe(3);
  });

  test('that is attacked has its sources found and blocked by the agents of the service', async () => {
    const agents = [
      AgentSpecSchema.parse({
        name: 'shop-1',
        host: 'site1-h1',
        service: 'shop',
        capabilities: ['link-monitor', 'rate-limiter'],
      }),
      AgentSpecSchema.parse({
        name: 'shop-2',
        host: 'site2-h1',
        service: 'shop',
        capabilities: ['link-monitor', 'anomaly-detection', 'classifier'],
      }),
    ];
    const run = await ran({ kind: 'attack', target: 'shop', sources: 3, ratePps: 900 }, true, 20, {
      ...shop.from,
      agents: () => agents,
    });
    const blocked = run.recording.journal.flatMap((entry) =>
      entry.kind === 'action' && entry.action === 'block-source' && entry.status === 'done'
        ? [entry.detail['source']]
        : [],
    );
    expect(new Set(blocked)).toEqual(new Set(run.recording.truth.attackers.map(({ address }) => address)));
    expect(blocked.length).toBeGreaterThanOrEqual(3);
  });
});
