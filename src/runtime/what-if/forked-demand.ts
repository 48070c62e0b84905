import type { TwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import type { TwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import { REQUESTS_PER_VCPU } from '../../adapters/infrastructure-twin/unit-model.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { UnitPort } from '../../ports/virtual-link-plane.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { watchedPorts } from '../service-links/watched-ports.ts';
import { Audience } from './audience.ts';
import { type Entry, entryOf } from './entry-of.ts';
import type { SitesFork } from './fork.ts';

/** How often it is seen whether people get through. */
const LOOK_MS = 100;

export interface ForkedDemandOptions {
  readonly demand: SitesFork['demand'];
  readonly clock: Clock;
  readonly random: Random;
  readonly twin: TwinInfrastructure;
  readonly ports: TwinPorts;
  services(): readonly ServiceInstance[];
  isWhole(service: ServiceInstance): boolean;
  /** Nobody looks after any port, though there are services. */
  onUnguarded(): void;
}

/** What is asked of the services of a fork: people who come where they get through, and work that keeps processors busy. */
export class ForkedDemand {
  readonly audiences = new Map<string, Audience>();
  readonly #options: ForkedDemandOptions;

  constructor(options: ForkedDemandOptions) {
    this.#options = options;
  }

  begin(): void {
    const { demand, ports, clock, random: all } = this.#options;
    for (const [number, { service: id, people }] of demand.entries()) {
      const service = this.#options.services().find((each) => each.id === id);
      if (service?.state !== 'INSTANTIATED') continue;
      const random = all.fork(`people of ${id}`);
      this.audiences.set(id, new Audience({ ports, clock, random, number, service: service.name, people }));
      this.#load(service, 1);
    }
    this.#look();
  }

  /** So many times as much is asked of a service. */
  multiply(service: ServiceInstance, factor: number): void {
    const audience = this.audiences.get(service.id);
    audience?.grow(Math.round(audience.people * factor));
    this.#load(service, factor);
  }

  /** The ports that agents look after, and those at which people come in, which nobody may look after. */
  async guard(wanted: readonly UnitPort[]): Promise<readonly UnitPort['link'][]> {
    const all = new Map([...this.#entries(), ...wanted].map((port) => [port.link, port]));
    const guarded = new Set(await this.#options.ports.guard([...all.values()]));
    return wanted.map(({ link }) => link).filter((link) => guarded.has(link));
  }

  stop(): void {
    for (const each of this.audiences.values()) each.stop();
  }

  /** What keeps processors busy, spread over the functions of a service as their processors are. */
  #load(service: ServiceInstance, factor: number): void {
    const { demand: all, twin } = this.#options;
    const demand = all.find((each) => each.service === service.id);
    if (demand === undefined || demand.busyVcpus === 0) return;
    const of = new Map<string, number>();
    let vcpusOfAll = 0;
    for (const { unit } of service.shape.units) {
      of.set(unit.vdu, (of.get(unit.vdu) ?? 0) + unit.demand.vcpus);
      vcpusOfAll += unit.demand.vcpus;
    }
    for (const [vdu, vcpus] of of) {
      const share = vcpusOfAll === 0 ? 0 : vcpus / vcpusOfAll;
      twin.setLoad(service.id, vdu, demand.busyVcpus * factor * share * REQUESTS_PER_VCPU);
    }
  }

  #entries(): readonly Entry[] {
    const services = this.#options.services();
    const ports = watchedPorts(services);
    return services.flatMap((service) => {
      const entry = this.audiences.has(service.id) ? entryOf(service, ports) : undefined;
      return entry === undefined ? [] : [entry];
    });
  }

  /** People come where they get through, and leave where they do not. */
  #look(): void {
    const { clock, ports, isWhole, onUnguarded } = this.#options;
    const services = this.#options.services();
    const guarded = new Set(ports.guardedLinks());
    const entries = watchedPorts(services);
    for (const service of services) {
      const entry = entryOf(service, entries);
      const through = entry !== undefined && guarded.has(entry.link) && isWhole(service);
      this.audiences.get(service.id)?.goTo(through ? entry : undefined);
    }
    if (services.length > 0 && guarded.size === 0) onUnguarded();
    clock.at(clock.nowMs() + LOOK_MS, () => this.#look());
  }
}
