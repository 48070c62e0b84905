import { advance, isOver, type OperationEvent } from '../../core/lifecycle/operation-machine.ts';
import { USUAL_GRACE_MS } from '../../core/lifecycle/partition.ts';
import { serviceDifferences, structuralDifferences } from '../../core/lifecycle/service-difference.ts';
import { atEnd } from '../../core/lifecycle/step-records.ts';
import { NO_SHAPE } from '../../core/service-plan/no-shape.ts';
import { same } from '../../core/service-plan/same.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import {
  type Operation,
  type OperationParams,
  OperationParamsSchema,
} from '../../protocol/operation-record.ts';
import { type ServiceFile, ServiceFileSchema } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { type ApplyRequest, type NewService, NewServiceSchema } from '../../protocol/service-requests.ts';
import type { StepTools } from './carry-out-step.ts';
import { type Draft, draftOperation } from './draft-operation.ts';
import { type DriveTools, driveOperation } from './drive-operation.ts';
import type { Applied, ServiceEvent, ServiceOperations } from './operations.ts';
import { nsdIdOf, refusedPlan } from './plan-of.ts';
import { reconcile } from './reconcile.ts';
import { scaleParams } from './scale-params.ts';
import {
  addService,
  changeService,
  noService,
  readOperation,
  readOperations,
  readService,
  readServices,
} from './service-records.ts';

export interface ServiceManagerDeps extends Omit<StepTools, 'isLost'>, Pick<DriveTools, 'store'> {
  /** ms since 1970, or what stands for it. */
  wallMs(): number;
  newId(): string;
  /** Something went wrong behind an operator's back. */
  onTrouble(text: string): void;
}

/** What begins an operation by itself. */
export interface Occasion {
  readonly reason: string;
  readonly automatic: boolean;
  readonly avoidSites?: readonly NodeName[];
}

/** Operations that are kept of a service beside the one that is not over. */
const KEPT_OPERATIONS = 50;
const RENAMED = { about: 'name', reason: 'its name would be another', mend: 'keep the name that it has' };
const BY_HAND: Occasion = { reason: 'asked for by the operator', automatic: false };

/** The life cycle of services: what it has acknowledged is on disk, and is gone on with by whoever opens the same store after it. */
export class ServiceManager implements ServiceOperations {
  readonly #deps: ServiceManagerDeps;
  readonly #end = new AbortController();
  readonly #driven = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>();
  readonly #listeners = new Set<(event: ServiceEvent) => void>();
  /** Services as they were stored last: for what looks at them many times a second. */
  readonly #known = new Map<string, ServiceInstance>();
  readonly #lost = new Set<string>();

  constructor(deps: ServiceManagerDeps) {
    this.#deps = deps;
  }

