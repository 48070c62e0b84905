import { agentKeyOf } from '../../../adapters/keys/hashing.ts';
import type { KemKey } from '../../../adapters/keys/kem-key.ts';
import { newKemKey } from '../../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../../adapters/keys/signing-key.ts';
import { newSigningKey } from '../../../adapters/keys/signing-key.ts';
import { seatBeside } from '../../../core/attestation/seat.ts';
import type { AgentId } from '../../../protocol/ids.ts';
import { agentId } from '../../../protocol/ids.ts';
import type { AgentKey, LedgerEvent } from '../../../protocol/ledger.ts';
import { TrustView } from '../trust-view.ts';
import { account, attestedEvents, FakeChain, registeredEvent } from './fake-ledger.ts';

const START_S = 1_000_000;
const VALIDITY_S = 60;

export interface Member {
  readonly name: AgentId;
  readonly key: AgentKey;
  readonly signingKey: SigningKey;
  readonly kemKey: KemKey;
}

/** A group that a ledger says is attested, with the keys of each, on a clock that stands until the test moves it. */
export class AttestedGroup {
  readonly chain = new FakeChain();
  readonly members = new Map<AgentId, Member>();
  readonly #views: TrustView[] = [];
  #ms = 0;
  #rounds = 0;

  get nowMs(): number {
    return this.#ms;
  }

  pass(seconds: number): void {
    this.#ms += 1000 * seconds;
  }

  /** A holder of what this ledger has said so far, and will say. */
  view(): TrustView {
    const view = new TrustView({
      monotonicMs: () => this.#ms,
      wallSeconds: () => START_S + this.#ms / 1000,
    });
    for (const block of this.chain.blocks) view.apply(block);
    this.#views.push(view);
    return view;
  }

  tell(...events: readonly LedgerEvent[]): void {
    const block = this.chain.block(START_S + Math.floor(this.#ms / 1000), ...events);
    for (const view of this.#views) view.apply(block);
  }

  /** The keys of an agent that the ledger does not know yet. */
  async member(text: string): Promise<Member> {
    const name = agentId(text);
    const member = { name, key: agentKeyOf(name), signingKey: newSigningKey(), kemKey: await newKemKey() };
    this.members.set(name, member);
    return member;
  }

  async attest(text: string, incarnation = 1): Promise<Member> {
    const member = this.members.get(agentId(text)) ?? (await this.member(text));
    this.tell(...this.attestation(member, incarnation));
    return member;
  }

  /** What the ledger tells when it is attested. */
  attestation({ name, key, signingKey, kemKey }: Member, incarnation = 1): readonly LedgerEvent[] {
    const openedAt = START_S + Math.floor(this.#ms / 1000);
    return attestedEvents({
      key,
      name,
      guard: account(5),
      incarnation,
      round: ++this.#rounds,
      openedAt,
      validUntil: openedAt + VALIDITY_S,
      kemKey: kemKey.publicKey,
      frameKey: signingKey.publicKey,
    });
  }

  /** A successor with keys of its own is attested on the seat beside a member, and takes its place. */
  async succeed({ name, key }: Member, incarnation: number): Promise<Member> {
    const next = await this.member(name);
    const [opened, committed, passed] = this.attestation(next, incarnation).slice(3);
    if (opened?.kind !== 'RoundOpened' || committed?.kind !== 'Committed' || passed?.kind !== 'RoundPassed') {
      throw new Error('an attestation has a round');
    }
    const seat = seatBeside(key);
    this.tell(registeredEvent(seat, incarnation, account(1), 32), { ...opened, agent: seat });
    this.tell({ ...committed, agent: seat });
    const version = (this.#views[0]?.state.setVersion ?? 0) + 1;
    this.tell({ kind: 'Succeeded', agent: key, seat, incarnation }, passed, {
      kind: 'AttestedSetChanged',
      version,
    });
    return next;
  }

  /** Opens an epoch with an envelope for each member that has been made so far. */
  openEpoch(epoch: number): void {
    const [steward] = this.members.values();
    if (steward === undefined) throw new Error('an epoch needs a member');
    this.tell(
      { kind: 'EpochOpened', epoch, setVersion: epoch, rosterHash: account(1), steward: steward.key },
      ...[...this.members.values()].map(
        (each): LedgerEvent => ({ kind: 'Envelope', epoch, agent: each.key, sealedKey: '0x01' }),
      ),
    );
  }
}
