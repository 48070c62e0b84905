import { expect, test } from 'vitest';
import { shaping } from './circuits.ts';

const ADDRESSES = new Map([
  ['paris', '10.255.0.1'],
  ['oslo', '10.255.0.2'],
  ['berlin', '10.255.0.3'],
]);
const WIDE = { ends: ['paris', 'oslo'], bytesPerSec: 1_250_000, latencyMs: 15 } as const;
const HTB = 'burst 15k cburst 15k quantum 1514';

test('a circuit delays below its class, in either direction, and holds what is on its way', () => {
  for (const site of ['paris', 'oslo']) {
    expect(shaping(site, [WIDE], ADDRESSES, true).tc).toEqual([
      'qdisc add dev wan0 root handle 1: htb r2q 1000',
      `class add dev wan0 parent 1: classid 1:20 htb rate 10000000bit ${HTB}`,
      // 18 750 bytes on their way and 131 072 in the queue, in packets of 64.
      'qdisc add dev wan0 parent 1:20 handle 8000: netem limit 2341 delay 15000us',
      'qdisc add dev wan0 parent 8000:1 handle 20: bfifo limit 131072',
    ]);
  }
});

test('a kernel that cannot delay leaves the capacity', () => {
  expect(shaping('paris', [WIDE], ADDRESSES, false).tc).toEqual([
    'qdisc add dev wan0 root handle 1: htb r2q 1000',
    `class add dev wan0 parent 1: classid 1:20 htb rate 10000000bit ${HTB}`,
    'qdisc add dev wan0 parent 1:20 handle 20: bfifo limit 131072',
  ]);
});

test('sites with a way of many circuits between them are delayed and not held back; others are left alone', () => {
  const far = { ends: ['paris', 'berlin'], latencyMs: 2.5 } as const;
  const { tc = [], nft = [] } = shaping('berlin', [WIDE, far], ADDRESSES, true);
  expect(tc.slice(1)).toEqual([
    `class add dev wan0 parent 1: classid 1:20 htb rate 32000000000bit burst 1m cburst 1m quantum 1514`,
    'qdisc add dev wan0 parent 1:20 handle 8000: netem limit 158298 delay 2500us',
    'qdisc add dev wan0 parent 8000:1 handle 20: bfifo limit 131072',
  ]);
  expect(nft.join('\n')).toContain('elements = { 10.255.0.1 : 1:20 }');
  expect(shaping('berlin', [WIDE, far], ADDRESSES, false)).toEqual({});
});
