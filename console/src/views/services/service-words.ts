import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { ServiceInstance, UnitRecord } from '../../../../src/protocol/service-record.ts';

/** Ids of units, chains and operations begin with that of their service: what is left tells them apart. */
export function shortOf(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

export function runningUnits({ shape: { units } }: ServiceInstance): number {
  return units.filter(({ state }) => state === 'running').length;
}

/** Why nothing else can be begun now; undefined: it can. */
export function whyBusy({ operation }: ServiceInstance): string | undefined {
  return operation === null ? undefined : 'It is being changed, and one change goes on at a time.';
}

/** The same of what only a service that runs can have done to it. */
export function whyNotNow(service: ServiceInstance): string | undefined {
  return whyBusy(service) ?? (service.state === 'INSTANTIATED' ? undefined : 'It is not instantiated.');
}

/** Operations that go on by themselves. */
export function isGoingOn({ state }: Pick<Operation, 'state'>): boolean {
  return state === 'PROCESSING' || state === 'ROLLING_BACK';
}

export interface Told {
  readonly kind: 'good' | 'warn' | 'bad' | '';
  readonly words: string;
}

const SIGNS = { good: '✓ ', warn: '▲ ', bad: '✗ ', '': '' } as const;

export function toldInWords({ kind, words }: Told): string {
  return `${SIGNS[kind]}${words}`;
}

/** How a service fares, at a glance. */
export function fareOf(service: ServiceInstance, operation: Operation | undefined): Told {
  if (operation !== undefined && isGoingOn(operation)) {
    return { kind: '', words: `… ${operation.params.kind}` };
  }
  if (operation?.state === 'FAILED_TEMP') {
    return { kind: 'bad', words: `${operation.params.kind} waits for an operator` };
  }
  if (service.state === 'NOT_INSTANTIATED') return { kind: '', words: 'not instantiated' };
  const running = runningUnits(service);
  const { units } = service.shape;
  if (running < units.length) {
    return { kind: 'bad', words: `${units.length - running} of ${units.length} units do not run` };
  }
  if (service.notes.length > 0) return { kind: 'warn', words: 'runs, something waits' };
  return { kind: 'good', words: 'runs' };
}

export function fareOfUnit({ state }: UnitRecord): Told {
  if (state === 'running') return { kind: 'good', words: state };
  return { kind: state === 'failed' ? 'bad' : 'warn', words: state };
}

export function fareOfOperation({ state }: Pick<Operation, 'state'>): Told {
  const words = state.toLowerCase().replaceAll('_', ' ');
  if (state === 'COMPLETED') return { kind: 'good', words };
  if (state === 'PARTIALLY_COMPLETED' || state === 'ROLLED_BACK') return { kind: 'warn', words };
  if (state === 'FAILED') return { kind: 'bad', words };
  return state === 'FAILED_TEMP'
    ? { kind: 'bad', words: 'failed: waits for an operator' }
    : { kind: '', words: `… ${words}` };
}
