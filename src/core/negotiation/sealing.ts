import type { Reveal } from '../../protocol/contract-net.ts';

/** What sealed bids need from outside: the core has neither cryptography nor chance of its own. */
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
