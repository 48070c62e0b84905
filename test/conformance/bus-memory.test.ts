import { createMemoryBus } from '../../src/adapters/bus-memory/memory-bus.ts';
import { createVirtualClock } from '../../src/adapters/clock-virtual/virtual-clock.ts';
import { describeBus } from './bus-suite.ts';

const LATENCY_MS = 2;

describeBus('within one process', async () => {
  const clock = createVirtualClock({ startAtMs: 0 });
  const bus = createMemoryBus(clock, LATENCY_MS);
  return {
    of: () => bus,
    until: async (done) => {
      clock.runUntil(clock.nowMs() + LATENCY_MS);
      if (!done()) throw new Error('it has not arrived after the latency of the bus');
    },
    reached: async () => clock.runUntil(clock.nowMs() + LATENCY_MS),
    close: () => {},
  };
});
