import { expect, it } from 'vitest';
import { ratesBetween } from '../../console/src/data/network/rates.ts';
import { linkId } from '../../src/protocol/ids.ts';
import type { NetworkCounters } from '../../src/protocol/network-counters.ts';

const link = linkId('s1', 'h1');
const counters = (tMs: number, deliveredBytes: number, droppedPackets: number): NetworkCounters => ({
  tMs,
  links: [{ link, offeredBytes: deliveredBytes, deliveredBytes, deliveredPackets: 1, droppedPackets }],
  units: [{ id: 'u', cpuSeconds: 0, memoryMib: 0, receivedBytes: deliveredBytes, sentBytes: 0 }],
});

it('makes rates of two readings', () => {
  const { links, units } = ratesBetween(counters(1000, 500, 2), counters(3000, 2500, 6));
  expect(links.get(link)).toEqual({ bytesPerSec: 1000, droppedPerSec: 2, keptOff: undefined });
  expect(units.get('u')).toEqual({ receivedPerSec: 1000, sentPerSec: 0 });
});

it('says nothing of what was started anew in between, or read twice at once', () => {
  const anew = ratesBetween(counters(1000, 500, 2), counters(3000, 10, 0));
  expect([anew.links.size, anew.units.size]).toEqual([0, 0]);
  expect(ratesBetween(counters(1000, 500, 2), counters(1000, 600, 2)).links.size).toBe(0);
});
