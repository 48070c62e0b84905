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
}

export interface VerifyReport {
  /** Every check with how much it looked at. */
  readonly checks: readonly {
    readonly check: string;
    readonly examined: number;
    readonly findings: number;
  }[];
  readonly findings: readonly { readonly check: string; readonly at: string; readonly what: string }[];
}

const CHECKS = [
  'checkpoint',
  'blocks',
  'challenges',
  'evidence',
  'bindings',
  'verdicts',
  'verifiers',
  'revocations',
  'versions',
  'epochs',
] as const;
/** Blocks that are read at a time. */
const AT_ONCE = 32;

/**
 * Checks a pipeline's ledger again from the chain alone, up to a checkpoint: nothing that the endpoint or a contract says is taken for
 * true that can be computed.
 * @throws LEDGER_FAILED when nothing answers at the URL, or nonsense.
 */
export async function verifyLedger(options: VerifyOptions): Promise<VerifyReport> {
  const [{ createEndpoint }, { checkSignatures }, { readChecked }, { createAudit }, { ledgerError }] =
    await Promise.all([
      import('./endpoint.ts'),
      import('./checkpoint.ts'),
      import('./checked-blocks.ts'),
      import('./audit.ts'),
      import('./read-blocks.ts'),
    ]);
  const { url, pipeline, operator, checkpoint } = options;
  const findings: { check: string; at: string; what: string }[] = [];
  const examined = new Map<string, number>();
  const find = (check: string, at: string, whats: readonly string[]) =>
    findings.push(...whats.map((what) => ({ check, at, what })));

  examined.set('checkpoint', checkpoint.signatures.length);
  const at = String(checkpoint.number);
  find('checkpoint', at, await checkSignatures(checkpoint, operator));
  find('checkpoint', at, otherPipeline(checkpoint, pipeline));

  const endpoint: Endpoint = createEndpoint(url);
  const audit = createAudit(pipeline);
  try {
    await verifyChain(endpoint, pipeline);
    let before: CheckedBlock | undefined;
    for (let from = pipeline.fromBlock; from <= checkpoint.number; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, checkpoint.number - from + 1);
      const numbers = Array.from({ length: count }, (_, index) => from + index);
      for (const read of await Promise.all(numbers.map((each) => readChecked(endpoint, pipeline, each)))) {
        find('blocks', String(read.block.number), [...read.findings, ...follows(read, before)]);
        audit.add(read);
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
  return {
    findings,
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

function otherPipeline(checkpoint: Checkpoint, pipeline: PipelineAddress): readonly string[] {
  const same =
    checkpoint.chainId === pipeline.chainId &&
    checkpoint.genesisHash === pipeline.genesisHash.toLowerCase() &&
    checkpoint.attestation === pipeline.attestation.toLowerCase() &&
    checkpoint.keys === pipeline.keys.toLowerCase();
  return same ? [] : ['the checkpoint is of another pipeline'];
}
