import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { createLedger } from '../../adapters/ledger-rpc/create-ledger.ts';
import type { EvidenceSource } from '../../ports/evidence-source.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { FromGuard, ToGuard } from '../../protocol/site-control.ts';
import { Appraiser } from '../decisions/appraise-decisions.ts';
import { DisclosureDesk } from '../decisions/ask-disclosure.ts';
import { OutputsDesk } from '../decisions/ask-outputs.ts';
import { ReExecutor } from '../decisions/re-executor.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import { Committing } from './committing.ts';
import { Cosigner } from './cosigner.ts';
import { Disclosing } from './disclosing.ts';
import { GroupKey } from './group-key.ts';
import { Judge } from './judge.ts';
import { OwnAgents } from './own-agents.ts';
import type { PipelineLink } from './pipeline-link.ts';
import { ProcessKeeper } from './process-keeper.ts';

const SWEEP_MS = 1000;
const OPEN_AGAIN_MS = 1000;
const LOOK_MS = 1000;

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
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #agents = new OwnAgents();
  readonly #keeper: ProcessKeeper;
  readonly #committing: Committing;
  readonly #judge: Judge;
  readonly #groupKey: GroupKey;
  readonly #cosigner: Cosigner;
  readonly #desk: DisclosureDesk;
  readonly #outputs: OutputsDesk;
  readonly #appraiser: Appraiser;
  readonly #disclosing: Disclosing;
  #isTold = false;
  #isClosed = false;
  #link: PipelineLink | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: GuardOptions) {
    this.#options = options;
    const { source, privateKey, account, kemKey, report } = options;
    const trust = this.#trust;
    const agents = this.#agents.current;
    const link = () => this.#link;
    const log = (text: string) => report({ kind: 'log', who: 'guard', text });
    // The supervisor puts in where replies have to go.
    const desk = new DisclosureDesk({ from: REGISTRY, send: report });
    const outputs = new OutputsDesk({ from: REGISTRY, send: report });
    const appraiser = new Appraiser({ trust, desk, outputs, reExecutor: new ReExecutor(), wallSeconds });
    this.#desk = desk;
    this.#outputs = outputs;
    this.#appraiser = appraiser;
    this.#groupKey = new GroupKey({
      agents,
      trust,
      link,
      stewardWithin: options.stewardWithin,
      report,
      log,
    });
    this.#keeper = new ProcessKeeper({
      source,
      agents: this.#agents,
      trust,
      link,
      operatorKey: options.operatorKey,
      agentSocket: options.agentSocket,
      report,
      onStarted: () => {
        this.#tellAgents();
        this.#committing.answerRounds();
      },
      onHeld: () => void this.#groupKey.acknowledge(),
      onEpochRefused: (agent, epoch) => this.#groupKey.refuse(agent, epoch),
    });
    this.#committing = new Committing({
      source,
      agents,
      trust,
      link,
      guardSha256: options.sha256,
      report,
      log,
      onFinding: (agent, reason) => this.#keeper.onEnd(agent, reason),
    });
    this.#judge = new Judge({ agents, trust, link, account, privateKey, kemKey, appraiser, report, log });
    this.#cosigner = new Cosigner({
      privateKey,
      pipeline: () => this.#link?.told.address,
      mayVouch: () => [...agents.keys()].some((key) => trust.attested(key) !== undefined),
      report,
    });
    this.#disclosing = new Disclosing({ trust, agents, reply: report });
    let turn = 0;
    this.#timers.push(setInterval(() => void this.#keeper.sweep(turn++), SWEEP_MS));
    this.#timers.push(setInterval(() => this.#look(), LOOK_MS));
  }

  take(message: ToGuard): void {
    switch (message.kind) {
      case 'pipeline':
        if (!this.#isTold) this.#openUntilDone(message);
        return;
      case 'spawn':
        void this.#keeper.spawn(message.order);
        return;
      case 'kill':
        this.#keeper.kill(message);
        return;
      case 'clock':
        for (const agent of this.#agents.all()) agent.send({ kind: 'clock', zeroNs: message.zeroNs });
        return;
      case 'share':
        void this.#judge.takeShare(message);
        return;
      case 'case':
        this.#judge.takeCase(message);
        return;
      case 'disclosure-wanted':
        this.#disclosing.take(message);
        return;
      case 'disclosure-part':
        this.#desk.take(message);
        return;
      case 'outputs':
        this.#outputs.take(message);
        return;
      case 'agents': {
        const { agents } = message;
        for (const agent of this.#agents.current.values())
          if (agent.kemKey !== ZERO) agent.send({ kind: 'agents', agents });
        return;
      }
      case 'fallen':
        this.#trust.fell(message.agent, message.incarnation);
        this.#tellAgents();
        return;
      case 'cosign':
        this.#cosigner.ask(message.number);
        return;
      default:
        message satisfies never;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#link?.ledger.close();
    this.#appraiser.close();
    await this.#options.source.close();
  }

  /** A ledger that is away now may be back in a moment. */
  #openUntilDone(told: PipelineLink['told']): void {
    this.#isTold = true;
    this.#open(told).catch((error: unknown) => {
      this.#options.report({
        kind: 'log',
        who: 'guard',
        text: `the ledger cannot be followed yet: ${String(error)}`.slice(0, 4000),
      });
      if (!this.#isClosed) setTimeout(() => this.#openUntilDone(told), OPEN_AGAIN_MS).unref();
    });
  }

  async #open(told: PipelineLink['told']): Promise<void> {
    const { url, address } = told;
    const ledger = await createLedger({ url, privateKey: this.#options.privateKey, pipeline: address });
    this.#link = { ledger, told };
    ledger.follow({ fromBlock: address.fromBlock, onBlock: (block) => this.#onBlock(block) });
  }

  #look(): void {
    this.#keeper.endReplaced();
    this.#committing.answerRounds();
    this.#judge.askForAnswers();
    this.#groupKey.stewardship();
    void this.#groupKey.acknowledge();
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    this.#cosigner.onBlock(block, this.#trust.state);
    for (const { event } of block.entries) if (event.kind === 'Succeeded') this.#agents.succeed(event);
    this.#keeper.endReplaced();
    this.#keeper.endRevoked();
    // A new key makes the next block only if it is sealed before the processors are busy with telling all others.
    this.#groupKey.stewardship();
    this.#tellSettled(block);
    this.#disclosing.onBlock();
    this.#tellAgents();
    this.#committing.answerRounds();
    this.#judge.askForAnswers();
  }

  /** Who has passed a round need not keep what it has decided before. */
  #tellSettled(block: LedgerBlock): void {
    for (const { event } of block.entries) {
      if (event.kind !== 'RoundPassed') continue;
      const agent = this.#agents.current.get(event.agent);
      const head = this.#trust.decisions.settledOf(event.agent, event.incarnation);
      if (head !== ZERO && agent?.order.incarnation === event.incarnation)
        agent.send({ kind: 'settled', head });
    }
  }

  #tellAgents(): void {
    const peers = [...this.#trust.peers()];
    for (const agent of this.#agents.all()) if (agent.kemKey !== ZERO) agent.send({ kind: 'peers', peers });
    this.#groupKey.tell(peers);
  }
}
