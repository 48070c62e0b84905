import type { AgentId } from '../../protocol/ids.ts';
import { tieBreak } from './tie-break.ts';

/** Most agents that one search answers: a thousand agents must not each ask a thousand. */
export const MAX_CANDIDATES = 128;

/** Processors and GiB. */
export interface Room {
  readonly cpu: number;
  readonly memoryGb: number;
}

export interface SearchTerms {
  /** What the goal takes: agents whose whole host is smaller need not be asked. */
  readonly demand?: Room;
  /** Chooses whom to ask when there are too many: another text, other agents. */
  readonly salt?: string;
  readonly limit?: number;
}

/**
 * FIPA's directory facilitator: who offers to reach which type of goal, and how large its host is. Agents are listed in the
 * order of their names, so that a search does not depend on who registered first.
 */
export class Directory {
  readonly #offers = new Map<string, AgentId[]>();
  readonly #rooms = new Map<AgentId, Room>();

  /** `room`: what the agent's host has in all; absent: not known, so always asked. */
  register(agent: AgentId, goals: readonly string[], room?: Room): void {
    if (room !== undefined) this.#rooms.set(agent, room);
    for (const goal of goals) {
      const list = this.#offers.get(goal) ?? [];
      const at = placeOf(agent, list);
      if (list[at] === agent) continue;
      list.splice(at, 0, agent);
      this.#offers.set(goal, list);
    }
  }

  deregister(agent: AgentId): void {
    this.#rooms.delete(agent);
    for (const [goal, list] of this.#offers) {
      const left = list.filter((each) => each !== agent);
      if (left.length === 0) this.#offers.delete(goal);
      else this.#offers.set(goal, left);
    }
  }

  /** At most `limit` agents that offer the goal and whose hosts could hold it, in the order of their names. */
  search(goal: string, terms: SearchTerms = {}): readonly AgentId[] {
    const { demand, salt = '', limit = MAX_CANDIDATES } = terms;
    const list = (this.#offers.get(goal) ?? []).filter((agent) => this.#couldHold(agent, demand));
    if (list.length <= limit) return list;
    const drawn = list
      .map((agent) => ({ agent, lot: tieBreak(salt, agent) }))
      .sort((a, b) => a.lot - b.lot || (a.agent < b.agent ? -1 : 1))
      .slice(0, limit);
    return drawn.map((each) => each.agent).sort((a, b) => (a < b ? -1 : 1));
  }

  #couldHold(agent: AgentId, demand: Room | undefined): boolean {
    const room = this.#rooms.get(agent);
    if (room === undefined || demand === undefined) return true;
    return demand.cpu <= room.cpu && demand.memoryGb <= room.memoryGb;
  }
}

/** Where a name stands, or would stand, in a list in order. */
function placeOf(agent: AgentId, list: readonly AgentId[]): number {
  let from = 0;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = list[middle];
    if (there !== undefined && there < agent) from = middle + 1;
    else to = middle;
  }
  return from;
}
