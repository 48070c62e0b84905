import { WithheldMeter } from '../adapters/machine-linux/withheld-time.ts';
import type { RequestRecord } from '../ports/testbed.ts';
import { MusterError } from '../protocol/errors.ts';
import type { AgentId, LinkId } from '../protocol/ids.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { PlaneRule } from '../protocol/plane.ts';
import type { Report, WithheldTime } from '../protocol/report.ts';
import type { FaultSpec, Scenario } from '../protocol/scenario.ts';
import type { CycleInput } from './agent-host.ts';
import { bursts } from './attack-schedule.ts';
import { claimOutDir } from './claim-out-dir.ts';
import type { BuiltTestbed } from './create-testbed.ts';
import { createTestbed } from './create-testbed.ts';
import { createFaultWatch } from './faults.ts';
import type { FaultsSeen } from './faults-seen.ts';
import { createFaultsSeen } from './faults-seen.ts';
import type { AgentImage } from './genuine/agent-image.ts';
import type { Pipeline } from './genuine/pipeline.ts';
import type { RunProof } from './genuine/run-proof.ts';
import { JournalWriter } from './journal-writer.ts';
import { RunningNetwork } from './network/running-network.ts';
import { buildReport } from './report/build-report.ts';
import type { Recording, TruthSample } from './report/recording.ts';
import { writeRun } from './run-files.ts';

export type RunProgress =
  | { readonly kind: 'phase'; readonly text: string }
  | {
      readonly kind: 'tick';
      readonly tMs: number;
      readonly durationMs: number;
      readonly link: string;
      /** Delivered bytes per second since the last tick. */
      readonly total: number;
      readonly legitimate: number;
      readonly attackOffered: number;
      readonly attackDelivered: number;
    }
  | { readonly kind: 'entry'; readonly entry: JournalEntry };

export interface RunOptions {
  readonly scenario: Scenario;
  readonly plane: 'twin' | 'linux' | 'auto';
  readonly seed: number;
  readonly defence: 'on' | 'off';
  /** Each agent in a process of its own that its peers have attested; the twin then keeps step with the wall. */
  readonly genuine?: boolean;
  /** How often each of those is reborn, ms; 0: never; absent: every ten minutes. */
  readonly rebirthEveryMs?: number;
  /** What genuine agents are started from; absent: the agent process of this checkout. */
  readonly image?: AgentImage;
  /** Absent: nothing is written. */
  readonly outDir?: string | ((plane: 'twin' | 'linux') => string);
  readonly onProgress?: (progress: RunProgress) => void;
  /** Told at time 0 of genuine agents, for who changes them while they run. */
  readonly onPipeline?: (pipeline: Pipeline) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly report: Report;
  readonly recording: Recording;
  readonly outDir: string | undefined;
}

const SAMPLE_MS = 250;
const SLICE_MS = 100;
/** Time for agents to place functions before users come, on the run's clock. */
const PLACEMENT_MS = 10_000;
/** The same where they have to be attested first, by the wall: what is left of it is skipped, since an agent's time never goes back. */
const GENUINE_PLACEMENT_MS = 120_000;

/** Runs a scenario from the auctions that place its functions to its report, and leaves nothing behind. */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const { scenario, seed, plane } = options;
  const onProgress = options.onProgress ?? (() => {});
  const genuine = options.genuine === true;
  const startMs = -(scenario.warmupMs + (genuine ? GENUINE_PLACEMENT_MS : PLACEMENT_MS));
  const phase = (text: string) => onProgress({ kind: 'phase', text });
  const built = await createTestbed(scenario, plane, seed, startMs, phase, genuine);
  const outDir = typeof options.outDir === 'function' ? options.outDir(built.plane) : options.outDir;
  let giveUp = () => {};
  try {
    let run: ScenarioRun | undefined;
    try {
      if (outDir !== undefined) giveUp = claimOutDir(outDir);
      run = new ScenarioRun(options, built, startMs);
      await run.play();
    } finally {
      await run?.stop();
      built.clock.close();
      await built.testbed.destroy();
    }
    const recording = run.recording();
    const report = buildReport(recording);
    if (outDir === undefined) return { report, recording, outDir };
    phase('writing the report');
    return {
      report: await writeRun(outDir, recording, report, run.inputs(), run.proof()),
      recording,
      outDir,
    };
  } finally {
    giveUp();
  }
}