  /** Takes over what an earlier life left behind: adopts what runs, stops what is nobody's, goes on with operations that are not over. */
  async start(): Promise<void> {
    const view = await this.#deps.store.view();
    const services = await readServices(view);
    const operations = await readOperations(view);
    const found = await reconcile(services, operations, this.#deps);
    for (const service of found.services) this.#known.set(service.id, service);
    for (const operation of found.operations) {
      if (operation.state === 'PROCESSING' || operation.state === 'ROLLING_BACK') this.#drive(operation);
    }
  }

  /** Stops driving; what is not over goes on when the store is opened again. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([...this.#driven.values()].map(({ done }) => done));
  }

  /** Every service as it was stored last. */
  get services(): readonly ServiceInstance[] {
    return [...this.#known.values()];
  }

  isLost(site: string | null): boolean {
    return site !== null && this.#lost.has(site);
  }

  /** What is known of which sites can be reached. */
  setLost(site: string, lost: boolean): void {
    if (lost) this.#lost.add(site);
    else this.#lost.delete(site);
  }

  get lostSites(): readonly string[] {
    return [...this.#lost];
  }

  listen(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(request: NewService): Promise<ServiceInstance> {
    const { name, description, nsd, flavour } = NewServiceSchema.parse(request);
    const known = await this.#deps.packages.nsd(nsd);
    if (known === undefined) {
      throw new MusterError('NOT_FOUND', `there is no NSD ${nsd}`, {
        hint: 'muster package list, muster package onboard',
      });
    }
    const wanted = ServiceFileSchema.parse({
      name,
      nsd,
      ...(description === undefined ? {} : { description }),
      ...(flavour === undefined ? {} : { flavour }),
    });
    return this.#add(wanted, flavour ?? known.flavours[0]?.id ?? 'default');
  }

  async #add(wanted: ServiceFile, flavour: string): Promise<ServiceInstance> {
    const nowMs = this.#deps.wallMs();
    const service: ServiceInstance = {
      format: 1,
      id: this.#deps.newId(),
      revision: 0,
      name: wanted.name,
      description: wanted.description ?? '',
      nsdId: nsdIdOf(wanted),
      flavour,
      state: 'NOT_INSTANTIATED',
      wanted,
      onPartition: wanted.onPartition ?? 'move',
      partitionGraceMs: wanted.partitionGraceMs ?? USUAL_GRACE_MS,
      packages: {},
      held: [],
      shape: NO_SHAPE,
      marks: { scaledAtMs: {}, healedAtMs: {} },
      nextIndex: {},
      operation: null,
      notes: [],
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    await addService(this.#deps.store, service);
    this.#known.set(service.id, service);
    this.#tell({ kind: 'service', change: 'created', service });
    return service;
  }

  async remove(ref: string): Promise<void> {
    const { id } = await this.get(ref);
    const removed = await changeService(this.#deps.store, id, undefined, async ({ service }) => {
      if (service.state === 'INSTANTIATED' || service.operation !== null || service.shape.units.length > 0) {
        throw new MusterError(
          'CONFLICT',
          `${service.name} is ${service.operation === null ? 'instantiated' : 'being changed'}`,
          {
            hint: `muster service terminate ${service.name} --remove`,
          },
        );
      }
      return { stored: { service: undefined }, answer: service };
    });
    this.#known.delete(id);
    this.#tell({ kind: 'service', change: 'removed', service: removed });
  }

  async list(): Promise<readonly ServiceInstance[]> {
    const all = await readServices(await this.#deps.store.view());
    return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async get(ref: string): Promise<ServiceInstance> {
    const found = await readService(await this.#deps.store.view(), ref);
    if (found === undefined) throw noService(ref);
    return found;
  }

  async apply({ service: file, dryRun = false, onFailure }: ApplyRequest): Promise<Applied> {
    const wanted = ServiceFileSchema.parse(file);
    const before = await readService(await this.#deps.store.view(), wanted.name);
    const current =
      before?.operation === null || before === undefined ? undefined : await this.operation(before.operation);
    if (
      current?.state === 'PROCESSING' &&
      current.params.kind !== 'terminate' &&
      same(current.wanted, wanted) &&
      !dryRun
    ) {
      // It is on its way already.
      return { outcome: 'unchanged', changes: [], service: before, operation: current };
    }
    const params = OperationParamsSchema.parse(
      before?.state === 'INSTANTIATED'
        ? { kind: 'update', file: wanted, onFailure: onFailure ?? 'rollback' }
        : { kind: 'instantiate', onFailure: onFailure ?? 'rollback' },
    );
    // Planned on what is wanted, before anything is created: what cannot be leaves no trace.
    const base = before ?? { ...EMPTY, name: wanted.name, nsdId: nsdIdOf(wanted), wanted };
    const draft = await this.#draft(
      { ...base, ...(before?.state === 'INSTANTIATED' ? {} : { wanted }) },
      params,
      BY_HAND,
    );
    const refusals =
      before === undefined ? [] : structuralDifferences(before, nsdIdOf(wanted), draft.operation.flavour);
    if (refusals.length > 0) {
      throw new MusterError('CONFLICT', refusals.map(({ reason }) => reason).join('; '), {
        hint: refusals[0]?.mend ?? '',
      });
    }
    const changes = serviceDifferences(before, wanted, draft.operation.target, draft.operation.packages);
    if (dryRun) return { outcome: 'planned', changes, service: before, operation: undefined };
    if (changes.length === 0) return { outcome: 'unchanged', changes, service: before, operation: undefined };
    const service = before ?? (await this.#add(wanted, draft.operation.flavour));
    const operation = await this.#begin(
      service.id,
      params,
      BY_HAND,
      before?.state === 'INSTANTIATED' ? undefined : wanted,
    );
    return {
      outcome: before === undefined ? 'created' : 'updated',
      changes,
      service: await this.get(service.id),
      operation,
    };
  }

  async instantiate(ref: string, request: unknown): Promise<Operation> {
    return this.#asked(ref, { ...Object(request), kind: 'instantiate' });
  }

  async scale(ref: string, request: Parameters<ServiceOperations['scale']>[1]): Promise<Operation> {
    const service = await this.get(ref);
    return this.#begin(service.id, await scaleParams(service, request, this.#deps), BY_HAND);
  }

  async heal(ref: string, request: unknown): Promise<Operation> {
    return this.#asked(ref, { ...Object(request), kind: 'heal' });
  }

  async update(ref: string, request: Parameters<ServiceOperations['update']>[1]): Promise<Operation> {
    const service = await this.get(ref);
    const wanted = request.file === undefined ? service.wanted : ServiceFileSchema.parse(request.file);
    const named = wanted.name === service.name ? [] : [RENAMED];
    const structural = structuralDifferences(service, nsdIdOf(wanted), wanted.flavour ?? service.flavour);
    const refusals = [...named, ...structural];
    if (refusals.length > 0) throw refusedPlan(service.name, refusals);
    return this.#begin(service.id, OperationParamsSchema.parse({ ...request, kind: 'update' }), BY_HAND);
  }

  async action(ref: string, request: unknown): Promise<Operation> {
    return this.#asked(ref, { ...Object(request), kind: 'action' });
  }

  async terminate(ref: string, request: unknown): Promise<Operation> {
    return this.#asked(ref, { ...Object(request), kind: 'terminate' });
  }

  async operations(ref?: string): Promise<readonly Operation[]> {
    const view = await this.#deps.store.view();
    const service = ref === undefined ? undefined : await readService(view, ref);
    // Operations of a service that is gone are still told by its id.
    const all = await readOperations(view, ref === undefined ? undefined : (service?.id ?? ref));
    if (ref !== undefined && service === undefined && all.length === 0) throw noService(ref);
    return all.toSorted((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1));
  }

  async operation(id: string): Promise<Operation> {
    const found = await readOperation(await this.#deps.store.view(), id);
    if (found !== undefined) return found;
    throw new MusterError('NOT_FOUND', `there is no operation ${id}`, {
      hint: 'muster service operation list',
    });
  }

  retry(id: string): Promise<Operation> {
    return this.#steer(id, { kind: 'retry' });
  }

  rollback(id: string): Promise<Operation> {
    return this.#steer(id, { kind: 'rollback' });
  }

  fail(id: string): Promise<Operation> {
    return this.#steer(id, { kind: 'fail' });
  }

  async cancel(id: string): Promise<Operation> {
    const operation = await this.#steer(id, { kind: 'cancel' });
    this.#driven.get(id)?.cancel.abort();
    return operation;
  }

  /** Begins an operation that nobody has asked for: healing, scaling. @throws CONFLICT while another is not over. */
  begin(service: string, params: OperationParams, occasion: Occasion): Promise<Operation> {
    return this.#begin(service, params, occasion);
  }

  /** Changes what is stored of a service beside its operations: states of units, notes. `decide` answers undefined for no change. */
  async amend(id: string, decide: (service: ServiceInstance) => ServiceInstance | undefined): Promise<void> {
    const stored = await changeService(this.#deps.store, id, undefined, async ({ service }) => {
      const changed = decide(service);
      return { stored: changed === undefined ? undefined : { service: changed }, answer: changed };
    });
    if (stored === undefined) return;
    this.#known.set(id, stored);
    this.#tell({ kind: 'service', change: 'changed', service: stored });
  }

  async #asked(ref: string, params: unknown): Promise<Operation> {
    const { id } = await this.get(ref);
    return this.#begin(id, OperationParamsSchema.parse(params), BY_HAND);
  }

  #draft(service: ServiceInstance, params: OperationParams, occasion: Occasion): Promise<Draft> {
    const { packages, imageFor, newId, wallMs } = this.#deps;
    const asked = 'onFailure' in params ? params.onFailure : undefined;
    return draftOperation(service, params, {
      packages,
      imageFor,
      id: newId(),
      nowMs: wallMs(),
      automatic: occasion.automatic,
      reason: occasion.reason,
      onFailure: asked ?? (occasion.automatic ? 'rollback' : 'wait'),
      avoidSites: occasion.avoidSites ?? [],
    });
  }

  /** Drafts an operation and accepts it, unless the service has changed meanwhile: then it is drafted anew. */
  async #begin(
    id: string,
    params: OperationParams,
    occasion: Occasion,
    wanted?: ServiceFile,
  ): Promise<Operation> {
    for (;;) {
      const found = await this.get(id);
      const base = wanted === undefined ? found : { ...found, wanted };
      await this.#checkFree(base, params);
      const draft = await this.#draft(base, params, occasion);
      const stored = await changeService(this.#deps.store, id, undefined, async ({ service }) => {
        if (service.revision !== found.revision) return { stored: undefined, answer: undefined };
        return this.#accepted(service, draft);
      });
      if (stored === undefined) continue;
      this.#stored(stored.service, stored.operation);
      if (!isOver(stored.operation.state)) this.#drive(stored.operation);
      return stored.operation;
    }
  }

  async #accepted(before: ServiceInstance, { service, operation }: Draft) {
    const { store, wallMs } = this.#deps;
    const old = await readOperations(await store.view(), before.id);
    const given = old.find((each) => each.id === before.operation && !isOver(each.state));
    const givenUp = given === undefined ? undefined : advance(given, { kind: 'fail' }, wallMs());
    const forget = old
      .filter(({ state }) => isOver(state))
      .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
      .slice(KEPT_OPERATIONS)
      .map((each) => each.id);
    const begun = { ...service, operation: operation.id, updatedAtMs: operation.startedAtMs };
    // One without steps is over as soon as it is accepted.
    const after = atEnd({ service: begun, operation }, operation.startedAtMs);
    return {
      stored: {
        service: after,
        operations: [...(givenUp?.ok === true ? [givenUp.operation] : []), operation],
        forget,
      },
      answer: { service: after, operation },
    };
  }

  /** One operation at a time; only a termination may take the place of one that waits for an operator. */
  async #checkFree(service: ServiceInstance, params: OperationParams): Promise<void> {
    const { name, state } = service;
    const there = state === 'INSTANTIATED' || service.shape.units.length > 0;
    if (params.kind === 'instantiate' && there) {
      throw new MusterError('CONFLICT', `${name} is instantiated already`, {
        hint: `muster service describe ${name}`,
      });
    }
    if (params.kind !== 'instantiate' && params.kind !== 'terminate' && state !== 'INSTANTIATED') {
      throw new MusterError('CONFLICT', `${name} is not instantiated`, {
        hint: `instantiate it first: muster service apply`,
      });
    }
    if (params.kind === 'terminate' && !there && service.operation === null && !params.remove) {
      throw new MusterError('CONFLICT', `nothing of ${name} runs`, {
        hint: `muster service terminate ${name} --remove forgets it`,
      });
    }
    if (service.operation === null) return;
    const current = await this.operation(service.operation);
    if (params.kind === 'terminate' && current.state === 'FAILED_TEMP') return;
    throw new MusterError(
      'CONFLICT',
      `${name} is being changed: ${current.params.kind} is ${current.state}`,
      {
        hint: `muster service operation describe ${current.id}`,
      },
    );
  }

  async #steer(id: string, event: OperationEvent): Promise<Operation> {
    const nowMs = this.#deps.wallMs();
    const { service } = await this.operation(id);
    const stored = await changeService(
      this.#deps.store,
      service,
      id,
      async ({ service: before, operation }) => {
        const advanced = operation === undefined ? undefined : advance(operation, event, nowMs);
        if (advanced === undefined) throw new MusterError('NOT_FOUND', `there is no operation ${id}`);
        if (!advanced.ok) throw new MusterError('CONFLICT', advanced.message, { hint: advanced.mend });
        const after = atEnd({ service: before, operation: advanced.operation }, nowMs);
        return {
          stored: { service: after, operations: [advanced.operation] },
          answer: { service: after, operation: advanced.operation },
        };
      },
    );
    this.#stored(stored.service, stored.operation);
    if (event.kind === 'retry' || event.kind === 'rollback') this.#drive(stored.operation);
    return stored.operation;
  }

