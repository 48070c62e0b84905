import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { installProgram } from '../../adapters/evidence-guard/install-program.ts';
import { hashing } from '../../adapters/keys/hashing.ts';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { createLedger } from '../../adapters/ledger-rpc/create-ledger.ts';
import { bindingOf, inRosterOrder, rosterHashOf } from '../../core/attestation/binding.ts';
import { answerHashOf, answerTo } from '../../core/attestation/challenge.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import { referenceOf } from '../../core/attestation/reference.ts';
import { epochIsDue, keyedAgents, stewardAt } from '../../core/attestation/steward.ts';
import type { EvidenceSource } from '../../ports/evidence-source.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import { AgentConfigSchema } from '../../protocol/agent-control.ts';
import type { AgentKey, Evidence, Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { FromGuard, SpawnOrder, ToGuard } from '../../protocol/site-control.ts';
import { imageOfOrder } from '../image/read-image.ts';
import { epochContextOf } from '../trust/epoch-context.ts';
import { shareRequest } from '../trust/share-request.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import { connectDaemon } from './connect-daemon.ts';
import { Cosigner } from './cosigner.ts';
import { agentSpecOf, plannedClaims, sha256, sha256Bytes } from './expected.ts';
import { GuardedAgent } from './guarded-agent.ts';
import { ShareCollector } from './share-collector.ts';

const SWEEP_MS = 1000;
const LOOK_MS = 1000;
/** For how long all agents of the site are waited for before some acknowledge an epoch without the others. */
const ACKNOWLEDGE_WITHIN_MS = 2000;
/** How often a commit that was not taken is tried again. */
const MOST_COMMITS = 3;

export interface GuardOptions {
  readonly source: EvidenceSource;
  /** secp256k1, drawn by this guard; the operator has enrolled its address. */
  readonly privateKey: Hex;
  /** The account of that key. */
  readonly account: Hex;
  /** What shares of answers are sealed to. */
  readonly kemKey: KemKey;
  /** The operator who signs images: ed25519, SPKI in base64. No other program is started. */
  readonly operatorKey: string;
  /** Of this guard's own program. */
  readonly sha256: string;
  /** Socket of the site daemon that agents are connected to. */
  readonly agentSocket: string;
  /** Seconds that a steward may leave the group without a key, as the ledger was deployed with. */
  readonly stewardWithin: number;
  report(message: FromGuard): void;
}

/**
 * The attester of its site (RFC 9334): starts agents from measured bytes, measures them when the ledger challenges them, commits the evidence,
 * and speaks for those of its agents that are elected to verify others.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #agents = new Map<AgentKey, GuardedAgent>();
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  /** How often each round was tried; below zero while it is, or once it is done: a block that is told again changes nothing. */
  readonly #answered = new Map<number, number>();
  /** Rounds with the verifier for whom they were judged: one may be followed by another of this guard. */
  readonly #judged = new Set<string>();
  readonly #shares: ShareCollector;
  /** The newest version of each agent's image that was started here. */
  readonly #versions = new Map<AgentKey, number>();
  #pipeline: Extract<ToGuard, { kind: 'pipeline' }> | undefined;
  #ledger: Ledger | undefined;
  #sealing: string | undefined;
  #given = 0;
  #members: ReadonlySet<string> = new Set();
  #timers: NodeJS.Timeout[] = [];
  readonly #cosigner: Cosigner;

  constructor(options: GuardOptions) {
    this.#options = options;
    const { kemKey, account } = options;
    this.#shares = new ShareCollector({
      kemKey,
      account,
      state: () => this.#trust.state,
      onWrong: (round, holder) => options.report({ kind: 'wrong-share', round, holder }),
    });
    this.#cosigner = new Cosigner({
      privateKey: options.privateKey,
      pipeline: () => this.#pipeline?.address,
      mayVouch: () => [...this.#agents.keys()].some((key) => this.#trust.attested(key) !== undefined),
      report: options.report,
    });
    this.#timers.push(setInterval(() => void this.#sweep(), SWEEP_MS));
    this.#timers.push(setInterval(() => this.#look(), LOOK_MS));
  }

  take(message: ToGuard): void {
    switch (message.kind) {
      case 'pipeline':
        if (this.#pipeline === undefined) void this.#open(message);
        return;
      case 'spawn':
        void this.#spawn(message.order);
        return;
      case 'kill': {
        const agent = [...this.#agents.values()].find((each) => each.order.name === message.agent);
        if (agent?.handle !== undefined) process.kill(agent.handle.pid, 'SIGKILL');
        return;
      }
      case 'clock':
        for (const agent of this.#agents.values()) agent.send({ kind: 'clock', zeroNs: message.zeroNs });
        return;
      case 'share':
        void this.#takeShare(message.round, message.holder, message.sealed);
        return;
      case 'agents': {
        const { agents } = message;
        for (const agent of this.#agents.values())
          if (agent.kemKey !== ZERO) agent.send({ kind: 'agents', agents });
        return;
      }
      case 'cosign':
        this.#cosigner.ask(message.number);
        return;
      default:
        message satisfies never;
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#ledger?.close();
    await this.#options.source.close();
  }

  async #open(pipeline: Extract<ToGuard, { kind: 'pipeline' }>): Promise<void> {
    this.#pipeline = pipeline;
    const { url, address } = pipeline;
    const ledger = await createLedger({ url, privateKey: this.#options.privateKey, pipeline: address });
    this.#ledger = ledger;
    ledger.follow({ fromBlock: address.fromBlock, onBlock: (block) => this.#onBlock(block) });
  }

  async #spawn(order: SpawnOrder): Promise<void> {
    const { source, agentSocket, operatorKey, report } = this.#options;
    const log = (text: string) => report({ kind: 'log', who: order.name, text: text.slice(0, 4000) });
    const agent: GuardedAgent = new GuardedAgent(order, {
      onLog: log,
      onHeld: () => void this.#acknowledge(),
      onEpochRefused: (epoch) => this.#refuseEpoch(agent, epoch),
    });
    await this.#agents.get(order.key)?.end(source);
    this.#agents.set(order.key, agent);
    try {
      const newest = this.#trust.state.agents.get(order.key)?.version ?? 0;
      const atLeast = Math.max(newest, this.#versions.get(order.key) ?? 0);
      const image = await imageOfOrder(order, operatorKey, atLeast);
      this.#versions.set(order.key, order.version);
      agent.manifest = image.manifest;
      const config = AgentConfigSchema.parse(JSON.parse(order.config));
      const daemon = await connectDaemon(agentSocket);
      const programs = join(dirname(agentSocket), 'programs');
      const spec = {
        ...agentSpecOf(order, image, (program) => installProgram(program, programs)),
        given: [daemon],
      };
      const handle = await source.start(spec, (line) => agent.take(line));
      // The agent has its own descriptor of it now.
      daemon.destroy();
      agent.handle = handle;
      report({ kind: 'started', agent: order.name, incarnation: order.incarnation, pid: handle.pid });
      agent.send({ kind: 'start', config });
      void handle.ended.then(({ code, signal, reason }) => {
        this.#onEnd(agent, reason ?? `its process has ended (${signal ?? code})`);
      });
      this.#tellAgents();
      this.#answerRounds();
    } catch (error) {
      this.#onEnd(
        agent,
        `it could not be started: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #onEnd(agent: GuardedAgent, reason: string): void {
    if (agent.ended) return;
    agent.ended = true;
    const { order } = agent;
    if (this.#agents.get(order.key) === agent) this.#agents.delete(order.key);
    // Killed first, reported after: whatever it was, it does nothing more.
    const known = this.#trust.state.agents.get(order.key);
    if (known?.incarnation === order.incarnation && known.status !== 'revoked') {
      void this.#ledger?.call({ kind: 'revoke', agent: order.key, reason: reason.slice(0, 200) });
    }
    const { report } = this.#options;
    report({
      kind: 'exited',
      agent: order.name,
      incarnation: order.incarnation,
      reason: reason.slice(0, 4000),
    });
  }

  async #sweep(): Promise<void> {
    const found = await this.#options.source.sweep();
    for (const [handle, findings] of found) {
      const agent = [...this.#agents.values()].find((each) => each.handle === handle);
      if (agent !== undefined) this.#onEnd(agent, findings.map((each) => each.sentence).join('; '));
    }
  }

  #look(): void {
    this.#answerRounds();
    this.#askForAnswers();
    this.#stewardship();
    void this.#acknowledge();
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    this.#cosigner.onBlock(block, this.#trust.state);
    this.#endRevoked();
    this.#tellAgents();
    this.#answerRounds();
    this.#askForAnswers();
    this.#stewardship();
  }

  /** A process that was thrown out has nothing more to do here. */
  #endRevoked(): void {
    for (const [key, { handle, order }] of this.#agents) {
      const known = this.#trust.state.agents.get(key);
      const over = known?.status === 'revoked' && known.incarnation === order.incarnation;
      if (over && handle !== undefined) void this.#options.source.stop(handle);
    }
  }

  #tellAgents(): void {
    const peers = [...this.#trust.peers()];
    for (const agent of this.#agents.values())
      if (agent.kemKey !== ZERO) agent.send({ kind: 'peers', peers });
    this.#tellEpoch(peers);
  }

  #tellEpoch(peers: readonly PeerRecord[]): void {
    const { epoch, envelopes } = this.#trust;
    if (epoch === undefined || this.#pipeline === undefined) return;
    const context = epochContextOf(this.#pipeline.address, epoch.epoch, epoch.rosterHash);
    const fresh = epoch.epoch > this.#given;
    const members = new Set(epoch.members.map((key) => this.#incarnationName(key)));
    // Nobody was lost: those on their way to the new key may still use the one before.
    const grace = [...this.#members].every((each) => members.has(each));
    for (const [key, agent] of this.#agents) {
      const sealed = envelopes.get(key);
      if (sealed === undefined || agent.held >= epoch.epoch) continue;
      if (peers.some((each) => each.key === key)) {
        agent.send({ kind: 'epoch', number: epoch.epoch, sealed, context, grace });
      }
    }
    if (fresh) this.#members = members;
    this.#given = epoch.epoch;
  }

  #incarnationName(key: AgentKey): string {
    return `${key} ${this.#trust.state.agents.get(key)?.incarnation ?? 0}`;
  }

  /** Commits to every challenge of an agent of this guard that has not been answered. */
  #answerRounds(): void {
    for (const round of this.#trust.state.rounds.values()) {
      const agent = this.#agents.get(round.agent);
      if (agent?.handle === undefined || round.phase !== 'challenged') continue;
      const tries = this.#answered.get(round.round) ?? 0;
      if (agent.order.incarnation !== round.incarnation || tries < 0 || tries >= MOST_COMMITS) continue;
      // Under way: below zero.
      this.#answered.set(round.round, -tries - 1);
      void this.#commit(agent, round);
    }
  }

  async #commit(agent: GuardedAgent, round: RoundState): Promise<void> {
    const { source, sha256: guardSha256 } = this.#options;
    const { handle, order, manifest } = agent;
    const ledger = this.#ledger;
    const nonce = fromHex(round.nonce, 32);
    if (handle === undefined || manifest === undefined || ledger === undefined || nonce === undefined) return;
    const measured = await source.measure(handle, nonce);
    if (!measured.ok) {
      this.#onEnd(agent, measured.measurement.findings.map((each) => each.sentence).join('; '));
      return;
    }
    const claims = {
      ...plannedClaims(order, manifest, handle.bundleSha256, handle.argv, guardSha256),
      segments: measured.measurement.parts.segments,
    };
    const answer = answerTo(round.nonce, toHex(referenceOf(claims, sha256Bytes)), hashing);
    const said =
      agent.kemKey === ZERO ? undefined : await agent.ask((request) => ({ kind: 'evidence', request }));
    if (agent.kemKey !== ZERO && said?.kind !== 'evidence') {
      // A process that is held still is measured as genuine, but is not one that acts: it misses the round.
      this.#log(`${order.name} does not answer its guard: no commit in round ${round.round}`);
      this.#answered.set(round.round, -(this.#answered.get(round.round) ?? 0));
      return;
    }
    const evidence: Evidence = {
      bootId: `0x${sha256(handle.bootId)}`,
      pid: handle.pid,
      startTime: handle.startTime,
      incarnation: order.incarnation,
      decisionHead: said?.kind === 'evidence' ? said.decisionHead : ZERO,
      kemKey: agent.kemKey,
      frameKey: agent.frameKey,
      quoteHash: ZERO,
    };
    const { chainId, attestation: contract } = ledger.pipeline;
    const binding = bindingOf(
      { chainId, contract, round: round.round, agent: order.key },
      evidence,
      answer,
      hashing,
    );
    agent.settleDraw((each) => this.#trust.state.rounds.get(each)?.binding);
    const reveal = agent.draw;
    const next = toHex(randomBytes(32));
    const nextDraw = answerHashOf(next, hashing);
    const result = await ledger.call({
      kind: 'commit',
      round: round.round,
      evidence,
      binding,
      reveal,
      nextDraw,
    });
    // A commit whose fate is unknown may still have happened: the ledger's event says which draw it has promised.
    if (result.ok || this.#trust.state.rounds.get(round.round)?.binding === binding) agent.draw = next;
    else {
      agent.maybeDrawn = { binding, draw: next, round: round.round };
      this.#answered.set(round.round, -(this.#answered.get(round.round) ?? 0));
    }
    if (!result.ok)
      this.#log(`the commit of ${order.name} in round ${round.round} was refused: ${result.error}`);
  }

  /** Asks for shares of the answers of rounds that an agent of this guard is to judge, once their commit is final. */
  #askForAnswers(): void {
    for (const { round, phase, verifiers } of this.#trust.state.rounds.values()) {
      if (phase !== 'committed') continue;
      const ours = verifiers.some((key) => this.#agents.has(key) && !this.#judged.has(`${round} ${key}`));
      if (ours) void this.#askForShares(round);
    }
  }

  async #askForShares(round: number): Promise<void> {
    const { account, privateKey, kemKey, report } = this.#options;
    const name = this.#pipeline?.name;
    if (name === undefined) return;
    const request = await shareRequest(name, round, { account, privateKey, kemKey: kemKey.publicKey });
    report({ kind: 'shares-wanted', request });
  }

  async #takeShare(round: number, holder: string, sealed: Hex): Promise<void> {
    const name = this.#pipeline?.name;
    const answer = name === undefined ? undefined : await this.#shares.take(name, round, holder, sealed);
    if (answer !== undefined) await this.#judge(round, answer);
  }

  async #judge(number: number, answer: Hex): Promise<void> {
    const round = this.#trust.state.rounds.get(number);
    const ledger = this.#ledger;
    if (round?.phase !== 'committed' || round.evidence === undefined || ledger === undefined) return;
    if (answerHashOf(answer, hashing) !== round.answerHash) return;
    const { chainId, attestation: contract } = ledger.pipeline;
    const place = { chainId, contract, round: number, agent: round.agent };
    const pass = bindingOf(place, round.evidence, answer, hashing) === round.binding;
    const appraisalHash: Hex = `0x${sha256(JSON.stringify({ round: number, pass }))}`;
    for (const verifier of round.verifiers) {
      const turn = `${number} ${verifier}`;
      if (!this.#agents.has(verifier) || this.#judged.has(turn)) continue;
      this.#judged.add(turn);
      const result = await ledger.call({
        kind: 'verdict',
        round: number,
        verifier,
        answer,
        pass,
        appraisalHash,
      });
      if (!result.ok) this.#log(`the verdict on round ${number} was refused: ${result.error}`);
    }
  }

  /** Opens the next epoch when it is the turn of an agent of this guard. */
  #stewardship(): void {
    const { state } = this.#trust;
    const { stewardWithin } = this.#options;
    const { setChangedAt } = this.#trust;
    const times = { seconds: wallSeconds(), setChangedAt, stewardWithin };
    if (!epochIsDue(state, times) || this.#ledger === undefined) return;
    const steward = stewardAt(state, times);
    const agent = steward === undefined ? undefined : this.#agents.get(steward);
    const turn = `${state.setVersion} ${steward}`;
    if (agent === undefined || this.#sealing === turn) return;
    this.#sealing = turn;
    void this.#openEpoch(agent).finally(() => {
      // Refused or overtaken: another attempt, at the next look, for the set as it is then.
      if (this.#sealing === turn) this.#sealing = undefined;
    });
  }

  async #openEpoch(agent: GuardedAgent): Promise<void> {
    const { state } = this.#trust;
    const ledger = this.#ledger;
    if (ledger === undefined || this.#pipeline === undefined) return;
    const keyed = keyedAgents(state, wallSeconds()).map((each) => ({ ...each, key: each.agent }));
    const members = inRosterOrder(keyed);
    const peers = members.flatMap((each) => this.#trust.peers().filter((peer) => peer.key === each.key));
    const epoch = (this.#trust.epoch?.epoch ?? 0) + 1;
    const rosterHash = rosterHashOf(members, hashing);
    const context = epochContextOf(this.#pipeline.address, epoch, rosterHash);
    const sealed = await agent.ask((request) => ({ kind: 'seal-epoch', request, context, peers }));
    if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;
    const result = await ledger.call({
      kind: 'openEpoch',
      epoch,
      setVersion: state.setVersion,
      rosterHash,
      agents: members.map((each) => each.key),
      envelopes: sealed.envelopes,
    });
    if (!result.ok) this.#log(`epoch ${epoch} was refused: ${result.error}`);
  }

  /**
   * Once all its agents hold the epoch, the guard says so on the ledger, in one transaction; and for those that do, when others take
   * too long: one that is held still must not make it look as if nobody could open its envelope.
   */
  async #acknowledge(): Promise<void> {
    const { epoch, envelopes } = this.#trust;
    if (epoch === undefined) return;
    const own = [...this.#agents.values()].filter((each) => envelopes.has(each.order.key));
    const holders = own.filter((each) => each.held >= epoch.epoch);
    const late = this.#trust.epochKnownForMs() > ACKNOWLEDGE_WITHIN_MS;
    if (holders.length < own.length && !late) return;
    const untold = holders.filter((each) => each.acknowledged < epoch.epoch);
    if (untold.length === 0) return;
    for (const each of untold) each.acknowledged = epoch.epoch;
    const agents = untold.map((each) => each.order.key);
    await this.#ledger?.call({ kind: 'acknowledge', epoch: epoch.epoch, agents });
  }

  /** Its steward has sealed rubbish, or another key than the ledger has: told at once, and passed over in time. */
  #refuseEpoch(agent: GuardedAgent, number: number): void {
    const { epoch, state } = this.#trust;
    if (epoch?.epoch !== number) return;
    const steward = state.agents.get(epoch.steward)?.name ?? epoch.steward;
    const reason = `the envelope of epoch ${number}, which ${steward} has sealed for it, does not open`;
    this.#options.report({ kind: 'refused', agent: agent.order.name, what: 'epoch', reason });
  }

  #log(text: string): void {
    this.#options.report({ kind: 'log', who: 'guard', text });
  }
}
