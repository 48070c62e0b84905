import { backendsChange } from '../../core/lifecycle/backends.ts';
import { healingRule } from '../../core/lifecycle/healing.ts';
import { successorPlaces, whyNotMoved } from '../../core/lifecycle/migration.ts';
import { operationSteps, shapeDifference } from '../../core/lifecycle/operation-steps.ts';
import { raisedLinks, withBooked } from '../../core/service-plan/booked-amounts.ts';
import { NO_SHAPE } from '../../core/service-plan/no-shape.ts';
import { same } from '../../core/service-plan/same.ts';
import { serviceGraph } from '../../core/service-plan/service-graph.ts';
import { day1ValuesOf } from '../../core/service-plan/unit-recipes.ts';
import type { Primitive } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import type { Operation, OperationParams } from '../../protocol/operation-record.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance, ServiceShape, UnitRecord } from '../../protocol/service-record.ts';
import { inBounds } from './in-bounds.ts';
import { type LoadedPlan, type PlanSources, planOf, targetShape } from './plan-of.ts';
import { checkLevel } from './scale-params.ts';
import { wishesWith } from './wishes.ts';

/** What is to be done, before it has a name and a time. */
export interface Draft {
  readonly service: ServiceInstance;
  readonly operation: Operation;
}

export interface DraftContext extends PlanSources {
  readonly id: string;
  readonly nowMs: number;
  readonly automatic: boolean;
  readonly reason: string;
  readonly onFailure: Operation['onFailure'];
  readonly avoidSites: readonly NodeName[];
}

/**
 * Works out what an operation has to bring about, and refuses what cannot be, before anything is accepted.
 * @throws BAD_SERVICE, NOT_FOUND, CONFLICT, USAGE.
 */
export async function draftOperation(
  service: ServiceInstance,
  params: OperationParams,
  context: DraftContext,
): Promise<Draft> {
  const { shape: before } = service;
  const wanted = wishesWith(service.wanted, params);
  const asked = (params.kind === 'instantiate' ? params.flavour : undefined) ?? wanted.flavour;
  const flavour = asked ?? service.flavour;
  if (params.kind === 'terminate') {
    return draft(service, params, context, {
      target: NO_SHAPE,
      wanted,
      flavour,
      loaded: undefined,
    });
  }
  const loaded = await planOf(
    wanted,
    flavour === '' ? undefined : flavour,
    levelsFor(service, params, wanted),
    context,
  );
  if (params.kind === 'action') {
    checkAction(params, loaded);
    return draft(service, params, context, { target: before, wanted, flavour, loaded });
  }
  if (params.kind === 'scale') {
    const { flavour: scaled } = loaded.plan.vnfs.find(({ id }) => id === params.vnf) ?? {};
    checkLevel(
      before.vnfs.find(({ id }) => id === params.vnf),
      params,
      scaled?.scaling ?? [],
    );
  }
  const leaving = leavingUnits(service, params);
  const { shape, nextIndex } = targetShape({
    service: service.id,
    plan: loaded.plan,
    units: params.kind === 'instantiate' ? [] : before.units,
    nextIndex: service.nextIndex,
    leaving,
    asTheyAre: params.kind === 'scale' || params.kind === 'heal' || params.kind === 'migrate',
    inPlace: params.kind === 'migrate',
    nowMs: context.nowMs,
  });
  // Links between units that stay are booked; what is placed brings its own.
  const stay = new Set(shape.units.map(({ unit }) => unit.id));
  const links = before.links.filter(({ link }) => link.ends.every((end) => stay.has(end)));
  const target = {
    ...shape,
    links,
    units: shape.units.map((unit) => withFirstDay(unit, service, params, wanted, loaded, shape)),
  };
  const drafted = draft({ ...service, nextIndex: { ...nextIndex } }, params, context, {
    target,
    wanted,
    flavour: loaded.plan.flavour.id,
    loaded,
  });
  if (params.kind === 'migrate' && successorPlaces(drafted.operation) === undefined)
    throw new MusterError('CONFLICT', `${service.name} is another by now than what was offered places`, {
      hint: `muster service improve ${service.name}`,
    });
  return drafted;
}

