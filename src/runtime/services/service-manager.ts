import { advance, isOver, type OperationEvent } from '../../core/lifecycle/operation-machine.ts';
import { atEnd } from '../../core/lifecycle/step-records.ts';
import { noNsd } from '../../core/service-plan/nsd-id.ts';
import { MusterError } from '../../protocol/errors.ts';
import { NodeNameSchema } from '../../protocol/ids.ts';
import type { Improved } from '../../protocol/improved-service.ts';
import {
  type Operation,
  type OperationParams,
  OperationParamsSchema,
} from '../../protocol/operation-record.ts';
import { type ServiceFile, ServiceFileSchema } from '../../protocol/service-file.ts';
import type { AlarmRecord, ServiceInstance } from '../../protocol/service-record.ts';
import { type ApplyRequest, type NewService, NewServiceSchema } from '../../protocol/service-requests.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { acceptOperation, BY_HAND, type Occasion } from './accept-operation.ts';
import type { AlarmChange } from './alarm-watch.ts';
import type { StepTools } from './carry-out-step.ts';
import type { DriveTools } from './drive-operation.ts';
import { giveBackUnstarted } from './give-back.ts';
import { improveService, type RoomWanted } from './improve-service.ts';
import type { Unbooked } from './misfits.ts';
import { newService } from './new-service.ts';
import { OperationDrives } from './operation-drives.ts';
import type { Applied, ServiceEvent, ServiceOperations } from './operations.ts';
import { planApply, type SitesKnown } from './plan-apply.ts';
import { reconcile } from './reconcile.ts';
import { RoomMaker } from './room-maker.ts';
import { scaleParams } from './scale-params.ts';
import { changedSince, ServiceListeners } from './service-listeners.ts';
import {
  addService,
  changeService,
  forgetOldest,
  noService,
  readOperation,
  readOperations,
  readService,
  readServices,
} from './service-records.ts';
import { updateParams } from './update-params.ts';

export interface ServiceManagerDeps
  extends Omit<StepTools, 'isLost' | 'roomMaker'>,
    Pick<DriveTools, 'store'>,
    Pick<SitesKnown, 'sites'> {
  /** What the sites have; absent: no service makes room for another. */
  readonly substrate?: Substrate;
  /** ms since 1970, or what stands for it. */
  wallMs(): number;
  newId(): string;
  /** Something went wrong behind an operator's back. */
  onTrouble(text: string): void;
}

/** How many services go before operations of earlier ones are forgotten. */
const REMOVALS_BETWEEN = 100;

/** The life cycle of services: what it has acknowledged is on disk, and is gone on with by whoever opens the same store after it. */
export class ServiceManager implements ServiceOperations {
  readonly #deps: ServiceManagerDeps;
  readonly #drives: OperationDrives;
  readonly #listeners: ServiceListeners;
  /** Services as they were stored last: for what looks at them many times a second. */
  readonly #known = new Map<string, ServiceInstance>();
  readonly #lost = new Set<string>();
  #removed = 0;
  #unbooked: readonly Unbooked[] = [];

  constructor(deps: ServiceManagerDeps) {
    this.#deps = deps;
    this.#listeners = new ServiceListeners(deps.onTrouble);
    const { substrate } = deps;
    const tools = {
      ...deps,
      ...(substrate === undefined ? {} : { roomMaker: new RoomMaker({ ...deps, substrate, manager: this }) }),
      isLost: (site: string | null) => this.isLost(site),
      onStored: (service: ServiceInstance | undefined, operation: Operation) =>
        this.#stored(service, operation),
    };
    this.#drives = new OperationDrives(tools, deps.onTrouble);
  }

