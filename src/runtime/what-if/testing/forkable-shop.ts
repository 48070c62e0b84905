import type { NodeName } from '../../../protocol/ids.ts';
import { ServiceFileSchema } from '../../../protocol/service-file.ts';
import type { ServiceInstance } from '../../../protocol/service-record.ts';
import { generatedSubstrate } from '../../placement/generated-substrate.ts';
import { operationOver, type ServiceBench, serviceBench } from '../../services/testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from '../../services/testing/shop-packages.ts';
import type { Forkable } from '../take-fork.ts';

export interface ForkableShop {
  readonly bench: ServiceBench;
  readonly from: Forkable;
  shop(): Promise<ServiceInstance>;
  /** A site that units of the shop are at. */
  siteOf(): Promise<NodeName>;
}

/** Four sites in a ring with a wall and a web server behind it, that what-ifs are asked of. */
export async function forkableShop(more: Partial<Forkable> = {}): Promise<ForkableShop> {
  const substrate = generatedSubstrate(4, 'ring');
  const bench = await serviceBench({ substrate });
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
  const traffic = { path: { bytesPerSec: 100_000 }, data: { bytesPerSec: 100_000 } };
  const service = ServiceFileSchema.parse({
    name: 'shop',
    nsd: 'shop-ns',
    traffic,
    onPartition: 'move',
    partitionGraceMs: 1000,
  });
  const { operation } = await bench.manager.apply({ service });
  const { state, errors } = await operationOver(bench, operation);
  if (state !== 'COMPLETED') throw new Error(`the shop is ${state}: ${errors.at(-1)?.message}`);
  const shop = () => bench.manager.get('shop');
  return {
    bench,
    shop,
    siteOf: async () => {
      const site = (await shop()).shape.units.find(({ vnf }) => vnf === 'web')?.site;
      if (site == null) throw new Error('web is nowhere');
      return site;
    },
    from: {
      substrate,
      // Of its images each is one of the catalogue there.
      site: {
        images: { 'wall-image': { catalogue: 'firewall' }, 'web-image': { catalogue: 'web-server' } },
        webhooks: { allowHosts: [] },
      },
      services: bench.store,
      packages: bench.packages,
      agents: () => [],
      lost: () => [],
      rates: async () => [],
      ...more,
    },
  };
}
