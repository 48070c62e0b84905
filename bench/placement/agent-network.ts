import { createVirtualClock } from '../../src/adapters/clock-virtual/virtual-clock.ts';
import { AuctionModule } from '../../src/capabilities/auction/auction-module.ts';
import { hosting } from '../../src/capabilities/hosting/hosting.ts';
import type { HostingDesk } from '../../src/capabilities/hosting/hosting-desk.ts';
import { PlacementModule } from '../../src/capabilities/service-placement/placement-module.ts';
import {
  serviceImproved,
  servicePlaced,
  servicePlacement,
  serviceWithdrawn,
} from '../../src/capabilities/service-placement/service-placement.ts';
import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done, wait } from '../../src/core/bdi/plan.ts';
import type { TraceSink } from '../../src/core/bdi/trace.ts';
import type { ChainTerms } from '../../src/core/negotiation/chain-spec.ts';
import { Directory } from '../../src/core/negotiation/directory.ts';
import { topologyOf } from '../../src/core/placement/topology.ts';
import type { Random } from '../../src/ports/random.ts';
import type { AgentId, NodeName } from '../../src/protocol/ids.ts';
import { agentId } from '../../src/protocol/ids.ts';
import type { Json } from '../../src/protocol/journal.ts';
import type { PlacedService, Wishes } from '../../src/protocol/placed-service.ts';
import { PlacedServiceSchema } from '../../src/protocol/placed-service.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { AgentHost } from '../../src/runtime/agent-host.ts';
import { createLossyBus } from './lossy-bus.ts';

export interface NetworkOptions {
  readonly substrate: Substrate;
  readonly random: Random;
  readonly terms: ChainTerms;
  /** Agents that place services, in turn. */
  readonly orchestrators: number;
  readonly digestAgeMs?: number;
  readonly loss?: number;
  readonly duplicates?: number;
  readonly delayMs?: number;
  readonly countBytes?: boolean;
  /** Present: the agents trace their reasons. */
  readonly sinkOf?: (agent: string) => TraceSink;
}

export type Answer =
  | { readonly ok: true; readonly placed: PlacedService }
  | { readonly ok: false; readonly error: string };

/** Agents of a substrate's sites in this process, on a virtual clock. */
export interface AgentNetwork {
  readonly sent: { readonly messages: number; readonly bytes: number };
  nowMs(): number;
  runUntil(ms: number): void;
  at(ms: number, what: () => void): void;
  /** Asks an orchestrating agent to place a service; answered in virtual time. */
  apply(graph: ServiceGraph, answered: (answer: Answer) => void, wishes?: Wishes): void;
  withdraw(service: string): void;
  improve(service: string, budget: number, answered: (answer: Answer) => void, makeRoom?: boolean): void;
  desks(): readonly HostingDesk[];
}

type WantedArgs = { service: string; what: string; args: Json };
const wanted = goalType<WantedArgs>('wanted', 'achieve', ['service', 'what']);

const GOALS = { place: servicePlaced, withdraw: serviceWithdrawn, improve: serviceImproved };

/** Asks for one of the goals of service placement and reports how it ended. */
const ask = definePlan(wanted, 'ask', {
  steps: {
    ask: ({ args }) => {
      const goal = GOALS[args.what as keyof typeof GOALS];
      return wait({ kind: 'pursue', goal, args: args.args as { service: string } }, 'report');
    },
    report: ({ args, result }) =>
      done(null, [
        {
          kind: 'act',
          action: {
            kind: 'report',
            service: args.service,
            what: args.what,
            ok: result.ok,
            value: result.ok ? result.value : result.error,
          },
          reason: 'for the bench',
        },
      ]),
  },
});
const client = capability({ name: 'client', offers: [], goals: [{ goal: wanted, plans: [ask] }] });

export function createAgentNetwork(options: NetworkOptions): AgentNetwork {
  const { substrate, random, terms, orchestrators, digestAgeMs = 0 } = options;
  const { loss = 0, duplicates = 0, delayMs = 0, countBytes = false, sinkOf } = options;
  const clock = createVirtualClock({ startAtMs: 0 });
  const bus = createLossyBus({ clock, random, loss, duplicates, delayMs, countBytes });
  const topology = topologyOf(substrate);
  const agentOf = (site: NodeName): AgentId => agentId(`a-${site}`);
  const sites = substrate.sites.map((site) => ({ site, agent: agentOf(site) }));
  const reports = new Map<string, (answer: Answer) => void>();
  const host = new AgentHost({
    clock,
    bus,
    thinkMs: 0,
    onAct: (_agent, { action }) => {
      const key = `${String(action['what'])} ${String(action['service'])}`;
      const answered = reports.get(key);
      reports.delete(key);
      if (answered === undefined) return;
      const parsed = PlacedServiceSchema.safeParse(action['value']);
      answered(
        action['ok'] === true && parsed.success
          ? { ok: true, placed: parsed.data }
          : { ok: false, error: String(action['value']) },
      );
    },
    onAbort: () => {},
    onCycle: () => {},
    onDeliver: () => true,
    onRefused: (agent, event) => {
      throw new Error(`${agent} refuses ${event.kind}`);
    },
  });
  const inner = () =>
    new AuctionModule({
      directory: new Directory(),
      mode: 'headroom',
      costWeight: 0.5,
      activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
    });
  const model = compileModel({
    capabilities: [client, hosting, servicePlacement],
    limits: { mailbox: 1_000_000, eventsPerCycle: 1024, stepsPerCycle: 1024 },
  });
  const desks = sites.map(({ site, agent: id }) => {
    const module = new PlacementModule({
      inner: inner(),
      hosting: { topology, site, digestAgeMs },
      placement: { topology, terms, sites: () => sites },
    });
    const agent = new Agent({
      id,
      model,
      active: ['client', 'hosting', 'service-placement'],
      negotiation: module,
      ...(sinkOf === undefined ? {} : { sink: sinkOf(id) }),
    });
    host.add(agent);
    return module;
  });
  const orchestratorOf = new Map<string, AgentId>();
  let turn = 0;
  const post = (agent: AgentId, what: string, service: string, args: Json): void => {
    host.post(agent, { kind: 'goal', goal: wanted.name, args: { service, what, args }, from: 'bench' });
  };
  const orchestrator = (service: string): AgentId => {
    const known = orchestratorOf.get(service);
    if (known !== undefined) return known;
    const each = Math.max(1, Math.floor(sites.length / orchestrators));
    const chosen = sites[((turn++ % orchestrators) * each) % sites.length]?.agent ?? agentId('nobody');
    orchestratorOf.set(service, chosen);
    return chosen;
  };
  return {
    sent: bus.sent,
    nowMs: () => clock.nowMs(),
    runUntil: (ms) => clock.runUntil(ms),
    at: (ms, what) => {
      clock.at(ms, what);
    },
    apply: (graph, answered, wishes) => {
      reports.set(`place ${graph.service}`, answered);
      post(orchestrator(graph.service), 'place', graph.service, {
        service: graph.service,
        graph: graph as Json,
        ...(wishes === undefined ? {} : { wishes: wishes as Json }),
      });
    },
    withdraw: (service) => {
      post(orchestrator(service), 'withdraw', service, { service });
      orchestratorOf.delete(service);
    },
    improve: (service, budget, answered, makeRoom = false) => {
      reports.set(`improve ${service}`, answered);
      post(orchestrator(service), 'improve', service, { service, budget, makeRoom });
    },
    desks: () => desks.flatMap((module) => module.hosting ?? []),
  };
}
