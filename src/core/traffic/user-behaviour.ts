import type { UserGroup } from '../../protocol/scenario.ts';

/** The randomness that a user's decisions need. */
export interface UserRandom {
  /** Uniform in [0, 1). */
  next(): number;
}

/** What a user asks for: `page` and `chunk` receive that many bytes, `upload` sends them. */
export interface UserRequest {
  readonly kind: 'page' | 'chunk' | 'upload';
  readonly bytes: number;
  /** Given up after this; what comes later does not count. */
  readonly patienceMs: number;
}

/** Where a user stands: how often the present page has been tried. Plain data. */
export interface UserState {
  readonly tries: number;
}

export type UserOutcome = 'done' | 'late' | 'failed';

/** Body of a request that only shows that the connection works. */
const RAPID_BYTES = 1000;

/** What users of a group ask for. */
export function requestOf(group: UserGroup, pageBytes: number): UserRequest {
  switch (group.behaviour) {
    case 'page':
      return { kind: 'page', bytes: pageBytes, patienceMs: group.patienceMs };
    case 'video':
      return { kind: 'chunk', bytes: group.chunkBytes, patienceMs: group.chunkMs };
    case 'upload':
      return { kind: 'upload', bytes: group.uploadBytes, patienceMs: group.patienceMs };
    case 'rapid':
      return { kind: 'chunk', bytes: RAPID_BYTES, patienceMs: group.patienceMs };
    default:
      return group satisfies never;
  }
}

/** How long a new user waits before the first request, so that not all begin at once. */
export function firstDelayMs(group: UserGroup, random: UserRandom): number {
  switch (group.behaviour) {
    case 'page':
    case 'upload':
      return random.next() * group.thinkMs;
    case 'video':
      return random.next() * group.chunkMs;
    case 'rapid':
      return random.next() * (1000 / group.connectionsPerSec);
    default:
      return group satisfies never;
  }
}

/**
 * When a user asks next, after a request that took `tookMs`. A page that did not come is tried again at once, `retries`
 * times, then the user stays away for a while; a player and a rapid client keep to their rhythm whatever happens.
 */
export function nextRequest(
  group: UserGroup,
  state: UserState,
  outcome: UserOutcome,
  tookMs: number,
  random: UserRandom,
): { readonly state: UserState; readonly afterMs: number; readonly left: boolean } {
  switch (group.behaviour) {
    case 'page': {
      if (outcome === 'done') {
        return { state: { tries: 0 }, afterMs: thinkMs(group.thinkMs, random), left: false };
      }
      if (state.tries < group.retries) {
        return { state: { tries: state.tries + 1 }, afterMs: 100, left: false };
      }
      return { state: { tries: 0 }, afterMs: group.awayMs, left: true };
    }
    case 'upload':
      return { state, afterMs: thinkMs(group.thinkMs, random), left: false };
    case 'video':
      return { state, afterMs: Math.max(0, group.chunkMs - tookMs), left: false };
    case 'rapid':
      return { state, afterMs: Math.max(0, 1000 / group.connectionsPerSec - tookMs), left: false };
    default:
      return group satisfies never;
  }
}

/** People differ, but not without bounds: half to one and a half times the mean. */
function thinkMs(mean: number, random: UserRandom): number {
  return mean * (0.5 + random.next());
}
