import type { JournalQuestion } from '../../core/attestation/journal-proof.ts';
import { proveJournal } from '../../core/attestation/journal-proof.ts';
import { createAnchorList } from '../../core/ledger/anchor-list.ts';
import { checkSignatures, otherPipeline, otherState } from '../../core/ledger/checkpoint.ts';
import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import { verifyChain } from './chain-poller.ts';
import type { CheckedBlock } from './checked-blocks.ts';
import type { Endpoint } from './endpoint.ts';

export interface VerifyOptions {
  readonly url: string;
  readonly pipeline: PipelineAddress;
  /** Account of the operator. */
  readonly operator: Hex;
  readonly checkpoint: Checkpoint;
  /** A journal, all of whose entries are to be under roots that the registry has anchored. */
  readonly journal?: Pick<JournalQuestion, 'batches' | 'lines' | 'goesOn'>;
}

export interface VerifyReport {
  /** Every check with how much it looked at. */
  readonly checks: readonly {
    readonly check: string;
    readonly examined: number;
    readonly findings: number;
  }[];
  readonly findings: readonly { readonly check: string; readonly at: string; readonly what: string }[];
  /** Entries of the journal that are newer than the checkpoint; 0 without a journal. */
  readonly open: number;
}

const CHECKS = [
  'checkpoint',
  'state',
  'blocks',
  'senders',
  'challenges',
  'evidence',
  'bindings',
  'verdicts',
  'verifiers',
  'revocations',
  'versions',
  'epochs',
  'journal',
] as const;
/** Blocks that are read at a time. */
const AT_ONCE = 32;

/**
 * Checks a pipeline's ledger again from the chain alone, up to a checkpoint: nothing that the endpoint or a contract says is taken for
 * true that can be computed.
 * @throws LEDGER_FAILED when nothing answers at the URL, or nonsense.
 */
export async function verifyLedger(options: VerifyOptions): Promise<VerifyReport> {
  const [{ createEndpoint }, { signedBy }, { readChecked }, { createAudit }, { ledgerError }, { hashing }] =
    await Promise.all([
      import('./endpoint.ts'),
      import('./checkpoint.ts'),
      import('./checked-blocks.ts'),
      import('./audit.ts'),
      import('./read-blocks.ts'),
      import('../keys/hashing.ts'),
    ]);
  const { url, pipeline, operator, checkpoint } = options;
  const findings: { check: string; at: string; what: string }[] = [];
  const examined = new Map<string, number>();
  const find = (check: string, at: string, whats: readonly string[]) =>
    findings.push(...whats.map((what) => ({ check, at, what })));

  examined.set('checkpoint', checkpoint.signatures.length);
  const at = String(checkpoint.number);
  find('checkpoint', at, await checkSignatures(checkpoint, operator, { ...hashing, signedBy }));
  find('checkpoint', at, otherPipeline(checkpoint, pipeline));

  const endpoint: Endpoint = createEndpoint(url);
  const audit = createAudit(pipeline, operator);
  const anchors = createAnchorList();
  try {
    await verifyChain(endpoint, pipeline);
    let before: CheckedBlock | undefined;
    for (let from = pipeline.fromBlock; from <= checkpoint.number; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, checkpoint.number - from + 1);
      const numbers = Array.from({ length: count }, (_, index) => from + index);
      for (const read of await Promise.all(numbers.map((each) => readChecked(endpoint, pipeline, each)))) {
        find('blocks', String(read.block.number), [...read.findings, ...follows(read, before)]);
        audit.add(read);
        anchors.add(read.block);
        before = read;
      }
      examined.set('blocks', from + count - pipeline.fromBlock);
    }
    if (before?.block.hash !== checkpoint.hash) {
      find('blocks', at, [
        `the block was co-signed as ${checkpoint.hash} and is ${before?.block.hash ?? 'not there'}`,
      ]);
    }
  } catch (cause) {
    throw ledgerError(url, cause);
  }
  findings.push(...audit.findings);
  examined.set('state', checkpoint.signers.length);
  find('state', at, otherState(checkpoint, audit.state(), hashing));
  let open = 0;
  if (options.journal !== undefined) {
    const question = { ...options.journal, anchored: anchors.roots(), upToBlock: checkpoint.number };
    const answer = proveJournal(question, hashing);
    examined.set('journal', answer.proven);
    open = answer.open;
    findings.push(...answer.findings.map((each) => ({ check: 'journal', ...each })));
  }
  return {
    findings,
    open,
    checks: CHECKS.map((check) => ({
      check,
      examined: examined.get(check) ?? [...audit.examined].find(([name]) => name === check)?.[1] ?? 0,
      findings: findings.filter((each) => each.check === check).length,
    })),
  };
}

function follows({ block }: CheckedBlock, before: CheckedBlock | undefined): readonly string[] {
  if (before === undefined || block.parentHash === before.block.hash) return [];
  return [`it follows ${block.parentHash}, and block ${before.block.number} is ${before.block.hash}`];
}
