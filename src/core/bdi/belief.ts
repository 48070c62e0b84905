/** What an agent holds about a statement: true, false, or that it does not know (Table I's `not x`). */
export type Truth = 'true' | 'false' | 'unknown';

declare const beliefValue: unique symbol;

/**
 * A kind of belief: a name, and the type of the value that comes with it. A belief is about a subject (a link, an address);
 * beliefs about the agent itself use the subject `self`.
 */
export interface BeliefType<V> {
  readonly kind: 'belief-type';
  readonly name: string;
  /** ms after which a belief of this kind falls back to unknown; absent: never. */
  readonly ttlMs?: number;
  /** Never present at run time: carries the type of the value. */
  readonly [beliefValue]?: V;
}

/** One belief in an agent's belief base. */
export interface Belief<V = unknown> {
  readonly key: string;
  readonly subject: string;
  readonly truth: Truth;
  readonly value: V | undefined;
  /** Who or what it comes from: `measurement`, `message:a3`, `plan:throttle`, ... */
  readonly source: string;
  /** When it took this truth. */
  readonly sinceMs: number;
  /** When it was last confirmed. */
  readonly atMs: number;
  /** Infinity: never. */
  readonly expiresMs: number;
  /** Trace id of the entry that recorded it; 0 with the trace off. */
  readonly cause: number;
}

/** One change that a belief revision function asks for. */
export interface Revision {
  readonly type: BeliefType<unknown>;
  readonly subject: string;
  readonly truth: Truth;
  readonly value?: unknown;
  readonly reason: string;
}

/** Declares a kind of belief. */
export function beliefType<V = undefined>(name: string, options: { ttlMs?: number } = {}): BeliefType<V> {
  return options.ttlMs === undefined
    ? { kind: 'belief-type', name }
    : { kind: 'belief-type', name, ttlMs: options.ttlMs };
}

/** `name(subject)`: how a belief is stored, printed and asked for. */
export function beliefKey(name: string, subject: string): string {
  return `${name}(${subject})`;
}

/** Revision: the statement holds. */
export function believe<V>(type: BeliefType<V>, subject: string, value: V, reason: string): Revision {
  return { type, subject, truth: 'true', value, reason };
}

/** Revision: the statement does not hold (which is more than not knowing). */
export function deny<V>(type: BeliefType<V>, subject: string, reason: string, value?: V): Revision {
  return value === undefined
    ? { type, subject, truth: 'false', reason }
    : { type, subject, truth: 'false', value, reason };
}

/** Revision: nothing is known about the statement any more. */
export function forget(type: BeliefType<unknown>, subject: string, reason: string): Revision {
  return { type, subject, truth: 'unknown', reason };
}
