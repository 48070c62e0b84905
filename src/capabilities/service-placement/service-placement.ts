import { beliefType, believe, forget } from '../../core/bdi/belief.ts';
import { capability } from '../../core/bdi/capability.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import type { Json } from '../../protocol/journal.ts';
import { ImprovementSchema } from '../../protocol/placed-service.ts';

/**
 * Every unit of a service has its host, and every link its path, and all of it is booked. `graph`: a `ServiceGraph`; `wishes`: what stays
 * where it is, and sites to avoid (`Wishes`).
 */
export const servicePlaced = goalType<{ service: string; graph: Json; wishes?: Json }>(
  'servicePlaced',
  'achieve',
  ['service'],
);
/** Nothing is booked for a service any more. */
export const serviceWithdrawn = goalType<{ service: string }>('serviceWithdrawn', 'achieve', ['service']);
/** A placed service has been bargained for again. `improvement`: an `Improvement`. */
export const serviceImproved = goalType<{ service: string; improvement: Json }>(
  'serviceImproved',
  'achieve',
  ['service'],
);

/** The bargaining of these: see `PlacementDesk`. */
export const chainAwarded = goalType<{ service: string; graph: Json; wishes?: Json }>(
  'chainAwarded',
  'achieve',
  ['service'],
);
export const bookingsReleased = goalType<{ service: string; placed: Json }>('bookingsReleased', 'achieve', [
  'service',
]);
export const unitsMoved = goalType<{ service: string; placed: Json; improvement: Json }>(
  'unitsMoved',
  'achieve',
  ['service'],
);

/** What is being bargained for goes on without sites that nobody can reach. `sites`: their names; `wish`: tells one time from the next. */
export const bargainedWithout = goalType<{ wish: number; sites: Json }>('bargainedWithout', 'achieve', [
  'wish',
]);

/** Where a service runs and under which bookings: a `PlacedService`. Subject: the service. */
export const placedAt = beliefType<Json>('placedAt');

const bargain = definePlan(servicePlaced, 'bargain-for-chains', {
  unless: (beliefs, { service, wishes }) =>
    beliefs.value(placedAt, service) === undefined || wishes !== undefined
      ? undefined
      : 'it is placed already',
  steps: {
    bargain: ({ args }) => wait({ kind: 'pursue', goal: chainAwarded, args: { ...args } }, 'awarded'),
    awarded: ({ args, result }) =>
      result.ok
        ? done(result.value, [
            {
              kind: 'revise',
              revision: believe(placedAt, args.service, result.value, 'booked at all owners'),
            },
          ])
        : fail(result.error),
  },
});

const withdraw = definePlan(serviceWithdrawn, 'release-bookings', {
  unless: (beliefs, { service }) =>
    beliefs.value(placedAt, service) === undefined ? 'it is not placed by this agent' : undefined,
  steps: {
    release: ({ args, beliefs }) =>
      wait(
        {
          kind: 'pursue',
          goal: bookingsReleased,
          args: { service: args.service, placed: beliefs.value(placedAt, args.service) ?? null },
        },
        'released',
      ),
    released: ({ args, result }) =>
      result.ok
        ? done(result.value, [{ kind: 'revise', revision: forget(placedAt, args.service, 'withdrawn') }])
        : fail(result.error),
  },
});

const improve = definePlan(serviceImproved, 'bargain-again', {
  unless: (beliefs, { service }) =>
    beliefs.value(placedAt, service) === undefined ? 'it is not placed by this agent' : undefined,
  steps: {
    bargain: ({ args, beliefs }) =>
      wait(
        {
          kind: 'pursue',
          goal: unitsMoved,
          args: { ...args, placed: beliefs.value(placedAt, args.service) ?? null },
        },
        'moved',
      ),
    moved: ({ args, result }) => {
      if (!result.ok) return fail(result.error);
      // Where it could run, it does not run yet.
      if (ImprovementSchema.safeParse(args.improvement).data?.offer !== undefined) return done(result.value);
      const revision = believe(placedAt, args.service, result.value, 'moved to where it costs less');
      return done(result.value, [{ kind: 'revise', revision }]);
    },
  },
});

const TERMS = { bidWithinMs: 1000, completeWithinMs: 60_000 };

/** Places services by bargaining with the agents that keep the books of sites. */
export const servicePlacement = capability({
  name: 'service-placement',
  // The operator wants them: a peer that could ask for them could end the services of others.
  offers: [],
  goals: [
    { goal: servicePlaced, plans: [bargain] },
    { goal: serviceWithdrawn, plans: [withdraw] },
    { goal: serviceImproved, plans: [improve] },
    { goal: chainAwarded, auction: TERMS },
    { goal: bookingsReleased, auction: TERMS },
    { goal: unitsMoved, auction: TERMS },
    { goal: bargainedWithout, auction: TERMS },
  ],
});
