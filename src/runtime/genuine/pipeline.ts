import { join } from 'node:path';
import { JOURNAL_BATCH } from '../../core/ledger/journal-batch.ts';
import type { CallResult } from '../../ports/ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { ToSite } from '../../protocol/site-control.ts';
import type { UpgradeView } from '../../protocol/upgrade.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import type { PipelineParts } from './assembly.ts';
import { Assembly } from './assembly.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { isReady } from './readiness.ts';
import type { Regrouping } from './regrouping.ts';
import { Roster } from './roster.ts';
import { takeImage } from './take-image.ts';

/** A pipeline of genuine agents on one machine: its ledger, site daemons, guards and registry, kept alive until it is closed. */
export class Pipeline {
  readonly trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #roster: Roster;
  readonly #assembly: Assembly;
  /** Where images are kept that agents have gone over to. */
  readonly #imageDir: string;
  /** The embedded ledger's own journal. */
  readonly ledgerJournal: string;

  constructor(options: PipelineOptions) {
    this.#imageDir = join(options.dir, 'private/images');
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

  /** How its agents go over to a newer image, or have. Throws MusterError USAGE before it is up. */
  upgrade(): UpgradeView {
    return this.#upgrading().upgrades.view();
  }

  /** What `upgradeTo` would do. Throws what it throws. */
  planUpgrade(image: string): UpgradeView {
    const { images, upgrades } = this.#upgrading();
    return upgrades.plan(takeImage(image, images.current, this.#imageDir));
  }

  /**
   * Has its agents go over to that image, given as the text of its file; resolves once it is on its way. Throws MusterError ATTESTATION_REFUSED,
   * NOT_SUPPORTED or CONFLICT for an image that it cannot be, with the reason.
   */
  async upgradeTo(image: string, startedBy: string): Promise<UpgradeView> {
    const { images, upgrades } = this.#upgrading();
    return upgrades.begin(takeImage(image, images.current, this.#imageDir), startedBy);
  }

  #upgrading(): Required<Pick<PipelineParts, 'images' | 'upgrades'>> {
    const { images, upgrades, regrouping } = this.#assembly.parts;
    if (images !== undefined && upgrades !== undefined && regrouping !== undefined)
      return { images, upgrades };
    throw new MusterError('USAGE', 'the pipeline is not up yet', { hint: 'muster status' });
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
