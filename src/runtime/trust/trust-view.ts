import type { LedgerAgent, LedgerState } from '../../core/attestation/ledger-state.ts';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema } from '../../protocol/ids.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';

export interface TrustViewOptions {
  /** Monotonic, ms: what validity is counted on, so that a stopped ledger does not mean trust without end. */
  monotonicMs(): number;
  /** Seconds since 1970: says how old a block is that comes late. */
  wallSeconds(): number;
}

/** What a holder of verdicts goes by: the final state of the ledger, with validities on its own monotonic clock. */
export class TrustView {
  readonly #options: TrustViewOptions;
  #state: LedgerState = EMPTY_LEDGER;
  /** The latest time that the chain is known to have reached, and when that was. */
  #chain = { seconds: Number.NEGATIVE_INFINITY, atMs: 0 };
  #epochSinceMs = 0;
  readonly #until = new Map<AgentKey, { readonly validUntil: number; readonly untilMs: number }>();

  constructor(options: TrustViewOptions) {
    this.#options = options;
  }

  get state(): LedgerState {
    return this.#state;
  }

  apply(block: LedgerBlock): void {
    const before = this.#state;
    this.#state = applyBlock(before, block);
    if (this.#state === before) return;
    const nowMs = this.#options.monotonicMs();
    const reached = this.#chain.seconds + (nowMs - this.#chain.atMs) / 1000;
    this.#chain = { seconds: Math.max(block.timestamp, reached), atMs: nowMs };
    if (this.#state.epoch?.epoch !== before.epoch?.epoch) this.#epochSinceMs = nowMs;
    // Counted from the latest of what this block, our clock, and the chain's earlier blocks say: a holder never trusts longer than was
    // granted, also when blocks come late or the machine's clock is set back.
    const nowSeconds = Math.max(this.#chain.seconds, this.#options.wallSeconds());
    for (const agent of this.#state.agents.values()) {
      if (agent.validUntil === 0 || this.#until.get(agent.key)?.validUntil === agent.validUntil) continue;
      const untilMs = nowMs + 1000 * (agent.validUntil - nowSeconds);
      this.#until.set(agent.key, { validUntil: agent.validUntil, untilMs });
    }
  }

  /** The agent if it is attested now. */
  attested(key: AgentKey): LedgerAgent | undefined {
    const agent = this.#state.agents.get(key);
    if (agent?.status !== 'attested' || !this.#state.guards.has(agent.guard)) return undefined;
    return this.#validForMs(key) > 0 ? agent : undefined;
  }

  /** Everyone who is attested and takes part in the group key. */
  peers(): readonly PeerRecord[] {
    return [...this.#state.agents.values()].flatMap((each) => {
      const { key, incarnation, frameKey, kemKey } = each;
      // The ledger takes names that are none here: such an agent cannot be spoken to.
      const name = AgentIdSchema.safeParse(each.name).data;
      if (name === undefined || this.attested(key) === undefined || kemKey === ZERO) return [];
      return [{ name, key, incarnation, frameKey, kemKey, validForMs: this.#validForMs(key) }];
    });
  }

  /** For how long the open epoch has been known here, ms. */
  epochKnownForMs(): number {
    return this.#options.monotonicMs() - this.#epochSinceMs;
  }

  keyOf(name: AgentId): AgentKey | undefined {
    for (const each of this.#state.agents.values()) if (each.name === name) return each.key;
    return undefined;
  }

  #validForMs(key: AgentKey): number {
    return (this.#until.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY) - this.#options.monotonicMs();
  }
}

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
export const wallSeconds = (): number => Date.now() / 1000;
