import { expect, test } from 'vitest';
import { ring } from '../../core/placement/testing/small-substrate.ts';
import { generatedSubstrate } from '../placement/generated-substrate.ts';
import { circuitsOf } from './circuits-of.ts';

test('circuits between sites are as wide as what joins their hosts and switches', () => {
  expect(circuitsOf(generatedSubstrate(3, 'ring'))).toEqual([
    { ends: ['site1', 'site2'], bytesPerSec: 125_000_000, latencyMs: 5 },
    { ends: ['site1', 'site3'], bytesPerSec: 125_000_000, latencyMs: 5 },
    { ends: ['site2', 'site3'], bytesPerSec: 125_000_000, latencyMs: 5 },
  ]);
  // Hosts that are joined directly, two of them twice.
  const { sites, hosts, links } = ring();
  const [first] = links;
  if (first === undefined) throw new Error('a ring has links');
  const twice = circuitsOf({ sites, hosts, links: [...links, first] });
  expect(
    twice
      .filter((each) => each.bytesPerSec !== undefined)
      .map(({ ends, bytesPerSec }) => `${ends.join('-')} ${bytesPerSec}`),
  ).toEqual(['s0-s1 200', 's1-s2 100', 's2-s3 100', 's0-s3 100']);
});

test('circuits are as late as the quickest link, and sites without one as the quickest way over others', () => {
  const { sites, hosts, links } = ring();
  const latencies = [4, 9, 1, 2];
  const slow = links.map((each, index) => ({ ...each, latencyMs: latencies[index] ?? 0 }));
  const [first] = slow;
  if (first === undefined) throw new Error('a ring has links');
  const circuits = circuitsOf({ sites, hosts, links: [...slow, { ...first, latencyMs: 7 }] });
  expect(circuits.map(({ ends, latencyMs }) => `${ends.join('-')} ${latencyMs}`)).toEqual([
    's0-s1 4',
    's1-s2 9',
    's2-s3 1',
    's0-s3 2',
    's0-s2 3',
    's1-s3 6',
  ]);
  expect(circuits.slice(4).map(({ bytesPerSec }) => bytesPerSec)).toEqual([undefined, undefined]);
});
