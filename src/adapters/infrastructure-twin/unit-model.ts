import type { RunningUnit, UnitOrder, UnitState, UnitUsage } from '../../ports/infrastructure.ts';

const BYTES_PER_REQUEST = 1500;

/** A unit as a model: what it was ordered with, and what it has used. */
export interface UnitModel {
  readonly order: UnitOrder;
  state: UnitState;
  reason: string | undefined;
  readonly addresses: Readonly<Record<string, string>>;
  /** Requests per second that it is given. */
  load: number;
  cpuSeconds: number;
  bytes: number;
  /** Until when the figures above are true, ms. */
  measuredAtMs: number;
  readonly log: string[];
}

/** How many requests per second a vCPU serves. */
export const REQUESTS_PER_VCPU = 100;

export function newUnit(
  order: UnitOrder,
  addresses: Readonly<Record<string, string>>,
  nowMs: number,
): UnitModel {
  return {
    order,
    state: 'starting',
    reason: undefined,
    addresses,
    load: 0,
    cpuSeconds: 0,
    bytes: 0,
    measuredAtMs: nowMs,
    log: [`${nowMs} starting on ${order.host}`],
  };
}

/** Processor time follows load, up to what the unit has. */
export function passTime(unit: UnitModel, nowMs: number): void {
  const forS = Math.max(0, nowMs - unit.measuredAtMs) / 1000;
  unit.measuredAtMs = nowMs;
  if (unit.state !== 'running') return;
  unit.cpuSeconds += busyVcpus(unit) * forS;
  unit.bytes += unit.load * BYTES_PER_REQUEST * forS;
}

function busyVcpus({ order, load }: UnitModel): number {
  return Math.min(order.unit.demand.vcpus, load / REQUESTS_PER_VCPU);
}

export function usageOf(unit: UnitModel): UnitUsage {
  const share = order(unit) === 0 ? 0 : busyVcpus(unit) / order(unit);
  return {
    id: unit.order.id,
    cpuSeconds: unit.cpuSeconds,
    memoryMib: unit.order.unit.demand.memoryMib * (0.1 + 0.6 * share),
    receivedBytes: Math.round(unit.bytes),
    sentBytes: Math.round(unit.bytes),
    receivedPackets: Math.round(unit.bytes / BYTES_PER_REQUEST),
    sentPackets: Math.round(unit.bytes / BYTES_PER_REQUEST),
  };
}

function order(unit: UnitModel): number {
  return unit.order.unit.demand.vcpus;
}

export function runningUnit(unit: UnitModel): RunningUnit {
  const { order: ordered, state, addresses, reason } = unit;
  return {
    id: ordered.id,
    service: ordered.service,
    host: ordered.host,
    state,
    addresses,
    ...(reason === undefined ? {} : { reason }),
  };
}
