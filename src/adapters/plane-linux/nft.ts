import { z } from 'zod';
import type { PlaneRule } from '../../protocol/plane.ts';

/** The htb class of sources whose handshakes a server has confirmed. */
export const CONFIRMED_CLASS = '1:11';

export interface Counted {
  readonly bytes: number;
  readonly packets: number;
}

/** `source destination`, as the counting sets are keyed. */
export type PairKey = `${string} ${string}`;

/** The table of one guarded link: several may leave the same namespace, so each has its own. */
export function tableOf(device: string): string {
  return `muster_${device.replace(/[^a-z0-9]/g, '_')}`;
}

/** Takes a table away that may be gone already. */
export function withoutTable(table: string): string {
  return `add table netdev ${table}\ndelete table netdev ${table}`;
}

/** What is offered is counted in a set: nft reads one for itself, and for a counter by its name everything there is in the namespace. */
export function guardTable(device: string): string {
  return `table netdev ${tableOf(device)} {
  set offered { type ether_type; flags dynamic; size 16; counter; }
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
    update @offered { meta protocol }
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

/** The packets that a limit is about: all of the link, or an element of a map. */
export type Match = 'link' | `bydst of ${string}` | `byflow of ${string}`;

export function matchOf(rule: PlaneRule): Match {
  if (rule.kind === 'limit-target') return `bydst of ${rule.target}`;
  if (rule.kind === 'limit-flow') return `byflow of ${rule.source} . ${rule.target}`;
  return 'link';
}

export function classId(id: number): string {
  return `1:${id.toString(16)}`;
}

/** Added first without a timeout, so that it is there to be deleted: an element's timeout cannot be changed. */
export function unblockText(table: string, address: string): string {
  return `add element netdev ${table} blocked { ${address} }\ndelete element netdev ${table} blocked { ${address} }\n`;
}

export function blockText(table: string, address: string, ttlMs: number): string {
  return `${unblockText(table, address)}add element netdev ${table} blocked { ${address} timeout ${ttlMs}ms }\n`;
}

const Counter = z.object({ bytes: z.number(), packets: z.number() });
const NftItem = z.object({
  counter: Counter.extend({ name: z.string() }).optional(),
  set: z.object({ name: z.string(), elem: z.array(z.unknown()).optional() }).optional(),
});
const NftOutput = z.object({ nftables: z.array(NftItem) });
const Element = z.object({
  elem: z.object({
    val: z.union([z.string(), z.object({ concat: z.array(z.union([z.string(), z.number()])) })]),
    counter: Counter.optional(),
  }),
});

export function parseNft(text: string): z.infer<typeof NftItem>[] {
  return NftOutput.parse(JSON.parse(text)).nftables;
}

/**
 * Elements of the sets that `nft -j` printed, with their counters, by the name of the set; an element's key is its parts with a space
 * between them.
 */
export function setsIn(text: string): ReadonlyMap<string, ReadonlyMap<string, Counted>> {
  const sets = parseNft(text).flatMap(({ set }) => set ?? []);
  return new Map(sets.map(({ name, elem }) => [name, elementsOf(elem)]));
}

function elementsOf(elements: readonly unknown[] = []): ReadonlyMap<string, Counted> {
  const found = new Map<string, Counted>();
  for (const raw of elements) {
    const parsed = Element.safeParse(raw);
    if (!parsed.success) {
      if (typeof raw === 'string') found.set(raw, { bytes: 0, packets: 0 });
      continue;
    }
    const { val, counter } = parsed.data.elem;
    const key = typeof val === 'string' ? val : val.concat.join(' ');
    found.set(key, counter ?? { bytes: 0, packets: 0 });
  }
  return found;
}

export function countedPairs(
  elements: ReadonlyMap<string, Counted> | undefined,
): ReadonlyMap<PairKey, Counted> {
  const pairs = new Map<PairKey, Counted>();
  for (const [key, counted] of elements ?? []) {
    const [source, target] = key.split(' ');
    if (source !== undefined && target !== undefined) pairs.set(`${source} ${target}`, counted);
  }
  return pairs;
}

/** What a device has sent, from the text of /proc/net/dev: after its name eight columns of what came, then bytes and packets that went. */
export function sentBy(device: string, text: string): Counted {
  const line = text.split('\n').find((each) => each.trim().startsWith(`${device}:`));
  const columns =
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)
      .map(Number) ?? [];
  return { bytes: columns[8] ?? 0, packets: columns[9] ?? 0 };
}
