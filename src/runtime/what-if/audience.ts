import type { TwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { RequestRecord } from '../../ports/testbed.ts';
import { type Ipv4, ipv4 } from '../../protocol/ids.ts';
import { UserGroupSchema } from '../../protocol/scenario.ts';
import type { Entry } from './entry-of.ts';

export interface AudienceOptions {
  readonly ports: TwinPorts;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the addresses of its people and attackers: no other audience has it. */
  readonly number: number;
  /** Name of the service. */
  readonly service: string;
  readonly people: number;
}

/** Shared address space and benchmarking (RFC 6598, RFC 2544): nobody's in a network. */
const people = (audience: number, n: number): Ipv4 =>
  ipv4(`100.${64 + (audience % 64)}.${1 + (n >> 8)}.${n & 255}`);
const attacker = (audience: number, n: number): Ipv4 => ipv4(`198.18.${audience & 255}.${1 + n}`);

/** People who ask one service for pages, and who attacks it: they go where its flows lead, while they lead anywhere. */
export class Audience {
  readonly requests: RequestRecord[] = [];
  readonly users = new Set<Ipv4>();
  readonly attackers: Ipv4[] = [];
  readonly #options: AudienceOptions;
  #people: number;
  #attack: { readonly sources: number; readonly ratePps: number; readonly untilMs: number } | undefined;
  #at: Entry | undefined;
  #leave: (() => void)[] = [];
  #times = 0;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.#people = options.people;
  }

  get people(): number {
    return this.#people;
  }

  /** Where they are; undefined: nothing answers. */
  get at(): Entry | undefined {
    return this.#at;
  }

  /** So many from now on. */
  grow(count: number): void {
    const more = Math.max(0, count - this.#people);
    const from = this.#people;
    this.#people += more;
    if (this.#at !== undefined) this.#come(this.#at, from, this.#people);
  }

  attack(sources: number, ratePps: number, untilMs: number): void {
    this.#attack = { sources, ratePps, untilMs };
    const { number } = this.#options;
    for (let n = 0; n < sources; n++) this.attackers.push(attacker(number, n));
    if (this.#at !== undefined) this.#flood(this.#at);
  }

  /** Its port is guarded; undefined: it cannot be reached. */
  goTo(entry: Entry | undefined): void {
    const same = entry?.unit === this.#at?.unit && entry?.interface === this.#at?.interface;
    if (same) return;
    this.stop();
    this.#at = entry;
    if (entry === undefined) return;
    this.#times++;
    this.#come(entry, 0, this.#people);
    this.#flood(entry);
  }

  stop(): void {
    for (const leave of this.#leave) leave();
    this.#leave = [];
    this.#at = undefined;
  }

  #come(to: Entry, from: number, until: number): void {
    const { ports, random, number } = this.#options;
    const group = UserGroupSchema.parse({
      behaviour: 'page',
      name: 'people',
      count: Math.max(1, this.#people),
      at: ['everywhere'],
      target: 'service',
    });
    for (let n = from; n < until; n++) {
      const address = people(number, n);
      this.users.add(address);
      const own = random.fork(`${address} ${this.#times}`);
      this.#leave.push(ports.user(to, address, group, own, (request) => this.requests.push(request)));
    }
  }

  #flood(to: Entry): void {
    const { ports, clock, random } = this.#options;
    if (this.#attack === undefined || this.#attack.untilMs <= clock.nowMs()) return;
    const { ratePps, untilMs } = this.#attack;
    for (const source of this.attackers)
      ports.flood(to, source, ratePps, untilMs, random.fork(`${source} ${this.#times}`));
  }
}
