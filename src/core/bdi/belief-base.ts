import type { Belief, BeliefType, Revision, Truth } from './belief.ts';
import { beliefKey } from './belief.ts';

/** What plans and functions may do with beliefs: read them. */
export interface BeliefView {
  truth(type: BeliefType<unknown>, subject: string): Truth;
  isTrue(type: BeliefType<unknown>, subject: string): boolean;
  isFalse(type: BeliefType<unknown>, subject: string): boolean;
  isUnknown(type: BeliefType<unknown>, subject: string): boolean;
  /** The value of a belief that is true or false; undefined when unknown. */
  value<V>(type: BeliefType<V>, subject: string): V | undefined;
  /** The whole belief, its age and source with it. */
  get<V>(type: BeliefType<V>, subject: string): Belief<V> | undefined;
  /** All beliefs of a kind that are true or false, in the order in which they were first held. */
  all<V>(type: BeliefType<V>): readonly Belief<V>[];
}

/** An agent's belief base: unknown beliefs take no room. */
export class BeliefBase implements BeliefView {
  #held = new Map<string, Belief>();

  truth(type: BeliefType<unknown>, subject: string): Truth {
    return this.#held.get(beliefKey(type.name, subject))?.truth ?? 'unknown';
  }
  isTrue(type: BeliefType<unknown>, subject: string): boolean {
    return this.truth(type, subject) === 'true';
  }
  isFalse(type: BeliefType<unknown>, subject: string): boolean {
    return this.truth(type, subject) === 'false';
  }
  isUnknown(type: BeliefType<unknown>, subject: string): boolean {
    return this.truth(type, subject) === 'unknown';
  }
  value<V>(type: BeliefType<V>, subject: string): V | undefined {
    return this.get(type, subject)?.value;
  }
  get<V>(type: BeliefType<V>, subject: string): Belief<V> | undefined {
    // Values enter only through revisions of the same BeliefType, so the type it names is the type it has.
    return this.#held.get(beliefKey(type.name, subject)) as Belief<V> | undefined;
  }
  all<V>(type: BeliefType<V>): readonly Belief<V>[] {
    const prefix = `${type.name}(`;
    const found: Belief<V>[] = [];
    for (const belief of this.#held.values()) {
      // As in get: stored under this type's name, therefore with its value.
      if (belief.key.startsWith(prefix)) found.push(belief as Belief<V>);
    }
    return found;
  }

  byKey(key: string): Belief | undefined {
    return this.#held.get(key);
  }

  /** Every belief held, for snapshots and mind inspectors. */
  entries(): IterableIterator<Belief> {
    return this.#held.values();
  }

  /** Takes over beliefs of a snapshot as they are. */
  load(beliefs: Iterable<Belief>): void {
    for (const belief of beliefs) this.#held.set(belief.key, belief);
  }

  /** Stores a revision as of `nowMs`. `changed` is false when the truth stays; value and age are renewed all the same. */
  revise(
    revision: Revision,
    source: string,
    nowMs: number,
    cause: number,
  ): { changed: boolean; was: Truth; belief: Belief | undefined } {
    const key = beliefKey(revision.type.name, revision.subject);
    const before = this.#held.get(key);
    const was = before?.truth ?? 'unknown';
    const changed = was !== revision.truth;
    if (revision.truth === 'unknown') {
      this.#held.delete(key);
      return { changed, was, belief: undefined };
    }
    const ttlMs = revision.type.ttlMs;
    const belief: Belief = {
      key,
      subject: revision.subject,
      truth: revision.truth,
      value: revision.value,
      source,
      sinceMs: changed || before === undefined ? nowMs : before.sinceMs,
      atMs: nowMs,
      expiresMs: ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + ttlMs,
      cause: changed || before === undefined ? cause : before.cause,
    };
    this.#held.set(key, belief);
    return { changed, was, belief };
  }

  /** Drops a belief whose time has come; answers it, or undefined when it was renewed since or is gone. */
  expire(key: string, nowMs: number): Belief | undefined {
    const belief = this.#held.get(key);
    if (belief === undefined || belief.expiresMs > nowMs) return undefined;
    this.#held.delete(key);
    return belief;
  }
}
