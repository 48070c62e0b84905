import { expect, it } from 'vitest';
import { ring } from '../../core/placement/testing/small-substrate.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import { BookedServices } from './booked-services.ts';

const [S0, S1] = [agentId('a-s0'), agentId('a-s1')];
const BOOKS = [
  { site: nodeName('s0'), agent: S0 },
  { site: nodeName('s1'), agent: S1 },
];
const placed = (service: string): PlacedService => ({
  graph: { service, units: [], links: [], spread: false },
  placement: { service, units: [], links: [] },
  bookings: [],
  byteHops: 0,
  rounds: 1,
  attempts: 1,
});

it('forgets who looked after services that are long gone, and never who looks after one that is placed', () => {
  const booked = new BookedServices(topologyOf(ring()), BOOKS);
  booked.lookAfter('first', S0);
  booked.keep('first', placed('first'));
  for (let n = 0; n < 12_000; n++) {
    const service = `service-${n}`;
    booked.lookAfter(service, S0);
    booked.keep(service, placed(service));
    if (n % 3 === 0) booked.handOver(service, S1);
    booked.forget(service);
  }
  expect(booked.orchestratorOf('first')).toBe(S0);
  expect(booked.placed('first')).toBeDefined();
  expect(booked.orchestratorOf('service-1')).toBeUndefined();
  // Late answers about those that went lately are still told apart.
  expect(booked.orchestratorOf('service-11999')).toBe(S0);
  expect(booked.orchestratorOf('service-11997')).toBe(S1);
  expect(booked.allSettled(S0, true).length).toBeLessThanOrEqual(10_001);
  expect(booked.allSettled(S0, false).length).toBeLessThanOrEqual(10_001 / 3 + 1);
});
