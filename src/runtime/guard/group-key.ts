import { hashing } from '../../adapters/keys/hashing.ts';
import { inRosterOrder, rosterHashOf } from '../../core/attestation/binding.ts';
import { epochIsDue, keyedAgents, stewardAt } from '../../core/attestation/steward.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { FromGuard } from '../../protocol/site-control.ts';
import { epochContextOf } from '../trust/epoch-context.ts';
import { nameOf } from '../trust/handovers.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { wallSeconds } from '../trust/trust-view.ts';
import type { GuardedAgent } from './guarded-agent.ts';
import type { PipelineLink } from './pipeline-link.ts';

/** For how long all agents of the site are waited for before some acknowledge an epoch without the others. */
const ACKNOWLEDGE_WITHIN_MS = 2000;

export interface GroupKeyOptions {
  readonly agents: ReadonlyMap<AgentKey, GuardedAgent>;
  readonly trust: TrustView;
  /** Undefined: not told yet. */
  link(): PipelineLink | undefined;
  /** Seconds that a steward may leave the group without a key, as the ledger was deployed with. */
  readonly stewardWithin: number;
  report(message: FromGuard): void;
  log(text: string): void;
}

/** A guard's part in the group's key: opens the next epoch when one of its agents is steward, gives agents their envelopes, and says who holds the key. */
export class GroupKey {
  readonly #options: GroupKeyOptions;
  /** Of which attested set, and as which steward, an epoch is being opened. */
  #sealing: string | undefined;
  /** The last epoch that envelopes were given of, and whom it was for. */
  #given = 0;
  #members: ReadonlySet<string> = new Set();

  constructor(options: GroupKeyOptions) {
    this.#options = options;
  }

  /** Opens the next epoch when it is the turn of an agent of this guard. */
  stewardship(): void {
    const { trust, stewardWithin, agents, link } = this.#options;
    const { state, setChangedAt } = trust;
    const times = { seconds: wallSeconds(), setChangedAt, stewardWithin };
    if (!epochIsDue(state, times) || link() === undefined) return;
    const steward = stewardAt(state, times);
    const agent = steward === undefined ? undefined : agents.get(steward);
    const turn = `${state.setVersion} ${steward}`;
    if (agent === undefined || this.#sealing === turn) return;
    this.#sealing = turn;
    void this.#openEpoch(agent).finally(() => {
      // Refused or overtaken: another attempt, at the next look, for the set as it is then.
      if (this.#sealing === turn) this.#sealing = undefined;
    });
  }

  async #openEpoch(agent: GuardedAgent): Promise<void> {
    const { trust, log } = this.#options;
    const { state } = trust;
    const link = this.#options.link();
    if (link === undefined) return;
    const keyed = keyedAgents(state, wallSeconds()).map((each) => ({ ...each, key: each.agent }));
    const members = inRosterOrder(keyed);
    const peers = members.flatMap((each) => trust.members().filter((peer) => peer.key === each.key));
    const epoch = (trust.epoch?.epoch ?? 0) + 1;
    const rosterHash = rosterHashOf(members, hashing);
    const context = epochContextOf(link.told.address, epoch, rosterHash);
    const sealed = await agent.ask((request) => ({ kind: 'seal-epoch', request, context, peers }));
    if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;
    const result = await link.ledger.call({
      kind: 'openEpoch',
      epoch,
      setVersion: state.setVersion,
      rosterHash,
      agents: members.map((each) => each.key),
      envelopes: sealed.envelopes,
    });
    if (!result.ok) log(`epoch ${epoch} was refused: ${result.error}`);
  }

  /** Gives each agent its envelope of the newest epoch, if it is among `peers`, who are attested and act. */
  tell(peers: readonly PeerRecord[]): void {
    const { agents, trust } = this.#options;
    const { epoch } = trust;
    const link = this.#options.link();
    if (epoch === undefined || link === undefined) return;
    const context = epochContextOf(link.told.address, epoch.epoch, epoch.rosterHash);
    const fresh = epoch.epoch > this.#given;
    const members = new Set(epoch.members.map((key) => this.#incarnationName(key)));
    // Nobody was lost: those on their way to the new key may still use the one before.
    const grace = [...this.#members].every((each) => members.has(trust.successorOf(each) ?? each));
    for (const [key, agent] of agents) {
      const sealed = trust.envelopeFor(key, agent.order.incarnation);
      if (sealed === undefined || agent.held >= epoch.epoch) continue;
      if (peers.some((each) => each.key === key)) {
        agent.send({ kind: 'epoch', number: epoch.epoch, sealed, context, grace });
      }
    }
    if (fresh) this.#members = members;
    this.#given = epoch.epoch;
  }

  #incarnationName(key: AgentKey): string {
    return nameOf(key, this.#options.trust.state.agents.get(key)?.incarnation ?? 0);
  }

  /**
   * Once all its agents hold the epoch, the guard says so on the ledger, in one transaction; and for those that do, when others take
   * too long: one that is held still must not make it look as if nobody could open its envelope.
   */
  async acknowledge(): Promise<void> {
    const { trust, agents: all, link } = this.#options;
    const { epoch } = trust;
    if (epoch === undefined) return;
    const own = [...all.values()].filter(
      ({ key, order }) => trust.envelopeFor(key, order.incarnation) !== undefined,
    );
    const holders = own.filter((each) => each.held >= epoch.epoch);
    const late = trust.epochKnownForMs() > ACKNOWLEDGE_WITHIN_MS;
    if (holders.length < own.length && !late) return;
    const untold = holders.filter((each) => each.acknowledged < epoch.epoch);
    if (untold.length === 0) return;
    for (const each of untold) each.acknowledged = epoch.epoch;
    const agents = untold.map((each) => each.key);
    await link()?.ledger.call({ kind: 'acknowledge', epoch: epoch.epoch, agents });
  }

  /** Its steward has sealed rubbish, or another key than the ledger has: told at once, and passed over in time. */
  refuse(agent: GuardedAgent, number: number): void {
    const { trust, report } = this.#options;
    const { epoch, state } = trust;
    if (epoch?.epoch !== number) return;
    const steward = state.agents.get(epoch.steward)?.name ?? epoch.steward;
    const reason = `the envelope of epoch ${number}, which ${steward} has sealed for it, does not open`;
    report({ kind: 'refused', agent: agent.order.name, what: 'epoch', reason });
  }
}
