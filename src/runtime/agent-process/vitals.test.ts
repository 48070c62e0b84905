import { expect, it } from 'vitest';
import { VitalsSchema } from '../../protocol/site-link.ts';
import { VitalSigns } from './vitals.ts';

it('sorts decisions by how long they took; what is longer than the last bound is in none, and counts', () => {
  const signs = new VitalSigns();
  for (const ms of [0.4, 1, 1.1, 30, 5000]) signs.decided(ms);
  const counters = {
    events: 5,
    refused: 0,
    cycles: 4,
    steps: 3,
    goalsAdopted: 2,
    goalsAchieved: 1,
    goalsFailed: 0,
    sent: 0,
    received: 0,
  };
  const read = VitalsSchema.parse(signs.read(counters));
  expect(read).toMatchObject({ events: 5, cycles: 4, goalsAdopted: 2, goalsAchieved: 1, goalsFailed: 0 });
  expect(read.decisions.count).toBe(5);
  expect(read.decisions.sumMs).toBeCloseTo(5032.5);
  expect(read.decisions.buckets).toEqual([2, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(read.cpuMs).toBeGreaterThan(0);
  expect(read.maxRssKb).toBeGreaterThan(1000);
});
