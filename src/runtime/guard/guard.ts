import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { installProgram } from '../../adapters/evidence-guard/install-program.ts';
import { agentKeyOf, hashing } from '../../adapters/keys/hashing.ts';
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
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { AgentKey, Evidence, Hex, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { FromGuard, SpawnOrder, ToGuard } from '../../protocol/site-control.ts';
import { Appraiser } from '../decisions/appraise-decisions.ts';
import { DisclosureDesk } from '../decisions/ask-disclosure.ts';
import { ReExecutor } from '../decisions/re-executor.ts';
import { imageOfOrder } from '../image/read-image.ts';
import { epochContextOf } from '../trust/epoch-context.ts';
import { nameOf } from '../trust/handovers.ts';
import { platformTrouble, quoteHashOf, quoteToSend } from '../trust/platform.ts';
import { shareRequest } from '../trust/share-request.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import type { Case } from './case-file.ts';
import { CaseFile } from './case-file.ts';
import { connectDaemon } from './connect-daemon.ts';
import { Cosigner } from './cosigner.ts';
import { Disclosing } from './disclosing.ts';
import { agentSpecOf, plannedClaims, sha256, sha256Bytes } from './expected.ts';
import { GuardedAgent } from './guarded-agent.ts';
import { ShareCollector } from './share-collector.ts';

const SWEEP_MS = 1000;
const LOOK_MS = 1000;
/** For how long all agents of the site are waited for before some acknowledge an epoch without the others. */
const ACKNOWLEDGE_WITHIN_MS = 2000;
/** Shares that do not come are asked for again after so long: their holder may have been away. */
const ASK_AGAIN_MS = 1500;
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
  /** Those whose successor the ledger names already. */
  readonly #outgoing = new Map<AgentKey, GuardedAgent>();
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  /** How often each round was tried; below zero while it is, or once it is done: a block that is told again changes nothing. */
  readonly #answered = new Map<number, number>();
  /** Rounds with the verifier for whom they were judged: one may be followed by another of this guard. */
  readonly #judged = new Set<string>();
  readonly #shares: ShareCollector;
  readonly #cases = new CaseFile((round) => this.#trust.state.rounds.get(round)?.phase === 'committed');
  /** When shares of each round were last asked for, ms. */
  readonly #askedAt = new Map<number, number>();
  /** The newest version of each agent's image that was started here. */
  readonly #versions = new Map<AgentKey, number>();
  #pipeline: Extract<ToGuard, { kind: 'pipeline' }> | undefined;
  #ledger: Ledger | undefined;
  #sealing: string | undefined;
  #given = 0;
  #members: ReadonlySet<string> = new Set();
  #timers: NodeJS.Timeout[] = [];
  readonly #cosigner: Cosigner;
  readonly #desk: DisclosureDesk;
  readonly #appraiser: Appraiser;
  readonly #disclosing: Disclosing;

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
    const { report } = options;
    // The supervisor puts in where replies have to go.
    this.#desk = new DisclosureDesk({ from: REGISTRY, send: report });
    const [trust, desk] = [this.#trust, this.#desk];
    this.#appraiser = new Appraiser({ trust, desk, reExecutor: new ReExecutor(), wallSeconds });
    this.#disclosing = new Disclosing({ trust, agents: this.#agents, reply: report });
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
        for (const { order, handle } of this.#all()) {
          const { agent, incarnation = order.incarnation } = message;
          if (order.name !== agent || order.incarnation !== incarnation || handle === undefined) continue;
          process.kill(handle.pid, 'SIGKILL');
        }
        return;
      }
      case 'clock':
        for (const agent of this.#all()) agent.send({ kind: 'clock', zeroNs: message.zeroNs });
        return;
      case 'share':
        void this.#takeShare(message.round, message.holder, message.sealed);
        return;
      case 'case':
        this.#cases.put(message.round, { told: message });
        this.#judgeIfReady(message.round);
        return;
      case 'disclosure-wanted':
        this.#disclosing.take(message);
        return;
      case 'disclosure-part':
        this.#desk.take(message);
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
    this.#appraiser.close();
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
      onHeld: (_, first) => {
        if (first) report({ kind: 'keyed', agent: order.name, incarnation: order.incarnation });
        void this.#acknowledge();
      },
      onEpochRefused: (epoch) => this.#refuseEpoch(agent, epoch),
    });
    // In place of all that runs under its name; a successor beside it, in place of another one only.
    const replaced = this.#all().filter(
      (each) => each.key === order.key || (!isSuccessor(order) && each.order.name === order.name),
    );
    for (const each of replaced) {
      for (const where of [this.#agents, this.#outgoing])
        if (where.get(each.key) === each) where.delete(each.key);
    }
    this.#agents.set(order.key, agent);
    await Promise.all(replaced.map((each) => each.end(source)));
    try {
      // A successor is no older than whom it succeeds.
      const member = agentKeyOf(order.name);
      const newest = this.#trust.state.agents.get(member)?.version ?? 0;
      const atLeast = Math.max(newest, this.#versions.get(member) ?? 0);
      const image = await imageOfOrder(order, operatorKey, atLeast);
      this.#versions.set(member, order.version);
      agent.manifest = image.manifest;
      const config = AgentConfigSchema.parse(JSON.parse(order.config));
      // A native program takes no part in the group: it has nothing to say to the daemon, and holds no place at its door.
      const given = image.manifest.runtime === 'native' ? [] : [await connectDaemon(agentSocket)];
      const programs = join(dirname(agentSocket), 'programs');
      const spec = {
        ...agentSpecOf(order, image, (program) => installProgram(program, programs)),
        given,
      };
      const handle = await source.start(spec, (line) => agent.take(line));
      // The agent has its own descriptors of them now.
      for (const socket of given) socket.destroy();
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
    for (const where of [this.#agents, this.#outgoing])
      if (where.get(agent.key) === agent) where.delete(agent.key);
    // Killed first, reported after: whatever it was, it does nothing more.
    const known = this.#trust.state.agents.get(agent.key);
    if (known?.incarnation === order.incarnation && known.status !== 'revoked') {
      void this.#ledger?.call({ kind: 'revoke', agent: agent.key, reason: reason.slice(0, 200) });
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
      const agent = this.#all().find((each) => each.handle === handle);
      if (agent !== undefined) this.#onEnd(agent, findings.map((each) => each.sentence).join('; '));
    }
  }

  #look(): void {
    this.#endReplaced();
    this.#answerRounds();
    this.#askForAnswers();
    this.#stewardship();
    void this.#acknowledge();
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    this.#cosigner.onBlock(block, this.#trust.state);
    for (const { event } of block.entries) if (event.kind === 'Succeeded') this.#succeed(event);
    this.#endReplaced();
    this.#endRevoked();
    this.#tellSettled(block);
    this.#disclosing.onBlock();
    this.#tellAgents();
    this.#answerRounds();
    this.#askForAnswers();
    this.#stewardship();
  }

  /** The ledger names the successor now; who was before it acts on until the group has a key for the new one. */
  #succeed({ agent, seat, incarnation }: Extract<LedgerEvent, { kind: 'Succeeded' }>): void {
    const next = this.#agents.get(seat);
    if (next?.order.incarnation !== incarnation) return;
    const before = this.#agents.get(agent);
    this.#agents.delete(seat);
    next.key = agent;
    this.#agents.set(agent, next);
    if (before !== undefined) this.#outgoing.set(agent, before);
  }

  #endReplaced(): void {
    for (const [key, { order, handle }] of this.#outgoing) {
      if (this.#trust.attested(key)?.incarnation === order.incarnation || handle === undefined) continue;
      void this.#options.source.stop(handle);
    }
  }

  #all(): readonly GuardedAgent[] {
    return [...this.#agents.values(), ...this.#outgoing.values()];
  }

  /** A process that was thrown out has nothing more to do here. */
  #endRevoked(): void {
    for (const [key, { handle, order }] of this.#agents) {
      const known = this.#trust.state.agents.get(key);
      const over = known?.status === 'revoked' && known.incarnation === order.incarnation;
      if (over && handle !== undefined) void this.#options.source.stop(handle);
    }
  }

  /** Who has passed a round need not keep what it has decided before. */
  #tellSettled(block: LedgerBlock): void {
    for (const { event } of block.entries) {
      if (event.kind !== 'RoundPassed') continue;
      const agent = this.#agents.get(event.agent);
      const head = this.#trust.decisions.settledOf(event.agent, event.incarnation);
      if (head !== ZERO && agent?.order.incarnation === event.incarnation)
        agent.send({ kind: 'settled', head });
    }
  }

  #tellAgents(): void {
    const peers = [...this.#trust.peers()];
    for (const agent of this.#all()) if (agent.kemKey !== ZERO) agent.send({ kind: 'peers', peers });
    this.#tellEpoch(peers);
  }

  #tellEpoch(peers: readonly PeerRecord[]): void {
    const { epoch } = this.#trust;
    if (epoch === undefined || this.#pipeline === undefined) return;
    const context = epochContextOf(this.#pipeline.address, epoch.epoch, epoch.rosterHash);
    const fresh = epoch.epoch > this.#given;
    const members = new Set(epoch.members.map((key) => this.#incarnationName(key)));
    // Nobody was lost: those on their way to the new key may still use the one before.
    const grace = [...this.#members].every((each) => members.has(this.#trust.successorOf(each) ?? each));
    for (const [key, agent] of this.#agents) {
      const sealed = this.#trust.envelopeFor(key, agent.order.incarnation);
      if (sealed === undefined || agent.held >= epoch.epoch) continue;
      if (peers.some((each) => each.key === key)) {
        agent.send({ kind: 'epoch', number: epoch.epoch, sealed, context, grace });
      }
    }
    if (fresh) this.#members = members;
    this.#given = epoch.epoch;
  }

  #incarnationName(key: AgentKey): string {
    return nameOf(key, this.#trust.state.agents.get(key)?.incarnation ?? 0);
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
    const measured = await source.measure(handle, nonce).catch((error: unknown) => {
      // Whatever stands behind this guard does not answer: no commit without it.
      this.#log(`${order.name} is not committed in round ${round.round}: ${String(error).slice(0, 500)}`);
      this.#answered.set(round.round, -(this.#answered.get(round.round) ?? 0));
    });
    if (measured === undefined) return;
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
    const quote = measured.quote === undefined ? undefined : quoteToSend(measured.quote);
    // Before the commit that it belongs to: whoever judges that has it at hand.
    if (quote !== undefined) this.#options.report({ kind: 'quote', round: round.round, quote });
    const evidence: Evidence = {
      bootId: `0x${sha256(handle.bootId)}`,
      pid: handle.pid,
      startTime: handle.startTime,
      incarnation: order.incarnation,
      decisionHead: said?.kind === 'evidence' ? said.decisionHead : ZERO,
      kemKey: agent.kemKey,
      frameKey: agent.frameKey,
      quoteHash: quote === undefined ? ZERO : quoteHashOf(quote),
    };
    const { chainId, attestation: contract } = ledger.pipeline;
    const binding = bindingOf(
      { chainId, contract, round: round.round, agent: round.agent },
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
    for (const round of this.#askedAt.keys())
      if (this.#trust.state.rounds.get(round)?.phase !== 'committed') this.#askedAt.delete(round);
    for (const { round, phase, verifiers } of this.#trust.state.rounds.values()) {
      if (phase !== 'committed') continue;
      const ours = verifiers.some((key) => this.#agents.has(key) && !this.#judged.has(`${round} ${key}`));
      if (!ours) continue;
      if (this.#cases.of(round) === undefined) void this.#askForShares(round);
      else this.#judgeIfReady(round);
    }
  }

  async #askForShares(round: number): Promise<void> {
    const { account, privateKey, kemKey, report } = this.#options;
    const name = this.#pipeline?.name;
    const nowMs = monotonicMs();
    if (name === undefined || nowMs - (this.#askedAt.get(round) ?? -ASK_AGAIN_MS) < ASK_AGAIN_MS) return;
    this.#askedAt.set(round, nowMs);
    const request = await shareRequest(name, round, { account, privateKey, kemKey: kemKey.publicKey });
    report({ kind: 'shares-wanted', request });
  }

  async #takeShare(round: number, holder: string, sealed: Hex): Promise<void> {
    const name = this.#pipeline?.name;
    const answer = name === undefined ? undefined : await this.#shares.take(name, round, holder, sealed);
    if (answer === undefined) return;
    this.#cases.put(round, { answer });
    this.#judgeIfReady(round);
  }

  /** The answer comes from the holders of shares, what else is needed from the registry: in either order. */
  #judgeIfReady(round: number): void {
    const found = this.#cases.of(round);
    if (found !== undefined) void this.#judge(round, found);
  }

  async #judge(number: number, { answer, told: { reference, quote } }: Case): Promise<void> {
    const { state } = this.#trust;
    const round = state.rounds.get(number);
    const ledger = this.#ledger;
    if (round?.phase !== 'committed' || round.evidence === undefined || ledger === undefined) return;
    if (answerHashOf(answer, hashing) !== round.answerHash) return;
    const { chainId, attestation: contract } = ledger.pipeline;
    const place = { chainId, contract, round: number, agent: round.agent };
    const turnOf = (verifier: AgentKey) => `${number} ${verifier}`;
    const ours = round.verifiers.filter((each) => this.#agents.has(each) && !this.#judged.has(turnOf(each)));
    if (ours.length === 0) return;
    for (const verifier of ours) this.#judged.add(turnOf(verifier));
    const guard = state.guards.get(state.agents.get(round.agent)?.guard ?? '0x');
    const platforms = this.#pipeline?.platforms ?? {};
    const trouble = await platformTrouble({ guard, round, quote, platforms });
    const binding = bindingOf(place, round.evidence, answer, hashing) === round.binding;
    const appraisal = await this.#appraiser.appraise(round, answer, { binding, trouble }, reference);
    const { pass, text, hash: appraisalHash } = appraisal;
    this.#options.report({ kind: 'appraisal', text });
    for (const verifier of ours) {
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
    const peers = members.flatMap((each) => this.#trust.members().filter((peer) => peer.key === each.key));
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
    const { epoch } = this.#trust;
    if (epoch === undefined) return;
    const own = [...this.#agents.values()].filter(
      ({ key, order }) => this.#trust.envelopeFor(key, order.incarnation) !== undefined,
    );
    const holders = own.filter((each) => each.held >= epoch.epoch);
    const late = this.#trust.epochKnownForMs() > ACKNOWLEDGE_WITHIN_MS;
    if (holders.length < own.length && !late) return;
    const untold = holders.filter((each) => each.acknowledged < epoch.epoch);
    if (untold.length === 0) return;
    for (const each of untold) each.acknowledged = epoch.epoch;
    const agents = untold.map((each) => each.key);
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

/** An order for the seat beside its agent. */
function isSuccessor({ key, name }: SpawnOrder): boolean {
  return key !== agentKeyOf(name);
}
