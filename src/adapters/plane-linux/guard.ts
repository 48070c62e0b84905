import { z } from 'zod';
import type { Ipv4 } from '../../protocol/ids.ts';
import type { PlaneRule } from '../../protocol/plane.ts';
import { runIn } from './run-tool.ts';
import type { Wire } from './topology.ts';

/** Queue of a class with a limit: short, or an old flood would drain for seconds after a change. */
const LIMIT_QUEUE_BYTES = 32_768;
const DEFAULT_CLASS = '1:10';
const CONFIRMED_CLASS = '1:11';

export interface Counted {
  readonly bytes: number;
  readonly packets: number;
}

/** `source destination`, as the counting sets are keyed. */
export type PairKey = `${string} ${string}`;

/**
 * The egress of a guarded link: an htb tree that shapes, and an nft table that counts, blocks, and says by packet priority
 * which class a packet goes to. Changes are put together in one nft transaction and done in order.
 */
export class Guard {
  readonly wire: Wire;
  readonly capacityBytesPerSec: number;
  readonly rules = new Map<string, PlaneRule>();
  readonly #queueBytes: number;
  readonly #classes = new Map<string, number>();
  #pending: { text: string; done: (error?: Error) => void }[] = [];
  #writing = false;
  #nextClass = 0x20;

  constructor(wire: Wire, capacityBytesPerSec: number, queueBytes: number) {
    this.wire = wire;
    this.capacityBytesPerSec = capacityBytesPerSec;
    this.#queueBytes = queueBytes;
  }

