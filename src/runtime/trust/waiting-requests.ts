import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import { mayBeAnswered, roundToJudge } from './share-request.ts';

/** Of one guard: a pipeline has no more agents, and so no more rounds at a time. */
const MOST_OF_GUARD = 256;

/**
 * Requests for shares that wait for a block which who was asked has not seen yet. Each guard has places of its own, in which the newest
 * take those of the oldest: one that asks for rounds that never come keeps nobody else out.
 */
export class WaitingRequests {
  /** By guard and round: who asks again takes the place of who asked. */
  readonly #waiting = new Map<Hex, Map<number, ShareRequest>>();

  /** One of a guard that is not enrolled is not kept. */
  put(state: LedgerState, request: ShareRequest): void {
    const { guard, round } = request;
    if (!isEnrolled(state, guard)) return;
    const own = this.#waiting.get(guard) ?? new Map<number, ShareRequest>();
    this.#waiting.set(guard, own.set(round, request));
    const [oldest] = own.keys();
    if (own.size > MOST_OF_GUARD && oldest !== undefined) own.delete(oldest);
  }

  /** Those that may be answered by now; they do not wait any more, nor do those that never will be. */
  take(state: LedgerState): readonly ShareRequest[] {
    const ready: ShareRequest[] = [];
    for (const [guard, own] of this.#waiting) {
      for (const [round, request] of own) {
        const isReady = roundToJudge(state, request) !== undefined;
        if (isReady) ready.push(request);
        if (isReady || !mayBeAnswered(state, round)) own.delete(round);
      }
      if (own.size === 0 || !isEnrolled(state, guard)) this.#waiting.delete(guard);
    }
    return ready;
  }
}

function isEnrolled(state: LedgerState, guard: Hex): boolean {
  return state.guards.get(guard)?.enrolled === true;
}
