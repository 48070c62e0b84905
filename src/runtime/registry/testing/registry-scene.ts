import { expect, vi } from 'vitest';
import { agentId } from '../../../protocol/ids.ts';
import type { ImageManifest } from '../../../protocol/image.ts';
import type { Hex, LedgerCall, LedgerEvent } from '../../../protocol/ledger.ts';
import { ZERO } from '../../../protocol/ledger.ts';
import type { SpawnOrder } from '../../../protocol/site-control.ts';
import {
  account,
  evidenceOf,
  FakeChain,
  FakeLedger,
  hex32,
  registeredEvent,
} from '../../trust/testing/fake-ledger.ts';
import { TrustView } from '../../trust/trust-view.ts';
import type { ReferenceRecord, ReferenceStore } from '../reference-store.ts';
import { Registry } from '../registry.ts';
import type { Dealt } from '../share-out.ts';

export const START_S = 1_000_000;
export const PERIOD_S = 20;
export const [A1, A2] = [hex32(21), hex32(22)];
const GUARD1 = account(5);

export type Open = Extract<LedgerCall, { kind: 'openRound' }>;

/** Keeps them at hand, where the real one keeps them in a sealed file. */
class FakeReferences implements ReferenceStore {
  readonly records: ReferenceRecord[] = [];
  broken = false;

  async keep(record: ReferenceRecord): Promise<void> {
    if (this.broken) throw new Error('the disk is full');
    this.records.push(record);
  }

  async move(from: Hex, to: Hex, incarnation: number): Promise<void> {
    const at = this.records.findIndex((each) => each.agent === from && each.incarnation === incarnation);
    const record = this.records[at];
    if (record !== undefined) this.records[at] = { ...record, agent: to };
  }

  async referenceOf(agent: Hex, incarnation: number): Promise<Hex | undefined> {
    if (this.broken) throw new Error('it is damaged');
    return this.records.find((each) => each.agent === agent && each.incarnation === incarnation)?.reference;
  }
}

/** A registry over a chain on which a test says what happened to each call. */
export class RegistryScene {
  readonly chain = new FakeChain();
  readonly ledger = new FakeLedger();
  readonly trouble: string[] = [];
  readonly store = new FakeReferences();
  readonly dealt: { readonly site: string; readonly dealt: Dealt }[] = [];
  readonly trust = new TrustView({ monotonicMs: () => Date.now(), wallSeconds: () => Date.now() / 1000 });
  readonly registry: Registry;
  #rounds = 0;

  constructor() {
    this.registry = new Registry({
      ledger: this.ledger,
      trust: this.trust,
      segments: [],
      periodS: PERIOD_S,
      store: this.store,
      sites: ['core', 'east', 'west'],
      siteOf: () => 'core',
      deal: (site, dealt) => this.dealt.push({ site, dealt }),
      onTrouble: (text) => this.trouble.push(text),
    });
  }

  tell(...events: readonly LedgerEvent[]): void {
    const block = this.chain.block(Math.floor(Date.now() / 1000), ...events);
    this.trust.apply(block);
    this.registry.onBlock(block);
  }

  calls<K extends LedgerCall['kind']>(kind: K): readonly Extract<LedgerCall, { kind: K }>[] {
    return this.ledger.calls.filter((call): call is Extract<LedgerCall, { kind: K }> => call.kind === kind);
  }

  async pass(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(1000 * seconds);
  }

  async register(key: Hex = A1, guard: Hex = GUARD1): Promise<void> {
    this.tell(
      { kind: 'GuardEnrolled', guard, site: hex32(4), siteName: 's' },
      { kind: 'AgentAdmitted', agent: key, name: `n${key.slice(-2)}`, guard },
    );
    const result = await this.registry.register({
      order: orderOf(key),
      manifest,
      argv: ['node', '-'],
      guardSha256: '34'.repeat(32),
    });
    expect(result).toBeUndefined();
    const call = this.calls('registerIncarnation').find((each) => each.agent === key);
    if (call === undefined) throw new Error('it has registered');
    this.tell(registeredEvent(key, 1, call.challengesRoot, call.challenges));
  }

  lastOpened(): Open {
    const call = this.calls('openRound').at(-1);
    if (call === undefined) throw new Error('a round was asked for');
    return call;
  }

  opened({ agent, index, nonce, answerHash }: Open, verifiers: readonly Hex[] = []): number {
    const now = Math.floor(Date.now() / 1000);
    const round = ++this.#rounds;
    this.tell({
      kind: 'RoundOpened',
      round,
      agent,
      incarnation: 1,
      index,
      nonce,
      answerHash,
      verifiers,
      openedAt: now,
      commitBy: now + 10,
    });
    return round;
  }

  committed(round: number, agent: Hex, binding: Hex): void {
    const verdictBy = Math.floor(Date.now() / 1000) + 10;
    this.tell({ kind: 'Committed', round, agent, evidence, binding, verdictBy });
  }

  passed(round: number, agent: Hex): void {
    const validUntil = Math.floor(Date.now() / 1000) + 60;
    this.tell({
      kind: 'RoundPassed',
      round,
      agent,
      incarnation: 1,
      verifier: ZERO,
      validUntil,
      rootOfTrust: agent,
    });
  }

  /** Passes the round that was opened last. */
  passLast(): void {
    const call = this.lastOpened();
    this.passed(this.opened(call), call.agent);
  }
}

/** What every agent commits. */
export const evidence = evidenceOf({ incarnation: 1, kemKey: hex32(31), frameKey: hex32(32) });
/** To start the first incarnation of an agent. */
export const orderOf = (key: Hex): SpawnOrder => ({
  name: agentId(`n${key.slice(-2)}`),
  key,
  incarnation: 1,
  image: '/nowhere',
  imageDigest: hex32(56),
  version: 1,
  config: '{}',
  salt: key.slice(2),
  uid: 1,
});
export const manifest: ImageManifest = {
  format: 'muster-image-v1',
  agent: 'agent',
  version: 1,
  runtime: 'node',
  capabilities: [],
  bundleSha256: '12'.repeat(32),
  bundleBytes: 1,
  policy: {
    runtimeCode: 'v8',
    maxRuntimeCodeBytes: 1,
    maxThreads: 1,
    descriptors: 'given-only',
    sockets: 'given-only',
  },
};
/** Refuses calls of one kind, and takes all others. */
export const refuseAll = (kind: LedgerCall['kind'], error: string) => (call: LedgerCall) =>
  call.kind === kind ? ({ ok: false, error } as const) : ({ ok: true, block: 1, transaction: ZERO } as const);
