import type { AgentId } from '../../protocol/ids.ts';
import type { LedgerBlock, Timing } from '../../protocol/ledger.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';
import type { FromSite } from '../../protocol/site-control.ts';
import type { AwardWord } from '../../protocol/site-link.ts';
import type { AgentImage } from './agent-image.ts';
import type { Programs } from './build-programs.ts';
import type { CollectorOptions } from './collector.ts';
import type { NativeAgent } from './native-program.ts';
import type { EvidenceChoice } from './platforms.ts';
import type { Rebirth } from './renewal.ts';
import type { SiteNetwork } from './site-network.ts';
import type { StepDone } from './workflow.ts';

/** Deadlines and validity of an embedded ledger with blocks of a second, s. */
export const EMBEDDED_TIMING: Timing = {
  commitWithin: 10,
  verdictWithin: 10,
  validity: 60,
  period: 20,
  stewardWithin: 5,
};

/** How strictly agents are attested. */
export interface Strictness {
  /** Absent: that of guards alone. */
  readonly evidence?: EvidenceChoice;
  /** How many peers have to vouch for an agent in a round. Absent: one. */
  readonly verifiersPerRound?: number;
}

/** What a pipeline of genuine agents is made of, and whom it tells what. */
export interface PipelineOptions extends Strictness {
  readonly specs: readonly AgentSpec[];
  readonly siteOf: ReadonlyMap<AgentId, string>;
  readonly scenario: Pick<Scenario, 'topology' | 'functions'>;
  /** Empty; for sockets and the ledger's journal. */
  readonly dir: string;
  /** What joins the daemons of its sites; `directory`: that only this user can reach. Absent: sockets in it. */
  openNetwork?(sites: readonly string[], directory: string): Promise<SiteNetwork>;
  /** Times of the agents' clock, see `AgentConfig`. */
  readonly startMs: number;
  zeroNs(): bigint;
  onAct(message: Extract<FromSite, { kind: 'act' }>): void;
  onAbort(agent: AgentId, token: number): void;
  /** What the giver of an award says of it. */
  onAward(agent: AgentId, word: AwardWord): void;
  readonly onBatch: CollectorOptions['onBatch'];
  /** Something that an operator should know of. */
  onFault(fault: string, subject: string, reason: string): void;
  /** The daemon of a site answers again, or has not for `silentMs`. */
  onPulse?(site: string, silentMs: number | undefined): void;
  onBlock(block: LedgerBlock): void;
  onPhase(text: string): void;
  /** A step of the workflow by which it comes up is done. */
  onStep?(done: StepDone): void;
  /** A step of an upgrade is done. */
  onUpgrade?(text: string, durationMs: number): void;
  onNote(text: string): void;
  /** What a verdict rests on, as canonical text: it comes before the verdict, which carries its hash. */
  onAppraisal?(text: string): void;
  /** Some of its agents keep the books of sites and place services. */
  readonly placing?: Placing;
  /** Decisions of an agent that are drawn in each round and executed again; 0: none. */
  readonly draws?: number;
  /** Absent: `EMBEDDED_TIMING`. */
  readonly timing?: Timing;
  /** Agents that are no Node programs: attested like all others, without a part in the group key. */
  readonly native?: ReadonlyMap<AgentId, NativeAgent>;
  /** Absent: built from the sources. */
  readonly programs?: Programs;
  /** How often each agent is reborn, ms; 0: never; absent: `REBORN_EVERY_MS`. */
  readonly rebirthEveryMs?: number;
  /** The successor of an agent acts in its place from now on, and knows nothing yet. */
  onTakeover(agent: AgentId): void;
  onReborn(rebirth: Rebirth): void;
  /** What agents are started from; absent: the agent process of this checkout, built and signed for this pipeline. */
  readonly image?: AgentImage;
  /** Whether an agent that has ended is started again. */
  isWanted(agent: AgentId): boolean;
  readonly signal?: AbortSignal;
}
