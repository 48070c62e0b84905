import { hashing } from '../../adapters/keys/hashing.ts';
import { sharesOfAnswer } from '../../core/attestation/answer-shares.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import type { Incarnation } from './incarnation.ts';

/** A holder's shares of one incarnation's answers. */
export interface Dealt {
  readonly agent: AgentKey;
  readonly incarnation: number;
  readonly threshold: number;
  readonly x: number;
  readonly shares: readonly { readonly nonce: Hex; readonly bytes: Uint8Array }[];
}

/** The answers to these nonces, shared out among the sites that hold shares of that incarnation's; `agent`: where it stands on the ledger now. */
export function shareOut(
  agent: AgentKey,
  { order, plan }: Pick<Incarnation, 'order' | 'plan'>,
  reference: Hex,
  nonces: readonly Hex[],
): ReadonlyMap<string, Dealt> {
  const { incarnation } = order;
  const all = nonces.map((nonce) => ({ nonce, shares: sharesOfAnswer(reference, nonce, plan, hashing) }));
  return new Map(
    plan.sites.map((site, i) => {
      const shares = all.flatMap(({ nonce, shares }) => {
        const bytes = shares[i]?.bytes;
        return bytes === undefined ? [] : [{ nonce, bytes }];
      });
      return [site, { agent, incarnation, threshold: plan.threshold, x: i + 1, shares }];
    }),
  );
}
