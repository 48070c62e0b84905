import { createMemoryBus } from '../../../adapters/bus-memory/memory-bus.ts';
import { CHAIN_TERMS } from '../../../core/negotiation/chain-spec.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Substrate } from '../../../protocol/substrate.ts';
import { createAgentPlacer } from '../../placement/agent-placer.ts';
import { createPlacingAgents } from '../../placement/placing-agents.ts';
import type { BenchPlacer } from './first-fit-placer.ts';

/** The placer of `muster up`, over agents of this process: their books end with them. */
export function createBargainingPlacer(clock: Clock, substrate: Substrate): BenchPlacer & { stop(): void } {
  const agents = createPlacingAgents({
    substrate,
    clock,
    bus: createMemoryBus(clock, 0),
    terms: CHAIN_TERMS,
    orchestrators: substrate.sites.length,
  });
  return {
    ...createAgentPlacer(agents, substrate),
    booked: () => {
      const byHost: Record<string, string[]> = {};
      for (const { hosts } of agents
        .desks()
        .flatMap((desk) => desk.bookings().map((each) => each.reservation))) {
        for (const { for: unit, host } of hosts) byHost[host] = [...(byHost[host] ?? []), unit].toSorted();
      }
      return byHost;
    },
    stop: () => agents.stop(),
  };
}
