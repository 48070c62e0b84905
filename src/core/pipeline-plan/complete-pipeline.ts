import type { PipelineDescriptor, Verification } from '../../protocol/pipeline-descriptor.ts';
import { USUAL_IMAGE } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { agentLinks } from './agent-links.ts';
import { roundOrder } from './round-order.ts';
import { verifiersInOrder } from './verifiers.ts';

/** A pipeline with what its file has left out: links, order and verifiers. */
export interface CompletePipeline extends Omit<PipelineDescriptor, 'links' | 'verification'> {
  readonly links: NonNullable<PipelineDescriptor['links']>;
  readonly verification: Verification & { readonly verifiers: NonNullable<Verification['verifiers']> };
}

/** `perRound`: verifiers of each round where the file does not say. */
export function completePipeline(pipeline: PipelineDescriptor, perRound: number): CompletePipeline {
  const { agents, verification } = pipeline;
  const siteOf = new Map(agents.map(({ name, site }) => [name, site]));
  const order = verification?.order ?? roundOrder(siteOf);
  const asked = verification?.perRound ?? perRound;
  const verifiers =
    verification?.verifiers ??
    verifiersInOrder(order, (name) => siteOf.get(name), asked).map(({ of, by }) => ({ of, by: [...by] }));
  return {
    ...pipeline,
    links: pipeline.links ?? [...agentLinks(agents, verifiers)],
    verification: { perRound: asked, order: [...order], verifiers },
  };
}

/** What runs of a pipeline, as a file that can be edited and given back. */
export function pipelineOf(view: PipelineView, name: string): CompletePipeline {
  const digest = view.imageSha256 === null ? '' : `@sha256:${view.imageSha256}`;
  const running = view.agents.filter(({ pipeline }) => pipeline === name);
  const service = running.find((agent) => agent.service !== undefined)?.service;
  const agents = running.map((agent) => ({
    name: agent.name,
    site: agent.site,
    host: agent.host,
    image: `${USUAL_IMAGE}${digest}`,
    capabilities: [...agent.capabilities],
  }));
  const own = new Set(agents.map((agent) => agent.name));
  const order = view.order.filter((agent) => own.has(agent));
  const { verifiersPerRound: perRound } = view;
  const known = order.length === agents.length ? { verification: { perRound, order } } : {};
  return completePipeline({ name, ...(service && { service }), agents, ...known }, perRound);
}
