import { randomBytes } from 'node:crypto';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { ChainDisclosure, ChainOpening, SegmentHeader } from '../../core/attestation/decision-chain.ts';
import { BIRTH, headOf, openingOf } from '../../core/attestation/decision-chain.ts';
import { EMPTY_REGISTER, extend } from '../../core/attestation/output-register.ts';
import type { Agent } from '../../core/bdi/agent.ts';
import type { Effect } from '../../core/bdi/event.ts';
import { exactText } from '../../core/bdi/exact-text.ts';
import type { AgentSnapshot } from '../../core/bdi/snapshot.ts';
import { takeSnapshot } from '../../core/bdi/snapshot.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { CycleInput } from '../agent-host.ts';
import type { Decision } from './outputs.ts';
import { decisionOf, outputsOf } from './outputs.ts';
import { stateHash, textHash } from './state-hash.ts';

export interface DecisionLogOptions {
  /** Events that have come for the agent since its last cycle; they are the last ones of its mailbox. */
  pending(): number;
  /** A segment ends after so many decisions, or so many characters of what they were. */
  readonly mostDecisions?: number;
  readonly mostChars?: number;
  /** Characters of all that is kept beyond which an agent must not decide any more until a round has settled some of it. */
  readonly mostKeptChars?: number;
}

interface Segment extends SegmentHeader {
  readonly text: string;
}

interface Head {
  readonly head: Hex;
  readonly opening: ChainOpening;
  /** How many segments had ended by then, from the first on. */
  readonly end: number;
}

const MOST_DECISIONS = 64;
const MOST_CHARS = 262_144;
const MOST_KEPT_CHARS = 67_108_864;
/** Heads that may still be settled: rounds that nobody judged in time. */
const MOST_HEADS = 8;

/**
 * What an agent has decided since the last round that it passed, such that each piece can be executed again: the state before,
 * what came in, what it decided, and a hash of the state after.
 */
export class DecisionLog {
  readonly #options: DecisionLogOptions;
  #agent: Agent | undefined;
  #segments: Segment[] = [];
  /** How many segments have been forgotten. */
  #forgotten = 0;
  #keptChars = 0;
  #settled: Head | undefined;
  #heads: Head[] = [];
  #state: { readonly hash: Hex; readonly text: string } = { hash: ZERO, text: '' };
  #lines: string[] = [];
  #lineChars = 0;
  /** Of sealed bids in the segment under way, by conversation. */
  readonly #nonces = new Map<string, string>();
  /** Absent: those that it was started with. */
  #agents: readonly AgentSpec[] | undefined;
  /** What hides the messages of its decisions comes from that; it is told of none but drawn decisions. */
  readonly #blindKey = new Uint8Array(randomBytes(32));
  /** Of those in the segment under way that say anything, by where in it they are. */
  readonly #blinds = new Map<number, Hex>();
  /** Decisions and what they put out, since the agent's birth. */
  #decisions = 0;
  #register = EMPTY_REGISTER;

  constructor(options: DecisionLogOptions) {
    this.#options = options;
  }

  /** It has drawn a nonce: whoever executes this again is told that one, not what all of them come from. */
  nonce(conversation: string, nonce: string): void {
    this.#nonces.set(conversation, nonce);
  }

  /** Others are in its pipeline from now on. */
  setAgents(agents: readonly AgentSpec[]): void {
    this.#endSegment(this.#options.pending());
    this.#agents = agents;
  }

  /** Begins with the agent as it is now. */
  begin(agent: Agent): void {
    this.#agent = agent;
    this.#state = this.#stateNow(agent);
  }

