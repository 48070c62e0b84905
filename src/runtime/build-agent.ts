import { createHash } from 'node:crypto';
import { anomalyDetection } from '../capabilities/anomaly-detection/anomaly-detection.ts';
import { AuctionModule } from '../capabilities/auction/auction-module.ts';
import { classifier } from '../capabilities/classifier/classifier.ts';
import { hosting } from '../capabilities/hosting/hosting.ts';
import { linkMonitor } from '../capabilities/link-monitor/link-monitor.ts';
import {
  auctioneer,
  hostUsage,
  orchestrator,
  orchestratorFor,
} from '../capabilities/orchestrator/orchestrator.ts';
import { rateLimiter } from '../capabilities/rate-limiter/rate-limiter.ts';
import { PlacementModule } from '../capabilities/service-placement/placement-module.ts';
import { placingWishes } from '../capabilities/service-placement/placing-wishes.ts';
import { servicePlacement } from '../capabilities/service-placement/service-placement.ts';
import { webServer } from '../capabilities/web-server/web-server.ts';
import { Agent } from '../core/bdi/agent.ts';
import type { AgentModel } from '../core/bdi/agent-model.ts';
import { compileModel } from '../core/bdi/agent-model.ts';
import type { Capability } from '../core/bdi/capability.ts';
import type { NegotiationModule } from '../core/bdi/negotiation-module.ts';
import type { AgentSnapshot } from '../core/bdi/snapshot.ts';
import { restoreAgent } from '../core/bdi/snapshot.ts';
import type { TraceSink } from '../core/bdi/trace.ts';
import { Directory } from '../core/negotiation/directory.ts';
import type { Sealing } from '../core/negotiation/sealing.ts';
import { topologyOf } from '../core/placement/topology.ts';
import type { Placing } from '../protocol/placing.ts';
import type { AgentSpec, CapabilityName, Scenario } from '../protocol/scenario.ts';
import { CAPABILITY_NAMES, FunctionSchema } from '../protocol/scenario.ts';

const KNOWN: Readonly<Record<CapabilityName, Capability>> = {
  'link-monitor': linkMonitor,
  'rate-limiter': rateLimiter,
  'anomaly-detection': anomalyDetection,
  classifier,
  'web-server': webServer,
};

/** What an agent that keeps the book of a site has active besides. */
const PLACING = [hosting.name, servicePlacement.name, placingWishes.name];

/** The agents of a scenario: as stated, or one a host that can do everything. */
export function agentSpecs(scenario: Scenario): readonly AgentSpec[] {
  return (
    scenario.agents ??
    scenario.topology.hosts.map((host, index) => ({
      // The names are of the form that the schema asks for.
      name: `a${index + 1}` as AgentSpec['name'],
      host: host.name,
      capabilities: [...CAPABILITY_NAMES],
      bid: { mode: 'headroom' as const, costWeight: 0.5 },
    }))
  );
}

export interface BuiltAgent {
  readonly spec: AgentSpec;
  readonly agent: Agent;
  readonly negotiation: NegotiationModule;
  /** Who is in the pipeline now, where agents come and go. */
  setAgents(agents: readonly AgentSpec[]): void;
  /** The same agent as it was at a snapshot, in place of this one: after a crash. */
  restore(snapshot: AgentSnapshot): Agent;
}

/** Nonces that nobody can guess who does not know the secret, and that a replay gives again. */
function sealingOf(secret: string, { nonces, onNonce }: NonceOptions): Sealing {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  return {
    hash,
    nonce: (conversationId) => {
      const nonce = nonces?.get(conversationId) ?? hash(`${secret}/${conversationId}`);
      onNonce?.(conversationId, nonce);
      return nonce;
    },
  };
}

/** What the agents of a pipeline know of one another. */
export interface PipelineSpec {
  readonly agents: readonly AgentSpec[];
  readonly hosts: Scenario['topology']['hosts'];
  readonly functions: Scenario['functions'];
  /** Absent: none of them places services. */
  readonly placing?: Placing | undefined;
}

interface NonceOptions {
  /** By conversation, in place of those of the secret: where they are known and the secret is not. */
  readonly nonces?: ReadonlyMap<string, string> | undefined;
  onNonce?: ((conversation: string, nonce: string) => void) | undefined;
}

export interface AgentBuilderOptions extends NonceOptions {
  readonly startMs: number;
  sinkOf(agent: string): TraceSink;
  /**
   * What the nonces of sealed bids come from: agents in one process keep nothing from one another, so the run's seed serves;
   * an agent in a process of its own draws it.
   */
  readonly secret: string;
  /** See `AgentOptions.life`. */
  readonly life?: number;
}

