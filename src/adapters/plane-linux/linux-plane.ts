import type { Clock } from '../../ports/clock.ts';
import type { DataPlane } from '../../ports/data-plane.ts';
import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import { Ipv4Schema } from '../../protocol/ids.ts';
import type {
  Outcome,
  PlaneCommand,
  PlaneQuery,
  PlaneReading,
  PlaneRule,
  SourceCounters,
} from '../../protocol/plane.ts';
import type { Guard } from './guard.ts';
import type { PeerReading } from './server-host.ts';

const MAX_ENTRIES = 2048;
const MAX_CONFIRMED = 4096;

/** What can be seen of the TCP of whoever is behind a link. */
export interface Behind {
  /** The one destination that is told of, whether anything goes there or not; undefined: all that something goes to. */
  readonly only?: string;
  /** Undefined: it is not one whose TCP can be seen. */
  read(target: string): Promise<PeerReading> | undefined;
  /** Sources with a handshake confirmed within the last 30 s. */
  recent(): Promise<readonly string[]>;
}

export interface LinuxPlaneState {
  readonly clock: Clock;
  readonly guards: ReadonlyMap<LinkId, Guard>;
  behind(link: LinkId): Behind;
  readonly addresses: ReadonlyMap<NodeName, Ipv4>;
  isOpen(): boolean;
}

/** Real packets as agents see them. Concurrent reads of the same thing are one read. */
export function createLinuxPlane(state: LinuxPlaneState): DataPlane {
  const reading = new Map<string, Promise<PlaneReading>>();
  const queue = createCommandQueue();
  const answer = <T>(work: () => Promise<T>, done: (outcome: Outcome<T>) => void) => {
    if (!state.isOpen()) {
      setImmediate(() => done({ ok: false, error: 'the data plane is not up' }));
      return;
    }
    work().then(
      (value) => done({ ok: true, value }),
      (error: unknown) => done({ ok: false, error: error instanceof Error ? error.message : String(error) }),
    );
  };
  return {
    kind: 'linux',
    execute: (command, done) =>
      answer(() => queue(command, () => execute(state, command)).then(() => null), done),
    measure: (query, done) => {
      const key = JSON.stringify(query);
      answer(() => {
        const running = reading.get(key);
        if (running !== undefined) return running;
        const begun = measure(state, query).finally(() => reading.delete(key));
        reading.set(key, begun);
        return begun;
      }, done);
    },
    guardedLinks: () => [...state.guards.keys()],
    addressOf: (node) => state.addresses.get(node),
  };
}

/**
 * Commands about one rule take effect in the order in which they were given, those about different rules together; an adoption
 * waits for all before it, and all after it wait for the adoption.
 */
function createCommandQueue(): (command: PlaneCommand, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  let barrier: Promise<void> = Promise.resolve();
  return (command, work) => {
    if (command.kind === 'confirm-sources') return work();
    if (command.kind === 'adopt-rules') {
      const before = Promise.allSettled([barrier, ...last.values()]);
      const running = before.then(work);
      barrier = running.catch(() => {});
      return running;
    }
    const { rule } = command;
    const running = Promise.allSettled([barrier, last.get(rule)]).then(work);
    const settled = running
      .catch(() => {})
      .then(() => {
        if (last.get(rule) === settled) last.delete(rule);
      });
    last.set(rule, settled);
    return running;
  };
}

function guardOf(state: LinuxPlaneState, link: LinkId): Guard {
  const guard = state.guards.get(link);
  if (guard === undefined) throw new Error(`${link} is not a link with a stated capacity`);
  return guard;
}

async function execute(state: LinuxPlaneState, command: PlaneCommand): Promise<void> {
  if (command.kind === 'remove-rule') {
    for (const guard of state.guards.values()) {
      const held = guard.rules.get(command.rule)?.award;
      if (command.award === undefined || command.award === held) await guard.remove(command.rule);
    }
    return;
  }
  if (command.kind === 'adopt-rules') {
    const { fromAward, toAward: award, owner } = command;
    for (const guard of state.guards.values()) {
      for (const [id, rule] of guard.rules) {
        if (rule.award === fromAward) guard.rules.set(id, { ...rule, award, owner });
      }
    }
    return;
  }
  const guard = guardOf(state, command.link);
  if (command.kind === 'confirm-sources') {
    await guard.confirm(command.sources, command.ttlMs);
    return;
  }
  for (const other of state.guards.values()) if (other !== guard) await other.remove(command.rule);
  const before = guard.rules.get(command.rule);
  if (before !== undefined && !sameMatch(before, command)) await guard.remove(command.rule);
  if (command.kind === 'block-source') {
    const { ttlMs, ...rule } = command;
    await guard.apply({ ...rule, expiresAtMs: state.clock.nowMs() + ttlMs }, ttlMs);
  } else {
    const rule: PlaneRule = command;
    await guard.apply(rule);
  }
}

