import type { AgentState, EpochState, LedgerState } from '../../core/attestation/ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import { currentEpoch } from '../../core/attestation/steward.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema } from '../../protocol/ids.ts';
import type { AgentKey, Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { DecisionHeads } from './decision-heads.ts';

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
  /** Of the newest epoch. */
  #envelopes: { readonly epoch: number; readonly sealed: Map<AgentKey, Hex> } = {
    epoch: 0,
    sealed: new Map(),
  };
  #setChangedAt = 0;
  readonly #decisions = new DecisionHeads();

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

  /** Heads of decision chains, as rounds have settled them. */
  get decisions(): Pick<DecisionHeads, 'settledOf' | 'blockOf'> {
    return this.#decisions;
  }

  apply(block: LedgerBlock): void {
    const before = this.#state;
    this.#state = applyBlock(before, block);
    if (this.#state !== before) this.#decisions.apply(block, this.#state);
    const nowMs = this.#options.monotonicMs();
    const reached = this.#chain.seconds + (nowMs - this.#chain.atMs) / 1000;
    this.#chain = { seconds: Math.max(block.timestamp, reached), atMs: nowMs };
    if (this.#state === before) return;
    if (this.#state.setVersion !== before.setVersion) this.#setChangedAt = block.timestamp;
    for (const { event } of block.entries) {
      if (event.kind !== 'Envelope' || event.epoch < this.#envelopes.epoch) continue;
      if (event.epoch > this.#envelopes.epoch) this.#envelopes = { epoch: event.epoch, sealed: new Map() };
      this.#envelopes.sealed.set(event.agent, event.sealedKey);
    }
    if (currentEpoch(this.#state)?.epoch !== currentEpoch(before)?.epoch) this.#epochSinceMs = nowMs;
    // Counted from the latest of what this block, our clock, and the chain's earlier blocks say: a holder never trusts longer than was
    // granted, also when blocks come late or the machine's clock is set back.
    const nowSeconds = Math.max(this.#chain.seconds, this.#options.wallSeconds());
    for (const agent of this.#state.agents.values()) {
      if (agent.validUntil === 0 || this.#until.get(agent.agent)?.validUntil === agent.validUntil) continue;
      const untilMs = nowMs + 1000 * (agent.validUntil - nowSeconds);
      this.#until.set(agent.agent, { validUntil: agent.validUntil, untilMs });
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
      const { agent: key, incarnation, frameKey, kemKey } = each;
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
    for (const each of this.#state.agents.values()) if (each.name === name) return each.agent;
    return undefined;
  }

  #validForMs(key: AgentKey): number {
    return (this.#until.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY) - this.#options.monotonicMs();
  }
}

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
export const wallSeconds = (): number => Date.now() / 1000;
