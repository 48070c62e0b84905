import { AuctionModule } from '../../capabilities/auction/auction-module.ts';
import { hosting } from '../../capabilities/hosting/hosting.ts';
import type { HostingDesk } from '../../capabilities/hosting/hosting-desk.ts';
import { PlacementModule } from '../../capabilities/service-placement/placement-module.ts';
import { servicePlacement } from '../../capabilities/service-placement/service-placement.ts';
import { Agent } from '../../core/bdi/agent.ts';
import { compileModel } from '../../core/bdi/agent-model.ts';
import type { TraceSink } from '../../core/bdi/trace.ts';
import type { ChainTerms } from '../../core/negotiation/chain-spec.ts';
import { Directory } from '../../core/negotiation/directory.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Improvement, PlacedService, Wishes } from '../../protocol/placed-service.ts';
import { PlacedServiceSchema } from '../../protocol/placed-service.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { AgentHost } from '../agent-host.ts';
import type { Wanted } from './wanted.ts';
import { client, wanted } from './wanted.ts';

export interface PlacingAgentsOptions {
  readonly substrate: Substrate;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly terms: ChainTerms;
  /** Agents that place services, in turn: at most as many as there are sites. */
  readonly orchestrators: number;
  /** Age of what sites tell of their books, ms; default 0. */
  readonly digestAgeMs?: number;
  /** Present: the agents trace their reasons. */
  readonly sinkOf?: (agent: string) => TraceSink;
}

export type Answer =
  | { readonly ok: true; readonly placed: PlacedService }
  | { readonly ok: false; readonly error: string };

/** Agents of a substrate's sites, wherever they live: each keeps its site's book, bids with its hosts, and can place services. */
export interface PlacingAgents {
  /** Asks an orchestrating agent to place a service. */
  apply(graph: ServiceGraph, answered: (answer: Answer) => void, wishes?: Wishes): void;
  /** Gives up all that is booked for a service; an error: not everybody who keeps something has answered. */
  withdraw(service: string, answered?: (error: string | undefined) => void): void;
  /** Bargains again for a placed service; of an offer it is answered where it could run, and nothing is booked. */
  improve(service: string, improvement: Improvement, answered: (answer: Answer) => void): void;
  stop(): void;
}

/** Those that live in this process. */
export interface LocalPlacingAgents extends PlacingAgents {
  /** The books, in the order of the sites. */
  desks(): readonly HostingDesk[];
}

/** Events that wait at most for one agent: all sites answer a round at the same time. */
const MAILBOX = 100_000;

export function createPlacingAgents(options: PlacingAgentsOptions): LocalPlacingAgents {
  const { substrate, clock, bus, terms, orchestrators, digestAgeMs = 0, sinkOf } = options;
  const topology = topologyOf(substrate);
  const sites = substrate.sites.map((site) => ({ site, agent: agentId(`a-${site}`) }));
  const asked = new Map<string, (ok: boolean, value: unknown) => void>();
  const host = new AgentHost({
    clock,
    bus,
    thinkMs: 0,
    onAct: (_agent, { action }) => {
      const key = `${String(action['what'])} ${String(action['service'])}`;
      const answered = asked.get(key);
      asked.delete(key);
      answered?.(action['ok'] === true, action['value']);
    },
    onAbort: () => {},
    onCycle: () => {},
    onDeliver: () => true,
    // A message that found no room is as good as lost: it is said again.
    onRefused: () => {},
  });
  const model = compileModel({
    capabilities: [client, hosting, servicePlacement],
    limits: { mailbox: MAILBOX, eventsPerCycle: 1024, stepsPerCycle: 1024 },
  });
  const directory = new Directory();
  const modules = sites.map(({ site, agent: id }) => {
    const module = new PlacementModule({
      inner: new AuctionModule({
        directory,
        mode: 'headroom',
        costWeight: 0.5,
        activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
      }),
      hosting: { topology, site, digestAgeMs },
      placement: { topology, terms, sites: () => sites },
    });
    const active = ['client', 'hosting', 'service-placement'];
    const sink = sinkOf === undefined ? {} : { sink: sinkOf(id) };
    host.add(new Agent({ id, model, active, negotiation: module, startMs: clock.nowMs(), ...sink }));
    return module;
  });
  const orchestratorOf = new Map<string, AgentId>();
  let turn = 0;
  const orchestrator = (service: string): AgentId => {
    const known = orchestratorOf.get(service);
    if (known !== undefined) return known;
    const each = Math.max(1, Math.floor(sites.length / orchestrators));
    const chosen = sites[((turn++ % orchestrators) * each) % sites.length]?.agent ?? agentId('nobody');
    orchestratorOf.set(service, chosen);
    return chosen;
  };
  const want = (what: Wanted, service: string, args: Json): void => {
    const event = {
      kind: 'goal',
      goal: wanted.name,
      args: { service, what, args },
      from: 'operator',
    } as const;
    host.post(orchestrator(service), event);
  };
  return {
    apply: (graph, answered, wishes) => {
      const { service } = graph;
      asked.set(`place ${service}`, (ok, value) => answered(answerOf(ok, value)));
      const more = wishes === undefined ? {} : { wishes: wishes as Json };
      want('place', service, { service, graph: graph as Json, ...more });
    },
    withdraw: (service, answered) => {
      asked.set(`withdraw ${service}`, (ok, value) => {
        // One that has not been given back yet is asked for again of the same agent.
        if (ok) orchestratorOf.delete(service);
        answered?.(ok ? undefined : String(value));
      });
      want('withdraw', service, { service });
    },
    improve: (service, improvement, answered) => {
      asked.set(`improve ${service}`, (ok, value) => answered(answerOf(ok, value)));
      // Plain data of a schema.
      want('improve', service, { service, improvement: improvement as Json });
    },
    desks: () => modules.flatMap((module) => module.hosting ?? []),
    stop: () => host.stopAll(),
  };
}

function answerOf(ok: boolean, value: unknown): Answer {
  const parsed = PlacedServiceSchema.safeParse(value);
  return ok && parsed.success ? { ok: true, placed: parsed.data } : { ok: false, error: String(value) };
}
