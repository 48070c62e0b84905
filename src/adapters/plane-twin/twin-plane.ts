import type { Clock } from '../../ports/clock.ts';
import type { DataPlane } from '../../ports/data-plane.ts';
import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import type {
  DestinationCounters,
  Outcome,
  PlaneCommand,
  PlaneQuery,
  PlaneReading,
  PlaneRule,
  SourceCounters,
} from '../../protocol/plane.ts';
import type { GuardedLink } from './guarded-link.ts';
import type { ServerModel } from './server-model.ts';
import { CONFIRMED_FOR_MS } from './server-model.ts';

const COMMAND_MS = 1;
const READING_MS = 2;
const MAX_ENTRIES = 2048;
const MAX_CONFIRMED = 4096;

export interface TwinPlaneState {
  readonly clock: Clock;
  readonly links: ReadonlyMap<LinkId, GuardedLink>;
  /** Undefined: a destination behind that link whose TCP cannot be seen. */
  serverOf(link: LinkId, target: Ipv4): ServerModel | undefined;
  /** The one destination behind a link that is told of, whether anything goes there or not; undefined: all that something goes to. */
  onlyBehind(link: LinkId): Ipv4 | undefined;
  readonly addresses: ReadonlyMap<NodeName, Ipv4>;
  isOpen(): boolean;
}

/** The twin as agents see it: commands and readings, answered a moment later on the virtual clock. */
export function createTwinPlane(state: TwinPlaneState): DataPlane {
  const { clock } = state;
  return {
    kind: 'twin',
    execute: (command, done) => {
      clock.at(clock.nowMs() + COMMAND_MS, () => done(state.isOpen() ? execute(state, command) : GONE));
    },
    measure: (query, done) => {
      clock.at(clock.nowMs() + READING_MS, () => done(state.isOpen() ? measure(state, query) : GONE));
    },
    guardedLinks: () => [...state.links.keys()],
    addressOf: (node) => state.addresses.get(node),
  };
}

const GONE = { ok: false, error: 'the data plane is not up' } as const;
const DONE = { ok: true, value: null } as const;

function execute(state: TwinPlaneState, command: PlaneCommand): Outcome<null> {
  const nowMs = state.clock.nowMs();
  if (command.kind === 'remove-rule') {
    for (const link of state.links.values()) {
      const held = link.rules.get(command.rule)?.award;
      if (command.award === undefined || command.award === held) link.remove(command.rule);
    }
    return DONE;
  }
  if (command.kind === 'adopt-rules') {
    for (const link of state.links.values()) link.adopt(command.fromAward, command.toAward, command.owner);
    return DONE;
  }
  const link = state.links.get(command.link);
  if (link === undefined) return { ok: false, error: `${command.link} is not a link with a stated capacity` };
  if (command.kind === 'confirm-sources') {
    for (const source of command.sources) link.confirmedUntil.set(source, nowMs + command.ttlMs);
    return DONE;
  }
  for (const other of state.links.values()) if (other !== link) other.remove(command.rule);
  link.set(ruleOf(command, nowMs));
  return DONE;
}

type RuleCommand = Extract<PlaneCommand, { award: unknown; link: unknown }>;

function ruleOf(command: RuleCommand, nowMs: number): PlaneRule {
  const { rule, kind, award, owner, link } = command;
  const base = { rule, kind, award, owner, link };
  switch (command.kind) {
    case 'limit-link':
      return { ...base, rateBytesPerSec: command.rateBytesPerSec };
    case 'limit-target':
      return { ...base, target: command.target, rateBytesPerSec: command.rateBytesPerSec };
    case 'limit-flow':
      return {
        ...base,
        source: command.source,
        target: command.target,
        rateBytesPerSec: command.rateBytesPerSec,
      };
    case 'block-source':
      return { ...base, source: command.source, expiresAtMs: nowMs + command.ttlMs };
    default:
      return command satisfies never;
  }
}

function measure(state: TwinPlaneState, query: PlaneQuery): Outcome<PlaneReading> {
  if (query.kind === 'rules') {
    const entries = [...state.links.values()].flatMap((link) => {
      link.expire(state.clock.nowMs());
      return [...link.rules.values()];
    });
    return { ok: true, value: { kind: 'rules', entries } };
  }
  const link = state.links.get(query.link);
  if (link === undefined) return { ok: false, error: `${query.link} is not a link with a stated capacity` };
  switch (query.kind) {
    case 'link-load': {
      const { offeredBytes, deliveredBytes, deliveredPackets, droppedPackets } = link;
      return {
        ok: true,
        value: { kind: 'link-load', offeredBytes, deliveredBytes, deliveredPackets, droppedPackets },
      };
    }
    case 'destinations':
      return { ok: true, value: destinations(state, link) };
    case 'sources':
      return { ok: true, value: sources(state, link, query.target) };
    case 'confirmed':
      return { ok: true, value: confirmed(state, link) };
    default:
      return query satisfies never;
  }
}

function destinations(state: TwinPlaneState, link: GuardedLink): PlaneReading {
  const entries: DestinationCounters[] = [];
  const only = state.onlyBehind(link.link);
  const told = only === undefined ? [...link.pairs] : [[only, link.pairs.get(only) ?? new Map()] as const];
  for (const [target, bySource] of told) {
    let bytes = 0;
    let packets = 0;
    let syns = 0;
    for (const pair of bySource.values()) {
      bytes += pair.bytes;
      packets += pair.packets;
      syns += pair.syns;
    }
    const server = state.serverOf(link.link, target);
    entries.push({
      target,
      bytes,
      packets,
      syns,
      synAcks: server?.synAcks ?? 0,
      confirmed: server?.confirmed ?? 0,
      halfOpen: server?.halfOpen ?? 0,
      cookies: server?.cookies ?? 0,
    });
  }
  return { kind: 'destinations', ...bounded(entries) };
}

function sources(state: TwinPlaneState, link: GuardedLink, target: Ipv4): PlaneReading {
  const server = state.serverOf(link.link, target);
  const entries: SourceCounters[] = [];
  for (const [source, { bytes, packets, syns }] of link.pairs.get(target) ?? []) {
    const peer = server?.peers.get(source);
    entries.push({
      source,
      bytes,
      packets,
      syns,
      synAcks: peer?.synAcks ?? 0,
      confirmed: peer?.confirmed ?? 0,
      halfOpen: peer?.halfOpen ?? 0,
    });
  }
  return { kind: 'sources', ...bounded(entries) };
}

function bounded<T extends { syns: number }>(entries: T[]): { entries: T[]; truncated: boolean } {
  if (entries.length <= MAX_ENTRIES) return { entries, truncated: false };
  entries.sort((a, b) => b.syns - a.syns);
  return { entries: entries.slice(0, MAX_ENTRIES), truncated: true };
}

function confirmed(state: TwinPlaneState, link: GuardedLink): PlaneReading {
  const since = state.clock.nowMs() - CONFIRMED_FOR_MS;
  const found: Ipv4[] = [];
  for (const target of link.pairs.keys()) {
    for (const [source, peer] of state.serverOf(link.link, target)?.peers ?? []) {
      if (peer.confirmedAtMs >= since && !found.includes(source)) found.push(source);
    }
  }
  const truncated = found.length > MAX_CONFIRMED;
  return { kind: 'confirmed', sources: found.slice(0, MAX_CONFIRMED), truncated };
}
