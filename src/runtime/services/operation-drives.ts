import type { Operation } from '../../protocol/operation-record.ts';
import { type DriveTools, driveOperation } from './drive-operation.ts';

/** Operations that are being carried out: each is driven once at a time, until it is over, waits, or this process ends. */
export class OperationDrives {
  readonly #tools: DriveTools;
  readonly #onTrouble: (text: string) => void;
  readonly #end = new AbortController();
  readonly #driven = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>();

  constructor(tools: DriveTools, onTrouble: (text: string) => void) {
    this.#tools = tools;
    this.#onTrouble = onTrouble;
  }

  drive({ id, service }: Operation): void {
    const { signal } = this.#end;
    if (signal.aborted) return;
    const cancel = new AbortController();
    const before = this.#driven.get(id)?.done ?? Promise.resolve();
    const done = before
      .then(() => driveOperation(service, id, this.#tools, cancel.signal, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onTrouble(`operation ${id} stands still: ${String(error)}`);
      })
      .finally(() => {
        if (this.#driven.get(id)?.cancel === cancel) this.#driven.delete(id);
      });
    this.#driven.set(id, { cancel, done });
  }

  /** What it waits for is not waited for any longer. False: nobody drives it. */
  cancel(id: string): boolean {
    const driven = this.#driven.get(id);
    driven?.cancel.abort();
    return driven !== undefined;
  }

  /** What is not over goes on when the store is opened again. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([...this.#driven.values()].map(({ done }) => done));
  }
}
