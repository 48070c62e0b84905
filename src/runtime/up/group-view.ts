import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { nodeName } from '../../protocol/ids.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { Pipeline } from '../genuine/pipeline.ts';
import type { Regrouping } from '../genuine/regrouping.ts';

/** What is asked of a pipeline that runs. */
export interface Running extends Pick<Pipeline, 'specs' | 'room' | 'trust'> {
  readonly regrouping: Pick<Regrouping, 'setOrder'> | undefined;
}

export interface GroupViewInput {
  readonly pipeline: Running;
  readonly scenario: Pick<Scenario, 'name'> & { readonly topology: Pick<Scenario['topology'], 'hosts'> };
  /** Verifiers of each round. */
  readonly perRound: number;
  /** Whose the agents are that have come since it was brought up, by their names. */
  readonly pipelines: ReadonlyMap<string, string>;
}

/** The group of agents that runs: who is where, whose they are, and how they attest one another. */
export function groupView({ pipeline, scenario, perRound, pipelines }: GroupViewInput): PipelineView {
  const { specs, room, trust } = pipeline;
  const { agents, plan } = trust.state;
  const acknowledged = new Set(trust.epoch?.acknowledged);
  const siteOf = new Map<string, string>(
    scenario.topology.hosts.map(({ name, site, switch: at }) => [name, site ?? at]),
  );
  const images = new Set(specs.flatMap(({ name }) => agents.get(agentKeyOf(name))?.imageDigest ?? []));
  const [image] = images;
  const named = new Map(specs.map(({ name }) => [agentKeyOf(name), name]));
  return {
    name: scenario.name,
    verifiersPerRound: perRound,
    imageSha256:
      images.size !== 1 || image === undefined || image === ZERO || image === '0x' ? null : image.slice(2),
    room: Math.max(0, room),
    hosts: scenario.topology.hosts.map(({ name }) => ({ name, site: nodeName(siteOf.get(name) ?? name) })),
    agents: specs.map(({ name, host, capabilities, service }) => ({
      name,
      host,
      site: nodeName(siteOf.get(host) ?? host),
      capabilities: [...capabilities],
      pipeline: pipelines.get(name) ?? scenario.name,
      ...(service && { service }),
      attested: trust.attested(agentKeyOf(name)) !== undefined,
      keyed: acknowledged.has(agentKeyOf(name)),
    })),
    order: plan.flatMap((key) => named.get(key) ?? []),
  };
}

/** Has the ledger's plan name all agents in this order. @throws USAGE unless it names each of them once, LEDGER_FAILED. */
export async function orderRounds({ specs, regrouping }: Running, order: readonly AgentId[]): Promise<void> {
  const lacking = specs.map(({ name }) => name).filter((name) => !order.includes(name));
  const strange = order.filter(
    (name, place) => order.indexOf(name) !== place || !specs.some((each) => each.name === name),
  );
  if (lacking.length > 0 || strange.length > 0) {
    const [first] = [...lacking, ...strange];
    throw new MusterError('USAGE', `the order has to name every agent of the group once: ${first}`, {
      hint: 'muster agent list',
    });
  }
  if (regrouping === undefined)
    throw new MusterError('USAGE', 'the pipeline is not up yet', { hint: 'muster status' });
  await regrouping.setOrder(order);
}
