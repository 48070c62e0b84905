import type { DecisionFindings } from '../../protocol/decision-disclosure.ts';
import type { DecisionClaim } from './judge-disclosure.ts';
import type { ReExecutionOptions, ReferenceBundle } from './re-execution-process.ts';
import { ReExecutionProcess } from './re-execution-process.ts';

export interface ReExecutorOptions extends ReExecutionOptions {
  /** After so long, ms, whoever waits for an appraisal no longer waits for it: they go on in a second process. */
  readonly fairMs?: number;
}

/** Much longer than most take; with the start of a second process, who waited is still in time for its verdict. */
const FAIR_MS = 1500;
/** One for those that are quick and one for one that is not: each may fill its heap, also on a small machine. */
const MOST_PROCESSES = 2;

interface Appraisal {
  readonly bundle: ReferenceBundle;
  readonly claim: DecisionClaim;
  readonly packed: Uint8Array;
  readonly done: (findings: DecisionFindings) => void;
}

interface Lane {
  readonly process: ReExecutionProcess;
  /** Of the appraisal that is under way; undefined: none is. */
  beganMs: number | undefined;
}

/**
 * Executes decisions again, in the order in which they are disclosed, each with a time of its own that counts from when its turn has
 * come. One that takes long does not hold up the verdicts on others: while it goes on, they are executed beside it.
 */
export class ReExecutor {
  readonly #options: ReExecutorOptions;
  readonly #lanes: Lane[] = [];
  readonly #waiting: Appraisal[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ReExecutorOptions = {}) {
    this.#options = options;
    this.#open();
  }

  /** Of the processes that there are now; one is kept for the next appraisal. */
  get pids(): readonly number[] {
    return this.#lanes.flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid]));
  }

  /** Never throws: what cannot be executed is a finding. */
  appraise(bundle: ReferenceBundle, claim: DecisionClaim, packed: Uint8Array): Promise<DecisionFindings> {
    return new Promise((done) => {
      this.#waiting.push({ bundle, claim, packed, done });
      this.#serve();
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { process } of this.#lanes) process.close();
  }

  #serve(): void {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0) {
      const lane = this.#lanes.find(({ beganMs }) => beganMs === undefined) ?? this.#another();
      const next = lane && this.#waiting.shift();
      if (lane === undefined || next === undefined) return;
      void this.#run(lane, next);
    }
  }

  /** Undefined: none may be opened, or not yet; then it is tried again once it may. */
  #another(): Lane | undefined {
    if (this.#closed || this.#lanes.length >= MOST_PROCESSES) return undefined;
    const { fairMs = FAIR_MS } = this.#options;
    const began = this.#lanes.map(({ beganMs = 0 }) => beganMs);
    const leftMs = Math.max(...began) + fairMs - performance.now();
    if (leftMs <= 0) return this.#open();
    this.#timer = setTimeout(() => this.#serve(), leftMs);
    return undefined;
  }

  async #run(lane: Lane, { bundle, claim, packed, done }: Appraisal): Promise<void> {
    lane.beganMs = performance.now();
    done(await lane.process.appraise(bundle, claim, packed));
    lane.beganMs = undefined;
    this.#serve();
    if (lane.beganMs !== undefined || this.#lanes.length === 1) return;
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    lane.process.close();
  }

  #open(): Lane {
    const lane = { process: new ReExecutionProcess(this.#options), beganMs: undefined };
    this.#lanes.push(lane);
    return lane;
  }
}
