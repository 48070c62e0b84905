import type { AgentChange } from '../../protocol/agent-change.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId, Ipv4, LinkId } from '../../protocol/ids.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Hex, Timing } from '../../protocol/ledger.ts';
import type { NetworkCounters } from '../../protocol/network-counters.ts';
import type { NetworkView } from '../../protocol/network-view.ts';
import type { Block, BlockOrder } from '../../protocol/operator-block.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { RunRecord } from '../../protocol/run-record.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { Status } from '../../protocol/up-status.ts';
import type { UpgradeView } from '../../protocol/upgrade.ts';
import type { BuiltTestbed } from '../create-testbed.ts';
import { createTestbed } from '../create-testbed.ts';
import type { AgentImage } from '../genuine/agent-image.ts';
import type { Pipeline } from '../genuine/pipeline.ts';
import type { Strictness } from '../genuine/pipeline-options.ts';
import { JournalWriter } from '../journal-writer.ts';
import { blockSource, blocksOf, type Operating, unblockSource } from '../network/operator-blocks.ts';
import { RunningNetwork } from '../network/running-network.ts';
import { changeAgents } from './agent-changes.ts';
import { agentGroupHere } from './agent-group-here.ts';
import { agentStatuses } from './agent-statuses.ts';
import { alarmsOf } from './alarms.ts';
import { CounterReader } from './counter-reader.ts';
import { Exclusions } from './exclusions.ts';
import { groupView, orderRounds } from './group-view.ts';
import type { JournalFile } from './journal-file.ts';
import { type JournalRetention, KeptJournal, USUAL_RETENTION } from './kept-journal.ts';
import { recordControl } from './record-control.ts';
import type { UpServices } from './up-services.ts';

const SLICE_MS = 100;
const START_MS = -10_000;

export interface SupervisorOptions {
  /** Its topology, functions, agents and users; its attacks are not made. */
  readonly scenario: Scenario;
  readonly plane: 'twin' | 'linux' | 'auto';
  readonly seed: number;
  /** Deadlines and validity on the ledger, where not the usual ones. */
  readonly timing?: Timing;
  readonly strictness?: Strictness;
  /** How often each agent is reborn, ms; 0: never; absent: every ten minutes. */
  readonly rebirthEveryMs?: number;
  /** What genuine agents are started from; absent: the agent process of this checkout. */
  readonly image?: AgentImage;
  /** Agents of the pipeline that keep the books of sites and place services; absent: none does. */
  readonly placing?: Placing;
  /** Services beside it, with their stores open; absent: none. */
  readonly services?: UpServices;
  /** What of the journal is kept; absent: `USUAL_RETENTION`. */
  readonly retention?: JournalRetention;
  /** Where the journal is kept beyond this process; absent: nowhere. */
  record?(plane: 'twin' | 'linux', onTrouble: (error: Error) => void): JournalFile;
  onPhase(text: string): void;
}

