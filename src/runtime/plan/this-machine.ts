import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { nodeName } from '../../protocol/ids.ts';
import type { Substrate } from '../../protocol/substrate.ts';

/** This machine as a site of one host: its processors, its memory, and what is free of its disk. */
export async function thisMachine(): Promise<Substrate> {
  const { bavail, bsize } = await statfs('.');
  const site = nodeName('local');
  return {
    sites: [site],
    hosts: [
      {
        name: nodeName('this-machine'),
        site,
        vcpus: availableParallelism(),
        memoryMib: Math.floor(totalmem() / 2 ** 20),
        storageGb: Math.floor((bavail * bsize) / 1e9),
        energyPrice: 0,
      },
    ],
    links: [],
  };
}
