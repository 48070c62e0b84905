import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { argvOf } from '../../adapters/evidence-guard/spawn-agent.ts';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { createLedger, deployPipeline } from '../../adapters/ledger-rpc/create-ledger.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import type { Action } from '../../core/bdi/plan.ts';
import type { DrivenClock } from '../../ports/drive.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Hex, LedgerBlock } from '../../protocol/ledger.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { FromSite, SpawnOrder } from '../../protocol/site-control.ts';
import type { CycleInput } from '../agent-host.ts';
import { isCycleInput } from '../agent-host.ts';
import { agentSpecs } from '../build-agent.ts';
import { buildPrograms } from '../genuine/build-programs.ts';
import { Collector } from '../genuine/collector.ts';
import { contractCode } from '../genuine/contract-code.ts';
import { startLedgerProcess } from '../genuine/ledger-process.ts';
import { sampleRuntime } from '../genuine/sample-runtime.ts';
import type { SiteProcess } from '../genuine/site-process.ts';
import { startSite } from '../genuine/site-process.ts';
import { sitesOf } from '../genuine/sites.ts';
import { agentSpecOf, sha256 } from '../guard/expected.ts';
import type { JournalWriter } from '../journal-writer.ts';
import { Registry } from '../registry/registry.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import type { AgentFleet, FleetEvents } from './agent-fleet.ts';

const BLOCK_MS = 1000;
const TIMING = { commitWithin: 10, verdictWithin: 10, validity: 60, period: 20, stewardWithin: 5 } as const;
/** First user of agents; each has its own. */
const FIRST_UID = 61_000;
const READY_WITHIN_MS = 60_000;
const POLICY = 'node; no files, children, workers or addons; sockets given only';

export interface GenuineFleetOptions extends FleetEvents {
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly clock: DrivenClock;
  /** Zero of that clock on the machine's monotonic one, ns. */
  zeroNs(): bigint;
  readonly journal: JournalWriter;
  onPhase(text: string): void;
  readonly signal?: AbortSignal;
}

/** Each agent in a process of its own that its peers have attested on a ledger. */
export function createGenuineFleet(options: GenuineFleetOptions): AgentFleet {
  return new GenuineFleet(options);
}

interface Counts {
  sent: number;
  received: number;
  roles: readonly string[];
}

class GenuineFleet implements AgentFleet {
  readonly specs;
  readonly inputs: CycleInput[] = [];
  readonly #options: GenuineFleetOptions;
  readonly #siteOf: ReadonlyMap<AgentId, string>;
  readonly #sites = new Map<string, SiteProcess>();
  readonly #guards = new Map<string, Extract<FromSite, { kind: 'guard' }>>();
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #counts = new Map<AgentId, Counts>();
  readonly #killed = new Set<AgentId>();
  readonly #cleanUps: (() => Promise<void>)[] = [];
  #registry: Registry | undefined;
  #collector: Collector | undefined;
  #orders: ((name: AgentId, incarnation: number) => Promise<void>) | undefined;
  #changed = (): void => {};
  #closed = false;

  constructor(options: GenuineFleetOptions) {
    this.#options = options;
    this.specs = agentSpecs(options.scenario);
    this.#siteOf = sitesOf(options.scenario, this.specs);
  }