  /** Answers the decision that it is: what comes out of the agent by it bears its number. */
  decided({ tMs, events }: CycleInput, effects: readonly Effect[]): Decision {
    const decision = decisionOf(this.#blindKey, ++this.#decisions);
    for (const output of outputsOf(effects, decision))
      this.#register = extend(this.#register, output, textHash);
    if (effects.some(({ kind }) => kind === 'send'))
      this.#blinds.set(this.#lines.length, toHex(decision.blind()));
    const line = exactText([tMs, events, effects]);
    this.#lines.push(line);
    this.#lineChars += line.length;
    const { mostDecisions = MOST_DECISIONS, mostChars = MOST_CHARS } = this.#options;
    if (this.#lines.length >= mostDecisions || this.#lineChars >= mostChars) this.#endSegment(0);
    return decision;
  }

  /** Whether it holds all that it may. */
  isFull(): boolean {
    return this.#keptChars + this.#lineChars > (this.#options.mostKeptChars ?? MOST_KEPT_CHARS);
  }

  /** The head over all decisions up to now, for the evidence of a round. */
  head(): Hex {
    this.#endSegment(this.#options.pending());
    const settled = this.#settled;
    const before = settled === undefined ? BIRTH : { ...settled.opening, head: settled.head };
    const opening = openingOf(before, this.#segments, this.#state.hash, hashing);
    const head = headOf(opening, hashing);
    this.#heads.push({ head, opening, end: this.#end() });
    if (this.#heads.length > MOST_HEADS) this.#heads.shift();
    return head;
  }

  /** A round over that head was passed: what is before it will not be asked for again. */
  settle(head: Hex): void {
    const settled = this.#heads.find((each) => each.head === head);
    if (settled === undefined) return;
    const gone = this.#segments.splice(0, settled.end - this.#forgotten);
    this.#forgotten = settled.end;
    for (const { text } of gone) this.#keptChars -= text.length;
    this.#settled = settled;
    this.#heads = [];
  }

  /** Undefined: it has stated no such head since the last that was settled. */
  disclose(head: Hex): ChainDisclosure | undefined {
    const known = this.#heads.find((each) => each.head === head);
    if (known === undefined) return undefined;
    const headers = this.#upTo(known).map(({ text: _, ...header }) => header);
    return { opening: known.opening, previousOpening: this.#settled?.opening, headers };
  }

  /** Of one segment under that head. */
  textOf(head: Hex, index: number): string | undefined {
    const known = this.#heads.find((each) => each.head === head);
    return known === undefined ? undefined : this.#upTo(known)[index]?.text;
  }

  #upTo({ end }: Head): readonly Segment[] {
    return this.#segments.slice(0, end - this.#forgotten);
  }

  #end(): number {
    return this.#forgotten + this.#segments.length;
  }

  #endSegment(pending: number): void {
    if (this.#lines.length === 0 || this.#agent === undefined) return;
    const { hash: before, text: state } = this.#state;
    const blinds = `"blinds":${exactText(this.#blinds)}`;
    const inputs = `"nonces":${exactText(this.#nonces)},"agents":${exactText(this.#agents ?? null)},${blinds}`;
    const text = `{${inputs},"before":${state},"cycles":[${this.#lines.join(',')}]}`;
    this.#state = this.#stateNow(this.#agent, pending);
    const [decisions, register] = [this.#lines.length, this.#register];
    const header = { decisions, before, after: this.#state.hash, body: textHash(text), register };
    this.#segments.push({ ...header, text });
    this.#keptChars += text.length;
    this.#lines = [];
    this.#lineChars = 0;
    this.#nonces.clear();
    this.#blinds.clear();
  }

  /** The state after the last decision: what came since then belongs to the next. */
  #stateNow(agent: Agent, pending = 0): { readonly hash: Hex; readonly text: string } {
    const snapshot = withoutLast(takeSnapshot(agent), pending);
    return { hash: stateHash(snapshot), text: exactText(snapshot) };
  }
}

function withoutLast(snapshot: AgentSnapshot, pending: number): AgentSnapshot {
  return pending === 0 ? snapshot : { ...snapshot, mailbox: snapshot.mailbox.slice(0, -pending) };
}
