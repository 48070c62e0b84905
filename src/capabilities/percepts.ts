import { perceptType } from '../core/bdi/event.ts';
import type { GoalArgs } from '../core/bdi/goal.ts';
import type { Json } from '../protocol/journal.ts';
import type { PlaneReading } from '../protocol/plane.ts';

/** Readings of the data plane; topic is the query's kind, subject the link (of `sources`: the target). */
export const linkLoad = perceptType<Extract<PlaneReading, { kind: 'link-load' }>>('link-load');
export const destinationsRead = perceptType<Extract<PlaneReading, { kind: 'destinations' }>>('destinations');
export const sourcesRead = perceptType<Extract<PlaneReading, { kind: 'sources' }>>('sources');
export const confirmedRead = perceptType<Extract<PlaneReading, { kind: 'confirmed' }>>('confirmed');

/** What the agent that plays link monitor is to watch, and how it may be defended. Subject: the link. */
export interface Assignment {
  readonly thresholdBytesPerSec: number;
  readonly linkLimitBytesPerSec: number;
  readonly targetLimitBytesPerSec: number;
  readonly blockTtlMs: number;
}
export const assigned = perceptType<Assignment>('assigned');
/** That link is no longer its business: it is gone, or another's. Subject: the link. */
export const unassigned = perceptType<{ readonly reason: string }>('unassigned');

/** How the agent's host is used. Subject: `self`. */
export interface HostBooking {
  readonly cpu: { readonly used: number; readonly total: number };
  readonly memoryGb: { readonly used: number; readonly total: number };
}
export const hostUsed = perceptType<HostBooking>('host-used');

/** From the negotiation module: a goal was won by somebody, or its award is over. */
export const goalWon = perceptType<{
  readonly award: string;
  readonly holder: string;
  readonly result: Json;
}>('goal-won');
export const awardEnded = perceptType<{
  readonly goal: { readonly type: string; readonly args: GoalArgs };
  readonly reason: string;
}>('award-ended');
/** A role that we had given to somebody is held by nobody any more, and nobody could be found. Subject: the goal. */
export const awardLost = perceptType<{ readonly reason: string }>('award-lost');
/** Somebody told us something without being asked. Subject: the teller. Not to be trusted to have any shape. */
export const told = perceptType<Json>('told');