class ScenarioRun {
  readonly #options: RunOptions;
  readonly #built: BuiltTestbed;
  readonly #journal: JournalWriter;
  readonly #network: RunningNetwork;
  readonly #samples: TruthSample[] = [];
  readonly #requests: RequestRecord[] = [];
  #rulesLeft: readonly PlaneRule[] = [];
  #firstAttackMs: number | null = null;
  #endedMs = 0;
  #meter: WithheldMeter | undefined;
  #withheld: WithheldTime | undefined;

  constructor(options: RunOptions, built: BuiltTestbed, startMs: number) {
    this.#options = options;
    this.#built = built;
    const { scenario } = options;
    let seen: FaultsSeen | undefined;
    this.#journal = new JournalWriter((entry) => {
      options.onProgress?.({ kind: 'entry', entry });
      seen?.onEntry(entry);
    });
    const genuine = options.genuine === true;
    const { faults } = scenario;
    const faultWatch = createFaultWatch({
      faults,
      stop: (agent, fault, afterMs) => this.#killAgent(agent, fault, built.clock.nowMs() + afterMs),
    });
    if (genuine) {
      seen = createFaultsSeen({ faults, stop: (agent, fault, atMs) => this.#killAgent(agent, fault, atMs) });
    }
    this.#network = new RunningNetwork({
      scenario,
      seed: options.seed,
      startMs,
      genuine,
      built,
      journal: this.#journal,
      onPhase: (text) => this.#phase(text),
      onDeliver: faultWatch,
      onAct: (agent, action) => seen?.onAct(agent, action),
      pass: (untilMs) => this.#pass(untilMs),
      ...(options.rebirthEveryMs === undefined ? {} : { rebirthEveryMs: options.rebirthEveryMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.image === undefined ? {} : { image: options.image }),
    });
  }

  async play(): Promise<void> {
    const { scenario, defence } = this.#options;
    const { testbed, clock } = this.#built;
    await this.#network.start();
    this.#phase(`${count(scenario)} users warm up`);
    if (this.#built.zeroNs() !== undefined) this.#meter = new WithheldMeter();
    if (this.#options.genuine === true && clock.nowMs() > -scenario.warmupMs) {
      throw new MusterError('UNSATISFIED', 'it took too long until all functions were placed', {
        hint: 'try again when the machine has less to do',
      });
    }
    clock.setNow(-scenario.warmupMs);
    this.#network.fleet.clockSet();
    for (const group of scenario.users) if (group.startMs === undefined) await testbed.startUsers(group);
    await this.#pass(0);
    this.#phase(defence === 'on' ? 'time 0: the agents watch' : 'time 0: the defence is off');
    if (defence === 'on') this.#network.assign();
    const { genuine } = this.#network;
    if (genuine !== undefined) this.#options.onPipeline?.(genuine.pipeline);
    this.#schedule();
    await this.#pass(scenario.durationMs);
    this.#endedMs = Math.min(scenario.durationMs, Math.round(clock.nowMs()));
    this.#requests.push(...testbed.takeRequests());
    await this.#readRulesLeft();
    this.#withheld = this.#meter?.stop();
  }

  async stop(): Promise<void> {
    this.#meter?.stop();
    await this.#network.close();
  }

  inputs(): readonly CycleInput[] {
    return this.#network.fleet.inputs;
  }

  proof(): RunProof | undefined {
    return this.#network.genuine?.proof;
  }

  recording(): Recording {
    const { scenario, seed, defence } = this.#options;
    const { testbed, plane } = this.#built;
    return {
      scenario,
      plane,
      seed,
      defence,
      durationMs: this.#endedMs,
      traceHash: this.#options.genuine === true ? null : this.#journal.traceHash(),
      journal: this.#journal.inOrder(),
      requests: this.#requests,
      truth: testbed.truth(),
      truthSamples: this.#samples,
      rulesLeft: this.#rulesLeft,
      addresses: this.#network.addresses(),
      firstAttackPacketMs: this.#firstAttackMs,
      messageCounts: this.#network.fleet.messageCounts(),
      pulses: bursts(scenario).filter((each) => each.startMs < this.#endedMs),
      ...(this.#withheld === undefined ? {} : { withheld: this.#withheld }),
    };
  }

  #schedule(): void {
    const { scenario } = this.#options;
    const { testbed, clock } = this.#built;
    for (const group of scenario.users) {
      const { startMs, stopMs } = group;
      if (startMs !== undefined) clock.at(startMs, () => this.#begin(testbed.startUsers(group)));
      if (stopMs !== undefined) clock.at(stopMs, () => this.#begin(testbed.stopUsers(group)));
    }
    for (const { attack, startMs, endMs } of bursts(scenario)) {
      clock.at(startMs, () => {
        this.#firstAttackMs ??= startMs;
        this.#phase(`attack ${attack.name} begins: ${attack.ratesPps.length} sources`);
        this.#begin(testbed.startAttack(attack, endMs));
      });
    }
    this.#sample();
  }

  #begin(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#failure ??= error;
    });
  }
  #failure: unknown;

  #sample(): void {
    const { testbed, clock } = this.#built;
    const tMs = clock.nowMs();
    for (const link of testbed.plane.guardedLinks()) {
      testbed.truthOf(link, (counters) => {
        const before = this.#samples.findLast((each) => each.link === link);
        const sample: TruthSample = { tMs, link, counters };
        this.#samples.push(sample);
        if (before !== undefined) this.#tick(link, before, sample);
      });
    }
    clock.at(tMs + SAMPLE_MS, () => this.#sample());
  }

  #tick(link: LinkId, before: TruthSample, now: TruthSample): void {
    const seconds = Math.max(0.001, (now.tMs - before.tMs) / 1000);
    const rate = (name: keyof TruthSample['counters']) =>
      (now.counters[name] - before.counters[name]) / seconds;
    this.#options.onProgress?.({
      kind: 'tick',
      tMs: now.tMs,
      durationMs: this.#options.scenario.durationMs,
      link,
      total: rate('totalBytes'),
      legitimate: rate('legitimateBytes'),
      attackOffered: rate('attackOfferedBytes'),
      attackDelivered: rate('attackDeliveredBytes'),
    });
  }

  /** At a time of the run's clock; undefined: now. */
  #killAgent(agent: AgentId, { when, holderOf }: FaultSpec, atMs: number | undefined): void {
    const { clock } = this.#built;
    const kill = () => {
      this.#network.kill(agent);
      this.#journal.record(clock.nowMs(), {
        kind: 'fault',
        because: [],
        fault: 'stop-agent',
        subject: agent,
        reason: `${agent} is stopped without notice (${when} ${holderOf})`,
      });
    };
    if (atMs === undefined) kill();
    else clock.at(Math.max(atMs, clock.nowMs()), kill);
  }

  async #readRulesLeft(): Promise<void> {
    const { testbed, clock } = this.#built;
    let answered = false;
    testbed.plane.measure({ kind: 'rules' }, (outcome) => {
      answered = true;
      if (outcome.ok && outcome.value.kind === 'rules') this.#rulesLeft = outcome.value.entries;
    });
    for (let tries = 0; tries < 100 && !answered; tries++) await clock.passUntil(clock.nowMs() + 10);
  }

  async #pass(untilMs: number): Promise<void> {
    const { clock, testbed } = this.#built;
    while (clock.nowMs() < untilMs) {
      if (this.#options.signal?.aborted) throw new MusterError('INTERRUPTED', 'interrupted');
      if (this.#failure !== undefined) {
        throw new MusterError('PLANE_FAILED', `the data plane failed: ${String(this.#failure)}`, {
          cause: this.#failure,
        });
      }
      await clock.passUntil(Math.min(untilMs, clock.nowMs() + SLICE_MS));
      this.#requests.push(...testbed.takeRequests());
    }
  }

  #phase(text: string): void {
    this.#options.onProgress?.({ kind: 'phase', text });
    const tMs = this.#built.clock.nowMs();
    this.#journal.record(tMs, { kind: 'phase', because: [], phase: text, reason: text });
  }
}

function count(scenario: Scenario): number {
  return scenario.users.reduce((sum, group) => sum + (group.startMs === undefined ? group.count : 0), 0);
}
