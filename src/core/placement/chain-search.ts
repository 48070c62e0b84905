import type { ChainAnswer, UnitTask } from '../../protocol/placement.ts';
import { MOST_AMOUNT } from '../../protocol/service-graph.ts';
import type { SubstrateLink } from '../../protocol/substrate.ts';
import { isBetter } from './bid-for-unit.ts';
import type { Chain, SiteAnswer } from './chain.ts';
import { differences, emptyChain, taskFor, withPlace } from './chain.ts';
import { checkBid } from './check-bid.ts';
import type { Topology } from './topology.ts';
import type { UnitGraph } from './unit-graph.ts';
import { firstUnits, nextUnit } from './unit-graph.ts';

export interface SearchOptions {
  /** Chains that are tried side by side: first units, then, where there are fewer units, their next best hosts; absent: `startsFor`. */
  readonly starts?: number | undefined;
  /** How often every unit of the complete chains is put up again, the others staying where they are. */
  readonly improvements: number;
  /** Of units that are placed already: how many may move at most, and what part of the cost each move has to save. */
  readonly moves?: {
    readonly most: number;
    readonly saving: number;
    /** Only these, and each to another host than its own: what it would cost there is asked, whatever is bid for where it is. */
    readonly movable?: ReadonlySet<number>;
    /** Instead: whether a move of a unit from one host to another makes room, whatever it costs. */
    readonly makesRoom?: (unit: number, from: number, to: number) => boolean;
  };
  /** Keeps the answers that each place was won against, for the journal; otherwise only those of units that nobody hosts. */
  readonly explain: boolean;
  /** Links that nothing is to go over. */
  readonly closed?: readonly SubstrateLink['id'][];
  /** Decides between equal bids: lowest wins. */
  readonly lot: (site: string) => number;
}

/** Chains that are tried side by side unless told otherwise. */
const STARTS = { least: 8, most: 12, more: 2, perUnit: 2 };

/**
 * Chains that are tried side by side for a service of so many units: the more units, the more of the ways that the first of them leaves
 * open are bad ones. What is gained and what it costs: docs/placement.md, `make bench-placement` with `--exact`, `make bench-burst`.
 */
export function startsFor(units: number): number {
  const { least, most, more, perUnit } = STARTS;
  return Math.min(most, Math.max(least, more + perUnit * units));
}

/** Characters that the tasks of one round have at most, as JSON: they go in one message. */
const MAX_TASK_CHARS = 45_000;

/** What was answered about moving a unit of a placed service, and what the service would cost then; undefined: nobody can host it. */
export interface MoveAnswers {
  readonly answers: readonly SiteAnswer[];
  readonly byteHops: number | undefined;
}

/** What one site has answered in a round; undefined: nothing. */
export interface RoundAnswer {
  readonly site: string;
  readonly answer: Pick<ChainAnswer, 'bids' | 'refusals'> | undefined;
}

/**
 * Tries to place a service in several ways at once, round after round: `tasks` says what is put up in this round, one unit a chain;
 * `take` gives each to the best answer. It is over when there are no tasks left. Whoever calls it decides who answers: other agents, or
 * a function that sees everything.
 */
export class ChainSearch {
  readonly #topology: Topology;
  readonly #graph: UnitGraph;
  readonly #options: SearchOptions;
  readonly #order: readonly number[];
  readonly #starts: number;
  /** What is booked already: all of a service, to be improved, or a part, which stays. */
  readonly #placed: Chain | undefined;
  #chains: Chain[];
  /** What is put up in this round: chain by chain, and which unit. */
  #tasks: { readonly chain: number; readonly unit: number; readonly task: UnitTask }[] = [];
  /** Of the improvement: which unit is next, counted over all passes. */
  #improving = -1;
  #begun = false;
  readonly #moves = new Map<number, MoveAnswers>();

  constructor(topology: Topology, graph: UnitGraph, options: SearchOptions, from?: Chain) {
    this.#topology = topology;
    this.#graph = graph;
    this.#options = options;
    this.#order = firstUnits(graph);
    this.#starts = options.starts ?? startsFor(graph.units.length);
    this.#placed = from;
    this.#begun = from?.places.size === graph.units.length;
    const first = this.#order.slice(0, this.#starts).map((unit) => emptyChain(unit, 0));
    this.#chains = from === undefined ? first : [from];
    this.#putUp();
  }

