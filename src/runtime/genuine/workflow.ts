import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { WorkflowStep } from '../../protocol/journal.ts';

export interface StepDone {
  readonly step: WorkflowStep;
  readonly durationMs: number;
  /** In words, what has come of it. */
  readonly text: string;
}

export interface WorkflowOptions {
  /** Monotonic, ms. */
  nowMs(): number;
  onStep(done: StepDone): void;
}

/**
 * The steps by which a pipeline comes up (the paper's Figure 2), each timed from when it was begun until it is done. Some go on at
 * the same time as others: their durations do not add up.
 */
export class Workflow {
  readonly #options: WorkflowOptions;
  readonly #began = new Map<WorkflowStep, number>();
  readonly #done = new Set<WorkflowStep>();

  constructor(options: WorkflowOptions) {
    this.#options = options;
  }

  begin(step: WorkflowStep): void {
    if (!this.#began.has(step)) this.#began.set(step, this.#options.nowMs());
  }

  /** Once; later calls change nothing. */
  end(step: WorkflowStep, text: string): void {
    const { nowMs, onStep } = this.#options;
    const began = this.#began.get(step);
    if (began === undefined || this.#done.has(step)) return;
    this.#done.add(step);
    onStep({ step, durationMs: Math.round(nowMs() - began), text });
  }

  async during<T>(step: WorkflowStep, work: Promise<T>, text: (result: T) => string): Promise<T> {
    this.begin(step);
    const result = await work;
    this.end(step, text(result));
    return result;
  }

  /** The steps that the ledger tells of: who has been measured, who has passed, whether a plan stands. */
  onLedger(state: LedgerState, agents: readonly AgentId[]): void {
    const all = agents.map((name) => state.agents.get(agentKeyOf(name)));
    const rounds = all.map((each) => state.rounds.get(each?.lastRounds[0] ?? 0));
    if (state.plan.length >= agents.length)
      this.end('mutual-plan', `${agents.length} agents are to attest one another in turn`);
    const measured = rounds.filter((each) => each !== undefined && each.phase !== 'challenged');
    if (measured.length > 0) this.begin('verdicts');
    if (measured.length === agents.length)
      this.end(
        'initial-attestation',
        `all ${agents.length} agents are measured and their evidence is committed`,
      );
    if (all.every((each) => each?.status === 'attested')) {
      this.end('verdicts', `all ${agents.length} agents have passed`);
      this.begin('keys');
    }
  }
}
