import { costOf, migrationRule, movedByItself, whyNotMoved } from '../../core/lifecycle/migration.ts';
import type { Clock } from '../../ports/clock.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import type { Improved } from '../../protocol/improved-service.ts';
import {
  type Operation,
  type OperationParams,
  OperationParamsSchema,
} from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { type ImproveRequest, ImproveRequestSchema } from '../../protocol/service-requests.ts';
import type { Offer, Placer } from './placer.ts';

export interface ImproveTools {
  readonly placer: Placer;
  readonly clock: Clock;
  readonly avoidSites: readonly NodeName[];
  /** Whether Muster asks by itself. */
  readonly automatic: boolean;
  /** Absent: units move to where they cost less. */
  readonly room?: RoomWanted;
  begin(params: OperationParams, reason: string): Promise<Operation>;
  /** What was found, before anything comes of it. */
  onOffer(improved: Improved): void;
}

/** A unit that is to move so that a larger piece is free, and the service that needs it. */
export interface RoomWanted {
  readonly unit: string;
  readonly forService: string;
}

/** Whoever asks over the API waits for it. */
const OFFERED_WITHIN_MS = 12_000;

/**
 * Asks the agents where units of a service would cost less, and has them moved there when each move saves its part; or where one of them
 * leaves more room for another service.
 * @throws CONFLICT when the service cannot be changed now; UNSATISFIED when the agents do not answer.
 */
export async function improveService(
  service: ServiceInstance,
  request: ImproveRequest,
  tools: ImproveTools,
): Promise<Improved> {
  const { dryRun, onFailure, ...asked } = ImproveRequestSchema.parse(request);
  checkQuiet(service);
  const { avoidSites, automatic, room, begin, onOffer } = tools;
  const rule = migrationRule(service.wanted);
  const { budget = room === undefined ? rule.budget : 1, margin = rule.margin } = asked;
  const { shape } = service;
  const movable = (
    automatic
      ? movedByItself(shape, rule)
      : shape.units.filter((each) => whyNotMoved(each, shape) === undefined)
  ).filter(({ unit }) => room === undefined || unit.id === room.unit);
  const now = costOf(shape);
  const nothing = { outcome: 'unchanged' as const, moves: [], cost: { now, after: now } };
  const why = movable.length > 0 ? undefined : shape.units.flatMap((each) => whyNotMoved(each, shape) ?? []);
  const told = (improved: Improved): Improved => {
    onOffer(improved);
    return improved;
  };
  if (why !== undefined) return told({ ...nothing, reason: `no unit can be moved: ${why.join('; ')}` });
  const { moves, links, cost } = await offered(
    {
      service: service.id,
      movable: movable.map(({ unit: { id, sites } }) => ({ unit: id, sites })),
      budget,
      margin,
      avoidSites,
      ...(room === undefined ? {} : { makeRoom: true }),
    },
    tools,
  );
  const part = `${round(100 * margin)} %`;
  if (moves.length === 0) {
    const reason =
      room === undefined
        ? `of at most ${budget} moves none saves ${part} of the ${round(cost.now)} bytes/s x hops that it costs`
        : `no host takes ${room.unit} so that there is more room for ${room.forService}`;
    return told({ ...nothing, cost, reason });
  }
  const at = new Map(shape.units.map(({ unit, host, site }) => [unit.id, { host, site }]));
  const planned = moves.flatMap(({ unit, host, site }): Improved['moves'] => {
    const from = at.get(unit);
    if (from === undefined || from.host === null || from.site === null) return [];
    return [{ unit, from: { host: from.host, site: from.site }, to: { host, site } }];
  });
  const ways = planned.map(({ unit, from, to }) => `${unit} from ${from.host} to ${to.host}`);
  const saved = round((100 * (cost.now - cost.after)) / cost.now);
  const reason =
    room === undefined
      ? `it would cost ${round(cost.after)} instead of ${round(cost.now)} bytes/s x hops: ${saved} % less, where a move has to save ${part}; ${ways.join(', ')}`
      : `room for ${room.forService}: ${ways.join(', ')}; it costs ${round(cost.after)} instead of ${round(cost.now)} bytes/s x hops`;
  const improved = told({ outcome: 'planned', cost, moves: planned, reason });
  if (dryRun) return improved;
  const params = OperationParamsSchema.parse({ kind: 'migrate', moves, links, cost, onFailure });
  return { ...improved, outcome: 'begun', operation: await begin(params, reason) };
}

async function offered(
  request: Parameters<Placer['offer']>[0],
  { placer, clock }: ImproveTools,
): Promise<Offer> {
  const late = new AbortController();
  const timer = clock.at(clock.nowMs() + OFFERED_WITHIN_MS, () =>
    late.abort(
      new MusterError('UNSATISFIED', `no agent has answered in ${OFFERED_WITHIN_MS / 1000} s`, {
        hint: 'muster status; then ask again',
      }),
    ),
  );
  try {
    const outcome = await placer.offer(request, late.signal);
    if (outcome.kind === 'offered') return outcome.offer;
    throw new MusterError('UNSATISFIED', `nothing is offered: ${outcome.reasons.join('; ')}`, {
      hint: 'muster status; then ask again',
    });
  } finally {
    timer.cancel();
  }
}

/** Before anybody is asked for anything: what is not quiet is left alone. */
function checkQuiet({ name, state, operation, shape }: ServiceInstance): void {
  const broken = shape.units.find((each) => each.state !== 'running');
  if (state !== 'INSTANTIATED')
    throw new MusterError('CONFLICT', `${name} is not instantiated`, { hint: 'muster service apply' });
  if (operation !== null)
    throw new MusterError('CONFLICT', `${name} is being changed`, {
      hint: `muster service operation describe ${operation}`,
    });
  if (broken !== undefined)
    throw new MusterError('CONFLICT', `${broken.unit.id} of ${name} does not run`, {
      hint: `muster service heal ${name}`,
    });
}

function round(value: number): number {
  return value >= 1000 ? Math.round(value) : Math.round(value * 10) / 10;
}
