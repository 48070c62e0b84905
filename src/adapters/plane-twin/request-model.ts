import type { UserRequest } from '../../core/traffic/user-behaviour.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { Ipv4 } from '../../protocol/ids.ts';
import type { GuardedLink } from './guarded-link.ts';
import { dropChance } from './guarded-link.ts';
import type { ServerModel } from './server-model.ts';

/** Frames on the wire, Ethernet header included. */
const SYN_BYTES = 74;
const ACK_BYTES = 66;
/** As the clients of the Linux plane send it, with its header: `GET /`, and `GET /chunk?bytes=…`. */
const REQUEST_BYTES = { page: 125, chunk: 142 } as const;
const SEGMENT_BYTES = 1448;
const SEGMENT_FRAME_BYTES = 1514;
/** Linux: first retransmission of a SYN, floor of the RTO, segments that may be sent at first. */
const SYN_RTO_MS = 1000;
const MIN_RTO_MS = 200;
const INITIAL_WINDOW = 10;
const RTT_MS = 1;

export interface RequestContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly path: readonly GuardedLink[];
  readonly server: ServerModel;
  readonly source: Ipv4;
  readonly request: UserRequest;
}

/**
 * One request over one TCP connection, in rounds: handshake, request, body with its acknowledgements. Only packets towards
 * the server can be lost or delayed: that is where the guarded links are. `done(true)`: the whole body within the patience.
 */
export function runRequest(context: RequestContext, done: (inTime: boolean) => void): void {
  const { clock, request } = context;
  let over = false;
  const end = (inTime: boolean) => {
    if (over) return;
    over = true;
    patience.cancel();
    done(inTime);
  };
  const patience = clock.at(clock.nowMs() + request.patienceMs, () => end(false));
  const later = (afterMs: number, step: () => void) =>
    clock.at(clock.nowMs() + afterMs, () => {
      if (!over) step();
    });

  const connect = (rtoMs: number): void => {
    const delay = cross(context, SYN_BYTES, 1);
    if (delay === undefined || !context.server.onSyn(context.source)) {
      later(rtoMs, () => connect(rtoMs * 2));
      return;
    }
    later(delay + RTT_MS, () => {
      const acked = cross(context, ACK_BYTES, 0) !== undefined;
      if (acked) context.server.onHandshake(context.source, clock.nowMs());
      if (request.kind === 'upload')
        upload(Math.ceil(request.bytes / SEGMENT_BYTES), INITIAL_WINDOW, MIN_RTO_MS, acked);
      else ask(MIN_RTO_MS, acked, request.kind);
    });
  };

  const ask = (rtoMs: number, confirmed: boolean, kind: 'page' | 'chunk'): void => {
    const delay = cross(context, REQUEST_BYTES[kind], 0);
    if (delay === undefined) {
      later(rtoMs, () => ask(rtoMs * 2, confirmed, kind));
      return;
    }
    if (!confirmed) context.server.onHandshake(context.source, clock.nowMs());
    later(delay + RTT_MS, () =>
      receive(Math.ceil(request.bytes / SEGMENT_BYTES), INITIAL_WINDOW, MIN_RTO_MS),
    );
  };

  const receive = (left: number, window: number, rtoMs: number): void => {
    const round = Math.min(left, window);
    const acks = Math.ceil(round / 2);
    let delayMs: number | undefined;
    for (let i = 0; i < acks; i++) {
      const delay = cross(context, ACK_BYTES, 0);
      if (delay !== undefined) delayMs = delay;
    }
    if (left <= window) {
      cross(context, ACK_BYTES, 0);
      end(true);
      return;
    }
    // Acknowledgements are cumulative: one of a round is enough.
    if (delayMs === undefined) later(rtoMs, () => receive(left, Math.max(1, window >> 1), rtoMs * 2));
    else later(delayMs + RTT_MS, () => receive(left - round, window * 2, MIN_RTO_MS));
  };

  const upload = (left: number, window: number, rtoMs: number, confirmed: boolean): void => {
    const round = Math.min(left, window);
    let lost = 0;
    let delayMs = 0;
    for (let i = 0; i < round; i++) {
      const delay = cross(context, SEGMENT_FRAME_BYTES, 0);
      if (delay === undefined) lost++;
      else delayMs = delay;
    }
    const arrived = round - lost;
    if (arrived > 0 && !confirmed) context.server.onHandshake(context.source, clock.nowMs());
    const still = left - arrived;
    if (still === 0) {
      later(delayMs + RTT_MS, () => end(true));
    } else if (arrived === 0) {
      later(rtoMs, () => upload(still, 1, rtoMs * 2, confirmed));
    } else {
      const wider = lost > 0 ? Math.max(1, window >> 1) : window + Math.min(window, 20);
      later(delayMs + RTT_MS, () => upload(still, wider, MIN_RTO_MS, true));
    }
  };

  connect(SYN_RTO_MS);
}

/** Sends one frame towards the server over all guarded links on its way: the delay in ms, or undefined when it is lost. */
function cross(context: RequestContext, bytes: number, syns: number): number | undefined {
  const { clock, random, path, server, source } = context;
  let delayMs = RTT_MS / 2;
  for (const link of path) {
    const fluid = link.offer(source, server.address, bytes, 1, syns, clock.nowMs());
    if (fluid === undefined) return undefined;
    const chance = dropChance(fluid, bytes);
    if (chance > 0 && random.next() < chance) {
      link.droppedPackets++;
      return undefined;
    }
    link.deliveredBytes += bytes;
    link.deliveredPackets++;
    link.legitimateBytes += bytes;
    delayMs += fluid.delayMs;
  }
  return delayMs;
}
