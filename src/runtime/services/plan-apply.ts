import { serviceDifferences, structuralDifferences } from '../../core/lifecycle/service-difference.ts';
import { nsdIdOf } from '../../core/service-plan/nsd-id.ts';
import { same } from '../../core/service-plan/same.ts';
import { MusterError } from '../../protocol/errors.ts';
import {
  type Operation,
  type OperationParams,
  OperationParamsSchema,
} from '../../protocol/operation-record.ts';
import { type ServiceFile, ServiceFileSchema } from '../../protocol/service-file.ts';
import type { Unit } from '../../protocol/service-graph.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { ApplyRequest } from '../../protocol/service-requests.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { type AcceptTools, BY_HAND, draftFor } from './accept-operation.ts';
import { newService } from './new-service.ts';
import { isVersionOf } from './nsd-versions.ts';
import type { ServiceChange } from './operations.ts';
import { readOperation, readService } from './service-records.ts';

/** What applying a service file comes to. */
export interface ApplyPlan {
  readonly wanted: ServiceFile;
  /** The service of that name; undefined: there is none yet. */
  readonly before: ServiceInstance | undefined;
  readonly flavour: string;
  readonly params: OperationParams;
  readonly changes: readonly ServiceChange[];
  /** The operation that brings just this about already; undefined: none does. */
  readonly underWay: Operation | undefined;
}

/** Where functions may run; absent: nobody knows that yet, and any site will do. */
export interface SitesKnown {
  readonly substrate?: Pick<Substrate, 'sites'>;
  /** Instead of those of `substrate`. */
  readonly sites?: readonly string[];
}

/**
 * Compares what is wanted with what is there, before anything is created: what cannot be leaves no trace.
 * @throws BAD_SERVICE, NOT_FOUND, CONFLICT for a structural change.
 */
export async function planApply(request: ApplyRequest, tools: AcceptTools & SitesKnown): Promise<ApplyPlan> {
  const wanted = ServiceFileSchema.parse(request.service);
  const view = await tools.store.view();
  const before = await readService(view, wanted.name);
  const runs = before?.state === 'INSTANTIATED';
  const onFailure = request.onFailure ?? 'rollback';
  const params = OperationParamsSchema.parse(
    runs ? { kind: 'update', file: wanted, onFailure } : { kind: 'instantiate', onFailure },
  );
  const current = before?.operation == null ? undefined : await readOperation(view, before.operation);
  const flavour = before?.flavour ?? '';
  if (
    current?.state === 'PROCESSING' &&
    current.params.kind !== 'terminate' &&
    same(current.wanted, wanted)
  ) {
    return { wanted, before, flavour, params, changes: [], underWay: current };
  }
  const base = before ?? newService(wanted, flavour, 'planned', tools.wallMs());
  const { operation } = await draftFor(runs ? base : { ...base, wanted }, params, BY_HAND, tools);
  const sites = tools.sites ?? tools.substrate?.sites;
  if (sites !== undefined) checkSites(operation.graph?.units ?? [], sites);
  const nsd = nsdIdOf(wanted);
  const refusals =
    before === undefined
      ? []
      : structuralDifferences(before, nsd, operation.flavour, await isVersionOf(before, nsd, tools.packages));
  const [first] = refusals;
  if (first !== undefined) {
    throw new MusterError('CONFLICT', refusals.map(({ reason }) => reason).join('; '), { hint: first.mend });
  }
  const changes = serviceDifferences(before, wanted, operation.target, operation.packages);
  return { wanted, before, flavour: operation.flavour, params, changes, underWay: undefined };
}

/** @throws BAD_SERVICE when a unit is to run where nothing is. */
function checkSites(units: readonly Pick<Unit, 'id' | 'sites'>[], known: readonly string[]): void {
  for (const { id, sites } of units) {
    const strange = sites.find((each) => !known.includes(each));
    if (strange === undefined) continue;
    throw new MusterError('BAD_SERVICE', `${id} is to run at ${strange}, and there is no such site`, {
      hint: `there are ${known.slice(0, 20).join(', ')}`,
    });
  }
}
