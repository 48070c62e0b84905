import { expect, test } from 'vitest';
import { ring } from '../../core/placement/testing/small-substrate.ts';
import { generatedSubstrate } from '../placement/generated-substrate.ts';
import { circuitsOf } from './up-infrastructure.ts';

test('circuits between sites are as wide as what joins their hosts and switches', () => {
  expect(circuitsOf(generatedSubstrate(3, 'ring'))).toEqual([
    { ends: ['site1', 'site2'], bytesPerSec: 125_000_000 },
    { ends: ['site1', 'site3'], bytesPerSec: 125_000_000 },
    { ends: ['site2', 'site3'], bytesPerSec: 125_000_000 },
  ]);
  // Hosts that are joined directly, two of them twice.
  const { sites, hosts, links } = ring();
  const [first] = links;
  if (first === undefined) throw new Error('a ring has links');
  const twice = circuitsOf({ sites, hosts, links: [...links, first] });
  expect(twice.map(({ ends, bytesPerSec }) => `${ends.join('-')} ${bytesPerSec}`)).toEqual([
    's0-s1 200',
    's1-s2 100',
    's2-s3 100',
    's0-s3 100',
  ]);
});