  /** Takes over what an earlier life left behind: adopts what runs, stops what is nobody's, goes on with operations that are not over. */
  async start(): Promise<void> {
    await forgetOldest(this.#deps.store);
    const view = await this.#deps.store.view();
    const services = await readServices(view);
    const operations = await readOperations(view);
    const found = await reconcile(services, operations, this.#deps);
    this.#unbooked = found.unbooked;
    for (const service of found.services) this.#known.set(service.id, service);
    this.#listeners.tell(...changedSince(operations, found.operations));
    for (const operation of found.operations) {
      if (operation.state === 'PROCESSING' || operation.state === 'ROLLING_BACK')
        this.#drives.drive(operation);
    }
  }

  /** Stops driving; what is not over goes on when the store is opened again. */
  close(): Promise<void> {
    return this.#drives.close();
  }

  /** Every service as it was stored last. */
  get services(): readonly ServiceInstance[] {
    return [...this.#known.values()];
  }

  /** Services that could not be booked where they run when they were taken over. */
  get unbooked(): readonly Unbooked[] {
    return this.#unbooked;
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
    return this.#listeners.listen(listener);
  }

  async create(request: NewService): Promise<ServiceInstance> {
    const { name, description, nsd, flavour } = NewServiceSchema.parse(request);
    const known = await this.#deps.packages.nsd(nsd);
    if (known === undefined) throw noNsd(nsd);
    const wanted = ServiceFileSchema.parse({
      name,
      nsd,
      ...(description === undefined ? {} : { description }),
      ...(flavour === undefined ? {} : { flavour }),
    });
    return this.#add(wanted, flavour ?? known.flavours[0]?.id ?? 'default');
  }

  async #add(wanted: ServiceFile, flavour: string): Promise<ServiceInstance> {
    const service = newService(wanted, flavour, this.#deps.newId(), this.#deps.wallMs());
    await addService(this.#deps.store, service);
    this.#known.set(service.id, service);
    this.#listeners.tell({ kind: 'service', change: 'created', service });
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
      // Of an instantiation that was given up: once the service is gone nobody would let go of them.
      for (const name of service.held) await this.#deps.packages.letGo(name, id);
      return { stored: { service: undefined }, answer: service };
    });
    this.#forget(id);
    this.#listeners.tell({ kind: 'service', change: 'removed', service: removed });
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

  async apply(request: ApplyRequest): Promise<Applied> {
    const { before, wanted, flavour, params, changes, underWay } = await planApply(request, this.#deps);
    if (underWay !== undefined)
      return { outcome: 'unchanged', changes, service: before, operation: underWay };
    if (request.dryRun === true)
      return { outcome: 'planned', changes, service: before, operation: undefined };
    if (changes.length === 0) return { outcome: 'unchanged', changes, service: before, operation: undefined };
    const { id } = before ?? (await this.#add(wanted, flavour));
    const anew = before?.state === 'INSTANTIATED' ? undefined : wanted;
    const operation = await this.#begin(id, params, BY_HAND, anew);
    const outcome = before === undefined ? 'created' : 'updated';
    return { outcome, changes, service: await this.get(id), operation };
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
    return this.#begin(service.id, await updateParams(service, request, this.#deps.packages), BY_HAND);
  }

  /** `occasion`: whether Muster asks by itself; `room`: for whom, where not to cost less. */
  async improve(
    ref: string,
    request: Parameters<ServiceOperations['improve']>[1],
    occasion: Occasion = BY_HAND,
    room?: RoomWanted,
  ): Promise<Improved> {
    const service = await this.get(ref);
    const { id } = service;
    const { automatic } = occasion;
    const avoidSites = this.lostSites.map((each) => NodeNameSchema.parse(each));
    return improveService(service, request, {
      ...this.#deps,
      avoidSites,
      automatic,
      ...(room === undefined ? {} : { room }),
      begin: (params, reason) => this.#begin(id, params, { reason, automatic, avoidSites }),
      onOffer: (improved) => this.#listeners.tell({ kind: 'offer', service, improved }),
    });
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

  async fail(id: string): Promise<Operation> {
    const operation = await this.#steer(id, { kind: 'fail' });
    const { placer, onTrouble } = this.#deps;
    giveBackUnstarted(operation, this.#known.get(operation.service), placer).catch((error: unknown) =>
      onTrouble(`${operation.serviceName} keeps what is booked: ${String(error)}`),
    );
    return operation;
  }

  async cancel(id: string): Promise<Operation> {
    const operation = await this.#steer(id, { kind: 'cancel' });
    // One that stands still, since the store could not be written, is brought to where it waits.
    if (!this.#drives.cancel(id)) this.#drives.drive(operation);
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
    this.#listeners.tell({ kind: 'service', change: 'changed', service: stored });
  }

  /** Records alarms as they are now, and tells of those that have changed. */
  async setAlarms(
    id: string,
    alarms: readonly AlarmRecord[],
    changes: readonly AlarmChange[],
  ): Promise<void> {
    await this.amend(id, (now) =>
      now.state === 'INSTANTIATED' ? { ...now, alarms: [...alarms] } : undefined,
    );
    const service = this.#known.get(id);
    if (service?.state !== 'INSTANTIATED') return;
    this.#listeners.tell(...changes.map((each) => ({ kind: 'alarm', service, ...each }) as const));
  }

  async #asked(ref: string, params: unknown): Promise<Operation> {
    const { id } = await this.get(ref);
    return this.#begin(id, OperationParamsSchema.parse(params), BY_HAND);
  }

  async #begin(
    id: string,
    params: OperationParams,
    occasion: Occasion,
    wanted?: ServiceFile,
  ): Promise<Operation> {
    const { service, operation, givenUp } = await acceptOperation(id, params, occasion, this.#deps, wanted);
    if (givenUp !== undefined) this.#listeners.tell({ kind: 'operation', operation: givenUp });
    this.#stored(service, operation);
    if (!isOver(operation.state)) this.#drives.drive(operation);
    return operation;
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
    if (event.kind === 'retry' || event.kind === 'rollback') this.#drives.drive(stored.operation);
    return stored.operation;
  }

  #stored(service: ServiceInstance | undefined, operation: Operation): void {
    const before = this.#known.get(operation.service);
    if (service === undefined) this.#forget(operation.service);
    else this.#known.set(service.id, service);
    this.#listeners.tellStored(operation, service ?? before, service === undefined);
  }

  #forget(service: string): void {
    this.#known.delete(service);
    if (++this.#removed % REMOVALS_BETWEEN !== 0) return;
    // Where it is in the way of others, the next time is soon enough.
    forgetOldest(this.#deps.store).catch(() => {});
  }
}
