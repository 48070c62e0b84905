import type { ChainAnswer, SiteDigest } from './placement.ts';
import { LackSchema, MAX_CHAINS } from './placement.ts';
import { MOST_AMOUNT } from './service-graph.ts';

// Every site answers every round, so that this is what bargaining reads most: the same as `ChainAnswerSchema` finds, in one walk that makes
// nothing. A test compares the two on what is right, almost right, and wrong.

/** Node names, as `NodeNameSchema`. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LACKS: ReadonlySet<unknown> = new Set(LackSchema.shape.what.options);
const MOST_PRICE = 1e18;
const MOST_ROUNDS = 100_000;

/** Whether a message's content, plain data within the bounds of a message, is a site's answer; `isDigest` reads what it tells of its book. */
export function isChainAnswer(
  content: unknown,
  isDigest: (value: unknown) => value is SiteDigest,
): content is ChainAnswer {
  return hasExactly(content, 3, (key, value) => {
    switch (key) {
      case 'round':
        return isCount(value, MOST_ROUNDS) ? 1 : -1;
      case 'bids':
        return isList(value, MAX_CHAINS, isBid) ? 1 : -1;
      case 'refusals':
        return isList(value, MAX_CHAINS, isRefusal) ? 1 : -1;
      case 'digest':
        return value === undefined || isDigest(value) ? 0 : -1;
      default:
        return -1;
    }
  });
}

function isBid(bid: unknown): boolean {
  return hasExactly(bid, 6, (key, value) => {
    switch (key) {
      case 'chain':
        return isCount(value, MAX_CHAINS - 1) ? 1 : -1;
      case 'host':
        return isName(value) ? 1 : -1;
      case 'price':
      case 'energy':
        return isAmount(value, MOST_PRICE) ? 1 : -1;
      case 'parts':
        return isList(value, 8, isPart) ? 1 : -1;
      case 'routes':
        return isList(value, 2000, isRoute) ? 1 : -1;
      default:
        return -1;
    }
  });
}

function isPart(part: unknown): boolean {
  return hasExactly(part, 2, (key, value) => {
    switch (key) {
      case 'name':
        return typeof value === 'string' ? 1 : -1;
      case 'value':
        return Number.isFinite(value) ? 1 : -1;
      case 'detail':
        return value === undefined || typeof value === 'string' ? 0 : -1;
      default:
        return -1;
    }
  });
}

function isRoute(route: unknown): boolean {
  return hasExactly(route, 2, (key, value) => {
    switch (key) {
      case 'link':
        return isText(value, 1, 255) ? 1 : -1;
      case 'path':
        return isList(value, 1000, isName) ? 1 : -1;
      default:
        return -1;
    }
  });
}

function isRefusal(refusal: unknown): boolean {
  return hasExactly(refusal, 3, (key, value) => {
    switch (key) {
      case 'chain':
        return isCount(value, MAX_CHAINS - 1) ? 1 : -1;
      case 'reason':
        return isText(value, 0, 300) ? 1 : -1;
      case 'lacks':
        return isList(value, 8, isLack) ? 1 : -1;
      default:
        return -1;
    }
  });
}

function isLack(lack: unknown): boolean {
  return hasExactly(lack, 4, (key, value) => {
    switch (key) {
      case 'what':
        return LACKS.has(value) ? 1 : -1;
      case 'where':
        return isText(value, 0, 130) ? 1 : -1;
      case 'wanted':
      case 'free':
        return isAmount(value, MOST_AMOUNT) ? 1 : -1;
      default:
        return -1;
    }
  });
}

/** Whether an object has so many fields that are needed, and no other than known ones. `look`: 1 a needed field, 0 another one, -1 none of its. */
function hasExactly(value: unknown, needed: number, look: (key: string, value: unknown) => number): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let found = 0;
  for (const key in value) {
    // A key of that object, as the loop gives it.
    const each = look(key, value[key as keyof typeof value]);
    if (each < 0) return false;
    found += each;
  }
  return found === needed;
}

function isList(value: unknown, most: number, is: (each: unknown) => boolean): boolean {
  if (!Array.isArray(value) || value.length > most) return false;
  for (const each of value) if (!is(each)) return false;
  return true;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}

function isText(value: unknown, least: number, most: number): boolean {
  return typeof value === 'string' && value.length >= least && value.length <= most;
}

function isAmount(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= most;
}

function isCount(value: unknown, most: number): boolean {
  return Number.isInteger(value) && isAmount(value, most);
}
