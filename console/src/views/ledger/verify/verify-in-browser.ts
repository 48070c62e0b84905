import { keccak256, recoverMessageAddress, sha256 } from 'viem';
import { proveJournal } from '../../../../../src/core/attestation/journal-proof.ts';
import type { LedgerState } from '../../../../../src/core/attestation/ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from '../../../../../src/core/attestation/ledger-state.ts';
import { createAnchorList } from '../../../../../src/core/ledger/anchor-list.ts';
import { blockFindings } from '../../../../../src/core/ledger/block-hash.ts';
import { checkSignatures, otherPipeline, otherState } from '../../../../../src/core/ledger/checkpoint.ts';
import type { BlockProof } from '../../../../../src/protocol/block-proof.ts';
import { BlockProofsSchema, MOST_PROOFS } from '../../../../../src/protocol/block-proof.ts';
import type { Checkpoint } from '../../../../../src/protocol/checkpoint.ts';
import type { Hex, LedgerBlock } from '../../../../../src/protocol/ledger.ts';
import type { RunRecord } from '../../../../../src/protocol/run-record.ts';
import { RunRecordSchema } from '../../../../../src/protocol/run-record.ts';
import { ask, Refused } from '../../../data/ask.ts';
import { blockOf } from './decode-logs.ts';

export interface Finding {
  readonly check: string;
  readonly at: string;
  readonly what: string;
}

export interface BrowserReport {
  readonly checks: readonly {
    readonly check: string;
    readonly about: string;
    readonly examined: number;
    readonly findings: number;
  }[];
  readonly findings: readonly Finding[];
  /** Block of the checkpoint. */
  readonly upTo: number;
  /** As the network says itself. */
  readonly operator: Hex;
  /** Entries of the journal that are newer than the checkpoint. */
  readonly open: number;
}

const CHECKS = {
  checkpoint: 'the operator names the co-signers, and enough of them signed the last block (secp256k1)',
  blocks: 'each header and all receipts hash to what the block is called, and each follows the one before',
  shown: 'the entries that this page shows are those in the receipts',
  state: 'what the ledger says by then hashes to what was co-signed',
  journal: 'entries of the journal lie under Merkle roots in the ledger, unchanged, none missing',
} as const;
type Check = keyof typeof CHECKS;

/** Who sent what does not stand in receipts: whoever anchors is taken for the registry here. */
const NOBODY: Hex = '0x';

/** Elliptic curves that Ethereum does not use are all that WebCrypto has: the signatures are checked by viem. */
const checks = {
  keccak256: (data: Hex) => keccak256(data),
  async signedBy(digest: Hex, signature: Hex, account: Hex): Promise<boolean> {
    try {
      const signer = await recoverMessageAddress({ message: { raw: digest }, signature });
      return signer.toLowerCase() === account.toLowerCase();
    } catch {
      return false;
    }
  },
};
/** No check of a journal needs it. */
const hashing = {
  ...checks,
  hmacSha256: (): Hex => {
    throw new RangeError('no HMAC is computed here');
  },
};

/**
 * Computes again in this page what can be computed from the blocks, up to the last checkpoint.
 * @throws Refused when nothing answers, or nothing has been co-signed yet.
 */
export async function verifyInBrowser({
  shown,
  onProgress,
}: {
  readonly shown: readonly LedgerBlock[];
  onProgress(text: string): void;
}): Promise<BrowserReport> {
  onProgress('asking for the record …');
  const parsed = RunRecordSchema.safeParse(await ask('/v1/record'));
  if (!parsed.success)
    throw new Refused(0, 'The record is not as a record is', 'muster ledger verify says why');
  const record = parsed.data;
  const { checkpoint, operator, pipeline } = record;
  if (checkpoint === null)
    throw new Refused(0, 'No block has been co-signed yet', 'Try again in a few seconds.');
  const findings: Finding[] = [];
  const examined = new Map<Check, number>();
  const find = (check: Check, at: string, whats: readonly string[]) =>
    findings.push(...whats.map((what) => ({ check, at, what })));

  const at = String(checkpoint.number);
  examined.set('checkpoint', checkpoint.signatures.length);
  find('checkpoint', at, await checkSignatures(checkpoint, operator, checks));
  find('checkpoint', at, otherPipeline(checkpoint, pipeline));

  const walked = await walk({ record, checkpoint, shown, find, onProgress });
  examined.set('blocks', walked.blocks).set('shown', walked.compared);
  examined.set('state', checkpoint.signers.length);
  find('state', at, otherState(checkpoint, walked.state, checks));

  onProgress('hashing the journal …');
  const answer = proveJournal(
    {
      anchored: walked.anchored,
      upToBlock: checkpoint.number,
      batches: record.batches,
      lines: record.lines.map(lineOf),
      goesOn: true,
    },
    hashing,
  );
  examined.set('journal', answer.proven);
  for (const each of answer.findings) find('journal', each.at, [each.what]);
  return {
    findings,
    upTo: checkpoint.number,
    operator,
    open: answer.open,
    checks: Object.entries(CHECKS).map(([check, about]) => ({
      check,
      about,
      examined: [...examined].find(([name]) => name === check)?.[1] ?? 0,
      findings: findings.filter((each) => each.check === check).length,
    })),
  };
}