  async install(): Promise<void> {
    const { fromDevice: dev } = this.wire;
    const share = (part: number) => bits(this.capacityBytesPerSec * part);
    const all = bits(this.capacityBytesPerSec);
    const queue = this.#queueBytes;
    await this.#tc([
      `qdisc add dev ${dev} root handle 1: htb default 10 r2q 1000`,
      `class add dev ${dev} parent 1: classid 1:1 htb rate ${all} burst 3k cburst 3k`,
      `class add dev ${dev} parent 1:1 classid ${DEFAULT_CLASS} htb rate ${share(0.2)} ceil ${all} burst 3k cburst 3k quantum 1514 prio 1`,
      `class add dev ${dev} parent 1:1 classid ${CONFIRMED_CLASS} htb rate ${share(0.3)} ceil ${all} burst 3k cburst 3k quantum 1514 prio 0`,
      `qdisc add dev ${dev} parent ${DEFAULT_CLASS} handle 10: bfifo limit ${queue}`,
      `qdisc add dev ${dev} parent ${CONFIRMED_CLASS} handle 11: bfifo limit ${queue}`,
    ]);
    await runIn(this.wire.fromNamespace, ['nft', '-f', '-'], nftTable(dev));
  }

  /** Applies a rule, in place of one with the same id. */
  async apply(rule: PlaneRule, ttlMs?: number): Promise<void> {
    if (rule.kind === 'block-source') {
      const address = `${rule.source}`;
      await this.#nft(
        `add element netdev muster blocked { ${address} }\ndelete element netdev muster blocked { ${address} }\nadd element netdev muster blocked { ${address} timeout ${ttlMs ?? 1000}ms }\n`,
      );
    } else {
      const id = await this.#classFor(rule);
      const text = priorityOf(rule, `1:${id.toString(16)}`);
      await this.#nft(text);
    }
    this.rules.set(rule.rule, rule);
  }

  async remove(ruleId: string): Promise<void> {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return;
    if (rule.kind === 'block-source') {
      await this.#nft(
        `add element netdev muster blocked { ${rule.source} }\ndelete element netdev muster blocked { ${rule.source} }\n`,
      );
    } else {
      await this.#nft(noPriorityOf(rule));
      const id = this.#classes.get(ruleId);
      this.#classes.delete(ruleId);
      const { fromDevice: dev } = this.wire;
      if (id !== undefined) await this.#tc([`class del dev ${dev} parent 1:1 classid 1:${id.toString(16)}`]);
    }
    this.rules.delete(ruleId);
  }

  async confirm(sources: readonly Ipv4[], ttlMs: number): Promise<void> {
    if (sources.length === 0) return;
    const plain = sources.join(', ');
    const timed = sources.map((each) => `${each} timeout ${ttlMs}ms`).join(', ');
    await this.#nft(
      `add element netdev muster confirmed { ${plain} }\ndelete element netdev muster confirmed { ${plain} }\nadd element netdev muster confirmed { ${timed} }\n`,
    );
  }

  expire(nowMs: number): void {
    for (const [id, { expiresAtMs }] of this.rules) {
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) this.rules.delete(id);
    }
  }

  /** Offered (before blocks) and delivered, in frames. */
  async load(): Promise<{ offered: Counted; delivered: Counted; dropped: number }> {
    const { fromNamespace, fromDevice } = this.wire;
    const [text, link] = await Promise.all([
      runIn(fromNamespace, ['nft', '-j', 'list', 'counters', 'table', 'netdev', 'muster']),
      runIn(fromNamespace, ['ip', '-s', '-j', 'link', 'show', 'dev', fromDevice]),
    ]);
    const counters = parseNft(text).flatMap((each) => (each.counter === undefined ? [] : [each.counter]));
    const offered = counters.find((each) => each.name === 'offered') ?? { bytes: 0, packets: 0 };
    const stats = LinkStats.parse(JSON.parse(link))[0]?.stats64.tx ?? { bytes: 0, packets: 0 };
    return { offered, delivered: stats, dropped: Math.max(0, offered.packets - stats.packets) };
  }

  /** What each source has offered to each destination. */
  async pairs(): Promise<{ all: ReadonlyMap<PairKey, Counted>; syns: ReadonlyMap<PairKey, Counted> }> {
    const [all, syns] = await Promise.all(
      ['pairs', 'pairsyn'].map((set) =>
        runIn(this.wire.fromNamespace, ['nft', '-j', 'list', 'set', 'netdev', 'muster', set]),
      ),
    );
    return { all: countedPairs(all ?? ''), syns: countedPairs(syns ?? '') };
  }

  async #classFor(rule: PlaneRule): Promise<number> {
    const { fromDevice: dev } = this.wire;
    const rate = rule.rateBytesPerSec ?? 0;
    const known = this.#classes.get(rule.rule);
    const id = known ?? this.#nextClass++;
    const classid = `1:${id.toString(16)}`;
    const shape = `htb rate ${bits(Math.min(rate, this.capacityBytesPerSec * 0.1))} ceil ${bits(rate)} burst 3k cburst 3k quantum 1514 prio 1`;
    if (known !== undefined)
      await this.#tc([`class change dev ${dev} parent 1:1 classid ${classid} ${shape}`]);
    else {
      this.#classes.set(rule.rule, id);
      await this.#tc([
        `class add dev ${dev} parent 1:1 classid ${classid} ${shape}`,
        `qdisc add dev ${dev} parent ${classid} handle ${id.toString(16)}: bfifo limit ${LIMIT_QUEUE_BYTES}`,
      ]);
    }
    return id;
  }

  async #tc(lines: readonly string[]): Promise<void> {
    await runIn(this.wire.fromNamespace, ['tc', '-batch', '-'], `${lines.join('\n')}\n`);
  }

  #nft(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ text, done: (error) => (error === undefined ? resolve() : reject(error)) });
      if (!this.#writing) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        await runIn(this.wire.fromNamespace, ['nft', '-f', '-'], batch.map((each) => each.text).join(''));
        for (const each of batch) each.done();
      } catch (error) {
        const failed = error instanceof Error ? error : new Error(String(error));
        for (const each of batch) each.done(failed);
      }
    }
    this.#writing = false;
  }
}

function bits(bytesPerSec: number): string {
  return `${Math.max(8, Math.round(bytesPerSec * 8))}bit`;
}

