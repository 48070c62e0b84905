import { BIDDERS } from './contract-net.ts';
import { ratePerSecond } from './rate.ts';

/** The floor: the messages of an auction as plain objects through a plain queue, without agents, checks or deadlines. */
export function emptyLoop(): Record<string, number> {
  const queue: { to: number; performative: string; price: number }[] = [];
  let best = Number.POSITIVE_INFINITY;
  const rate = ratePerSecond(() => {
    best = Number.POSITIVE_INFINITY;
    for (let to = 1; to <= BIDDERS; to++) queue.push({ to, performative: 'cfp', price: 0 });
    let count = 0;
    for (let at = 0; at < queue.length; at++) {
      const message = queue[at];
      if (message === undefined) break;
      count++;
      if (message.performative === 'cfp') {
        queue.push({ to: 0, performative: 'propose', price: (message.to * 37) % 101 });
      } else if (message.performative === 'propose') {
        best = Math.min(best, message.price);
        queue.push({ to: 1, performative: 'reject-proposal', price: best });
      }
    }
    queue.length = 0;
    return count;
  });
  if (!Number.isFinite(best)) throw new Error('nothing was bid');
  return { perSecond: rate };
}