  async start(): Promise<void> {
    const { onPhase } = this.#options;
    const beganMs = monotonicMs();
    const programs = await buildPrograms(join(import.meta.dirname, '../../../build/programs'));
    const dir = await mkdtemp(join(tmpdir(), 'muster-'));
    this.#cleanUps.push(() => rm(dir, { recursive: true, force: true }));
    await chmod(dir, 0o711);
    await mkdir(join(dir, 'private'), { mode: 0o700 });
    onPhase('ledger, site daemons and guards start');
    const names = [...new Set(this.#siteOf.values())].sort();
    const peerSockets = Object.fromEntries(names.map((site) => [site, join(dir, 'private', `${site}.sock`)]));
    const agents = Object.fromEntries(this.#siteOf);
    for (const site of names) {
      const agentSocket = join(dir, `${site}.sock`);
      const described = {
        kind: 'site',
        site,
        agentSocket,
        peerSockets,
        agents,
        guardProgram: programs.guard,
      } as const;
      const process = startSite({
        program: programs.siteDaemon,
        site: described,
        onMessage: (message) => this.#take(site, message),
        onEnd: () => this.#trouble(`the daemon of ${site} has ended`),
      });
      this.#sites.set(site, process);
      this.#cleanUps.push(() => process.stop());
    }
    const [ledger, segments, code, kemKey, bundle] = await Promise.all([
      startLedgerProcess({
        program: programs.ledgerNode,
        directory: join(dir, 'private', 'ledger'),
        blockMs: BLOCK_MS,
        onNote: (text) => this.#note(`ledger: ${text}`),
      }),
      sampleRuntime(),
      contractCode(),
      newKemKey(),
      readFile(programs.agent),
    ]);
    this.#cleanUps.push(() => ledger.stop());
    const [operatorKey, registryKey] = [toHex(randomBytes(32)), toHex(randomBytes(32))];
    const account = (key: Hex) => privateKeyToAddress(key);
    onPhase('the contracts of the pipeline are deployed');
    const address = await deployPipeline({
      url: ledger.url,
      privateKey: operatorKey,
      options: {
        admin: account(operatorKey),
        orchestrator: account(operatorKey),
        registry: account(registryKey),
        timing: TIMING,
        verifiersPerRound: 1,
      },
      bytecode: code,
    });
    const pipeline = `${address.chainId}:${address.genesisHash}:${address.attestation}`;
    const operator = await createLedger({ url: ledger.url, privateKey: operatorKey, pipeline: address });
    const registryLedger = await createLedger({
      url: ledger.url,
      privateKey: registryKey,
      pipeline: address,
    });
    this.#cleanUps.push(
      () => Promise.resolve(operator.close()),
      () => Promise.resolve(registryLedger.close()),
    );
    const registry = new Registry({
      ledger: registryLedger,
      trust: this.#trust,
      segments,
      periodS: TIMING.period,
      onTrouble: (text) => this.#note(text),
    });
    this.#registry = registry;
    this.#cleanUps.push(() => Promise.resolve(registry.close()));
    this.#collector = this.#collect(kemKey, pipeline);
    registryLedger.follow({ fromBlock: address.fromBlock, onBlock: (block) => this.#onBlock(block) });
    await this.#until(() => this.#guards.size === names.length, 'every site has a guard');
    for (const site of this.#sites.values())
      site.send({ kind: 'pipeline', url: ledger.url, address, name: pipeline });
    this.#orders = (name, incarnation) =>
      this.#place(name, incarnation, {
        registry,
        pipeline,
        collector: kemKey.publicKey,
        bundle,
        path: programs.agent,
      });
    onPhase(`${this.specs.length} agents are registered, started and measured`);
    await this.#enrol(operator);
    await Promise.all(this.specs.map((spec) => this.#orders?.(spec.name, 1)));
    await this.#until(() => this.#isReady(), 'every agent is attested and holds the group key');
    onPhase(`all agents are attested and keyed after ${((monotonicMs() - beganMs) / 1000).toFixed(1)} s`);
  }

  post(agent: AgentId, event: AgentEvent): void {
    const site = this.#sites.get(this.#siteOf.get(agent) ?? '');
    if (site === undefined) return;
    switch (event.kind) {
      case 'percept':
        // What the data plane measures is plain JSON.
        site.send({ ...event, kind: 'percept', agent, value: event.value as Json });
        return;
      case 'goal': {
        const { goal, args, from } = event;
        site.send({ kind: 'goal', agent, goal, args, from });
        return;
      }
      case 'result':
        site.send({ kind: 'result', agent, token: event.token, outcome: event.outcome });
        return;
      default:
        throw new Error(`${event.kind} is not given to agents from outside`);
    }
  }

  kill(agent: AgentId): void {
    this.#killed.add(agent);
    this.#sites
      .get(this.#siteOf.get(agent) ?? '')
      ?.send({ kind: 'kill', agent, reason: 'the scenario stops it' });
  }

  clockSet(): void {
    const zeroNs = String(this.#options.zeroNs());
    for (const site of this.#sites.values()) site.send({ kind: 'clock', zeroNs });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#collector?.settled();
    for (const cleanUp of this.#cleanUps.reverse()) await cleanUp();
  }

  messageCounts() {
    return this.specs.map(({ name }) => {
      const { sent, received, roles } = this.#counts.get(name) ?? { sent: 0, received: 0, roles: [] };
      return { agent: name, sent, received, roles };
    });
  }

  async #enrol(operator: Ledger): Promise<void> {
    const calls = [...this.#guards].map(([site, { account }]) =>
      operator.call({
        kind: 'enrolGuard',
        guard: account,
        site: toHex(Buffer.from(sha256(site), 'hex')),
        siteName: site,
      }),
    );
    for (const { name } of this.specs) {
      const guard = this.#guards.get(this.#siteOf.get(name) ?? '')?.account;
      if (guard !== undefined) calls.push(operator.call({ kind: 'admitAgent', name, guard }));
    }
    for (const result of await Promise.all(calls)) {
      if (!result.ok)
        throw new MusterError('LEDGER_FAILED', `the pipeline could not be set up: ${result.error}`);
    }
  }

  /** Registers an incarnation of an agent, and has its guard start it. */
  async #place(
    name: AgentId,
    incarnation: number,
    pipeline: {
      readonly registry: Registry;
      readonly pipeline: string;
      readonly collector: Hex;
      readonly bundle: Uint8Array;
      readonly path: string;
    },
  ): Promise<void> {
    const { scenario, startMs, zeroNs } = this.#options;
    const site = this.#siteOf.get(name) ?? '';
    const guard = this.#guards.get(site);
    if (guard === undefined) throw new MusterError('INTERNAL', `${name} has no guard`);
    const config: AgentConfig = {
      name,
      key: agentKeyOf(name),
      incarnation,
      pipeline: pipeline.pipeline,
      collector: pipeline.collector,
      startMs,
      zeroNs: String(zeroNs()),
      agents: [...this.specs],
      hosts: scenario.topology.hosts,
      functions: scenario.functions,
    };
    const index = this.specs.findIndex((each) => each.name === name);
    const order: SpawnOrder = {
      name,
      key: config.key,
      incarnation,
      bundle: pipeline.path,
      config: JSON.stringify(config),
      policySha256: sha256(POLICY),
      salt: randomBytes(32).toString('hex'),
      ...(process.getuid?.() === 0 ? { uid: FIRST_UID + index } : {}),
      runtimeCode: 'v8',
    };
    const spec = agentSpecOf(order, pipeline.bundle);
    this.#sites.get(site)?.send({ kind: 'spawn', order });
    const trouble = await pipeline.registry.register({
      order,
      version: 1,
      bundleSha256: sha256(pipeline.bundle),
      argv: argvOf(spec),
      guardSha256: guard.sha256,
    });
    if (trouble !== undefined) this.#trouble(`${name} could not be registered: ${trouble}`);
  }

  #take(site: string, message: FromSite): void {
    const { onAct, onAbort } = this.#options;
    switch (message.kind) {
      case 'guard':
        this.#guards.set(site, message);
        this.#changed();
        return;
      case 'act': {
        const { agent, token, entry, reason, action } = message;
        onAct(agent, { kind: 'act', token, entry, reason, action: action as Action });
        return;
      }
      case 'abort':
        onAbort(message.agent, message.token);
        return;
      case 'telemetry':
        this.#collector?.take(message.agent, message.sealed);
        return;
      case 'answer-wanted': {
        const account = this.#guards.get(site)?.account;
        const answer = account === undefined ? undefined : this.#registry?.answerFor(message.round, account);
        if (answer !== undefined)
          this.#sites.get(site)?.send({ kind: 'answer', round: message.round, answer });
        return;
      }
      case 'exited':
        this.#onExit(message);
        return;
      case 'refused':
        this.#note(`${site} refuses a ${message.what} of ${message.agent}: ${message.reason}`);
        return;
      case 'log':
        this.#note(`${site}: ${message.who}: ${message.text}`);
        return;
      default:
        message satisfies never;
    }
  }

  #onExit({ agent, incarnation, reason }: Extract<FromSite, { kind: 'exited' }>): void {
    if (this.#closed) return;
    this.#fault('agent-ended', agent, reason);
    if (!this.#killed.has(agent)) void this.#orders?.(agent, incarnation + 1);
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    for (const { event } of block.entries)
      if (event.kind !== 'Envelope')
        this.#note(`block ${block.number} ${block.timestamp % 1000}: ${JSON.stringify(event).slice(0, 330)}`);
    this.#registry?.onBlock(block);
    this.#changed();
  }

  #isReady(): boolean {
    const { state } = this.#trust;
    const { epoch } = state;
    if (epoch === undefined || needsEpoch(state)) return false;
    return this.specs.every(({ name }) => epoch.acknowledged.has(agentKeyOf(name)));
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: MusterError): void => {
        clearTimeout(timer);
        this.#changed = () => {};
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => {
        const states = [...this.#trust.state.agents.values()].map(
          (each) => `${each.name} ${each.status} ${each.reason}`,
        );
        done(
          new MusterError('ATTESTATION_REFUSED', `not so within ${READY_WITHIN_MS / 1000} s: ${what}`, {
            hint: states.join(', ') || 'nothing is on the ledger yet',
          }),
        );
      }, READY_WITHIN_MS);
      this.#changed = () => {
        if (holds()) done();
      };
      this.#options.signal?.addEventListener('abort', () =>
        done(new MusterError('INTERRUPTED', 'interrupted')),
      );
      this.#changed();
    });
  }

  #collect(kemKey: ConstructorParameters<typeof Collector>[0]['kemKey'], pipeline: string): Collector {
    const { journal } = this.#options;
    return new Collector({
      kemKey,
      trust: this.#trust,
      pipeline,
      onBatch: (agent, { journal: entries, inputs, sent, received, roles }) => {
        for (const entry of entries) journal.ingest(entry);
        for (const input of inputs) if (isCycleInput(input)) this.inputs.push(input);
        this.#counts.set(agent, { sent, received, roles });
      },
      onRefused: (agent, reason) => this.#fault('telemetry-refused', agent, reason),
    });
  }

  #trouble(text: string): void {
    this.#fault('genuine', 'muster', text);
  }

  #fault(fault: string, subject: string, reason: string): void {
    const { journal, clock } = this.#options;
    journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason });
  }

  #note(text: string): void {
    if (process.env['MUSTER_DEBUG'] !== undefined) process.stderr.write(`${text}\n`);
  }
}
