import { MusterError } from '../../protocol/errors.ts';
import type { ServiceEvent, ServiceOperations } from './operations.ts';

/** Services that whoever asks may know before they are there. */
export interface LateServices extends ServiceOperations {
  /** Hears what happens to services: also while they are taken over, and nobody can be asked yet. */
  readonly hear: (event: ServiceEvent) => void;
  /** From now on these are asked. */
  open(services: ServiceOperations): void;
  /** From now on nobody is. */
  shut(): void;
}

/** Until they are opened there are no services, and what would change any is refused with CONFLICT. Who listens hears them once they are there. */
export function lateServices(): LateServices {
  const listeners = new Set<(event: ServiceEvent) => void>();
  let there: ServiceOperations | undefined;
  let isShut = false;
  const now = (): ServiceOperations => {
    if (there !== undefined) return there;
    throw new MusterError('CONFLICT', 'services are not managed yet, or not any more', {
      hint: 'muster status tells when it is up; then ask again',
    });
  };
  return {
    hear: (event) => {
      if (!isShut) for (const listener of listeners) listener(event);
    },
    open: (services) => {
      there = services;
    },
    shut: () => {
      isShut = true;
      there = undefined;
    },
    create: async (request) => now().create(request),
    remove: async (service) => now().remove(service),
    list: async () => there?.list() ?? [],
    get: async (service) => now().get(service),
    apply: async (request) => now().apply(request),
    instantiate: async (service, request) => now().instantiate(service, request),
    scale: async (service, request) => now().scale(service, request),
    heal: async (service, request) => now().heal(service, request),
    improve: async (service, request) => now().improve(service, request),
    update: async (service, request) => now().update(service, request),
    action: async (service, request) => now().action(service, request),
    terminate: async (service, request) => now().terminate(service, request),
    operations: async (service) =>
      service === undefined ? (there?.operations() ?? []) : now().operations(service),
    operation: async (id) => now().operation(id),
    retry: async (id) => now().retry(id),
    rollback: async (id) => now().rollback(id),
    fail: async (id) => now().fail(id),
    cancel: async (id) => now().cancel(id),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
