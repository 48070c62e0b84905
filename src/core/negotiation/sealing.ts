import type { Reveal } from '../../protocol/contract-net.ts';

/**
 * What sealed bids need from outside: the core has neither cryptography nor chance of its own.
 *
 * A sealed auction adds a question to the plain Contract Net: each of the k bidders that have proposed a commitment (in place of a
 * price) is asked for what it has promised by `query-ref`, once nobody can promise any more, and answers by `inform`. These are 2k
 * messages more: 2n + 3k + 1 in all with n participants and a winner that completes, k at least 1; 2n when all refuse. A bidder that
 * stays silent when asked spares its `inform`, and costs no more than its rejection.
 */
export interface Sealing {
  /** SHA-256 of a text, in hex. */
  readonly hash: (text: string) => string;
  /** At least 16 characters that nobody else can guess, for one conversation. */
  readonly nonce: (conversationId: string) => string;
}

/**
 * The commitment to a bid: prices are few, so only the nonce keeps others from guessing it; conversation and bidder keep them
 * from copying it.
 */
export function commitmentOf(
  hash: Sealing['hash'],
  conversationId: string,
  bidder: string,
  { price, validUntilMs, nonce }: Pick<Reveal, 'price' | 'validUntilMs' | 'nonce'>,
): string {
  return hash(JSON.stringify([conversationId, bidder, price, validUntilMs, nonce]));
}
