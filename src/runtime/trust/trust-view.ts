import type { AgentState, EpochState, LedgerState } from '../../core/attestation/ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import { currentEpoch } from '../../core/attestation/steward.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema } from '../../protocol/ids.ts';
import type { AgentKey, Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { DecisionHeads } from './decision-heads.ts';
import { Handovers } from './handovers.ts';

/** Incarnations whose guards have ended them; the ledger says so of all but the newest by then. */
const MOST_FALLEN = 256;

export interface TrustViewOptions {
  /** Monotonic, ms: what validity is counted on, so that a stopped ledger does not mean trust without end. */
  monotonicMs(): number;
  /** Seconds since 1970: says how old a block is that comes late. */
  wallSeconds(): number;
}

interface Envelope {
  readonly incarnation: number;
  readonly sealed: Hex;
}

/** What a holder of verdicts goes by: the final state of the ledger, with validities on its own monotonic clock. */
export class TrustView {
  readonly #options: TrustViewOptions;
  #state: LedgerState = EMPTY_LEDGER;
  /** The latest time that the chain is known to have reached, and when that was. */
  #chain = { seconds: Number.NEGATIVE_INFINITY, atMs: 0 };
  #epochSinceMs = 0;
  readonly #handovers = new Handovers();
  readonly #until = new Map<AgentKey, { readonly validUntil: number; readonly untilMs: number }>();
  /** Of the newest epoch, and to which incarnation each was sealed. */
  #envelopes: { readonly epoch: number; readonly sealed: Map<AgentKey, Envelope> } = {
    epoch: 0,
    sealed: new Map(),
  };
  #setChangedAt = 0;
  readonly #fallen = new Set<string>();
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

  /** The key of the newest epoch as it was sealed to that incarnation; undefined: it was not. */
  envelopeFor(agent: AgentKey, incarnation: number): Hex | undefined {
    const envelope = this.#envelopes.sealed.get(agent);
    return envelope?.incarnation === incarnation ? envelope.sealed : undefined;
  }

  /** Whom an incarnation has handed over to, as `nameOf` calls both. */
  successorOf(name: string): string | undefined {
    return this.#handovers.successorOf(name);
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
      const incarnation = this.#state.agents.get(event.agent)?.incarnation ?? 0;
      this.#envelopes.sealed.set(event.agent, { incarnation, sealed: event.sealedKey });
    }
    const states = { before, after: this.#state };
    this.#handovers.apply(block, states, nowMs, (agent) => this.#until.get(agent)?.untilMs ?? 0);
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

  /** The agent if it is attested now, in the incarnation that acts: until its successor is given the group's key, the one before. */
  attested(key: AgentKey): AgentState | undefined {
    const agent = this.#state.agents.get(key);
    if (agent?.status !== 'attested' || this.#state.guards.get(agent.guard)?.enrolled !== true)
      return undefined;
    const handover = this.#handovers.of(key, this.#options.monotonicMs());
    if (handover !== undefined && !this.hasFallen(handover.before)) return handover.before;
    return this.#validForMs(key) > 0 && !this.hasFallen(agent) ? agent : undefined;
  }

  /** Its guard has ended that incarnation, and says so over the sites' own links: the ledger may be away, and holders do not wait for it. */
  fell(name: AgentId, incarnation: number): void {
    this.#fallen.add(incarnationName({ name, incarnation }));
    for (const oldest of [...this.#fallen].slice(0, -MOST_FALLEN)) this.#fallen.delete(oldest);
  }

  hasFallen(agent: Pick<AgentState, 'name' | 'incarnation'>): boolean {
    return this.#fallen.has(incarnationName(agent));
  }

  /** Everyone who is attested and takes part in the group key, in the incarnations that act. */
  peers(): readonly PeerRecord[] {
    return this.#records((agent) => this.attested(agent.agent));
  }

  /** The same in the incarnations that the ledger names: for whom the next key is. */
  members(): readonly PeerRecord[] {
    return this.#records((agent) => (this.attested(agent.agent) === undefined ? undefined : agent));
  }

  #records(of: (agent: AgentState) => AgentState | undefined): readonly PeerRecord[] {
    return [...this.#state.agents.values()].flatMap((each) => {
      const { agent: key } = each;
      const found = of(each);
      // The ledger takes names that are none here: such an agent cannot be spoken to.
      const name = AgentIdSchema.safeParse(each.name).data;
      if (name === undefined || found === undefined || found.kemKey === ZERO) return [];
      const { incarnation, frameKey, kemKey } = found;
      const nowMs = this.#options.monotonicMs();
      const untilMs = found === each ? undefined : this.#handovers.of(key, nowMs)?.untilMs;
      const validForMs = untilMs === undefined ? this.#validForMs(key) : untilMs - nowMs;
      return [{ name, key, incarnation, frameKey, kemKey, validForMs }];
    });
  }

  /** For how long the open epoch has been known here, ms. */
  epochKnownForMs(): number {
    return this.#options.monotonicMs() - this.#epochSinceMs;
  }

  keyOf(name: AgentId): AgentKey | undefined {
    for (const each of this.#state.agents.values()) {
      if (each.name === name && !each.isSuccessor) return each.agent;
    }
    return undefined;
  }

  #validForMs(key: AgentKey): number {
    return (this.#until.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY) - this.#options.monotonicMs();
  }
}

function incarnationName({ name, incarnation }: Pick<AgentState, 'name' | 'incarnation'>): string {
  return `${name} ${incarnation}`;
}

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
export const wallSeconds = (): number => Date.now() / 1000;
