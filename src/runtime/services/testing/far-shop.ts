import { ring } from '../../../core/placement/testing/small-substrate.ts';
import type { ServiceFile } from '../../../protocol/service-file.ts';
import { ServiceFileSchema } from '../../../protocol/service-file.ts';
import type { Substrate } from '../../../protocol/substrate.ts';
import { operationOver, type ServiceBench, serviceBench } from './service-bench.ts';
import { functionVnfd, shopNsd } from './shop-packages.ts';

/** A ring of four hosts: web fills h0, h1 beside it has room for one unit, h2 for four, h3 for none. */
function narrowRing(): Substrate {
  const { hosts, links, ...more } = ring({ vcpus: [1, 1, 4, 0] });
  return {
    ...more,
    hosts: hosts.map((each) => ({ ...each, memoryMib: 65_536, storageGb: 1000 })),
    links: links.map((each) => ({ ...each, bytesPerSec: 1e9 })),
  };
}

/** Services over the agents of that ring, with what `shop` and `blocker` are made of. */
export async function farBench(wall: string = functionVnfd('wall')): Promise<ServiceBench> {
  const bench = await serviceBench({ substrate: narrowRing() });
  await bench.onboard(wall, functionVnfd('web'), shopNsd('wall', 'web'));
  return bench;
}

/** Takes h1. */
export const BLOCKER = ServiceFileSchema.parse({
  name: 'blocker',
  functions: [{ name: 'x', capability: 'wall-image' }],
  members: { x: { sites: ['s1'], day1: { whom: 'nobody' } } },
});

/** A wall before web, which is at h0. */
export function shopFile(more: Partial<ServiceFile> = {}): ServiceFile {
  const file = { name: 'shop', nsd: 'shop-ns', migration: 'off', members: { web: { sites: ['s0'] } } };
  return ServiceFileSchema.parse({ ...file, ...more });
}

/** The wall runs two links away from web, at h2, as h1 beside it was taken when it came; `ended`: it is free by now. Answers the shop's id. */
export async function farShop(
  bench: ServiceBench,
  more: Partial<ServiceFile> = {},
  ended = true,
): Promise<string> {
  for (const service of [BLOCKER, shopFile(more)]) {
    const { operation } = await bench.manager.apply({ service });
    const { state, errors } = await operationOver(bench, operation);
    if (state !== 'COMPLETED') throw new Error(`${service.name} is ${state}: ${errors.at(-1)?.message}`);
  }
  if (ended) await operationOver(bench, await bench.manager.terminate('blocker', { remove: true }));
  return (await bench.manager.get('shop')).id;
}

/** `UNIT HOST STATE` of each unit of the shop. */
export async function placesOf({ manager }: ServiceBench): Promise<readonly string[]> {
  const { shape } = await manager.get('shop');
  return shape.units.map(({ unit, host, state }) => `${unit.id} ${host} ${state}`).toSorted();
}

/** Lets time pass until it has come about. */
export async function awaited<T>({ until }: ServiceBench, work: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await until(() => over);
  return work;
}