/** Builds agents of a pipeline with a directory of what each offers; agents that know the same share one model. */
export function agentBuilder(
  { agents, hosts, functions, placing }: PipelineSpec,
  { startMs, sinkOf, secret, life = 1, nonces, onNonce }: AgentBuilderOptions,
): (spec: AgentSpec) => BuiltAgent {
  const directories = new Map<string | undefined, Directory>();
  /** Agents of a service bargain among themselves: nobody else may act on its links. */
  const directoryOf = ({ service }: AgentSpec): Directory => {
    const directory = directories.get(service) ?? new Directory();
    directories.set(service, directory);
    return directory;
  };
  const rooms = new Map(hosts.map((host) => [host.name, host]));
  let listed: readonly AgentSpec[] = [];
  const setAgents = (now: readonly AgentSpec[]): void => {
    for (const spec of listed) directoryOf(spec).deregister(spec.name);
    for (const spec of now) {
      const offered = capabilitiesOf(spec, false).flatMap((each) => each.offers.map((goal) => goal.name));
      directoryOf(spec).register(spec.name, offered, rooms.get(spec.host));
    }
    listed = now;
  };
  setAgents(agents);
  const models = new Map<string, AgentModel>();
  const modelOf = (spec: AgentSpec, places: boolean): AgentModel => {
    const key = [...spec.capabilities, ...(places ? PLACING : [])].sort().join();
    const model =
      models.get(key) ??
      compileModel({
        capabilities: capabilitiesOf(spec, places),
        utility: (beliefs) => beliefs.value(hostUsage, 'self'),
      });
    models.set(key, model);
    return model;
  };
  const demands = new Map(functions.map((each) => [each.kind as string, each]));
  const activationDemand = (capability: string) => {
    const { cpu, memoryGb } = demands.get(capability) ?? { cpu: 1, memoryGb: 1 };
    return { cpu, memoryGb };
  };
  const topology = placing === undefined ? undefined : topologyOf(placing.substrate);
  return (spec) => {
    const { mode, costWeight } = spec.bid;
    const sealing = sealingOf(`${secret}/${spec.name}`, { nonces, onNonce });
    const directory = directoryOf(spec);
    const options = { directory, mode, costWeight, activationDemand, sealing };
    const book = placing?.books.find((each) => each.agent === spec.name);
    const bargaining = (): NegotiationModule => {
      const inner = new AuctionModule(options);
      if (placing === undefined || topology === undefined || book === undefined) return inner;
      const { terms, books } = placing;
      return new PlacementModule({
        inner,
        hosting: { topology, site: book.site, closed: true, life },
        placement: { topology, terms, sites: () => books },
      });
    };
    const negotiation = bargaining();
    const model = modelOf(spec, book !== undefined);
    const sink = sinkOf(spec.name);
    // Whoever looks after a service has its roles from its plan, and wins none by placing functions.
    const roles = spec.service === undefined ? [] : spec.capabilities;
    const active = ['auction', 'orchestrator', ...roles, ...(book === undefined ? [] : PLACING)];
    const agent = new Agent({ id: spec.name, model, active, negotiation, sink, startMs, life });
    const restore = (snapshot: AgentSnapshot) =>
      restoreAgent({ model, negotiation: bargaining(), sink, life }, snapshot);
    return { spec, agent, negotiation, setAgents, restore };
  };
}

const FUNCTION_KINDS = FunctionSchema.options.map(({ shape }) => shape.kind.value);

function capabilitiesOf(spec: AgentSpec, places: boolean): readonly Capability[] {
  const lacks = FUNCTION_KINDS.some((kind) => !spec.capabilities.includes(kind));
  const orchestrates = lacks ? orchestratorFor(spec.capabilities) : orchestrator;
  const own = [...spec.capabilities].sort().map((name) => KNOWN[name]);
  return [auctioneer, orchestrates, ...own, ...(places ? [hosting, servicePlacement, placingWishes] : [])];
}

/** All agents of a scenario. */
export function buildAgents(
  scenario: Scenario,
  options: AgentBuilderOptions,
  /** Absent: none of them places services. */
  placing?: Placing,
): readonly BuiltAgent[] {
  const { topology, functions } = scenario;
  const agents = agentSpecs(scenario);
  return agents.map(agentBuilder({ agents, hosts: topology.hosts, functions, placing }, options));
}
