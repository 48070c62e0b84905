import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';

/** How many agents may be added to a pipeline while it runs. */
export const MOST_ADDED = 32;

/** The agents that a pipeline is to have now, and at which site each is: agents come, go and move while it runs. */
export class Roster {
  readonly #specs = new Map<AgentId, AgentSpec>();
  readonly #siteOf = new Map<AgentId, string>();
  /** Never given anew: what goes by it (a user of the machine) must not go from one agent to another. */
  readonly #places = new Map<AgentId, number>();
  readonly #first: number;

  constructor(specs: readonly AgentSpec[], siteOf: ReadonlyMap<AgentId, string>) {
    for (const spec of specs) this.set(spec, siteOf.get(spec.name) ?? '');
    this.#first = specs.length;
  }

  get specs(): readonly AgentSpec[] {
    return [...this.#specs.values()];
  }

  /** Goes along with every change. */
  get siteOf(): ReadonlyMap<AgentId, string> {
    return this.#siteOf;
  }

  /** The site of an agent, or of its successor beside it. */
  siteOfKey(key: AgentKey): string | undefined {
    const found = [...this.#siteOf].find(([name]) => [key, seatBeside(key)].includes(agentKeyOf(name)));
    return found?.[1];
  }

  has(agent: AgentId): boolean {
    return this.#specs.has(agent);
  }

  /** How many more there is a place for that have never been here. */
  get room(): number {
    return this.#first + MOST_ADDED - this.#places.size;
  }

  placeOf(agent: AgentId): number {
    return this.#places.get(agent) ?? 0;
  }

  set(spec: AgentSpec, site: string): void {
    this.#specs.set(spec.name, spec);
    this.#siteOf.set(spec.name, site);
    if (!this.#places.has(spec.name)) this.#places.set(spec.name, this.#places.size);
  }

  /** It is not wanted any more; its site still speaks for it until `forget`. */
  remove(agent: AgentId): void {
    this.#specs.delete(agent);
  }

  forget(agent: AgentId): void {
    this.#siteOf.delete(agent);
  }
}
