/**
 * How many peers have to vouch for an agent in each round, unless told otherwise. Two where there are three sites: the guard of the
 * agent and one of a verifier may then be compromised together, and the other verifier still says no. Both speak in the same block,
 * so that it costs a transaction and no time. With fewer sites there is no second guard to ask.
 */
export function verifiersFor(sites: number): number {
  return sites >= 3 ? 2 : 1;
}
