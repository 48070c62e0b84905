import { addressOf } from '../../adapters/keys/ethereum-account.ts';
import { hashing } from '../../adapters/keys/hashing.ts';
import { signDigest, signedBy } from '../../adapters/ledger-rpc/checkpoint.ts';
import { lower } from '../../adapters/ledger-rpc/decode-event.ts';
import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import { stateHash } from '../../core/attestation/state-hash.ts';
import { blockDigest, rosterDigest } from '../../core/ledger/checkpoint.ts';
import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { Hex, LedgerBlock, PipelineAddress } from '../../protocol/ledger.ts';
import type { FromGuard } from '../../protocol/site-control.ts';
import { RecentStates } from './recent-states.ts';

/** Blocks from one checkpoint to the next. */
const EVERY_BLOCKS = 10;

type Cosigned = Extract<FromGuard, { kind: 'cosigned' }>;

export interface CheckpointsOptions {
  readonly pipeline: PipelineAddress;
  readonly operatorKey: Hex;
  /** The guards that may co-sign, by site. */
  guards(): ReadonlyMap<string, { readonly account: Hex }>;
  /** Asks every guard to sign what the ledger says up to a block. */
  ask(number: number): void;
  onFault(fault: string, subject: string, reason: string): void;
}

/**
 * Has the ledger's blocks co-signed by the guards, for their attested agents: whoever keeps a checkpoint notices when the chain is
 * rewritten afterwards. More than half of the guards have to sign.
 */
export class Checkpoints {
  readonly operator: Hex;
  readonly #options: CheckpointsOptions;
  readonly #recent = new RecentStates();
  /** Being signed; complete when enough have. */
  #pending: Checkpoint | undefined;
  #latest: Checkpoint | undefined;
  #asked = 0;
  #waiters: (() => void)[] = [];
  /** Answers are looked at one after the other: looking at one takes a while, and adds to what the next finds. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.operator = lower(addressOf(options.operatorKey));
  }

  /** The newest that enough have signed. */
  get latest(): Checkpoint | undefined {
    return this.#latest;
  }

  onBlock(block: LedgerBlock, state: LedgerState): void {
    this.#recent.add(block, state);
    if (block.number >= this.#asked + EVERY_BLOCKS) this.#begin();
  }

  /** A checkpoint that covers this block, the newest one; undefined: not enough signed in time. */
  async upTo(number: number, withinMs: number): Promise<Checkpoint | undefined> {
    const until = performance.now() + withinMs;
    for (;;) {
      const { latest } = this;
      if (latest !== undefined && latest.number >= number) return latest;
      const leftMs = until - performance.now();
      if (leftMs <= 0) return undefined;
      // Seen here as soon as the block is; begun once.
      if ((this.#recent.newest?.number ?? -1) >= number && this.#asked < number) this.#begin();
      await this.#change(Math.min(leftMs, 100));
    }
  }

  /** A guard's answer. Its signature counts if it is over what we read ourselves. */
  take(site: string, answer: Cosigned): void {
    this.#queue = this.#queue.then(() => this.#count(site, answer));
  }

  #begin(): void {
    const newest = this.#recent.newest;
    if (newest === undefined) return;
    this.#asked = newest.number;
    if (this.#pending !== undefined && this.#pending !== this.#latest) {
      const { number, signatures, threshold } = this.#pending;
      const reason = `block ${number} has ${signatures.length} of ${threshold} signatures that it takes`;
      this.#options.onFault('checkpoint-not-signed', 'ledger', reason);
    }
    this.#pending = undefined;
    this.#queue = this.#queue.then(() => this.#prepare(newest.number));
  }

  async #prepare(number: number): Promise<void> {
    const { pipeline, operatorKey, guards, ask } = this.#options;
    const found = this.#recent.at(number);
    const signers = [...new Set([...guards().values()].map((each) => lower(each.account)))].sort();
    if (found === undefined || signers.length === 0) return;
    const { chainId, genesisHash, attestation, keys } = pipeline;
    const about = {
      chainId,
      genesisHash: lower(genesisHash),
      attestation: lower(attestation),
      keys: lower(keys),
      number,
      hash: found.hash,
      stateHash: stateHash(found.state, hashing),
      operator: this.operator,
      signers,
      threshold: Math.floor(signers.length / 2) + 1,
    };
    const operatorSignature = await signDigest(rosterDigest(about, hashing), operatorKey);
    this.#pending = { ...about, operatorSignature, signatures: [] };
    ask(number);
  }

  async #count(site: string, answer: Cosigned): Promise<void> {
    const pending = this.#pending;
    const account = this.#options.guards().get(site)?.account;
    if (pending?.number !== answer.number || account === undefined) return;
    const signer = lower(account);
    const { number, hash, stateHash: said } = answer;
    if (
      !(await signedBy(
        blockDigest({ ...pending, number, hash, stateHash: said }, hashing),
        answer.signature,
        signer,
      ))
    )
      return;
    if (hash !== pending.hash || said !== pending.stateHash) {
      const reason = `the guard of ${site} reads block ${number} as ${hash}, we read ${pending.hash}${hash === pending.hash ? ', and it says something else to it' : ''}`;
      this.#options.onFault('checkpoint-differs', site, reason);
      return;
    }
    const known = pending.signatures.some((each) => each.signer === signer);
    if (known || !pending.signers.includes(signer)) return;
    const signatures = [...pending.signatures, { signer, signature: answer.signature }];
    this.#pending = { ...pending, signatures };
    if (signatures.length < pending.threshold) return;
    this.#latest = this.#pending;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