  #drive({ id, service }: Operation): void {
    if (this.#end.signal.aborted) return;
    const cancel = new AbortController();
    const before = this.#driven.get(id)?.done ?? Promise.resolve();
    const tools: DriveTools = {
      ...this.#deps,
      isLost: (site) => this.isLost(site),
      onStored: (stored, operation) => this.#stored(stored, operation),
    };
    const done = before
      .then(() => driveOperation(service, id, tools, cancel.signal, this.#end.signal))
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) this.#deps.onTrouble(`operation ${id} stands still: ${String(error)}`);
      })
      .finally(() => {
        if (this.#driven.get(id)?.cancel === cancel) this.#driven.delete(id);
      });
    this.#driven.set(id, { cancel, done });
  }

  #stored(service: ServiceInstance | undefined, operation: Operation): void {
    const before = this.#known.get(operation.service);
    if (service === undefined) this.#known.delete(operation.service);
    else this.#known.set(service.id, service);
    const told = service ?? before;
    if (told !== undefined)
      this.#tell({ kind: 'service', change: service === undefined ? 'removed' : 'changed', service: told });
    this.#tell({ kind: 'operation', operation });
  }

  #tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#deps.onTrouble(`who listens to services fails: ${String(error)}`);
      }
    }
  }
}

/** What a service is before anybody has asked for it: a plan is made on it, and it is never stored. */
const EMPTY: Omit<ServiceInstance, 'name' | 'nsdId' | 'wanted'> = {
  format: 1,
  id: 'planned',
  revision: 0,
  description: '',
  flavour: '',
  state: 'NOT_INSTANTIATED',
  onPartition: 'move',
  partitionGraceMs: USUAL_GRACE_MS,
  packages: {},
  held: [],
  shape: NO_SHAPE,
  marks: { scaledAtMs: {}, healedAtMs: {} },
  nextIndex: {},
  operation: null,
  notes: [],
  createdAtMs: 0,
  updatedAtMs: 0,
};
