import { createMemoryBus } from '../../adapters/bus-memory/memory-bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { CycleInput } from '../agent-host.ts';
import { AgentHost } from '../agent-host.ts';
import { buildAgents } from '../build-agent.ts';
import type { JournalWriter } from '../journal-writer.ts';
import type { AgentFleet, FleetEvents } from './agent-fleet.ts';
import { rolesOf } from './roles-of.ts';

export interface LocalFleetOptions extends FleetEvents {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly startMs: number;
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly journal: JournalWriter;
  /** Those that it names keep the books of sites and place services. */
  readonly placing?: Placing | undefined;
  /** Called before a message is delivered; false keeps it from its receiver. */
  onDeliver(message: AclMessage): boolean;
}

/** All agents in this process: deterministic on a virtual clock. */
export function createLocalFleet(options: LocalFleetOptions): AgentFleet {
  const { scenario, seed, startMs, clock, latencyMs, journal, onAct, onAbort, onDeliver } = options;
  const inputs: CycleInput[] = [];
  const sinkOf = (agent: string) => journal.sinkOf(agent);
  const agents = buildAgents(scenario, { startMs, sinkOf, secret: String(seed) }, options.placing);
  const host = new AgentHost({
    clock,
    bus: createMemoryBus(clock, latencyMs),
    thinkMs: latencyMs,
    onAct,
    onAbort,
    onCycle: (input) => inputs.push(input),
    onDeliver,
    onRefused: (agent, event) => {
      journal.record(clock.nowMs(), {
        kind: 'fault',
        because: [],
        fault: 'mailbox-full',
        subject: agent,
        reason: `${event.kind} refused`,
      });
    },
  });
  return {
    specs: agents.map((each) => each.spec),
    inputs,
    start: () => {
      for (const { agent } of agents) host.add(agent);
      return Promise.resolve();
    },
    post: (agent, event) => host.post(agent, event),
    kill: (agent) => host.stop(agent),
    clockSet: () => {},
    close: () => {
      host.stopAll();
      return Promise.resolve();
    },
    messageCounts: () =>
      agents.map(({ agent }) => {
        const { sent, received } = agent.state.counters;
        return { agent: agent.id, sent, received, roles: rolesOf(agent) };
      }),
  };
}