/** Whether a rule matches the same packets, so that its class can simply be changed. */
function sameMatch(
  rule: PlaneRule,
  command: Exclude<PlaneCommand, { kind: 'remove-rule' | 'adopt-rules' }>,
): boolean {
  if (rule.kind !== command.kind) return false;
  if ('source' in command && rule.source !== command.source) return false;
  return !('target' in command) || rule.target === command.target;
}

async function measure(state: LinuxPlaneState, query: PlaneQuery): Promise<PlaneReading> {
  if (query.kind === 'rules') {
    const nowMs = state.clock.nowMs();
    const entries = [...state.guards.values()].flatMap((guard) => {
      guard.expire(nowMs);
      return [...guard.rules.values()];
    });
    return { kind: 'rules', entries };
  }
  const guard = guardOf(state, query.link);
  const behind = state.behind(query.link);
  switch (query.kind) {
    case 'link-load': {
      const { offered, delivered, dropped } = await guard.load();
      return {
        kind: 'link-load',
        offeredBytes: offered.bytes,
        deliveredBytes: delivered.bytes,
        deliveredPackets: delivered.packets,
        droppedPackets: dropped,
      };
    }
    case 'destinations':
      return destinations(behind, guard);
    case 'sources':
      return sources(behind, guard, query.target);
    case 'confirmed': {
      const all = [...new Set(await behind.recent())].flatMap(
        (each) => Ipv4Schema.safeParse(each).data ?? [],
      );
      return {
        kind: 'confirmed',
        sources: all.slice(0, MAX_CONFIRMED),
        truncated: all.length > MAX_CONFIRMED,
      };
    }
    default:
      return query satisfies never;
  }
}

async function destinations(behind: Behind, guard: Guard): Promise<PlaneReading> {
  const { all, syns } = await guard.pairs();
  const nothing = () => ({ bytes: 0, packets: 0, syns: 0 });
  const { only } = behind;
  const targets = new Map(only === undefined ? [] : [[only, nothing()]]);
  for (const [key, counted] of all) {
    const target = key.split(' ')[1] ?? '';
    if (only !== undefined && target !== only) continue;
    const sum = targets.get(target) ?? nothing();
    sum.bytes += counted.bytes;
    sum.packets += counted.packets;
    sum.syns += syns.get(key)?.packets ?? 0;
    targets.set(target, sum);
  }
  const entries = await Promise.all(
    [...targets].slice(0, MAX_ENTRIES).map(async ([target, sum]) => {
      const peers = await behind.read(target);
      const total = (map: ReadonlyMap<string, number> | undefined) =>
        [...(map?.values() ?? [])].reduce((a, b) => a + b, 0);
      return {
        target: Ipv4Schema.parse(target),
        ...sum,
        synAcks: total(peers?.synAcks),
        confirmed: total(peers?.confirmed),
        halfOpen: total(peers?.halfOpen),
        cookies: peers?.cookies ?? 0,
      };
    }),
  );
  return { kind: 'destinations', entries, truncated: targets.size > MAX_ENTRIES };
}

async function sources(behind: Behind, guard: Guard, target: Ipv4): Promise<PlaneReading> {
  const [{ all, syns }, peers] = await Promise.all([guard.pairs(), behind.read(target)]);
  const entries: SourceCounters[] = [];
  for (const [key, counted] of all) {
    const [source = '', destination] = key.split(' ');
    if (destination !== target) continue;
    entries.push({
      source: Ipv4Schema.parse(source),
      bytes: counted.bytes,
      packets: counted.packets,
      syns: syns.get(key)?.packets ?? 0,
      synAcks: peers?.synAcks.get(source) ?? 0,
      confirmed: peers?.confirmed.get(source) ?? 0,
      halfOpen: peers?.halfOpen.get(source) ?? 0,
    });
  }
  const truncated = entries.length > MAX_ENTRIES;
  if (truncated) entries.sort((a, b) => b.syns - a.syns);
  return { kind: 'sources', entries: entries.slice(0, MAX_ENTRIES), truncated };
}
