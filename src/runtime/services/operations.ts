import type { Improved } from '../../protocol/improved-service.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { AlarmRecord, ServiceInstance } from '../../protocol/service-record.ts';
import type {
  ActionRequest,
  ApplyRequest,
  HealRequest,
  ImproveRequest,
  InstantiateRequest,
  NewService,
  ScaleRequest,
  TerminateRequest,
  UpdateRequest,
} from '../../protocol/service-requests.ts';

/** One difference between what is wanted and what is there. */
export interface ServiceChange {
  /** What it is about: `member web`, `parameter colour`, `service`. */
  readonly about: string;
  readonly change: string;
}

/** What came of applying a service file. */
export interface Applied {
  /** `unchanged`: nothing was to be done; `planned`: a dry run, which has changed nothing. */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'planned';
  readonly changes: readonly ServiceChange[];
  /** Undefined: it does not exist yet, and nothing was to be done. */
  readonly service: ServiceInstance | undefined;
  /** What carries the changes out; undefined: nothing has to be done on the network. */
  readonly operation: Operation | undefined;
}

/** What happens to services, for subscriptions, event streams and the journal. */
export type ServiceEvent =
  | {
      readonly kind: 'service';
      readonly change: 'created' | 'changed' | 'removed';
      readonly service: ServiceInstance;
    }
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** An alarm of its descriptors is in another state; `webhooks` are those that its descriptor has told of it, allowed or not. */
  | {
      readonly kind: 'alarm';
      readonly service: ServiceInstance;
      readonly alarm: AlarmRecord;
      readonly webhooks: readonly string[];
    }
  /** Somebody has asked whether it would cost less elsewhere. */
  | { readonly kind: 'offer'; readonly service: ServiceInstance; readonly improved: Improved };

/**
 * The life cycle of services, as the northbound interfaces offer it. What changes anything resolves once it is on disk (HTTP 202): what
 * it answers goes on by itself, also after a restart. Operations end in COMPLETED, PARTIALLY_COMPLETED, FAILED or ROLLED_BACK;
 * FAILED_TEMP waits for `retry`, `rollback`, `fail`, or a `terminate` of the service, which gives the operation up.
 *
 * All throw MusterError: NOT_FOUND (404) for what is not there; CONFLICT (409) for what cannot be now, such as a second operation while
 * one is not over, with its id in the hint; BAD_SERVICE (422) for what cannot be with these packages and this site: all reasons at once.
 */
export interface ServiceOperations {
  /** NOT_INSTANTIATED. @throws CONFLICT when the name is taken. */
  create(request: NewService): Promise<ServiceInstance>;
  /** Forgets a service of which nothing runs. @throws CONFLICT while it is INSTANTIATED. */
  remove(service: string): Promise<void>;
  list(): Promise<readonly ServiceInstance[]>;
  /** By id or by name. */
  get(service: string): Promise<ServiceInstance>;

  /** Brings the service of that name to what the file says: creates it, changes it, or does nothing. @throws CONFLICT for a structural change. */
  apply(request: ApplyRequest): Promise<Applied>;
  instantiate(service: string, request: InstantiateRequest): Promise<Operation>;
  scale(service: string, request: ScaleRequest): Promise<Operation>;
  heal(service: string, request: HealRequest): Promise<Operation>;
  update(service: string, request: UpdateRequest): Promise<Operation>;
  /** Moves units to where they cost less, when that pays. @throws UNSATISFIED when no agent answers. */
  improve(service: string, request: ImproveRequest): Promise<Improved>;
  action(service: string, request: ActionRequest): Promise<Operation>;
  terminate(service: string, request: TerminateRequest): Promise<Operation>;

  /** Newest first; of one service (id or name), or of all. */
  operations(service?: string): Promise<readonly Operation[]>;
  operation(id: string): Promise<Operation>;
  /** FAILED_TEMP only: from the step that failed. */
  retry(operation: string): Promise<Operation>;
  /** FAILED_TEMP only: undoes what has been done. @throws CONFLICT once units have been stopped that were there before. */
  rollback(operation: string): Promise<Operation>;
  /** FAILED_TEMP only: it stays as it is. */
  fail(operation: string): Promise<Operation>;
  /** PROCESSING or ROLLING_BACK: stops after the step that is being done, in FAILED_TEMP. */
  cancel(operation: string): Promise<Operation>;

  /** Tells what happens from now on; answers how to stop listening. */
  listen(listener: (event: ServiceEvent) => void): () => void;
}
