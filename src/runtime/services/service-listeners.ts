import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { ServiceEvent } from './operations.ts';

/** Whoever is told what happens to services; one that fails keeps nobody else from being told. */
export class ServiceListeners {
  readonly #listeners = new Set<(event: ServiceEvent) => void>();
  readonly #onTrouble: (text: string) => void;

  constructor(onTrouble: (text: string) => void) {
    this.#onTrouble = onTrouble;
  }

  listen(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(...events: readonly ServiceEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          this.#onTrouble(`who listens to services fails: ${String(error)}`);
        }
      }
    }
  }

  /** What was stored with an operation: that a service is gone comes after the end of the operation which has removed it. */
  tellStored(operation: Operation, service: ServiceInstance | undefined, isRemoved: boolean): void {
    const ofOperation = { kind: 'operation', operation } as const;
    if (service === undefined) this.tell(ofOperation);
    else if (isRemoved) this.tell(ofOperation, { kind: 'service', change: 'removed', service });
    else this.tell({ kind: 'service', change: 'changed', service }, ofOperation);
  }
}

/** Operations that are in another state than they were. */
export function changedSince(
  before: readonly Operation[],
  now: readonly Operation[],
): readonly ServiceEvent[] {
  const states = new Map(before.map(({ id, state }) => [id, state]));
  return now.flatMap((operation) =>
    states.get(operation.id) === operation.state ? [] : [{ kind: 'operation', operation }],
  );
}