function nftTable(device: string): string {
  return `table netdev muster {
  counter offered { }
  set blocked { type ipv4_addr; flags timeout; size 65536; }
  set confirmed { type ipv4_addr; flags timeout; size 65536; }
  map bydst { type ipv4_addr : classid; }
  map byflow { type ipv4_addr . ipv4_addr : classid; }
  set pairs { type ipv4_addr . ipv4_addr; flags dynamic; size 16384; counter; }
  set pairsyn { type ipv4_addr . ipv4_addr; flags dynamic; size 16384; counter; }
  chain linklimit { }
  chain eg {
    type filter hook egress device "${device}" priority 0;
    meta protocol != ip accept
    ip daddr 224.0.0.0/4 accept
    counter name offered
    update @pairs { ip saddr . ip daddr }
    tcp flags & (syn | ack) == syn update @pairsyn { ip saddr . ip daddr }
    ip saddr @blocked drop
    jump linklimit
    meta priority set ip daddr map @bydst
    ip saddr @confirmed meta priority set ${CONFIRMED_CLASS}
    meta priority set ip saddr . ip daddr map @byflow
  }
}
`;
}

function priorityOf(rule: PlaneRule, classid: string): string {
  const replace = (map: string, key: string) => `add element netdev muster ${map} { ${key} : ${classid} }\n`;
  switch (rule.kind) {
    case 'limit-link':
      return `flush chain netdev muster linklimit\nadd rule netdev muster linklimit meta priority set ${classid}\n`;
    case 'limit-target':
      return replace('bydst', String(rule.target));
    case 'limit-flow':
      return replace('byflow', `${rule.source} . ${rule.target}`);
    case 'block-source':
      return '';
    default:
      return rule.kind satisfies never;
  }
}

function noPriorityOf(rule: PlaneRule): string {
  switch (rule.kind) {
    case 'limit-link':
      return 'flush chain netdev muster linklimit\n';
    case 'limit-target':
      return `delete element netdev muster bydst { ${rule.target} }\n`;
    case 'limit-flow':
      return `delete element netdev muster byflow { ${rule.source} . ${rule.target} }\n`;
    case 'block-source':
      return '';
    default:
      return rule.kind satisfies never;
  }
}

const Counter = z.object({ bytes: z.number(), packets: z.number() });
const NftItem = z.object({
  counter: Counter.extend({ name: z.string() }).optional(),
  set: z.object({ elem: z.array(z.unknown()).optional() }).optional(),
});
const NftOutput = z.object({ nftables: z.array(NftItem) });
const LinkStats = z.array(z.object({ stats64: z.object({ tx: Counter }) }));
const Element = z.object({
  elem: z.object({
    val: z.union([z.string(), z.object({ concat: z.array(z.union([z.string(), z.number()])) })]),
    counter: Counter.optional(),
  }),
});

export function parseNft(text: string): z.infer<typeof NftItem>[] {
  return NftOutput.parse(JSON.parse(text)).nftables;
}

/** Elements of a set with their counters; the key is the element's parts with a space between them. */
export function elementsOf(text: string): ReadonlyMap<string, Counted> {
  const found = new Map<string, Counted>();
  for (const item of parseNft(text)) {
    for (const raw of item.set?.elem ?? []) {
      const parsed = Element.safeParse(raw);
      if (!parsed.success) {
        if (typeof raw === 'string') found.set(raw, { bytes: 0, packets: 0 });
        continue;
      }
      const { val, counter } = parsed.data.elem;
      const key = typeof val === 'string' ? val : val.concat.join(' ');
      found.set(key, counter ?? { bytes: 0, packets: 0 });
    }
  }
  return found;
}

function countedPairs(text: string): ReadonlyMap<PairKey, Counted> {
  const pairs = new Map<PairKey, Counted>();
  for (const [key, counted] of elementsOf(text)) {
    const [source, target] = key.split(' ');
    if (source !== undefined && target !== undefined) pairs.set(`${source} ${target}`, counted);
  }
  return pairs;
}