interface Walk {
  readonly record: RunRecord;
  readonly checkpoint: Checkpoint;
  readonly shown: readonly LedgerBlock[];
  find(check: Check, at: string, whats: readonly string[]): void;
  onProgress(text: string): void;
}

/** Goes through all blocks up to the checkpoint, each held against its hash and the one before. */
async function walk({ record, checkpoint, shown, find, onProgress }: Walk) {
  const { fromBlock } = record.pipeline;
  const shownBy = new Map(shown.map((each) => [each.number, each]));
  const anchors = createAnchorList();
  let state: LedgerState = EMPTY_LEDGER;
  let before: { readonly number: number; readonly hash: Hex } | undefined;
  let [blocks, compared] = [0, 0];
  for (let from = fromBlock; from <= checkpoint.number; from += MOST_PROOFS) {
    const to = Math.min(from + MOST_PROOFS - 1, checkpoint.number);
    onProgress(`blocks ${from} to ${to} of ${checkpoint.number} …`);
    const answer = BlockProofsSchema.safeParse(await ask(`/v1/ledger/proofs?from=${from}&to=${to}`));
    for (const [index, proof] of (answer.data?.proofs ?? []).entries()) {
      const number = from + index;
      const own = readable(proof, record.pipeline);
      if (own === undefined) {
        find('blocks', String(number), ['its events cannot be read']);
        continue;
      }
      find('blocks', String(number), [
        ...blockFindings(proof, number, checks),
        ...follows(own.parentHash, before),
      ]);
      const told = shownBy.get(number);
      if (told !== undefined) {
        compared += told.entries.length;
        const same = canonical(withoutSenders(told)) === canonical(own);
        find(
          'shown',
          String(number),
          same ? [] : ['what this page shows of it is not what its receipts say'],
        );
      }
      const block = { ...own, entries: own.entries.map((each) => ({ ...each, from: NOBODY })) };
      state = applyBlock(state, block);
      anchors.add(block);
      before = { number, hash: own.hash };
      blocks++;
    }
  }
  const at = String(checkpoint.number);
  if (before?.number !== checkpoint.number) find('blocks', at, ['blocks up to it are missing']);
  else if (before.hash !== checkpoint.hash)
    find('blocks', at, [`the block was co-signed as ${checkpoint.hash} and is ${before.hash}`]);
  return { state, blocks, compared, anchored: anchors.roots() };
}

function readable(proof: BlockProof, pipeline: RunRecord['pipeline']) {
  try {
    return blockOf(proof, pipeline);
  } catch {
    return undefined;
  }
}

function withoutSenders(block: LedgerBlock) {
  return { ...block, entries: block.entries.map(({ from: _, ...rest }) => rest) };
}

function follows(parent: Hex, before: { readonly number: number; readonly hash: Hex } | undefined) {
  if (before === undefined || parent === before.hash) return [];
  return [`it follows ${parent}, and block ${before.number} is ${before.hash}`];
}

/** The same text for the same entries, in whichever order their fields stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** The leaf of a journal's line: see src/adapters/keys/journal-leaf.ts. */
function lineOf(line: string) {
  const id = /"id":"([^"\\]{1,200})"/.exec(line)?.[1] ?? 'an entry without a name';
  return { id, leaf: sha256(new TextEncoder().encode(`muster journal 1\n${line}`)) };
}