interface Outcome {
  readonly target: ServiceShape;
  readonly wanted: ServiceFile;
  readonly flavour: string;
  readonly loaded: LoadedPlan | undefined;
}

function draft(
  service: ServiceInstance,
  params: OperationParams,
  context: DraftContext,
  outcome: Outcome,
): Draft {
  const { target, wanted, flavour, loaded } = outcome;
  const packages = loaded?.digests ?? service.packages;
  const changed = !same(packages, service.packages);
  const graph = graphOf(service, params, outcome);
  const rises = raisedLinks(graph, target.links).length > 0;
  const steps = operationSteps(params.kind, service.shape, target, changed, rises);
  const places = rises || shapeDifference(service.shape, target).added.length > 0;
  return {
    service,
    operation: {
      format: 1,
      id: context.id,
      service: service.id,
      serviceName: service.name,
      params,
      automatic: context.automatic,
      reason: inBounds(context.reason),
      state: steps.length === 0 ? 'COMPLETED' : 'PROCESSING',
      enteredAtMs: context.nowMs,
      startedAtMs: context.nowMs,
      steps,
      errors: [],
      cancelPending: false,
      onFailure: context.onFailure,
      before: service.shape,
      target,
      wanted,
      flavour,
      packages: { ...packages },
      graph: places ? graph : null,
      placement: null,
      avoidSites: [...context.avoidSites],
      outputs: [],
    },
  };
}

/** The target as it is to be booked: other `traffic` counts also between units that stay, where it is more. */
function graphOf(
  service: ServiceInstance,
  params: OperationParams,
  { target, wanted, loaded }: Outcome,
): Operation['graph'] {
  if (loaded === undefined || params.kind === 'action') return null;
  const graph = serviceGraph(service.id, loaded.plan, target.units, wanted);
  const other = params.kind === 'update' && !same(service.wanted.traffic, wanted.traffic);
  return withBooked(graph, target.links, other);
}

/** Levels stay as they are, but for the aspect that is scaled, and those for which another wish than before is made. */
function levelsFor(service: ServiceInstance, params: OperationParams, wanted: ServiceFile) {
  const there = new Map(service.shape.vnfs.map(({ id, member, levels }) => [id, { member, levels }]));
  return (vnf: string, aspect: string): number | undefined => {
    const found = there.get(vnf);
    if (found === undefined) return undefined;
    const level = found.levels[aspect] ?? 0;
    if (params.kind === 'scale' && params.vnf === vnf && params.aspect === aspect) {
      return level + (params.direction === 'out' ? params.steps : -params.steps);
    }
    const wish = wanted.members?.[found.member]?.levels?.[aspect];
    return wish === undefined || wish === service.wanted.members?.[found.member]?.levels?.[aspect]
      ? level
      : wish;
  };
}

function leavingUnits({ shape, name }: ServiceInstance, params: OperationParams): ReadonlySet<string> {
  const failed = shape.units.filter(({ state }) => state === 'failed').map(({ id }) => id);
  if (params.kind === 'update') return new Set(failed);
  if (params.kind === 'migrate') return movingUnits(shape, params);
  if (params.kind !== 'heal') return new Set();
  const { units, vnf, vdu } = params;
  for (const id of units ?? []) {
    if (shape.units.some((each) => each.id === id || each.unit.id === id)) continue;
    throw new MusterError('NOT_FOUND', `${name} has no unit ${id}`, {
      hint: `muster service describe ${name}`,
    });
  }
  const named = shape.units.filter(
    (each) =>
      (units === undefined || units.includes(each.id) || units.includes(each.unit.id)) &&
      (vnf === undefined || vnf === each.vnf) &&
      (vdu === undefined || vdu === each.vdu),
  );
  const chosen =
    units === undefined && vnf === undefined && vdu === undefined ? failed : named.map(({ id }) => id);
  if (chosen.length > 0) return new Set(chosen);
  throw new MusterError('CONFLICT', `nothing of ${name} has to be healed`, {
    hint: 'name a unit with --unit to replace it all the same',
  });
}

