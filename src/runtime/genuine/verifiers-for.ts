/** How many have to vouch for an agent in each round, unless told otherwise. */
export function verifiersFor(_sites: number): number {
  return 1;
}
