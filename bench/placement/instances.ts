import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fourSites } from './four-sites.ts';
import { hashOf, TOPOLOGIES, virneRequests, virneSubstrate } from './virne.ts';

/** What a run is made of, as anybody generates it by its number. */
export interface Published {
  readonly name: string;
  /** As the bench prints it. */
  readonly hash: string;
  readonly instance: unknown;
}

/** All that the bench asks for with so many seeds: requests of each topology, and twice as many instances of the four sites. */
export function* publishedInstances(seeds: number): Generator<Published> {
  for (const topology of TOPOLOGIES) {
    for (let seed = 1; seed <= seeds; seed++) {
      const requests = virneRequests(topology, seed);
      const instance = { substrate: virneSubstrate(topology, seed), requests };
      yield { name: `${topology}-${seed}`, hash: hashOf(requests), instance };
    }
  }
  for (let seed = 1; seed <= 2 * seeds; seed++) {
    const instance = fourSites(seed);
    yield { name: `four-sites-${seed}`, hash: hashOfInstance(instance), instance };
  }
}

export function hashOfInstance(instance: unknown): string {
  return createHash('sha256').update(JSON.stringify(instance)).digest('hex').slice(0, 16);
}

/** Writes each as a file of JSON; answers a line of hash and name for each, as `instances.txt` has them. */
export function writeInstances(directory: string, seeds: number): string {
  mkdirSync(directory, { recursive: true });
  let lines = '';
  for (const { name, hash, instance } of publishedInstances(seeds)) {
    writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(instance)}\n`);
    lines += `${hash}  ${name}\n`;
  }
  return lines;
}
