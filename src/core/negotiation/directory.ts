import type { AgentId } from '../../protocol/ids.ts';

/** Most agents that one search answers: a thousand agents must not each ask a thousand. */
export const MAX_CANDIDATES = 128;

/**
 * FIPA's directory facilitator: who offers to reach which type of goal. Agents are listed in the order of their names, so
 * that a search does not depend on who registered first.
 */
export class Directory {
  readonly #offers = new Map<string, AgentId[]>();

  register(agent: AgentId, goals: readonly string[]): void {
    for (const goal of goals) {
      const list = this.#offers.get(goal) ?? [];
      if (list.includes(agent)) continue;
      list.push(agent);
      list.sort((a, b) => (a < b ? -1 : 1));
      this.#offers.set(goal, list);
    }
  }

  deregister(agent: AgentId): void {
    for (const [goal, list] of this.#offers) {
      const left = list.filter((each) => each !== agent);
      if (left.length === 0) this.#offers.delete(goal);
      else this.#offers.set(goal, left);
    }
  }

  /** At most `limit` agents that offer the goal. */
  search(goal: string, limit = MAX_CANDIDATES): readonly AgentId[] {
    const list = this.#offers.get(goal) ?? [];
    return list.length <= limit ? list : list.slice(0, limit);
  }
}
