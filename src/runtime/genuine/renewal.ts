import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import type { AgentImage } from './agent-image.ts';
import { Rebirths, TAKES_OVER_WITHIN_MS } from './rebirths.ts';

/** How a rebirth went; times are of the machine's monotonic clock, ms. */
export interface Rebirth {
  readonly agent: AgentId;
  /** Of the successor. */
  readonly incarnation: number;
  readonly pid: number | undefined;
  /** From its start until the ledger named it in place of the one before. */
  readonly attestedAfterMs: number;
  /** From its start until the daemon of its site took it in, and the one before acted no more. */
  readonly tookOverAfterMs: number;
  /** From then on, until it held the group's key: neither of the two could act. 0: it held it before. */
  readonly gapMs: number;
}

/** What has come of a rebirth that was asked for. */
export type Fate =
  | { readonly kind: 'reborn'; readonly rebirth: Rebirth }
  /** The agent itself has ended meanwhile, and is started anew. */
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Asked {
  readonly agent: AgentId;
  readonly image: AgentImage;
  readonly tell: (fate: Fate) => void;
}

export interface RenewalOptions {
  /** Those there are now. */
  agents(): readonly AgentId[];
  /** ms; 0: never. */
  readonly everyMs: number;
  nowMs(): number;
  /** Whether an agent may be reborn now. */
  isWell(agent: AgentId): boolean;
  /** Starts a successor beside an agent, from a newer image where one is given; it is registered by whoever starts it. */
  startBeside(agent: AgentId, newer: AgentImage | undefined): SpawnOrder | undefined;
  /** A successor came to nothing. `named`: the ledger names it already, so the agent is to start anew. */
  giveUp(agent: AgentId, named: boolean): void;
  /** The daemon takes a successor for the agent from now on. */
  onTakeover(agent: AgentId, pid: number | undefined): void;
  onReborn(rebirth: Rebirth): void;
}

interface UnderWay {
  readonly agent: AgentId;
  readonly incarnation: number;
  /** Who waits for it; undefined: it was due. */
  readonly asked: Asked | undefined;
  readonly beganMs: number;
  pid: number | undefined;
  attestedMs: number | undefined;
  tookOverMs: number | undefined;
  keyedMs: number | undefined;
}

