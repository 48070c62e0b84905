import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import type { PlacedUnit } from '../../core/pipeline-plan/duties.ts';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { loadService } from '../plan/load-service.ts';
import { functionVnfd, SCALES, shopNsd } from '../services/testing/shop-packages.ts';
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

type Planned = ReturnType<typeof planServicePipeline>;

/** A service of the catalogue, its members dealt out to sites; north where nothing else is said. */
function planned(
  name: string,
  siteOf: Readonly<Record<string, string>>,
  perRound?: number,
  view?: PipelineView,
) {
  return plannedFrom([catalogue(name)], siteOf, perRound, view);
}

async function plannedFrom(
  paths: readonly string[],
  siteOf: Readonly<Record<string, string>> = {},
  perRound?: number,
  view?: PipelineView,
): Promise<Planned> {
  const { plan, units, file } = await loadService(paths, createMemoryStore(), NO_SITE_CONFIG);
  const placed = units.map(({ vnf, vdu, unit }): PlacedUnit => {
    const site = siteOf[unit.id] ?? siteOf[vnf] ?? 'north';
    return { vnf, vdu, site, host: `${site}-1` };
  });
  return planServicePipeline({
    service: file.name,
    plan,
    units: placed,
    substrate,
    view,
    perRound,
    bidders: 2,
  });
}

const skills = ({ pipeline }: Planned): Record<string, string> =>
  Object.fromEntries(pipeline.agents.map(({ site, capabilities }) => [site, capabilities.join(' ')]));

/** Why there is this capability at a site. */
const duty = ({ pipeline }: Planned, site: string, capability: string) =>
  pipeline.agents
    .find((agent) => agent.site === site)
    ?.duties?.filter((each) => each.capability === capability)
    .map(({ because }) => because)
    .join('; ');

const dir = mkdtempSync(join(tmpdir(), 'muster-control-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Two functions behind one another that no path leads through, as files. */
function inner(flavour: string): readonly string[] {
  const texts = [
    functionVnfd('wall', { image: 'muster/forwarder' }),
    functionVnfd('web', { image: 'muster/forwarder', flavour }),
    shopNsd('wall', 'web').replace(/\n {6}vnffgd:[\s\S]*?(?=\n {6}df:)/, ''),
  ];
  return texts.map((text, n) => {
    const file = join(dir, `${n}.yaml`);
    writeFileSync(file, text);
    return file;
  });
}

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
    expect(duty(video, 'south', 'rate-limiter')).toBe('flows enter it at monitor');
    expect(duty(video, 'north', 'anomaly-detection')).toContain('stands by');
    expect(duty(video, 'west', 'classifier')).toContain('says nothing of its sources');
    expect(video.figures).toMatchObject({ agents: 3, links: 3, verdictsPerMin: 9, mostVouchedFor: 1 });
    expect(video.naive).toEqual({ agents: 16, links: 120, verdictsPerMin: 48 });
  });

  it('of one without paths: what answers whoever asks is defended where it is', async () => {
    const web = await planned('balanced-web', {
      balancer: 'south',
      'web/unit/0': 'west',
      'web/unit/1': 'east',
    });
    expect(web.pipeline.agents.map(({ site }) => site)).toEqual(['east', 'north', 'south', 'west']);
    expect(duty(web, 'south', 'classifier')).toContain('load-balancer answers whoever asks');
    // The client of the service is watched, and nothing more is asked of its site.
    expect(skills(web)['north']).toBe('link-monitor');
  });

  it('where all run at one site, another site vouches for them; with two verifiers two do, the nearest first', async () => {
    const one = await planned('protected-web', {});
    expect(one.pipeline.agents.map(({ site }) => site)).toEqual(['north', 'east']);
    const two = await planned('protected-web', {}, 2);
    // A ring: south is across from west, and east and south are beside north.
    expect(two.pipeline.agents.map(({ site }) => site)).toEqual(['north', 'east', 'south']);
    expect(two.figures.verdictsPerMin).toBe(18);
  });

  it('on what is up: hosts of others are left to them, and its own agents stay', async () => {
    const agent = (name: string, host: string, pipeline: string) => ({
      name: agentId(name),
      host: nodeName(host),
      site: nodeName(host.split('-')[0] ?? ''),
      capabilities: [],
      pipeline,
      attested: true,
      keyed: true,
    });
    const view: PipelineView = {
      name: 'base',
      verifiersPerRound: 1,
      imageSha256: null,
      room: 32,
      hosts: substrate.hosts.map(({ name, site }) => ({ name, site })),
      agents: [agent('a-north', 'north-1', 'base'), agent('protected-web-old', 'east-3', 'protected-web')],
      order: [],
    };
    const { pipeline } = await planned('protected-web', {}, undefined, view);
    expect(pipeline.agents.map(({ name, host }) => `${name} ${host}`)).toEqual([
      'protected-web-north north-2',
      'protected-web-old east-3',
    ]);
  });

  it('of an inner service: watched, and nothing is limited; scaling by traffic asks whether it is a flood', async () => {
    const quiet = await plannedFrom(inner(''));
    expect(new Set(quiet.pipeline.agents.flatMap(({ capabilities }) => capabilities))).toEqual(
      new Set(['link-monitor']),
    );
    expect(quiet.notes.join()).toContain('nothing is limited');
    const byLoad = await plannedFrom(inner(SCALES));
    expect(byLoad.pipeline).toEqual({ ...quiet.pipeline, agents: byLoad.pipeline.agents });
    const files = inner(SCALES);
    for (const file of files) {
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('cpu_utilization', 'received_bytes_per_sec'));
    }
    const byTraffic = await plannedFrom(files);
    expect(JSON.stringify(byTraffic.pipeline)).toContain('a peak, or a flood?');
  });
});

it('names of services that no agent could bear are made plain', () => {
  expect(pipelineName('Shop.v2', undefined)).toBe('shop-v2');
  expect(pipelineName('...', undefined)).toBe('service');
  expect(pipelineName('demo', 'demo')).toBe('demo-control');
});
