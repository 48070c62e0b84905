import { completePipeline } from '../../core/pipeline-plan/complete-pipeline.ts';
import { dutiesOf, type PlacedUnit } from '../../core/pipeline-plan/duties.ts';
import {
  figuresOf,
  naiveFigures,
  type PipelineFigures,
  type PlannedFigures,
} from '../../core/pipeline-plan/pipeline-figures.ts';
import { type AgentHost, planPipeline } from '../../core/pipeline-plan/plan-pipeline.ts';
import { sitesByDistance } from '../../core/pipeline-plan/site-distance.ts';
import type { ServicePlan } from '../../core/service-plan/plan-service.ts';
import type { PlanRefusal } from '../../core/service-plan/refusal.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type PipelineDescriptor, USUAL_IMAGE } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { refusedPlan } from '../services/plan-of.ts';

export interface ServicePipelineInput {
  readonly service: string;
  readonly plan: ServicePlan;
  /** Its units, and where each is or would be. */
  readonly units: readonly PlacedUnit[];
  /** Sites that agents can be at, where they are given by a file. */
  readonly substrate: Substrate | undefined;
  /** What is up; undefined: nothing is. */
  readonly view: PipelineView | undefined;
  /** Undefined: as what is up has it, else 1. */
  readonly perRound: number | undefined;
  readonly bidders: number;
}

export interface ServicePipeline {
  readonly pipeline: PipelineDescriptor;
  readonly notes: readonly string[];
  readonly figures: PlannedFigures;
  /** Of an agent of every kind at every site. */
  readonly naive: PipelineFigures;
}

/** The control agents of a service. @throws BAD_SERVICE with what stands in the way, USAGE where there is no site for agents. */
export function planServicePipeline(input: ServicePipelineInput): ServicePipeline {
  const planned = servicePipeline(input);
  if (!('refusals' in planned)) return planned;
  throw refusedPlan(pipelineName(input.service, input.view?.name), planned.refusals);
}

/** The same; what stands in the way is told and not thrown. @throws USAGE where there is no site for agents. */
export function servicePipeline(
  input: ServicePipelineInput,
): ServicePipeline | { readonly refusals: readonly PlanRefusal[] } {
  const { service, plan, units, substrate, view, bidders } = input;
  const all: readonly AgentHost[] = substrate?.hosts ?? view?.hosts ?? [];
  if (all.length === 0)
    throw new MusterError('USAGE', 'there is no site for agents', { hint: '--sites FILE' });
  const name = pipelineName(service, view?.name);
  const others = view?.agents.filter(({ pipeline }) => pipeline !== name) ?? [];
  const held = new Set<string>(others.map(({ host }) => host));
  const from = [...new Set(units.map(({ site }) => site))];
  const sites = [...new Set(all.map(({ site }) => site))].sort();
  const perRound = input.perRound ?? view?.verifiersPerRound ?? 1;
  const planned = planPipeline({
    name,
    service,
    image: USUAL_IMAGE,
    duties: dutiesOf(plan, units),
    units,
    hosts: all.filter((host) => !held.has(host.name)),
    nearest: substrate === undefined ? sites : sitesByDistance(substrate, from),
    running: view?.agents.filter(({ pipeline }) => pipeline === name) ?? [],
    taken: others.map((agent) => agent.name),
    perRound,
    bidders,
  });
  if ('refusals' in planned) return planned;
  const { links, verification, agents } = completePipeline(planned.descriptor, perRound);
  return {
    pipeline: planned.descriptor,
    notes: planned.notes,
    figures: figuresOf(agents, links, verification.verifiers),
    naive: naiveFigures(sites.length, perRound),
  };
}

/** Agents bear the name of their pipeline: what of a service's name they cannot bear is left out. */
export function pipelineName(service: string, broughtUp: string | undefined): string {
  const plain = service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const name = plain === '' ? 'service' : plain;
  // What is up has agents of its own, which are none of the service's.
  return name === broughtUp ? `${name}-control` : name;
}
