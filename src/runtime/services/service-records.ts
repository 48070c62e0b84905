import { z } from 'zod';
import type { Store, StoreChange, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type Operation, OperationSchema } from '../../protocol/operation-record.ts';
import { type ServiceInstance, ServiceInstanceSchema } from '../../protocol/service-record.ts';
import { RecentRecords } from '../recent-records.ts';

// Keys: `service/<id>`, `name/<name>` (the id), `operation/<service>/<id>`, `removed/<ms since 1970>/<service>`; parts are escaped, so `/`
// only separates.
const escaped = encodeURIComponent;
const NameSchema = z.string();
/** Records that were read or written last, by their bytes: every step of an operation reads what the one before has stored. */
const READ = new RecentRecords();

/** Services that are gone whose operations are kept, when they are looked at. */
export const MOST_REMOVED = 500;

const serviceKey = (id: string) => `service/${escaped(id)}`;
const nameKey = (name: string) => `name/${escaped(name)}`;
const removedKey = ({ id, updatedAtMs }: ServiceInstance) =>
  `removed/${String(updatedAtMs).padStart(16, '0')}/${escaped(id)}`;
const operationKey = (service: string, id: string) => `operation/${escaped(service)}/${escaped(id)}`;

/** What is stored of a service and of one of its operations. */
export interface Found {
  readonly service: ServiceInstance;
  /** The one that was asked for. */
  readonly operation: Operation | undefined;
}

/** What is to be stored instead; what is absent stays as it is. */
export interface Stored {
  /** Undefined: the service is forgotten. */
  readonly service?: ServiceInstance | undefined;
  readonly operations?: readonly Operation[];
  /** Operations that are not kept any longer. */
  readonly forget?: readonly string[];
}

export async function readServices(view: StoreView): Promise<readonly ServiceInstance[]> {
  return Promise.all(view.keys('service/').map((key) => read(view, key, ServiceInstanceSchema)));
}

/** By id or name; undefined: there is none. */
export async function readService(view: StoreView, ref: string): Promise<ServiceInstance | undefined> {
  const byId = await readMaybe(view, serviceKey(ref), ServiceInstanceSchema);
  if (byId !== undefined) return byId;
  const id = await readMaybe(view, nameKey(ref), NameSchema);
  return id === undefined ? undefined : readMaybe(view, serviceKey(id), ServiceInstanceSchema);
}

export async function readOperations(view: StoreView, service?: string): Promise<readonly Operation[]> {
  const prefix = service === undefined ? 'operation/' : operationKey(service, '');
  return Promise.all(view.keys(prefix).map((key) => read(view, key, OperationSchema)));
}

export async function readOperation(view: StoreView, id: string): Promise<Operation | undefined> {
  const key = view.keys('operation/').find((each) => each.endsWith(`/${escaped(id)}`));
  return key === undefined ? undefined : read(view, key, OperationSchema);
}

/** Stores a new service. @throws CONFLICT when its name is taken. */
export async function addService(store: Store, service: ServiceInstance): Promise<void> {
  await store.update(async (view) => {
    const key = nameKey(service.name);
    if (view.keys(key).includes(key)) throw nameTaken(service.name);
    return { changes: [...putService(service)], answer: undefined };
  });
}

export function nameTaken(name: string): MusterError {
  return new MusterError('CONFLICT', `there is a service ${name} already`, {
    hint: `choose another name, or muster service describe ${name}`,
  });
}

/** Decides on a service and one of its operations as they are now, and stores what was decided, all or none. @throws NOT_FOUND. */
export async function changeService<T>(
  store: Store,
  id: string,
  operation: string | undefined,
  decide: (found: Found) => Promise<{ readonly stored: Stored | undefined; readonly answer: T }>,
): Promise<T> {
  return store.update(async (view) => {
    const service = await readMaybe(view, serviceKey(id), ServiceInstanceSchema);
    if (service === undefined) throw noService(id);
    const key = operation === undefined ? undefined : operationKey(id, operation);
    const { stored, answer } = await decide({
      service,
      operation: key === undefined ? undefined : await readMaybe(view, key, OperationSchema),
    });
    const forgotten = stored !== undefined && 'service' in stored && stored.service === undefined;
    const changes: StoreChange[] = [
      ...(stored?.service === undefined
        ? []
        : putService({ ...stored.service, revision: service.revision + 1 })),
      ...(forgotten ? forget(service) : []),
      ...(stored?.operations ?? []).map((each) => put(operationKey(id, each.id), each, OperationSchema)),
      ...(stored?.forget ?? []).map((each) => del(operationKey(id, each))),
    ];
    return { changes, answer };
  });
}

/** Its operations stay: see `forgetOldest`. */
function forget(service: ServiceInstance): readonly StoreChange[] {
  const gone: StoreChange = { kind: 'put', key: removedKey(service), value: new Uint8Array() };
  return [del(serviceKey(service.id)), del(nameKey(service.name)), gone];
}

/** Forgets the operations of the services that went longest ago. Looked at by itself: removals side by side do not wait for one another. */
export async function forgetOldest(store: Store): Promise<void> {
  await store.update(async (view) => {
    const gone = view.keys('removed/').toSorted().slice(0, -MOST_REMOVED);
    const operations = gone.flatMap((key) => view.keys(`operation/${key.split('/').at(-1)}/`));
    return { changes: [...gone, ...operations].map(del), answer: undefined };
  });
}

export function noService(ref: string): MusterError {
  return new MusterError('NOT_FOUND', `there is no service ${ref}`, { hint: 'muster service list' });
}

function putService(service: ServiceInstance): readonly StoreChange[] {
  return [
    put(serviceKey(service.id), service, ServiceInstanceSchema),
    put(nameKey(service.name), service.id, NameSchema),
  ];
}

function put<T>(key: string, record: T, schema: z.ZodType<T>): StoreChange {
  return { kind: 'put', key, value: READ.write(key, record, schema) };
}

function del(key: string): StoreChange {
  return { kind: 'delete', key };
}

async function readMaybe<T>(view: StoreView, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await view.get(key);
  return bytes === undefined ? undefined : parsed(key, bytes, schema);
}

async function read<T>(view: StoreView, key: string, schema: z.ZodType<T>): Promise<T> {
  return parsed(key, await view.get(key), schema);
}

function parsed<T>(key: string, bytes: Uint8Array | undefined, schema: z.ZodType<T>): T {
  try {
    return READ.read(key, bytes ?? new Uint8Array(), schema);
  } catch (cause) {
    throw new MusterError(
      'STORE_DAMAGED',
      `what is stored as ${key} is nothing that this version of Muster knows`,
      {
        hint: 'use the version that wrote it, or put a backup back',
        cause,
      },
    );
  }
}
