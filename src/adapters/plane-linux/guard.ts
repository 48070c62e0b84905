import type { Ipv4 } from '../../protocol/ids.ts';
import type { PlaneRule } from '../../protocol/plane.ts';
import type { Counted, Match, PairKey } from './nft.ts';
import {
  blockText,
  CONFIRMED_CLASS,
  classId,
  countedPairs,
  guardTable,
  matchOf,
  sentBy,
  setsIn,
  tableOf,
  unblockText,
  withoutTable,
} from './nft.ts';
import type { NftReaders } from './nft-readers.ts';
import { runIn } from './run-tool.ts';
import type { Wire } from './topology.ts';

/** Where a directed link leaves. */
export type Egress = Pick<Wire, 'fromNamespace' | 'fromDevice'>;

/** Queue of a class with a limit: short, or an old flood would drain for seconds after a change. */
const LIMIT_QUEUE_BYTES = 32_768;
const DEFAULT_CLASS = '1:10';

/**
 * The egress of a guarded link: an htb tree that shapes, and an nft table that counts, blocks, and says by packet priority
 * which class a packet goes to. Changes are put together in one nft transaction and done in order.
 */
export class Guard {
  readonly wire: Egress;
  readonly capacityBytesPerSec: number;
  readonly readers: NftReaders;
  readonly rules = new Map<string, PlaneRule>();
  readonly #table: string;
  readonly #queueBytes: number;
  readonly #classes = new Map<string, number>();
  /** Where packets are led now. */
  readonly #pointed = new Map<Match, string>();
  #pending: { text: string; done: (error?: Error) => void }[] = [];
  #writing = false;
  #nextClass = 0x20;

  constructor(wire: Egress, capacityBytesPerSec: number, queueBytes: number, readers: NftReaders) {
    this.wire = wire;
    this.readers = readers;
    this.capacityBytesPerSec = capacityBytesPerSec;
    this.#queueBytes = queueBytes;
    this.#table = tableOf(wire.fromDevice);
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
    await runIn(this.wire.fromNamespace, ['nft', '-f', '-'], guardTable(dev));
  }

  /** Takes away what was installed, whether the device is still there or not. */
  async uninstall(): Promise<void> {
    const { fromNamespace, fromDevice } = this.wire;
    await runIn(fromNamespace, ['nft', '-f', '-'], `${withoutTable(this.#table)}\n`);
    await this.#tc([`qdisc del dev ${fromDevice} root`]).catch(() => {});
  }

  /** Applies a rule, in place of one with the same id. Of rules about the same packets the last applied counts. */
  async apply(rule: PlaneRule, ttlMs?: number): Promise<void> {
    const before = this.rules.get(rule.rule);
    if (rule.kind !== 'block-source') await this.#shape(rule);
    this.rules.delete(rule.rule);
    this.rules.set(rule.rule, rule);
    try {
      if (rule.kind === 'block-source')
        await this.#nft(blockText(this.#table, `${rule.source}`, ttlMs ?? 1000));
      else await this.#nft(this.#point(matchOf(rule)));
    } catch (error) {
      this.rules.delete(rule.rule);
      if (before !== undefined) this.rules.set(rule.rule, before);
      throw error;
    }
  }

  async remove(ruleId: string): Promise<void> {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return;
    this.rules.delete(ruleId);
    if (rule.kind === 'block-source') {
      const again = [...this.rules.values()].some(
        (each) => each.kind === 'block-source' && each.source === rule.source,
      );
      if (!again) await this.#nft(unblockText(this.#table, `${rule.source}`));
      return;
    }
    await this.#nft(this.#point(matchOf(rule)));
    const id = this.#classes.get(ruleId);
    this.#classes.delete(ruleId);
    const { fromDevice: dev } = this.wire;
    if (id !== undefined) await this.#tc([`class del dev ${dev} parent 1:1 classid ${classId(id)}`]);
  }

  async confirm(sources: readonly Ipv4[], ttlMs: number): Promise<void> {
    if (sources.length === 0) return;
    const plain = sources.join(', ');
    const timed = sources.map((each) => `${each} timeout ${ttlMs}ms`).join(', ');
    await this.#nft(
      `add element netdev ${this.#table} confirmed { ${plain} }\ndelete element netdev ${this.#table} confirmed { ${plain} }\nadd element netdev ${this.#table} confirmed { ${timed} }\n`,
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
    const [text, devices] = await Promise.all([
      this.readers.list(fromNamespace, `set netdev ${this.#table} offered`),
      this.readers.devices(fromNamespace),
    ]);
    const [offered = { bytes: 0, packets: 0 }] = setsIn(text).get('offered')?.values() ?? [];
    const delivered = sentBy(fromDevice, devices);
    return { offered, delivered, dropped: Math.max(0, offered.packets - delivered.packets) };
  }

  /** What each source has offered to each destination. */
  async pairs(): Promise<{ all: ReadonlyMap<PairKey, Counted>; syns: ReadonlyMap<PairKey, Counted> }> {
    const read = async (set: string) => {
      const text = await this.readers.list(this.wire.fromNamespace, `set netdev ${this.#table} ${set}`);
      return countedPairs(setsIn(text).get(set));
    };
    return { all: await read('pairs'), syns: await read('pairsyn') };
  }

  /** Makes or changes the class that shapes what a rule matches. */
  async #shape(rule: PlaneRule): Promise<void> {
    const { fromDevice: dev } = this.wire;
    const rate = rule.rateBytesPerSec ?? 0;
    const known = this.#classes.get(rule.rule);
    const id = known ?? this.#nextClass++;
    const shape = `htb rate ${bits(Math.min(rate, this.capacityBytesPerSec * 0.1))} ceil ${bits(rate)} burst 3k cburst 3k quantum 1514 prio 1`;
    if (known !== undefined) {
      await this.#tc([`class change dev ${dev} parent 1:1 classid ${classId(id)} ${shape}`]);
      return;
    }
    this.#classes.set(rule.rule, id);
    await this.#tc([
      `class add dev ${dev} parent 1:1 classid ${classId(id)} ${shape}`,
      `qdisc add dev ${dev} parent ${classId(id)} handle ${id.toString(16)}: bfifo limit ${LIMIT_QUEUE_BYTES}`,
    ]);
  }

  /** What leads packets to the class of the last rule about them, or to none. */
  #point(match: Match): string {
    const winner = [...this.rules.values()].findLast(
      (rule) => rule.kind !== 'block-source' && matchOf(rule) === match,
    );
    const id = winner === undefined ? undefined : this.#classes.get(winner.rule);
    const wanted = id === undefined ? undefined : classId(id);
    const before = this.#pointed.get(match);
    if (wanted === before) return '';
    if (wanted === undefined) this.#pointed.delete(match);
    else this.#pointed.set(match, wanted);
    if (match === 'link') {
      const flush = `flush chain netdev ${this.#table} linklimit\n`;
      return wanted === undefined
        ? flush
        : `${flush}add rule netdev ${this.#table} linklimit meta priority set ${wanted}\n`;
    }
    const [map, key] = match.split(' of ');
    const out = before === undefined ? '' : `delete element netdev ${this.#table} ${map} { ${key} }\n`;
    return wanted === undefined
      ? out
      : `${out}add element netdev ${this.#table} ${map} { ${key} : ${wanted} }\n`;
  }

  async #tc(lines: readonly string[]): Promise<void> {
    await runIn(this.wire.fromNamespace, ['tc', '-batch', '-'], `${lines.join('\n')}\n`);
  }

  #nft(text: string): Promise<void> {
    if (text === '') return Promise.resolve();
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
