import { createHmac } from 'node:crypto';
import type { Flow } from '../../core/chaining/share-flows.ts';
import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ChainOrder,
  ExecResult,
  Infrastructure,
  RunningUnit,
  UnitOrder,
} from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import { anyFlow, type Hop, wayOf } from './flow-ways.ts';
import { type Stamp, stamp } from './stamps.ts';
import { askAsClient, orderedStampKey } from './twin-client.ts';
import { newUnit, passTime, runningUnit, type UnitModel, usageOf } from './unit-model.ts';

export interface TwinInfrastructureOptions {
  /** From the order until a unit runs and answers. */
  readonly startDelayMs?: number;
  /** What a command within a unit answers; absent: it does nothing and succeeds. */
  exec?(unit: string, command: readonly string[]): Partial<ExecResult>;
  /** How many of the addresses that it gives are somebody's already: absent, none. */
  readonly addressesTaken?: number;
}

/** What a nonce brings back from its way through a chain and home again. */
export interface Journey {
  readonly nonce: string;
  readonly request: readonly Stamp[];
  readonly reply: readonly Stamp[];
}

/** Infrastructure whose units are models on a clock. What it does is what it is told, at the same times in every run. */
export interface TwinInfrastructure extends Infrastructure {
  /** Requests per second of a VDU of a service, shared out among its units that run. */
  setLoad(service: string, vdu: string, requestsPerSec: number): void;
  /** A unit ends by itself. */
  fail(unit: string, reason: string): void;
  /** Units ordered from now on for this VDU fail instead of running; undefined: they run again. */
  spoil(vdu: string, reason: string | undefined): void;
  /** A host is cut off: its units go on, and nobody hears of them or can tell them anything. */
  cutOff(host: string): void;
  putBack(host: string): void;
  /** Sends a nonce through a chain, as a flow of its own unless one is given; undefined: there is no such chain, or it is broken. */
  send(chain: string, nonce: string, flow?: Flow): Journey | undefined;
  /** The key a unit stamps with, for who checks. */
  keyOf(unit: string): Uint8Array | undefined;
  chains(): readonly ChainOrder[];
  addressesOf(unit: string): readonly string[];
  /** Undefined: there is no such interface, or its unit does not run. */
  portOf(unit: string, interfaceName: string): TwinPort | undefined;
}

/** Where a unit is joined to a virtual link. */
export interface TwinPort {
  readonly host: string;
  readonly address: string;
}

const USUAL_START_MS = 200;
const LONGEST_LOG = 1000;

