import type { Infrastructure, RunningUnit } from '../../../ports/infrastructure.ts';
import { MusterError } from '../../../protocol/errors.ts';

/** What goes from a daemon that is to be killed to its parent, whose infrastructure outlives it. */
export interface DistantCall {
  readonly id: number;
  readonly what: 'infrastructure' | 'placer';
  readonly method: string;
  readonly args: readonly unknown[];
}

export type DistantAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly change: RunningUnit };

export interface Distant {
  call(what: DistantCall['what'], method: string, args: readonly unknown[]): Promise<unknown>;
  readonly infrastructure: Infrastructure;
}

/** The child's end: every call is a message to the parent. */
export function connectDistant(): Distant {
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Set<(unit: RunningUnit) => void>();
  let calls = 0;
  process.on('message', (answer: DistantAnswer) => {
    if ('change' in answer) {
      for (const listener of listeners) listener(answer.change);
      return;
    }
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) waiting?.reject(new MusterError('PLANE_FAILED', answer.error));
    else waiting?.resolve(answer.value);
  });
  const call: Distant['call'] = (what, method, args) =>
    new Promise((resolve, reject) => {
      calls += 1;
      pending.set(calls, { resolve, reject });
      process.send?.({ id: calls, what, method, args } satisfies DistantCall);
    });
  const far =
    (method: string) =>
    async (...args: readonly unknown[]) =>
      call('infrastructure', method, args) as never;
  return {
    call,
    infrastructure: {
      kind: 'twin',
      start: far('start'),
      stop: far('stop'),
      list: far('list'),
      setChain: far('setChain'),
      removeChain: far('removeChain'),
      usage: far('usage'),
      exec: far('exec'),
      logs: far('logs'),
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}