/** @throws CONFLICT for units that are not as they were when they were offered places. */
function movingUnits(
  shape: ServiceShape,
  { moves }: Extract<OperationParams, { kind: 'migrate' }>,
): ReadonlySet<string> {
  const { units } = shape;
  const broken = units.find(({ state }) => state !== 'running');
  const why = broken === undefined ? undefined : whyNotMoved(broken, shape);
  const leaving = moves.map(({ unit, host }) => {
    const found = units.find((each) => each.unit.id === unit);
    const stays = found === undefined ? `${unit} is gone` : whyNotMoved(found, shape);
    const reason = why ?? stays ?? (found?.host === host ? `${unit} is at ${host} already` : undefined);
    if (found !== undefined && reason === undefined) return found.id;
    throw new MusterError('CONFLICT', `nothing is moved: ${reason}`, { hint: 'muster service improve' });
  });
  return new Set(leaving);
}

/**
 * Whether what is done on the first day is still to be done to a unit: to new ones, and to those for which other values are given, or whose
 * backends are others.
 */
function withFirstDay(
  unit: UnitRecord,
  service: ServiceInstance,
  params: OperationParams,
  wanted: ServiceFile,
  { plan }: LoadedPlan,
  target: ServiceShape,
): UnitRecord {
  const vnf = plan.vnfs.find(({ id }) => id === unit.vnf);
  if (vnf === undefined || !vnf.flavour.primitives.some(({ when }) => when === 'initial')) {
    return { ...unit, configured: true };
  }
  const isNew = !service.shape.units.some(({ id }) => id === unit.id);
  if (isNew) {
    const skips = params.kind === 'heal' && !(params.day1 ?? healingRule(vnf, unit.vdu).day1);
    return { ...unit, configured: skips };
  }
  if (backendsChange(vnf.flavour.primitives, service.shape, target)) return { ...unit, configured: false };
  const values = (file: ServiceFile) => day1ValuesOf(file, vnf.member.id);
  return params.kind === 'update' && !same(values(service.wanted), values(wanted))
    ? { ...unit, configured: false }
    : unit;
}

function checkAction(params: Extract<OperationParams, { kind: 'action' }>, { plan }: LoadedPlan): void {
  const vnf = plan.vnfs.find(({ id }) => id === params.vnf);
  if (vnf === undefined) {
    throw new MusterError('NOT_FOUND', `there is no VNF ${params.vnf}`, {
      hint: `one of: ${plan.vnfs.map(({ id }) => id).join(', ')}`,
    });
  }
  const onDemand = vnf.flavour.primitives.filter(({ when }) => when === 'on-demand');
  const primitive = onDemand.find(({ name }) => name === params.primitive);
  if (primitive === undefined) {
    throw new MusterError('NOT_FOUND', `${params.vnf} has no primitive ${params.primitive}`, {
      hint: onDemand.length === 0 ? 'its VNFD has none' : `one of: ${listed(onDemand)}`,
    });
  }
  const strange = Object.keys(params.parameters).find((each) => !takes(primitive, each));
  if (strange === undefined) return;
  throw new MusterError('USAGE', `${params.primitive} of ${params.vnf} has no parameter ${strange}`, {
    hint: primitive.parameters.length === 0 ? 'it has none' : `it has ${listed(primitive.parameters)}`,
  });
}

const listed = (named: readonly { readonly name: string }[]) => named.map(({ name }) => name).join(', ');

/** A parameter of its own, or what stands for a value in one: `<name>`. */
const takes = ({ parameters }: Primitive, given: string) =>
  parameters.some(({ name, value }) => name === given || (value ?? '').includes(`<${given}>`));
