/** Why the contracts end a round of an incarnation that makes room for the next (Trust.sol, Membership.sol): nothing was found wrong. */
const MAKES_ROOM = ['its successor took over', 'replaced by a new incarnation'];

/** Whether a round that has failed was but given up. `reason`: of its event, or the sentence that a journal has of it. */
export function isGivenUp(reason: string): boolean {
  return MAKES_ROOM.some((each) => reason === each || reason.endsWith(`: ${each}.`));
}
