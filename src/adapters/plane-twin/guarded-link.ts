import type { AgentId, AwardId, Ipv4, LinkId, RuleId } from '../../protocol/ids.ts';
import type { PlaneRule } from '../../protocol/plane.ts';
import type { GuardedSpec } from './twin-network.ts';

/** Queue of a class with a limit: short, or an old flood would drain for seconds after a change. */
const LIMIT_QUEUE_BYTES = 32_768;

/** One htb class as a fluid: what came in this slice, what waits, which share is lost. */
export interface FluidClass {
  readonly kind: 'flow' | 'target' | 'link' | 'confirmed' | 'default';
  rateBytesPerSec: number;
  readonly queueLimit: number;
  arrived: number;
  arrivedPackets: number;
  /** Mean size of the packets that came in the slice before. */
  meanBytes: number;
  queued: number;
  /** Share of the bytes that were lost in the slice before. */
  loss: number;
  delayMs: number;
}

export interface PairCounters {
  bytes: number;
  packets: number;
  syns: number;
}

/**
 * The egress of a guarded link: blocks, then a class for each packet (flow limit before confirmed sources before target
 * limit before link limit before the rest), each class a fluid queue served per slice.
 */
export class GuardedLink {
  readonly spec: GuardedSpec;
  readonly rules = new Map<RuleId, PlaneRule>();
  readonly pairs = new Map<Ipv4, Map<Ipv4, PairCounters>>();
  readonly confirmedUntil = new Map<Ipv4, number>();
  offeredBytes = 0;
  deliveredBytes = 0;
  deliveredPackets = 0;
  droppedPackets = 0;
  legitimateBytes = 0;
  attackDeliveredBytes = 0;
  attackOfferedBytes = 0;
  #classes = new Map<string, FluidClass>();
  readonly #blockedUntil = new Map<Ipv4, number>();

  constructor(spec: GuardedSpec) {
    this.spec = spec;
    this.#rebuild();
  }

  get link(): LinkId {
    return this.spec.link;
  }

  set(rule: PlaneRule): void {
    // Of rules about the same packets the last applied counts.
    this.remove(rule.rule);
    this.rules.set(rule.rule, rule);
    if (rule.kind === 'block-source') this.#block(rule);
    else this.#rebuild();
  }

  remove(rule: RuleId): void {
    const before = this.rules.get(rule);
    if (before === undefined) return;
    this.rules.delete(rule);
    if (before.kind === 'block-source') this.#unblock(before);
    else this.#rebuild();
  }

  adopt(from: AwardId, to: AwardId, owner: AgentId): void {
    for (const [id, rule] of this.rules)
      if (rule.award === from) this.rules.set(id, { ...rule, award: to, owner });
  }

