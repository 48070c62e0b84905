import type { Random } from '../../ports/random.ts';
import type { Ipv4 } from '../../protocol/ids.ts';
import type { GuardedLink } from './guarded-link.ts';
import type { ServerModel } from './server-model.ts';

/** A SYN as hping3 sends it: Ethernet, IP and TCP headers without options. */
export const FLOOD_FRAME_BYTES = 54;

/** One attacking source: how many SYNs it sends in each slice, and how many of them get through. */
export class FloodSource {
  readonly address: Ipv4;
  readonly #ratePps: number;
  readonly #path: readonly GuardedLink[];
  readonly #server: ServerModel;
  readonly #random: Random;
  readonly untilMs: number;
  #owed = 0;
  #through = 0;

  constructor(
    address: Ipv4,
    ratePps: number,
    untilMs: number,
    path: readonly GuardedLink[],
    server: ServerModel,
    random: Random,
  ) {
    this.address = address;
    this.#ratePps = ratePps;
    this.untilMs = untilMs;
    this.#path = path;
    this.#server = server;
    this.#random = random;
    this.#owed = random.next();
  }

  send(sliceMs: number, nowMs: number): void {
    // A process that sleeps between packets is not even: plus or minus a fifth in each slice.
    this.#owed += ((this.#ratePps * sliceMs) / 1000) * (0.8 + 0.4 * this.#random.next());
    const count = Math.floor(this.#owed);
    if (count === 0) return;
    this.#owed -= count;
    let through = count;
    for (const link of this.#path) {
      const bytes = through * FLOOD_FRAME_BYTES;
      link.attackOfferedBytes += bytes;
      const fluid = link.offer(this.address, this.#server.address, bytes, through, through, nowMs);
      if (fluid === undefined) return;
      const lost = through * fluid.loss;
      through -= lost;
      link.droppedPackets += lost;
      link.deliveredBytes += through * FLOOD_FRAME_BYTES;
      link.deliveredPackets += through;
      link.attackDeliveredBytes += through * FLOOD_FRAME_BYTES;
    }
    this.#through += through;
    const whole = Math.floor(this.#through);
    this.#through -= whole;
    this.#server.onFloodSyns(this.address, whole, nowMs);
  }
}
