import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import type { PlacedUnit } from '../../core/pipeline-plan/duties.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { loadService } from '../plan/load-service.ts';
import { pipelineName, planServicePipeline } from './plan-service-pipeline.ts';

const catalogue = (name: string) => new URL(`../../../catalogue/${name}_ns`, import.meta.url).pathname;
const SITES = ['north', 'south', 'west', 'east'];
const substrate = SubstrateSchema.parse(
  parse(`
sites: [${SITES}]
hosts: [${SITES.flatMap((site) => [1, 2, 3].map((n) => `{ name: ${site}-${n}, site: ${site}, vcpus: 8, memoryMib: 8192, storageGb: 100 }`))}]
links: [${SITES.map((site, n) => `{ id: l${n}, ends: [${site}-1, ${SITES[(n + 1) % 4]}-1], owner: ${site}, bytesPerSec: 1000000000, latencyMs: 2 }`)}]
`),
);

/** A service of the catalogue, its members dealt out to sites. */
async function planned(name: string, siteOf: Readonly<Record<string, string>>, perRound = 1) {
  const { plan, units, file } = await loadService([catalogue(name)], createMemoryStore(), NO_SITE_CONFIG);
  const placed = units.map(({ vnf, vdu }): PlacedUnit => {
    const site = siteOf[vnf] ?? 'north';
    return { vnf, vdu, site, host: `${site}-1` };
  });
  return planServicePipeline({
    service: file.name,
    plan,
    units: placed,
    substrate,
    view: undefined,
    perRound,
    bidders: 2,
  });
}

const skills = ({ pipeline }: Awaited<ReturnType<typeof planned>>) =>
  Object.fromEntries(pipeline.agents.map(({ site, capabilities }) => [site, capabilities.join(' ')]));

describe('the control agents of a service', () => {
  it('of one with flows from anybody: limited where they enter, judged at the target, watched everywhere', async () => {
    const video = await planned('watched-video', {
      monitor: 'south',
      detector: 'west',
      classifier: 'west',
      video: 'west',
    });
    expect(skills(video)).toEqual({
      north: 'link-monitor rate-limiter anomaly-detection',
      south: 'link-monitor rate-limiter classifier',
      west: 'link-monitor anomaly-detection classifier',
    });
  });
});

it('names of services that no agent could bear are made plain', () => {
  expect(pipelineName('Shop.v2', undefined)).toBe('shop-v2');
  expect(pipelineName('...', undefined)).toBe('service');
  expect(pipelineName('demo', 'demo')).toBe('demo-control');
});
