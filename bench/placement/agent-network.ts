import { createVirtualClock } from '../../src/adapters/clock-virtual/virtual-clock.ts';
import type { Random } from '../../src/ports/random.ts';
import type { LocalPlacingAgents, PlacingAgentsOptions } from '../../src/runtime/placement/placing-agents.ts';
import { createPlacingAgents } from '../../src/runtime/placement/placing-agents.ts';
import { createLossyBus } from './lossy-bus.ts';

export interface NetworkOptions extends Omit<PlacingAgentsOptions, 'clock' | 'bus'> {
  readonly random: Random;
  readonly loss?: number;
  readonly duplicates?: number;
  readonly delayMs?: number;
  readonly countBytes?: boolean;
}

/** Agents of a substrate's sites in this process, on a virtual clock and a bus that may lose, double and delay. */
export interface AgentNetwork extends LocalPlacingAgents {
  readonly sent: { readonly messages: number; readonly bytes: number };
  nowMs(): number;
  runUntil(ms: number): void;
  at(ms: number, what: () => void): void;
}

export function createAgentNetwork(options: NetworkOptions): AgentNetwork {
  const { random, loss = 0, duplicates = 0, delayMs = 0, countBytes = false, ...agents } = options;
  const clock = createVirtualClock({ startAtMs: 0 });
  const bus = createLossyBus({ clock, random, loss, duplicates, delayMs, countBytes });
  return {
    ...createPlacingAgents({ ...agents, clock, bus }),
    sent: bus.sent,
    nowMs: () => clock.nowMs(),
    runUntil: (ms) => clock.runUntil(ms),
    at: (ms, what) => {
      clock.at(ms, what);
    },
  };
}
