import { describe, expect, it } from 'vitest';
import { ServiceGraphSchema } from '../../protocol/service-graph.ts';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { planInWords } from './plan-in-words.ts';
import { planPlacement } from './plan-placement.ts';
import { readYamlFile } from './read-yaml-file.ts';

const example = (name: string) =>
  new URL(`../../../examples/placement/${name}.yaml`, import.meta.url).pathname;
const service = () => readYamlFile(example('service'), ServiceGraphSchema, 'see examples/placement');
const sites = () => readYamlFile(example('sites'), SubstrateSchema, 'see examples/placement');

describe('a plan', () => {
  it('tells unit by unit where it would run, for how much, and how far from the optimum that is', async () => {
    const plan = await planPlacement(await service(), await sites(), { exactWithinMs: 20_000 });
    expect(plan.placement?.units).toHaveLength(4);
    expect(plan.byteHops).toBe(6_000_000);
    const words = planInWords(plan).join('\n');
    expect(words).toMatch(/server-1 +berlin-1 at berlin .*hops 6000000.*; next oslo at/);
    expect(words).toMatch(/the optimum is 6000000, proved in .* s; the auction is 0\.0 % above/);
  });

  it('tells what every site lacks where nobody hosts a unit', async () => {
    const small = await sites();
    for (const host of small.hosts) host.vcpus = 3;
    const plan = await planPlacement(await service(), small, { exactWithinMs: undefined });
    expect(plan.placement).toBeUndefined();
    const words = planInWords(plan).join('\n');
    expect(words).toContain('nobody hosts it');
    expect(words).toContain('shop cannot be placed: none of 5 chains could be completed');
    expect(words).toMatch(/paris: host paris-1 has \d of \d vCPU/);
  });

  it('refuses a file that is none', async () => {
    await expect(readYamlFile(example('sites'), ServiceGraphSchema, 'x')).rejects.toMatchObject({
      code: 'BAD_FILE',
    });
    await expect(readYamlFile(example('nothing'), ServiceGraphSchema, 'x')).rejects.toMatchObject({
      code: 'BAD_FILE',
    });
  });
});
