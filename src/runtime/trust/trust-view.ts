import type { AgentState, EpochState, LedgerState } from '../../core/attestation/ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import { currentEpoch } from '../../core/attestation/steward.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import type { AgentKey, Hex, LedgerBlock } from '../../protocol/ledger.ts';
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
  /** Of the newest epoch. */
  #envelopes: { readonly epoch: number; readonly sealed: Map<AgentKey, Hex> } = {
    epoch: 0,
    sealed: new Map(),
  };
  #setChangedAt = 0;

  constructor(options: TrustViewOptions) {
    this.#options = options;
  }

  get state(): LedgerState {
    return this.#state;
  }

  get epoch(): EpochState | undefined {
    return currentEpoch(this.#state);
  }

  /** Sealed keys of the newest epoch, by whom they are for. */
  get envelopes(): ReadonlyMap<AgentKey, Hex> {
    return this.#envelopes.sealed;
  }

  /** When the attested set changed last, s of the chain. */
  get setChangedAt(): number {
    return this.#setChangedAt;
  }

  apply(block: LedgerBlock): void {
    const before = this.#state;
    this.#state = applyBlock(before, block);
    if (this.#state.setVersion !== before.setVersion) this.#setChangedAt = block.timestamp;
    for (const { event } of block.entries) {
      if (event.kind !== 'Envelope' || event.epoch < this.#envelopes.epoch) continue;
      if (event.epoch > this.#envelopes.epoch) this.#envelopes = { epoch: event.epoch, sealed: new Map() };
      this.#envelopes.sealed.set(event.agent, event.sealedKey);
    }
    for (const { agent, validUntil } of this.#state.agents.values()) {
      if (validUntil === 0 || this.#until.get(agent)?.validUntil === validUntil) continue;
      // Counted from the older of what the chain's clock and ours say: a holder never trusts longer than was granted.
      const nowSeconds = Math.max(block.timestamp, this.#options.wallSeconds());
      const untilMs = this.#options.monotonicMs() + 1000 * (validUntil - nowSeconds);
      this.#until.set(agent, { validUntil, untilMs });
    }
  }

  /** The agent if it is attested now. */
  attested(key: AgentKey): AgentState | undefined {
    const agent = this.#state.agents.get(key);
    if (agent?.status !== 'attested' || this.#state.guards.get(agent.guard)?.enrolled !== true)
      return undefined;
    return this.#validForMs(key) > 0 ? agent : undefined;
  }

  /** Everyone who is attested and takes part in the group key. */
  peers(): readonly PeerRecord[] {
    return [...this.#state.agents.values()].flatMap((each) => {
      const { agent: key, name, incarnation, frameKey, kemKey } = each;
      if (kemKey === ZERO || this.attested(key) === undefined) return [];
      return [{ name: agentId(name), key, incarnation, frameKey, kemKey, validForMs: this.#validForMs(key) }];
    });
  }

  keyOf(name: AgentId): AgentKey | undefined {
    for (const each of this.#state.agents.values()) if (each.name === name) return each.agent;
    return undefined;
  }

  #validForMs(key: AgentKey): number {
    return (this.#until.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY) - this.#options.monotonicMs();
  }
}

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
export const wallSeconds = (): number => Date.now() / 1000;
