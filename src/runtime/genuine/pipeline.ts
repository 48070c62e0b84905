import { join } from 'node:path';
import { JOURNAL_BATCH } from '../../core/ledger/journal-batch.ts';
import type { CallResult } from '../../ports/ledger.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { ToSite } from '../../protocol/site-control.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import { Assembly } from './assembly.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { isReady } from './readiness.ts';
import type { Regrouping } from './regrouping.ts';
import { Roster } from './roster.ts';

/** A pipeline of genuine agents on one machine: its ledger, site daemons, guards and registry, kept alive until it is closed. */
export class Pipeline {
  readonly trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #roster: Roster;
  readonly #assembly: Assembly;
  /** The embedded ledger's own journal. */
  readonly ledgerJournal: string;

  constructor(options: PipelineOptions) {
    this.ledgerJournal = join(options.dir, 'private/ledger/journal');
    this.#roster = new Roster(options.specs, options.siteOf);
    this.#assembly = new Assembly(options, this.trust, this.#roster);
  }

  get address(): PipelineAddress | undefined {
    return this.#assembly.parts.address;
  }

  /** For how long the ledger has said nothing although it should have, s; 0: it has not been silent. */
  get ledgerSilentForS(): number {
    return this.#assembly.ledgerSilentForS;
  }

  /** Why the ledger's process is not there, or takes nothing; undefined: it is well. */
  get ledgerTrouble(): string | undefined {
    return this.#assembly.parts.ledger?.trouble;
  }

  get url(): string | undefined {
    return this.#assembly.parts.ledger?.url;
  }

  get checkpoints(): Checkpoints | undefined {
    return this.#assembly.parts.checkpoints;
  }

  /** Processes by what they are, e.g. `ledger`, `daemon s1`, `guard s1`. */
  processes(): ReadonlyMap<string, number> {
    const { ledger, sites } = this.#assembly.parts;
    const all = new Map<string, number>();
    if (ledger !== undefined) all.set('ledger', ledger.pid);
    for (const [what, pid] of sites?.pids() ?? []) all.set(what, pid);
    return all;
  }

  pidOf(agent: string): number | undefined {
    return this.#assembly.parts.lives?.pidOf(agent);
  }

  /** Resolves once every agent is attested and holds the group key. */
  start(): Promise<void> {
    return this.#assembly.start();
  }

  /** Agents that are not started again, and why. */
  staysDown(): ReadonlyMap<AgentId, string> {
    return this.#assembly.parts.lives?.staysDown() ?? new Map();
  }

  /** The operator's word: an agent that stays down is started once more. False: it was not down. */
  startAgain(agent: AgentId): boolean {
    return this.#assembly.parts.lives?.startAgain(agent) ?? false;
  }

  isReady(): boolean {
    return isReady(this.trust, this.#roster.specs);
  }

  /** The agents that it has now. */
  get specs(): readonly AgentSpec[] {
    return this.#roster.specs;
  }

  /** Agents that come, go or move while it runs; undefined: it is not up yet. */
  get regrouping(): Regrouping | undefined {
    return this.#assembly.parts.regrouping;
  }

  /** How many agents may still come that have never been here. */
  get room(): number {
    return this.#roster.room;
  }

  /** To the daemon of an agent's site. */
  send(agent: AgentId, message: ToSite): void {
    this.#assembly.parts.sites?.sendFor(agent, message);
  }

  /** Ends the process of an agent without notice. */
  kill(agent: AgentId, reason: string): void {
    this.#assembly.parts.sites?.orderFor(agent, { kind: 'kill', agent, reason });
  }

  /** The agents' clock has been set, see `AgentConfig`. */
  setClock(zeroNs: bigint): void {
    this.#assembly.parts.sites?.tellGuards({ kind: 'clock', zeroNs: String(zeroNs) });
  }

  /** Puts the root over a stretch of the journal on the ledger, in the registry's name; resolves once that is final. */
  async anchor(root: Hex, count: number): Promise<CallResult> {
    const call = { kind: 'anchor', batch: JOURNAL_BATCH, root, count } as const;
    const { registryLedger } = this.#assembly.parts;
    return (await registryLedger?.call(call)) ?? { ok: false, error: 'there is no ledger yet' };
  }

  /** Resolves once all telemetry that has come is taken. */
  async settled(): Promise<void> {
    await this.#assembly.parts.collector?.settled();
  }

  close(): Promise<void> {
    return this.#assembly.close();
  }
}
