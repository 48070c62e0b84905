import { hashing } from '../../adapters/keys/hashing.ts';
import { signDigest } from '../../adapters/ledger-rpc/checkpoint.ts';
import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import { stateHash } from '../../core/attestation/state-hash.ts';
import { blockDigest } from '../../core/ledger/checkpoint.ts';
import type { Hex, LedgerBlock, PipelineAddress } from '../../protocol/ledger.ts';
import type { FromGuard } from '../../protocol/site-control.ts';
import { RecentStates } from '../genuine/recent-states.ts';

/** Blocks ahead of the ledger, as this guard sees it, that it may be asked for. */
const MOST_AHEAD = 256;

export interface CosignerOptions {
  /** Of the guard's account on the ledger. */
  readonly privateKey: Hex;
  pipeline(): PipelineAddress | undefined;
  /** Whether an agent of this guard is attested now: nobody else has a say. */
  mayVouch(): boolean;
  report(message: FromGuard): void;
}

/**
 * A guard's part in checkpoints: it signs, for its attested agents, the blocks that it has itself read as final, and what they say to it;
 * never a hash that it was told.
 */
export class Cosigner {
  readonly #options: CosignerOptions;
  readonly #recent = new RecentStates();
  /** Asked for, and not seen here yet. */
  #wanted: number | undefined;
  /** Blocks up to here are signed or passed over: no number is signed twice. */
  #signed = -1;

  constructor(options: CosignerOptions) {
    this.#options = options;
  }

  onBlock(block: LedgerBlock, state: LedgerState): void {
    this.#recent.add(block, state);
    if (this.#wanted !== undefined && block.number >= this.#wanted) this.ask(this.#wanted);
  }

  ask(number: number): void {
    const newest = this.#recent.newest?.number ?? 0;
    if (number <= this.#signed || number > newest + MOST_AHEAD) return;
    this.#wanted = number > newest ? number : undefined;
    if (this.#wanted === undefined) void this.#sign(number);
  }

  async #sign(number: number): Promise<void> {
    const { privateKey, pipeline, mayVouch, report } = this.#options;
    const address = pipeline();
    const found = this.#recent.at(number);
    if (address === undefined || found === undefined || !mayVouch()) return;
    this.#signed = number;
    const signed = { number, hash: found.hash, stateHash: stateHash(found.state, hashing) };
    const signature = await signDigest(blockDigest({ ...address, ...signed }, hashing), privateKey);
    report({ kind: 'cosigned', ...signed, signature });
  }
}
