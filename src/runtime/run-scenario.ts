import type { RequestRecord } from '../ports/testbed.ts';
import { MusterError } from '../protocol/errors.ts';
import type { AgentId, LinkId } from '../protocol/ids.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { PlaneRule } from '../protocol/plane.ts';
import type { Report } from '../protocol/report.ts';
import type { Scenario } from '../protocol/scenario.ts';
import type { Act } from './action-runner.ts';
import { ActionRunner } from './action-runner.ts';
import type { CycleInput } from './agent-host.ts';
import { bursts } from './attack-schedule.ts';
import { claimOutDir } from './claim-out-dir.ts';
import type { BuiltTestbed } from './create-testbed.ts';
import { createTestbed } from './create-testbed.ts';
import { createFaultWatch } from './faults.ts';
import type { AgentFleet } from './fleet/agent-fleet.ts';
import type { GenuineFleetOptions } from './fleet/genuine-fleet.ts';
import { createGenuineFleet } from './fleet/genuine-fleet.ts';
import { createLocalFleet } from './fleet/local-fleet.ts';
import { JournalWriter } from './journal-writer.ts';
import { Placements } from './place-functions.ts';
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
  /** Absent: nothing is written. */
  readonly outDir?: string | ((plane: 'twin' | 'linux') => string);
  readonly onProgress?: (progress: RunProgress) => void;
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
/** A function that nobody has running by then is not placed: starting a server can take seconds on a busy machine. */
const PLACED_WITHIN_MS = 20_000;

/** Runs a scenario from the auctions that place its functions to its report, and leaves nothing behind. */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const { scenario, seed, plane } = options;
  const onProgress = options.onProgress ?? (() => {});
  const startMs = -(scenario.warmupMs + PLACEMENT_MS);
  const phase = (text: string) => onProgress({ kind: 'phase', text });
  const genuine = options.genuine === true;
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
    return { report: await writeRun(outDir, recording, report, run.inputs()), recording, outDir };
  } finally {
    giveUp();
  }
}

class ScenarioRun {
  readonly #options: RunOptions;
  readonly #built: BuiltTestbed;
  readonly #journal: JournalWriter;
  readonly #fleet: AgentFleet;
  readonly #actions: ActionRunner;
  readonly #placements: Placements;
  readonly #samples: TruthSample[] = [];
  readonly #requests: RequestRecord[] = [];
  #rulesLeft: readonly PlaneRule[] = [];
  #firstAttackMs: number | null = null;
  #endedMs = 0;

