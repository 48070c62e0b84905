import { gunzipSync } from 'node:zlib';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { ChainDisclosure } from '../../core/attestation/decision-chain.ts';
import {
  beforeSegment,
  decisionsOf,
  sampledSegments,
  whyNotBehind,
} from '../../core/attestation/decision-chain.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import type { DecisionFindings } from '../../protocol/decision-disclosure.ts';
import { DisclosureSchema, MOST_DISCLOSED_BYTES } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { initialState, whyNotSo } from './re-execute.ts';

export interface DecisionClaim {
  readonly config: AgentConfig;
  /** What the agent has committed to, and what the round before has settled; zero: none. */
  readonly head: Hex;
  readonly settled: Hex;
  readonly seed: Hex;
}

/**
 * Compares what an agent discloses with what it has committed to, and executes the decisions again that the seed
 * draws. What the agent accounts for having put out is in the findings, for whoever knows what came.
 */
export function judgeDisclosure(claim: DecisionClaim, packed: Uint8Array): DecisionFindings {
  let decisions = 0;
  let executed = 0;
  const fail = (reason: string): DecisionFindings => ({ decisions, executed, reason: reason.slice(0, 400) });
  try {
    const json: unknown = JSON.parse(
      gunzipSync(packed, { maxOutputLength: MOST_DISCLOSED_BYTES }).toString('utf8'),
    );
    const parsed = DisclosureSchema.safeParse(json);
    if (!parsed.success) return fail('what it discloses is not understood');
    const { headers } = parsed.data;
    decisions = decisionsOf(headers);
    const { opening, previousOpening } = parsed.data;
    const chain = { opening, previousOpening, headers };
    const why = whyNotCommitted(claim, chain);
    if (why !== undefined) return fail(why);
    const texts = new Map(parsed.data.texts);
    for (const index of sampledSegments(claim.seed, headers, claim.config.draws, hashing)) {
      const [header, text] = [headers[index], texts.get(index)];
      if (header === undefined || text === undefined) return fail('it withholds decisions that were drawn');
      const differs = whyNotSo(claim.config, header, text, beforeSegment(chain, index));
      executed += header.decisions;
      if (differs !== undefined) return fail(`segment ${index + 1} of ${headers.length}: ${differs}`);
    }
    return { decisions, executed, register: opening.register };
  } catch (error) {
    // An exception while appraising is a failure.
    return fail(
      `what it discloses cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function whyNotCommitted(
  { config, head, settled }: DecisionClaim,
  chain: ChainDisclosure,
): string | undefined {
  return whyNotBehind({ head, settled, initial: initialState(config) }, chain, hashing);
}
