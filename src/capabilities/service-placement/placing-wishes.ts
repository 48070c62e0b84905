import { believe, forget } from '../../core/bdi/belief.ts';
import { capability } from '../../core/bdi/capability.ts';
import type { GoalOutcome } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { Awaited, StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done, wait } from '../../core/bdi/plan.ts';
import type { Json } from '../../protocol/journal.ts';
import { PlacedServiceSchema } from '../../protocol/placed-service.ts';
import type { PlacingWish } from '../../protocol/placing.ts';
import { PlacingWishSchema } from '../../protocol/placing.ts';
import { bookSettled } from '../hosting/hosting.ts';
import {
  bargainedWithout,
  placedAt,
  serviceImproved,
  servicePlaced,
  serviceWithdrawn,
} from './service-placement.ts';

/** A wish of the operator (`PlacingWish`) that waits for an answer; `wish` is its number. */
export const wished = goalType<{ wish: number; content: Json }>('wished', 'achieve', ['wish']);

const MAX_ERROR_CHARS = 4000;

const answerIt = definePlan(wished, 'carry-out-and-answer', {
  steps: {
    carryOut: ({ args }) => {
      // It has come over the site's daemon: read before anything is done about it.
      const parsed = PlacingWishSchema.safeParse(args.content);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const error = `the wish cannot be read: ${issue?.path.join('.')}: ${issue?.message}`;
        return done(null, [answer(args.wish, '', { ok: false, error })]);
      }
      const service = 'service' in parsed.data ? parsed.data.service : '';
      const more = { effects: knownBy(parsed.data), locals: { service } };
      return wait(wantedBy(args.wish, parsed.data), 'answer', more);
    },
    answer: ({ args, locals, result }) => done(null, [answer(args.wish, String(locals['service']), result)]),
  },
});

function wantedBy(number: number, wish: PlacingWish): Awaited {
  const { what } = wish;
  switch (what) {
    case 'place': {
      const { service, graph, wishes } = wish;
      // Plain data of schemas.
      const more = wishes === undefined ? {} : { wishes: wishes as Json };
      return { kind: 'pursue', goal: servicePlaced, args: { service, graph: graph as Json, ...more } };
    }
    case 'withdraw':
      return { kind: 'pursue', goal: serviceWithdrawn, args: { service: wish.service } };
    case 'improve': {
      const { service, improvement } = wish;
      return { kind: 'pursue', goal: serviceImproved, args: { service, improvement: improvement as Json } };
    }
    case 'settle': {
      const { settled, open } = wish;
      return { kind: 'pursue', goal: bookSettled, args: { wish: number, settled: settled as Json, open } };
    }
    case 'go-on-without': {
      const sites = [...wish.sites];
      return { kind: 'pursue', goal: bargainedWithout, args: { wish: number, sites } };
    }
    default:
      return what satisfies never;
  }
}

/** Another agent, or this one in an earlier life, may have looked after the service: what is booked for it is told with the wish. */
function knownBy(wish: PlacingWish): readonly StepEffect[] {
  if (!('service' in wish)) return [];
  const { service, placed } = wish;
  const revision =
    placed === null
      ? forget(placedAt, service, 'nothing is booked for it')
      : believe(placedAt, service, placed as Json, 'told with the wish');
  return [{ kind: 'revise', revision }];
}

/** A `PlacingAnswer`. */
function answer(wish: number, service: string, result: GoalOutcome): StepEffect {
  const kind = 'placing-answer';
  const placed = result.ok ? PlacedServiceSchema.safeParse(result.value) : undefined;
  const action = result.ok
    ? // Plain data of a schema.
      { kind, wish, service, ok: true, placed: placed?.success === true ? (placed.data as Json) : null }
    : { kind, wish, service, ok: false, error: result.error.slice(0, MAX_ERROR_CHARS) };
  return { kind: 'act', action, reason: 'the operator waits for it' };
}

/** Takes wishes of the operator, has them carried out by the agent's other capabilities, and answers each by an action. */
export const placingWishes = capability({
  name: 'placing-wishes',
  // Of peers nobody takes a wish.
  offers: [],
  goals: [{ goal: wished, plans: [answerIt] }],
});
