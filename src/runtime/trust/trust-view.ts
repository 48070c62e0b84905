import type { LedgerAgent, LedgerState } from '../../core/attestation/ledger-state.ts';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
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
    for (const agent of this.#state.agents.values()) {
      if (agent.validUntil === 0 || this.#until.get(agent.key)?.validUntil === agent.validUntil) continue;
      // Counted from the older of what the chain's clock and ours say: a holder never trusts longer than was granted.
      const nowSeconds = Math.max(block.timestamp, this.#options.wallSeconds());
      const untilMs = this.#options.monotonicMs() + 1000 * (agent.validUntil - nowSeconds);
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
      const { key, name, incarnation, frameKey, kemKey } = each;
      if (this.attested(key) === undefined || kemKey === ZERO) return [];
      return [{ name: agentId(name), key, incarnation, frameKey, kemKey, validForMs: this.#validForMs(key) }];
    });
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