  get tasks(): readonly UnitTask[] {
    return this.#tasks.map((each) => each.task);
  }

  /** Complete ones, cheapest first. */
  complete(): readonly Chain[] {
    return this.#chains
      .filter((chain) => chain.places.size === this.#graph.units.length)
      .sort((a, b) => a.byteHops - b.byteHops || a.price - b.price);
  }

  /** Those with a unit that nobody hosts: the longest first. */
  stuck(): readonly Chain[] {
    return this.#chains
      .filter((chain) => chain.stuck !== undefined)
      .sort((a, b) => b.places.size - a.places.size);
  }

  /** By unit that was put up to be moved: what came of it last. */
  get moves(): ReadonlyMap<number, MoveAnswers> {
    return this.#moves;
  }

  take(round: readonly RoundAnswer[]): void {
    const chains = this.#chains;
    const grown: Chain[] = [...chains];
    const more: Chain[][] = [];
    for (const { chain, unit, task } of this.#tasks) {
      const before = chains[chain];
      if (before === undefined) continue;
      const ranked = this.#rank(task, round);
      const bids = ranked.filter((each) => each.kind === 'bid');
      const answers = this.#options.explain ? ranked : [];
      const place = (rank: number) => {
        const won = bids[rank];
        const host = won === undefined ? undefined : this.#topology.hostOf(won.bid.host);
        return won === undefined || host === undefined ? undefined : { unit, host, bid: won.bid, answers };
      };
      const best = place(0);
      if (this.#improving >= 0) {
        const after = best === undefined ? undefined : withPlace(before, this.#graph, best);
        if (after !== undefined) grown[chain] = this.#cheaper(before, after);
        this.#moves.set(unit, { answers, byteHops: after?.byteHops });
        continue;
      }
      grown[chain] =
        best === undefined
          ? { ...before, stuck: { unit, answers: ranked } }
          : withPlace(before, this.#graph, best);
      if (this.#begun) continue;
      const others: Chain[] = [];
      // Beside those that there are, so many are wanted at most.
      const deepest = this.#starts - chains.length;
      for (let rank = 1; rank < bids.length && rank <= deepest; rank++) {
        const next = place(rank);
        if (next !== undefined) others.push(withPlace({ ...before, first: unit, rank }, this.#graph, next));
      }
      more.push(others);
    }
    this.#chains = this.#begun ? eachOnce(grown) : withNextBest(grown, more, this.#starts);
    this.#begun = true;
    this.#putUp();
  }

  #putUp(): void {
    this.#collectTasks();
    let chars = 0;
    this.#tasks = this.#tasks.filter(({ chain, unit, task }) => {
      const more = JSON.stringify(task).length + 1;
      if (chars + more <= MAX_TASK_CHARS) {
        chars += more;
        return true;
      }
      const left = this.#chains[chain];
      const reason = `it takes ${more} characters to ask for it, beside ${chars} for other chains: a message has ${MAX_TASK_CHARS}`;
      // Large services are tried in fewer ways.
      if (left !== undefined && this.#improving < 0)
        this.#chains[chain] = {
          ...left,
          stuck: { unit, answers: [{ site: 'any', kind: 'invalid', reason }] },
        };
      return false;
    });
  }

  #collectTasks(): void {
    this.#tasks = [];
    const { units } = this.#graph;
    if (this.#improving < 0) {
      this.#chains.forEach((chain, index) => {
        if (chain.stuck !== undefined) return;
        const placed = (unit: number) => chain.places.has(unit);
        const unit = chain.places.size === 0 ? chain.first : nextUnit(this.#graph, this.#order, placed);
        if (unit !== undefined) this.#put(index, unit);
      });
      if (this.#tasks.length > 0) return;
    }
    if (++this.#improving >= this.#options.improvements * units.length) return;
    const unit = this.#order[this.#improving % units.length];
    if (unit === undefined) return;
    if (this.#options.moves?.movable?.has(unit) === false) {
      this.#collectTasks();
      return;
    }
    this.#chains.forEach((chain, index) => {
      if (chain.places.size === units.length) this.#put(index, unit);
    });
  }

  #put(chain: number, unit: number): void {
    const from = this.#chains[chain];
    if (from === undefined) return;
    const task = taskFor(from, this.#graph, this.#topology, unit, chain, this.#placed);
    for (const link of this.#options.closed ?? []) task.takenLinks.push([link, MOST_AMOUNT]);
    const place = from.places.get(unit);
    // Where it is now it would always fit best, or be as cheap as it is.
    const { makesRoom, movable } = this.#options.moves ?? {};
    if (place !== undefined && (makesRoom !== undefined || movable !== undefined))
      task.notHosts.push(place.bid.host);
    this.#tasks.push({ chain, unit, task });
  }

  #cheaper(before: Chain, after: Chain): Chain {
    const { moves } = this.#options;
    if (moves?.makesRoom !== undefined) return this.#roomier(before, after, moves.makesRoom, moves.most);
    const saved = before.byteHops - after.byteHops;
    if (saved <= before.byteHops * Math.max(moves?.saving ?? 0, 1e-9)) return before;
    if (moves === undefined || this.#placed === undefined) return after;
    return differences(this.#placed, after).units.size <= moves.most ? after : before;
  }

  #roomier(
    before: Chain,
    after: Chain,
    makesRoom: (unit: number, from: number, to: number) => boolean,
    most: number,
  ): Chain {
    const { units } = differences(before, after);
    if (units.size + differences(this.#placed ?? before, before).units.size > most) return before;
    for (const unit of units) {
      const [from, to] = [before.places.get(unit)?.host, after.places.get(unit)?.host];
      if (from !== undefined && to !== undefined && makesRoom(unit, from, to)) return after;
    }
    return before;
  }

  /** All answers to a task: bids first, best first. */
  #rank(task: UnitTask, answers: readonly RoundAnswer[]): readonly SiteAnswer[] {
    const ranked = answers.map(({ site, answer }): SiteAnswer => {
      const bid = answer?.bids.find((each) => each.chain === task.chain);
      if (bid !== undefined) {
        const checked = checkBid(this.#topology, task, bid, site);
        return checked.ok
          ? { site, kind: 'bid', bid, byteHops: checked.byteHops }
          : { site, kind: 'invalid', reason: checked.reason };
      }
      const refusal = answer?.refusals.find((each) => each.chain === task.chain);
      if (refusal !== undefined) return { site, kind: 'refusal', refusal };
      return { site, kind: 'silent', reason: 'no answer' };
    });
    const { lot } = this.#options;
    return ranked.sort((a, b) => {
      if (a.kind === 'bid' && b.kind === 'bid') {
        if (isBetter(a.bid, b.bid)) return -1;
        return isBetter(b.bid, a.bid) ? 1 : lot(a.site) - lot(b.site);
      }
      return Number(b.kind === 'bid') - Number(a.kind === 'bid');
    });
  }
}

/** Chains that began at different units may have come to the same places by the same ways: the cheapest bids for them count. */
function eachOnce(chains: readonly Chain[]): Chain[] {
  const cheapest = new Map<unknown, Chain>();
  for (const chain of chains) {
    const key = chain.stuck === undefined ? wayOf(chain) : chain;
    const other = cheapest.get(key);
    if (other === undefined || chain.price < other.price) cheapest.set(key, chain);
  }
  return [...cheapest.values()];
}

function wayOf({ places, routes }: Chain): string {
  const hosts = [...places].sort(([a], [b]) => a - b).map(([unit, { host }]) => [unit, host]);
  const paths = [...routes].sort(([a], [b]) => a - b).map(([link, { path }]) => [link, path]);
  return JSON.stringify([hosts, paths]);
}

/** Fills up with chains that begin at the second best hosts, then the third, until there are as many as wanted. */
function withNextBest(chains: Chain[], more: readonly (readonly Chain[])[], most: number): Chain[] {
  const all = [...chains];
  const deepest = Math.max(0, ...more.map((each) => each.length));
  for (let rank = 0; rank < deepest; rank++) {
    for (const others of more) {
      const next = others[rank];
      if (all.length >= most) return all;
      if (next !== undefined) all.push(next);
    }
  }
  return all;
}
