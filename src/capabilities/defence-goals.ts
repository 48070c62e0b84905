import { goalType } from '../core/bdi/goal.ts';

/** Goals that agents ask of one another in the resilience strategy (the paper's section III.C and Figure 5). */

/** `?anomalousUsage(link)`: is the over-usage an attack, and on whom? Standing: the answer is kept up to date. */
export const anomalousUsage = goalType<{
  link: string;
  targetLimitBytesPerSec: number;
  blockTtlMs: number;
  award?: string;
  initiator?: string;
}>('anomalousUsage', 'query', ['link']);

/** Limit all traffic over a link, confirmed sources apart. */
export const linkRateLimited = goalType<{
  link: string;
  rateBytesPerSec: number;
  award?: string;
  takesOver?: string;
}>('linkRateLimited', 'achieve', ['link']);

/** Limit the traffic to one destination, confirmed sources apart. */
export const targetRateLimited = goalType<{
  link: string;
  target: string;
  rateBytesPerSec: number;
  award?: string;
  takesOver?: string;
}>('targetRateLimited', 'achieve', ['target', 'link']);

/** Find the sources that attack a destination and have them blocked, for as long as the award stands. */
export const sourcesBlocked = goalType<{
  link: string;
  target: string;
  blockTtlMs: number;
  award?: string;
  initiator?: string;
}>('sourcesBlocked', 'achieve', ['target', 'link']);

/** Carry out the blocks that the holder of this award's initiator asks for. */
export const blocksCarriedOut = goalType<{
  link: string;
  target: string;
  award?: string;
  takesOver?: string;
}>('blocksCarriedOut', 'achieve', ['target', 'link']);

/** One address blocked on a link, asked for within `blocksCarriedOut`. */
export const sourceBlockSet = goalType<{
  link: string;
  source: string;
  ttlMs: number;
  award: string;
  reason: string;
  /** Who has asked for it; absent: this agent itself. */
  initiator?: string;
}>('sourceBlockSet', 'achieve', ['source', 'link']);