export function createTwinInfrastructure(
  clock: Clock,
  options: TwinInfrastructureOptions = {},
): TwinInfrastructure {
  const units = new Map<string, UnitModel>();
  const chains = new Map<string, ChainOrder>();
  const loads = new Map<string, number>();
  const spoiled = new Map<string, string>();
  const cut = new Set<string>();
  const listeners = new Set<(unit: RunningUnit) => void>();
  let addresses = options.addressesTaken ?? 0;

  const tell = (unit: UnitModel): void => {
    if (cut.has(unit.order.host)) return;
    for (const listener of listeners) listener(runningUnit(unit));
  };
  const reachable = (host: string): void => {
    if (!cut.has(host)) return;
    throw new MusterError('PLANE_FAILED', `the host ${host} does not answer`, { hint: 'muster status' });
  };
  const note = (unit: UnitModel, text: string): void => {
    unit.log.push(`${clock.nowMs()} ${text}`);
    if (unit.log.length > LONGEST_LOG) unit.log.shift();
  };
  const enter = (unit: UnitModel, state: UnitModel['state'], reason?: string): void => {
    passTime(unit, clock.nowMs());
    unit.state = state;
    unit.reason = reason;
    note(unit, reason === undefined ? state : `${state}: ${reason}`);
    shareOut(unit.order.service, unit.order.unit.vdu);
    tell(unit);
  };
  /** Load goes to the units that run, in equal parts. */
  const shareOut = (service: string, vdu: string): void => {
    const all = [...units.values()].filter(
      ({ order }) => order.service === service && order.unit.vdu === vdu,
    );
    const running = all.filter(({ state }) => state === 'running');
    for (const each of all) {
      passTime(each, clock.nowMs());
      each.load = each.state === 'running' ? (loads.get(`${service}/${vdu}`) ?? 0) / running.length : 0;
    }
  };
  const found = (id: string): UnitModel => {
    const unit = units.get(id);
    if (unit === undefined)
      throw new MusterError('NOT_FOUND', `no unit ${id} runs`, { hint: 'muster service describe' });
    reachable(unit.order.host);
    return unit;
  };
  const keyOf = (id: string) => {
    const unit = units.get(id);
    if (unit === undefined) return undefined;
    return orderedStampKey(unit.order)?.key ?? createHmac('sha256', 'twin').update(id).digest();
  };
  const through = (hops: readonly Hop[], nonce: string, direction: 'request' | 'reply') => {
    const stamps: Stamp[] = [];
    for (const { unit, ingress, egress } of hops) {
      const model = units.get(unit);
      const key = keyOf(unit);
      if (key === undefined || model?.state !== 'running' || cut.has(model.order.host)) return undefined;
      stamps.push(stamp(key, { unit, ingress, egress }, nonce, stamps, direction));
    }
    return stamps;
  };

  const addressesOf = (id: string) =>
    Object.values(units.get(id)?.addresses ?? {}).map((each) => each.split('/')[0] ?? each);
  const send = (id: string, nonce: string, given?: Flow): Journey | undefined => {
    const chain = chains.get(id);
    if (chain === undefined) return undefined;
    const way = wayOf(chain, given ?? anyFlow(chain.match, nonce), addressesOf);
    const request = through(way, nonce, 'request');
    const home = way
      .toReversed()
      .map(({ unit, ingress, egress }) => ({ unit, ingress: egress, egress: ingress }));
    const reply = request && through(home, nonce, 'reply');
    return request === undefined || reply === undefined ? undefined : { nonce, request, reply };
  };
  const world = {
    clock,
    orders: () => [...units.values()].map(({ order }) => order),
    chains: () => [...chains.values()],
    send,
  };

  return {
    kind: 'twin',
    start: async (order) => {
      reachable(order.host);
      const before = units.get(order.id);
      if (before !== undefined && before.state !== 'failed' && before.state !== 'stopped')
        return runningUnit(before);
      const unit = newUnit(order, before?.addresses ?? addressesFor(order, () => ++addresses), clock.nowMs());
      units.set(order.id, unit);
      clock.at(clock.nowMs() + (options.startDelayMs ?? USUAL_START_MS), () => {
        if (units.get(order.id) !== unit || unit.state !== 'starting') return;
        const spoilt = spoiled.get(order.unit.vdu);
        enter(unit, spoilt === undefined ? 'running' : 'failed', spoilt);
      });
      return runningUnit(unit);
    },
    stop: async (id) => {
      const unit = units.get(id);
      if (unit === undefined) return;
      reachable(unit.order.host);
      units.delete(id);
      shareOut(unit.order.service, unit.order.unit.vdu);
    },
    list: async () => [...units.values()].filter(({ order }) => !cut.has(order.host)).map(runningUnit),
    setChain: async (order) => {
      for (const unit of order.hops.flatMap(unitsOfHop)) found(unit);
      chains.set(order.id, order);
    },
    removeChain: async (id) => {
      chains.delete(id);
    },
    usage: async (id) => {
      const unit = found(id);
      passTime(unit, clock.nowMs());
      return usageOf(unit);
    },
    exec: async (id, command) => {
      const unit = found(id);
      note(unit, `exec ${command[0] ?? ''}`);
      const { image } = unit.order;
      const isClient = 'catalogue' in image && image.catalogue === 'client';
      if (options.exec === undefined && isClient) return askAsClient(unit.order, command, world);
      return { exitCode: 0, stdout: '', stderr: '', ...options.exec?.(id, command) };
    },
    logs: async (id, maxBytes) => found(id).log.join('\n').slice(-maxBytes),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setLoad: (service, vdu, requestsPerSec) => {
      loads.set(`${service}/${vdu}`, requestsPerSec);
      shareOut(service, vdu);
    },
    fail: (id, reason) => enter(found(id), 'failed', reason),
    spoil: (vdu, reason) => {
      if (reason === undefined) spoiled.delete(vdu);
      else spoiled.set(vdu, reason);
    },
    cutOff: (host) => {
      cut.add(host);
    },
    putBack: (host) => {
      cut.delete(host);
    },
    send,
    keyOf,
    chains: world.chains,
    addressesOf,
    portOf: (id, name) => {
      const unit = units.get(id);
      const address = unit?.addresses[name];
      if (unit?.state !== 'running' || address === undefined) return undefined;
      return { host: unit.order.host, address: address.split('/')[0] ?? address };
    },
  };
}

/** Addresses that were ordered, and others in their turn for interfaces of which nothing is said. */
function addressesFor(order: UnitOrder, next: () => number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    order.interfaces.map(({ name, address }) => {
      const n = address === undefined ? next() : 0;
      return [name, address ?? `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`];
    }),
  );
}
