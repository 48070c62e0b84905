import type { Clock, Timer } from '../../ports/clock.ts';
import type { AgentId, NodeName } from '../../protocol/ids.ts';
import type { Placing, Settled } from '../../protocol/placing.ts';
import { MAX_SETTLED, MAX_WISH_CHARS } from '../../protocol/placing.ts';
import type { AskedWishes } from './asked-wishes.ts';
import type { BookedServices } from './booked-services.ts';

export const SETTLED_WITHIN_MS = 5000;
/** How long is waited before an agent that has refused what stands in its book is told again: twice as long each time, up to the longest. */
const TOLD_AGAIN_MS = 1000;
const TOLD_AGAIN_AT_MOST_MS = 60_000;

/**
 * - `away`: none of its incarnations may act, or nobody reaches it.
 * - `settling`: it is being told what stands in its book; `slow`: and nobody waits for it.
 * - `ready`: its book is open.
 */
type Standing = 'away' | 'settling' | 'slow' | 'ready';

interface Keeper {
  readonly site: NodeName;
  standing: Standing;
  /** Whether it has gone on out of sight: its book may have what it should not. */
  remembers: boolean;
  life: number;
  /** How often it has refused since it was told first, and when it is told again. */
  refusals: number;
  again: Timer | undefined;
}

export interface BookKeepersOptions {
  readonly clock: Clock;
  readonly books: Placing['books'];
  readonly wishes: AskedWishes;
  readonly booked: BookedServices;
  onFault(fault: string, subject: string, reason: string): void;
  /** The book of one has opened, or stays closed for now. */
  onStanding(): void;
}

/** The agents that keep the books of sites: which of them are there, and who of them is being told what stands in its book. */
export class BookKeepers {
  readonly #options: BookKeepersOptions;
  readonly #keepers: ReadonlyMap<AgentId, Keeper>;

  constructor(options: BookKeepersOptions) {
    this.#options = options;
    this.#keepers = new Map(
      options.books.map(({ site, agent }) => [
        agent,
        { site, standing: 'away', remembers: false, life: 0, refusals: 0, again: undefined },
      ]),
    );
  }

  siteOf(agent: AgentId): NodeName | undefined {
    return this.#keepers.get(agent)?.site;
  }

  /** All, each with its site. */
  all(): readonly { readonly agent: AgentId; readonly site: NodeName }[] {
    return [...this.#keepers].map(([agent, { site }]) => ({ agent, site }));
  }

  isThere(agent: AgentId): boolean {
    const standing = this.#keepers.get(agent)?.standing;
    return standing !== undefined && standing !== 'away';
  }

  /** It is there, and what it is asked is waited for. */
  isWaitedFor(agent: AgentId): boolean {
    return this.isThere(agent) && this.#keepers.get(agent)?.standing !== 'slow';
  }

  /** Those whose books are open. */
  open(): readonly AgentId[] {
    return [...this.#keepers].flatMap(([agent, { standing }]) => (standing === 'ready' ? [agent] : []));
  }

  /** Whether one is being told its book, and is waited for; `slow`: or is not waited for. */
  someSettle(slow = false): boolean {
    return [...this.#keepers.values()].some(
      ({ standing }) => standing === 'settling' || (slow && standing === 'slow'),
    );
  }

  /** It can be asked for nothing. False: it keeps no book. */
  leave(agent: AgentId): boolean {
    const keeper = this.#keepers.get(agent);
    if (keeper === undefined) return false;
    keeper.standing = 'away';
    keeper.life++;
    keeper.refusals = 0;
    keeper.again?.cancel();
    return true;
  }

  /** Nobody is told again. */
  close(): void {
    for (const { again } of this.#keepers.values()) again?.cancel();
  }

  /** A new incarnation, that knows nothing: it is told all that stands in its book, which opens with that. */
  tell(agent: AgentId): void {
    this.#tell(agent, 'settling', false);
  }

  /** One that has gone on where nobody has reached it: it is told also what does not stand in its book, and nobody waits for it. */
  tellAgain(agent: AgentId): void {
    this.#tell(agent, 'slow', true);
  }

  /** Settles one service in the books of these agents; `ended` once each that is waited for has answered or is lost. */
  settle(agents: readonly AgentId[], service: string, ended: (refused: string | undefined) => void): void {
    const { booked, wishes } = this.#options;
    const waitedFor = agents.filter((each) => this.isWaitedFor(each));
    let left = waitedFor.length;
    let refused: string | undefined;
    for (const agent of agents) {
      const settled = [booked.settled(agent, service)];
      const counts = waitedFor.includes(agent);
      wishes.ask(agent, { what: 'settle', settled, open: false }, SETTLED_WITHIN_MS, (end) => {
        if (!counts) return;
        // One that is lost is told all that its book has when it is back.
        if (end.kind === 'refused') refused = `${agent}: ${end.error}`;
        if (--left === 0) ended(refused);
      });
    }
    if (waitedFor.length === 0) ended(undefined);
  }

  #tell(agent: AgentId, standing: 'settling' | 'slow', remembers: boolean): void {
    const keeper = this.#keepers.get(agent);
    if (keeper === undefined) return;
    keeper.again?.cancel();
    keeper.standing = standing;
    keeper.remembers = remembers;
    this.#settleAll(agent, keeper, this.#options.booked.allSettled(agent, remembers));
  }

  /** A part at a time; the last one opens the book. */
  #settleAll(agent: AgentId, keeper: Keeper, all: readonly Settled[]): void {
    const { booked, wishes, onFault, onStanding } = this.#options;
    const { life } = keeper;
    const settled = firstOf(all);
    const rest = all.slice(settled.length);
    const wish = { what: 'settle', settled, open: rest.length === 0 } as const;
    wishes.ask(agent, wish, SETTLED_WITHIN_MS, (end) => {
      if (keeper.life !== life) return;
      if (end.kind === 'granted' && rest.length > 0) {
        this.#settleAll(agent, keeper, rest);
        return;
      }
      if (end.kind === 'granted') {
        keeper.standing = 'ready';
        keeper.refusals = 0;
      } else if (end.kind === 'lost') {
        onFault('book-not-settled', agent, `its book stays closed: ${end.reason}`);
        keeper.standing = 'slow';
        this.#settleAll(agent, keeper, booked.allSettled(agent, keeper.remembers));
      } else this.#refused(agent, keeper, end.error);
      onStanding();
    });
  }

  /** What stands in the way may go: it is told again later, all of it, for some may stand in its book by now. */
  #refused(agent: AgentId, keeper: Keeper, why: string): void {
    const { clock, onFault } = this.#options;
    const waitMs = Math.min(TOLD_AGAIN_AT_MOST_MS, TOLD_AGAIN_MS * 2 ** keeper.refusals);
    keeper.refusals++;
    keeper.standing = 'away';
    const next = `it is told again in ${waitMs / 1000} s`;
    onFault('book-not-settled', agent, `its book stays closed: ${why}; ${next}`);
    keeper.again = clock.at(clock.nowMs() + waitMs, () => this.tellAgain(agent));
  }
}

/** As much as one wish can tell, and at least one. */
function firstOf(all: readonly Settled[]): Settled[] {
  let chars = 0;
  const end = all.findIndex((each, index) => {
    chars += JSON.stringify(each).length;
    return index > 0 && (index >= MAX_SETTLED || chars > MAX_WISH_CHARS / 2);
  });
  return end < 0 ? [...all] : all.slice(0, end);
}