/** Follows successors from their start until they act in place of the incarnation before them. */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #rebirths: Rebirths;
  readonly #underWay = new Map<AgentId, UnderWay>();
  /** By agent, its last successor if that has come to nothing: its end, whenever it is told, is not that of the agent. */
  readonly #dismissed = new Map<AgentId, number>();
  /** Not begun yet; one at a time. */
  #asked: Asked | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
    const { agents, everyMs, nowMs, isWell, giveUp } = options;
    this.#rebirths = new Rebirths({
      agents,
      everyMs,
      nowMs,
      isWell,
      begin: (agent) => this.#begin(agent),
      giveUp: (agent) => {
        const each = this.#underWay.get(agent);
        if (each !== undefined)
          this.#dismiss(each, `it has not taken over within ${TAKES_OVER_WITHIN_MS / 1000} s`);
        giveUp(agent, each?.attestedMs !== undefined);
      },
      notBegun: (agent, reason) => this.#takeAsked(agent)?.tell({ kind: 'failed', reason }),
    });
  }

  /** Has an agent reborn from that image, as soon as it is well and before all that are due; one at a time. */
  bear(agent: AgentId, image: AgentImage): Promise<Fate> {
    return new Promise((resolve) => {
      this.#asked = { agent, image, tell: resolve };
      this.#rebirths.ask(agent);
    });
  }

  onBlock(block: LedgerBlock): void {
    const { nowMs, giveUp } = this.#options;
    for (const { event } of block.entries) {
      if (event.kind !== 'Succeeded' && event.kind !== 'Revoked') continue;
      for (const each of [...this.#underWay.values()]) {
        const key = agentKeyOf(each.agent);
        if (event.kind === 'Succeeded' && event.agent === key) each.attestedMs = nowMs();
        else if (event.kind === 'Revoked' && event.agent === seatBeside(key)) {
          const isAlone = !block.entries.some((other) => isRevoked(other.event, key));
          this.#dismiss(each, isAlone ? `it was thrown out: ${event.reason}` : undefined);
        }
      }
      if (event.kind === 'Revoked') continue;
      // Its verdict was on the way when it ended: the ledger has nobody in the agent's place who could act.
      for (const [agent, incarnation] of [...this.#dismissed])
        if (event.agent === agentKeyOf(agent) && event.incarnation === incarnation) giveUp(agent, true);
    }
    this.#rebirths.look();
  }

  /** Whether that incarnation is, or was meant to be, a successor beside the one that acts. */
  isSuccessor(agent: AgentId, incarnation: number): boolean {
    return [this.#underWay.get(agent)?.incarnation, this.#dismissed.get(agent)].includes(incarnation);
  }

  started(agent: AgentId, incarnation: number, pid: number): void {
    const each = this.#underWay.get(agent);
    if (each?.incarnation === incarnation) each.pid = pid;
  }

  welcomed(agent: AgentId, incarnation: number): void {
    const each = this.#underWay.get(agent);
    if (each?.incarnation !== incarnation) return;
    each.tookOverMs = this.#options.nowMs();
    this.#options.onTakeover(agent, each.pid);
    this.#endIfDone(each);
  }

  keyed(agent: AgentId, incarnation: number): void {
    const each = this.#underWay.get(agent);
    if (each?.incarnation !== incarnation) return;
    each.keyedMs = this.#options.nowMs();
    this.#endIfDone(each);
  }

  /** The registration of a successor was refused; true: its process is of no use. */
  refused(agent: AgentId, incarnation: number, reason: string): boolean {
    const each = this.#underWay.get(agent);
    // A call of which nobody knew what became of it may have been taken all the same.
    if (each?.incarnation === incarnation && each.attestedMs === undefined)
      this.#dismiss(each, `it was not registered: ${reason}`);
    return this.#dismissed.get(agent) === incarnation;
  }

  /** A process has ended; true: it was a successor that only waited beside its agent. */
  ended(agent: AgentId, incarnation: number, reason: string): boolean {
    const each = this.#underWay.get(agent);
    if (each?.incarnation === incarnation) this.#dismiss(each, reason);
    return this.#dismissed.get(agent) === incarnation;
  }

  /** The agent itself starts anew: all that run under its name are ended with it, and the number of its successor may be given to it. */
  abandon(agent: AgentId): void {
    const each = this.#underWay.get(agent);
    this.#end(agent);
    each?.asked?.tell({ kind: 'abandoned' });
    this.#dismissed.delete(agent);
  }

  #begin(agent: AgentId): void {
    const { startBeside, nowMs } = this.#options;
    const asked = this.#takeAsked(agent);
    const order = startBeside(agent, asked?.image);
    if (order === undefined) {
      this.#rebirths.over(agent);
      asked?.tell({ kind: 'failed', reason: 'no successor could be started' });
      return;
    }
    // Whoever was on the seat before is ended without a word.
    this.#dismissed.delete(agent);
    this.#underWay.set(agent, {
      agent,
      incarnation: order.incarnation,
      asked,
      beganMs: nowMs(),
      pid: undefined,
      attestedMs: undefined,
      tookOverMs: undefined,
      keyedMs: undefined,
    });
  }

  #endIfDone({ agent, incarnation, asked, pid, beganMs, attestedMs, tookOverMs, keyedMs }: UnderWay): void {
    if (tookOverMs === undefined || keyedMs === undefined) return;
    this.#end(agent);
    const rebirth = {
      agent,
      incarnation,
      pid,
      attestedAfterMs: (attestedMs ?? tookOverMs) - beganMs,
      tookOverAfterMs: tookOverMs - beganMs,
      gapMs: Math.max(0, keyedMs - tookOverMs),
    };
    this.#options.onReborn(rebirth);
    asked?.tell({ kind: 'reborn', rebirth });
  }

  /** It will not act in place of its agent any more; `reason` undefined: since it fell with that. Whom the ledger names already is the agent: its end is no successor's. */
  #dismiss({ agent, incarnation, asked, attestedMs }: UnderWay, reason: string | undefined): void {
    this.#end(agent);
    if (attestedMs === undefined) this.#dismissed.set(agent, incarnation);
    asked?.tell(reason === undefined ? { kind: 'abandoned' } : { kind: 'failed', reason });
  }

  #takeAsked(agent: AgentId): Asked | undefined {
    const asked = this.#asked;
    if (asked?.agent !== agent) return undefined;
    this.#asked = undefined;
    return asked;
  }

  #end(agent: AgentId): void {
    this.#underWay.delete(agent);
    this.#rebirths.over(agent);
  }
}

function isRevoked(event: LedgerEvent, agent: AgentKey): boolean {
  return event.kind === 'Revoked' && event.agent === agent;
}