  /** Rules whose time has come are gone. */
  expire(nowMs: number): void {
    for (const { rule, expiresAtMs } of this.rules.values()) {
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) this.remove(rule);
    }
  }

  isBlocked(source: Ipv4, nowMs: number): boolean {
    return (this.#blockedUntil.get(source) ?? Number.NEGATIVE_INFINITY) > nowMs;
  }

  /** Counts what is offered, before blocks and limits, and answers the class it goes to; undefined when blocked. */
  offer(
    source: Ipv4,
    target: Ipv4,
    bytes: number,
    packets: number,
    syns: number,
    nowMs: number,
  ): FluidClass | undefined {
    this.offeredBytes += bytes;
    let bySource = this.pairs.get(target);
    if (bySource === undefined) {
      bySource = new Map();
      this.pairs.set(target, bySource);
    }
    const counters = bySource.get(source);
    if (counters === undefined) bySource.set(source, { bytes, packets, syns });
    else {
      counters.bytes += bytes;
      counters.packets += packets;
      counters.syns += syns;
    }
    if (this.isBlocked(source, nowMs)) {
      this.droppedPackets += packets;
      return undefined;
    }
    const fluid = this.#classOf(source, target, nowMs);
    fluid.arrived += bytes;
    fluid.arrivedPackets += packets;
    return fluid;
  }

  /** Serves one slice: classes with a limit first up to it, then confirmed sources, then the rest of the capacity. */
  serve(sliceMs: number): void {
    const seconds = sliceMs / 1000;
    let left = this.spec.capacityBytesPerSec * seconds;
    for (const fluid of this.#classes.values()) {
      const limit = Math.min(left, fluid.rateBytesPerSec * seconds);
      const wanted = fluid.queued + fluid.arrived;
      const served = Math.min(wanted, limit);
      left -= served;
      const waiting = wanted - served;
      const lost = Math.max(0, waiting - fluid.queueLimit);
      fluid.loss = fluid.arrived > 0 ? Math.min(1, lost / fluid.arrived) : 0;
      fluid.queued = waiting - lost;
      fluid.delayMs = limit > 0 ? (fluid.queued / limit) * sliceMs : 1000;
      if (fluid.arrivedPackets > 0) fluid.meanBytes = fluid.arrived / fluid.arrivedPackets;
      fluid.arrived = 0;
      fluid.arrivedPackets = 0;
    }
  }

  #classOf(source: Ipv4, target: Ipv4, nowMs: number): FluidClass {
    const classes = this.#classes;
    const flow = classes.get(`flow ${source} ${target}`);
    if (flow !== undefined) return flow;
    const confirmed = classes.get('confirmed');
    if (confirmed !== undefined && (this.confirmedUntil.get(source) ?? 0) > nowMs) return confirmed;
    const found = classes.get(`target ${target}`) ?? classes.get('link') ?? classes.get('default');
    if (found === undefined) throw new RangeError('a link has a default class');
    return found;
  }

  /** Classes in the order in which they are served; those that stay keep their queues. */
  #rebuild(): void {
    const before = this.#classes;
    const classes = new Map<string, FluidClass>();
    const add = (key: string, kind: FluidClass['kind'], rate: number, queueLimit: number) => {
      const kept = before.get(key);
      if (kept === undefined) {
        classes.set(key, {
          kind,
          rateBytesPerSec: rate,
          queueLimit,
          arrived: 0,
          arrivedPackets: 0,
          meanBytes: 60,
          queued: 0,
          loss: 0,
          delayMs: 0,
        });
      } else {
        kept.rateBytesPerSec = rate;
        classes.set(key, kept);
      }
    };
    const rules = [...this.rules.values()];
    const byKind = (kind: PlaneRule['kind']) => rules.filter((rule) => rule.kind === kind);
    for (const { source, target, rateBytesPerSec = 0 } of byKind('limit-flow')) {
      add(`flow ${source} ${target}`, 'flow', rateBytesPerSec, LIMIT_QUEUE_BYTES);
    }
    for (const { target, rateBytesPerSec = 0 } of byKind('limit-target')) {
      add(`target ${target}`, 'target', rateBytesPerSec, LIMIT_QUEUE_BYTES);
    }
    const linkLimit = byKind('limit-link').at(-1);
    if (linkLimit !== undefined) add('link', 'link', linkLimit.rateBytesPerSec ?? 0, LIMIT_QUEUE_BYTES);
    const { capacityBytesPerSec, queueBytes } = this.spec;
    add('confirmed', 'confirmed', capacityBytesPerSec, queueBytes);
    add('default', 'default', capacityBytesPerSec, queueBytes);
    this.#classes = classes;
  }

  #block({ source, expiresAtMs }: PlaneRule): void {
    if (source !== undefined) this.#blockedUntil.set(source, expiresAtMs ?? Number.POSITIVE_INFINITY);
  }

  #unblock({ source }: PlaneRule): void {
    if (source === undefined) return;
    this.#blockedUntil.delete(source);
    // Another rule may block it too.
    for (const rule of this.rules.values()) {
      if (rule.kind === 'block-source' && rule.source === source) this.#block(rule);
    }
  }
}

/**
 * Chance that a class drops a packet. A queue bounded in bytes that is kept full by small packets seldom has room for a large
 * one: with passing share p for a packet of the mean size, the free room is geometrically distributed, and a packet of n
 * times the mean size passes with p^n.
 */
export function dropChance(fluid: FluidClass, bytes: number): number {
  return fluid.loss === 0 ? 0 : 1 - (1 - fluid.loss) ** (bytes / fluid.meanBytes);
}