/** Everything on one machine, until it is told to stop: network, users, ledger, site daemons, guards and agents. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  /** For who asks later; a console reads on from there. */
  readonly #kept: KeptJournal;
  readonly #listeners = new Set<(seq: number, entry: JournalEntry) => void>();
  readonly #exclusions = new Exclusions();
  readonly #stop = new AbortController();
  readonly #startedMs = Date.now();
  /** Pipelines of agents that have come since, by their names. */
  readonly #pipelines = new Map<string, string>();
  readonly #counters = new CounterReader({
    plane: () => (this.#ready ? this.#built?.testbed.plane : undefined),
    infrastructure: () => this.#options.services?.infrastructure,
    nowMs: () => this.#built?.clock.nowMs() ?? START_MS,
  });
  #built: BuiltTestbed | undefined;
  #network: RunningNetwork | undefined;
  #ready = false;
  #journal: JournalWriter | undefined;
  #file: JournalFile | undefined;
  #keepFunctions = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#kept = new KeptJournal(options.retention ?? USUAL_RETENTION, () => Date.now());
  }

  /** Functions of services end too, unless they are to be kept for the next one that is started in the same place. */
  stop(keepFunctions = false): void {
    this.#keepFunctions ||= keepFunctions;
    this.#stop.abort();
  }

  /** Runs until it is stopped; `onReady` once agents are attested, functions placed and users served. Leaves nothing behind. */
  async run(onReady: (plane: 'twin' | 'linux') => void): Promise<void> {
    const { scenario, plane, seed, onPhase, services } = this.#options;
    const { signal } = this.#stop;
    const built = await createTestbed(scenario, plane, seed, START_MS, onPhase, true);
    this.#built = built;
    const journal = new JournalWriter((entry) => this.#keep(entry), { forgetful: true });
    this.#journal = journal;
    this.#file = this.#options.record?.(built.plane, ({ message }) =>
      this.#fault('journal-file', 'journal', message),
    );
    const phase = (text: string): void => {
      onPhase(text);
      journal.record(built.clock.nowMs(), { kind: 'phase', because: [], phase: text, reason: text });
    };
    const network = new RunningNetwork({
      scenario,
      seed,
      startMs: START_MS,
      genuine: true,
      built,
      journal,
      onPhase: phase,
      onDeliver: () => true,
      pass: (untilMs) => this.#pass(untilMs),
      signal,
      onPulse: (site, silentMs) => this.#onPulse(site, silentMs),
      ...(this.#options.timing === undefined ? {} : { timing: this.#options.timing }),
      ...(this.#options.strictness === undefined ? {} : { strictness: this.#options.strictness }),
      ...(this.#options.rebirthEveryMs === undefined ? {} : { rebirthEveryMs: this.#options.rebirthEveryMs }),
      ...(this.#options.image === undefined ? {} : { image: this.#options.image }),
      ...(this.#options.placing === undefined ? {} : { placing: this.#options.placing }),
    });
    this.#network = network;
    try {
      await network.start();
      for (const group of scenario.users) await built.testbed.startUsers(group);
      network.assign();
      if (services !== undefined) await this.#startServices(services, { built, network, journal, phase });
      this.#ready = true;
      phase('up: the agents watch');
      services?.startControl(
        (clock) => agentGroupHere(this, clock),
        recordControl(journal, () => built.clock.nowMs()),
      );
      onReady(built.plane);
      while (!signal.aborted) await this.#pass(built.clock.nowMs() + SLICE_MS);
    } catch (error) {
      if (!(signal.aborted && error instanceof MusterError && error.code === 'INTERRUPTED')) throw error;
    } finally {
      this.#ready = false;
      await services?.close(this.#keepFunctions);
      await network.close();
      built.clock.close();
      await built.testbed.destroy();
      this.#file?.close();
    }
  }

  status(): Status {
    const { scenario } = this.#options;
    const pipeline = this.#network?.genuine?.pipeline;
    const state = pipeline?.trust.state;
    const { url, address } = pipeline ?? {};
    const epoch = pipeline?.trust.epoch;
    const agents = this.#network === undefined ? [] : agentStatuses(this.#network);
    const root = state?.agents.get(state.rootOfTrust)?.name ?? 'the registry';
    const alarms = [
      ...alarmsOf({
        ready: this.#ready,
        ledgerSilentForS: pipeline?.ledgerSilentForS ?? 0,
        ledgerTrouble: pipeline?.ledgerTrouble,
        agents,
        excluded: this.#exclusions.reasons,
      }),
      ...(this.#options.services?.alarms() ?? []),
    ];
    return {
      scenario: scenario.name,
      plane: this.#built?.plane ?? 'twin',
      ready: this.#ready,
      upForS: Math.round((Date.now() - this.#startedMs) / 1000),
      ledger:
        url === undefined || address === undefined
          ? null
          : { url, block: state?.at?.number ?? 0, pipeline: address },
      epoch: epoch?.epoch ?? 0,
      setVersion: state?.setVersion ?? 0,
      rootOfTrust: root,
      processes: Object.fromEntries(pipeline?.processes() ?? []),
      agents,
      services: this.#options.services?.summary() ?? null,
      alarms: alarms.map(({ text }) => text),
      alarmCauses: alarms,
      journal: this.#kept.extent(),
    };
  }

  /** For whoever checks from outside what has been done here; undefined: there is no ledger yet. */
  record(): RunRecord | undefined {
    const genuine = this.#network?.genuine;
    const { url, address, checkpoints } = genuine?.pipeline ?? {};
    if (genuine === undefined || url === undefined || address === undefined || checkpoints === undefined)
      return undefined;
    const { anchor } = genuine;
    return {
      url,
      pipeline: address,
      operator: checkpoints.operator,
      checkpoint: checkpoints.latest ?? null,
      batches: [...anchor.batches],
      lines: [...anchor.lines()],
    };
  }

  /** The text behind the hash of an appraisal that a verdict carries; undefined: it is not known, or not any more. */
  appraisal(hash: Hex): string | undefined {
    return this.#network?.genuine?.appraisalOf(hash);
  }

  /** Has an agent started that stays down; false: it is none, or is not down. */
  startAgent(name: string): boolean {
    const agent = this.#network?.fleet.specs.find((each) => each.name === name)?.name;
    return agent !== undefined && this.#network?.genuine?.pipeline.startAgain(agent) === true;
  }

  /** Adds, moves or removes an agent. Throws MusterError. */
  async change(change: AgentChange): Promise<void> {
    await changeAgents(this.#running(), this.#options.scenario, change);
    if (change.kind === 'add')
      this.#pipelines.set(change.name, change.pipeline ?? this.#options.scenario.name);
  }

  /** Drops everything from an address on all guarded links. Throws MusterError. */
  block(order: BlockOrder, by: string): Promise<readonly LinkId[]> {
    return blockSource(this.#operating(), order, by);
  }

  /** Ends an operator's block. Throws MusterError. */
  unblock(source: Ipv4, by: string): Promise<void> {
    return unblockSource(this.#operating(), source, by);
  }

  /** Blocks in force, agents' and operators'. Throws MusterError. */
  blocks(): Promise<readonly Block[]> {
    return blocksOf(this.#operating(), this.#built?.clock.nowMs() ?? START_MS);
  }

  /** The group of agents, as pipelines are planned for it. @throws USAGE before it is up. */
  group(): PipelineView {
    const { scenario, strictness } = this.#options;
    const perRound = strictness?.verifiersPerRound ?? 1;
    return groupView({ pipeline: this.#running(), scenario, perRound, pipelines: this.#pipelines });
  }

  /** What everything runs on. */
  network(): NetworkView {
    const { scenario, services } = this.#options;
    const addresses = this.#network?.addresses() ?? {};
    return { scenario, substrate: services?.options.substrate ?? null, addresses };
  }

  /** What has gone over its links, and what units have used. */
  counters(): Promise<NetworkCounters> {
    return this.#counters.read();
  }

  /** Agents attest one another in this order from now on. Throws MusterError. */
  orderRounds(order: readonly AgentId[]): Promise<void> {
    return orderRounds(this.#running(), order);
  }

  /** How agents go over to a newer image, or have. Throws MusterError USAGE before it is up. */
  upgrade(): UpgradeView {
    return this.#running().upgrade();
  }

  /** What `upgradeTo` would do, and changes nothing. Throws MusterError. */
  planUpgrade(image: string): UpgradeView {
    return this.#running().planUpgrade(image);
  }

  /** Has all agents go over to an image, given as the text of its file; see `Pipeline`. `startedBy`: the name of a token. Throws MusterError. */
  upgradeTo(image: string, startedBy: string): Promise<UpgradeView> {
    return this.#running().upgradeTo(image, startedBy);
  }

  /** Records what was asked for over the API, and by whom. */
  recordRequest(asked: {
    readonly caller: string;
    readonly request: string;
    readonly status: number;
    readonly location: string | null;
  }): void {
    const reason = `the token ${asked.caller} was given`;
    this.#journal?.record(this.#built?.clock.nowMs() ?? START_MS, {
      kind: 'request',
      because: [],
      ...asked,
      reason,
    });
  }

  /** Entries after `seq`, as far as they are still kept. */
  entriesAfter(seq: number): readonly { readonly seq: number; readonly entry: JournalEntry }[] {
    return this.#kept.after(seq);
  }

  listen(listener: (seq: number, entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The network goes on meanwhile: whoever places services may be agents of its pipeline. */
  async #startServices(
    services: UpServices,
    {
      built,
      network,
      journal,
      phase,
    }: {
      readonly built: BuiltTestbed;
      readonly network: RunningNetwork;
      readonly journal: JournalWriter;
      phase(text: string): void;
    },
  ): Promise<void> {
    phase('services are taken over, and looked after');
    let started = false;
    const starting = services
      .start({
        plane: built.plane,
        network,
        journal,
        nowMs: () => built.clock.nowMs(),
        zeroNs: () => built.zeroNs(),
        onTrouble: (text) => this.#fault('service-trouble', 'services', text),
      })
      .finally(() => {
        started = true;
      });
    // Whether it is interrupted or fails: what has been begun is over before anything is closed.
    const passed = (async () => {
      while (!started) await this.#pass(built.clock.nowMs() + SLICE_MS);
    })();
    const ended = await Promise.allSettled([starting, passed]);
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }

  #onPulse(site: string, silentMs: number | undefined): void {
    const { services } = this.#options;
    if (silentMs === undefined) this.#network?.placing?.siteBack(site);
    else this.#network?.placing?.siteLost(site);
    if (services === undefined) return;
    if (silentMs !== undefined) {
      this.#fault('site-silent', site, `its daemon has said nothing for ${Math.round(silentMs)} ms`);
      services.siteLost(site, Date.now() - silentMs);
      return;
    }
    this.#fault('site-back', site, 'its daemon answers again');
    services.siteBack(site).catch((error: unknown) => {
      this.#fault('service-trouble', site, `its functions cannot be looked at: ${String(error)}`);
    });
  }

  #fault(fault: string, subject: string, reason: string): void {
    const tMs = this.#built?.clock.nowMs() ?? START_MS;
    this.#journal?.record(tMs, { kind: 'fault', because: [], fault, subject, reason });
  }

  #operating(): Operating {
    this.#running();
    const operating = this.#network?.operating;
    if (operating !== undefined) return operating;
    throw new MusterError('USAGE', 'the pipeline is not up yet', { hint: 'muster status' });
  }

  #running(): Pipeline {
    const pipeline = this.#network?.genuine?.pipeline;
    if (pipeline !== undefined && this.#ready) return pipeline;
    throw new MusterError('USAGE', 'the pipeline is not up yet', { hint: 'muster status' });
  }

  async #pass(untilMs: number): Promise<void> {
    const built = this.#built;
    if (built === undefined) return;
    while (built.clock.nowMs() < untilMs) {
      if (this.#stop.signal.aborted) throw new MusterError('INTERRUPTED', 'interrupted');
      await built.clock.passUntil(Math.min(untilMs, built.clock.nowMs() + SLICE_MS));
      // Nobody makes a report of them.
      built.testbed.takeRequests();
    }
  }

  #keep(entry: JournalEntry): void {
    this.#exclusions.hear(entry);
    this.#file?.append(entry);
    const seq = this.#kept.keep(entry);
    for (const listener of this.#listeners) listener(seq, entry);
  }
}