  constructor(options: RunOptions, built: BuiltTestbed, startMs: number) {
    this.#options = options;
    this.#built = built;
    const { scenario } = options;
    const { clock, testbed, latencyMs } = built;
    this.#journal = new JournalWriter((entry) => options.onProgress?.({ kind: 'entry', entry }));
    this.#placements = new Placements(scenario, testbed);
    const faultWatch = createFaultWatch({
      faults: scenario.faults,
      stop: (agent, fault, afterMs) => this.#killAgent(agent, `${fault.when} ${fault.holderOf}`, afterMs),
    });
    const common = {
      scenario,
      startMs,
      clock,
      journal: this.#journal,
      onAct: (agent: AgentId, effect: Act) => this.#actions.run(agent, effect),
      onAbort: (agent: AgentId, token: number) => this.#actions.abort(agent, token),
    } satisfies Partial<GenuineFleetOptions>;
    this.#fleet =
      options.genuine === true
        ? createGenuineFleet({
            ...common,
            zeroNs: () => built.zeroNs() ?? 0n,
            onPhase: (text) => this.#phase(text),
            ...(options.signal === undefined ? {} : { signal: options.signal }),
          })
        : createLocalFleet({ ...common, seed: options.seed, latencyMs, onDeliver: faultWatch });
    this.#actions = new ActionRunner({
      clock,
      plane: testbed.plane,
      journal: this.#journal,
      answer: (agent, token, outcome) => this.#fleet.post(agent, { kind: 'result', token, outcome }),
      perceive: (agent, topic, subject, value) =>
        this.#fleet.post(agent, { kind: 'percept', topic, subject, value }),
      place: (agent, name, signal, done) => {
        const host = this.#fleet.specs.find((each) => each.name === agent)?.host;
        if (host === undefined) done({ ok: false, error: `${agent} has no host` });
        else this.#placements.place(agent, host, name, signal, done);
      },
    });
  }

  async play(): Promise<void> {
    const { scenario, defence } = this.#options;
    const { testbed, clock } = this.#built;
    this.#phase('building the network');
    await testbed.build();
    await this.#startAgents();
    this.#phase('agents place the functions by auction');
    await this.#place();
    this.#phase(`${count(scenario)} users warm up`);
    clock.setNow(-scenario.warmupMs);
    this.#fleet.clockSet();
    for (const group of scenario.users) if (group.startMs === undefined) await testbed.startUsers(group);
    await this.#pass(0);
    this.#phase(defence === 'on' ? 'time 0: the agents watch' : 'time 0: the defence is off');
    if (defence === 'on') this.#assign();
    this.#schedule();
    await this.#pass(scenario.durationMs);
    this.#endedMs = Math.min(scenario.durationMs, Math.round(clock.nowMs()));
    this.#requests.push(...testbed.takeRequests());
    await this.#readRulesLeft();
  }

  async stop(): Promise<void> {
    await this.#fleet.close();
    this.#actions.close();
  }

  inputs(): readonly CycleInput[] {
    return this.#fleet.inputs;
  }

  recording(): Recording {
    const { scenario, seed, defence } = this.#options;
    const { testbed, plane } = this.#built;
    const addresses: Record<string, string> = {};
    for (const host of scenario.topology.hosts) {
      const address = testbed.plane.addressOf(host.name);
      if (address !== undefined) addresses[host.name] = address;
    }
    for (const { spec, placement } of this.#placements.ofKind('web-server')) {
      const address = testbed.plane.addressOf(placement.host);
      if (address !== undefined) addresses[spec.name] = address;
    }
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
      addresses,
      firstAttackPacketMs: this.#firstAttackMs,
      messageCounts: this.#fleet.messageCounts(),
      pulses: bursts(scenario).filter((each) => each.startMs < this.#endedMs),
    };
  }

  async #startAgents(): Promise<void> {
    await this.#fleet.start();
    const { hosts } = this.#options.scenario.topology;
    for (const spec of this.#fleet.specs) {
      const host = hosts.find((each) => each.name === spec.host);
      if (host === undefined) continue;
      const { cpu, memoryGb } = host.background;
      this.#fleet.post(spec.name, {
        kind: 'percept',
        topic: 'host-used',
        subject: 'self',
        value: { cpu: { used: cpu, total: host.cpu }, memoryGb: { used: memoryGb, total: host.memoryGb } },
      });
    }
  }

  /** One function after the other, asked of the first agent: it opens the auction, all that could bid do. */
  async #place(): Promise<void> {
    const { clock } = this.#built;
    const asked = this.#fleet.specs[0]?.name;
    if (asked === undefined) throw new MusterError('BAD_SCENARIO', 'the scenario has no agent');
    for (const { name, kind, cpu, memoryGb } of this.#placements.inOrder()) {
      const args = { name, kind, cpu, memoryGb };
      this.#fleet.post(asked, { kind: 'goal', goal: 'functionWanted', args, from: 'operator' });
      const deadlineMs = clock.nowMs() + PLACED_WITHIN_MS;
      while (!this.#placements.isRunning(name)) {
        if (clock.nowMs() > deadlineMs) {
          throw new MusterError('UNSATISFIED', `no agent has taken ${name} (${cpu} CPU, ${memoryGb} GiB)`, {
            hint: 'give a host of the topology enough room, or lower the demand of the function',
          });
        }
        await this.#pass(clock.nowMs() + 20);
      }
    }
    await this.#pass(clock.nowMs() + 200);
  }

  #assign(): void {
    const limiter = this.#options.scenario.functions.find((each) => each.kind === 'rate-limiter');
    for (const { spec, placement } of this.#placements.ofKind('link-monitor')) {
      if (spec.kind !== 'link-monitor') continue;
      const link = this.#placements.watchedLink(spec.watch);
      if (link === undefined)
        throw new MusterError('BAD_SCENARIO', `${spec.name} watches ${spec.watch}, which is not placed`);
      this.#fleet.post(placement.agent, {
        kind: 'percept',
        topic: 'assigned',
        subject: link,
        value: {
          thresholdBytesPerSec: spec.thresholdBytesPerSec,
          linkLimitBytesPerSec: limiter?.linkLimitBytesPerSec ?? 300_000,
          targetLimitBytesPerSec: limiter?.targetLimitBytesPerSec ?? 150_000,
          blockTtlMs: limiter?.blockTtlMs ?? 60_000,
        },
      });
    }
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

  #killAgent(agent: AgentId, what: string, afterMs: number): void {
    const { clock } = this.#built;
    clock.at(clock.nowMs() + afterMs, () => {
      this.#fleet.kill(agent);
      this.#actions.forget(agent);
      this.#journal.record(clock.nowMs(), {
        kind: 'fault',
        because: [],
        fault: 'stop-agent',
        subject: agent,
        reason: `${agent} is stopped without notice (${what})`,
      });
    });
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
