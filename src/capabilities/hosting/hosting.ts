import { beliefType } from '../../core/bdi/belief.ts';
import { capability } from '../../core/bdi/capability.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done } from '../../core/bdi/plan.ts';
import type { Demand } from '../../protocol/descriptors.ts';
import type { Json } from '../../protocol/journal.ts';

/** A unit has room on some host of the site. Put up unit by unit in an iterated Contract Net; the book is kept by `HostingDesk`. */
export const unitHosted = goalType<{ service: string; unit: string }>('unitHosted', 'achieve', [
  'service',
  'unit',
]);

/**
 * What stands in the book of the site for some services is settled: `settled` is a list of `Settled`. `open`: that was all of it, and the
 * book is open from now on. Done by `HostingDesk`.
 */
export const bookSettled = goalType<{ wish: number; settled: Json; open: boolean }>(
  'bookSettled',
  'achieve',
  ['wish'],
);

/** What a host of the site has free, as its book says. Subject: the host. */
export const hostRoom = beliefType<{ free: Demand }>('hostRoom');

const keepBooked = definePlan(unitHosted, 'keep-the-booking', {
  unless: () => 'units are hosted by booking them, which the bargaining does',
  steps: { keep: () => done() },
});

/** Bids for units with the hosts of its site and keeps their book. */
export const hosting = capability({
  name: 'hosting',
  offers: [unitHosted],
  goals: [
    { goal: unitHosted, plans: [keepBooked] },
    { goal: bookSettled, auction: { bidWithinMs: 1000, completeWithinMs: 60_000 } },
  ],
});
