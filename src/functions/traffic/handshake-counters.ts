import { z } from 'zod';
import { callTool, nft } from '../call-tool.ts';

/** What was counted of one address since the function started. */
export interface HandshakeCount {
  readonly address: string;
  readonly bytes: number;
  readonly packets: number;
  readonly syns: number;
  readonly synAcks: number;
  readonly confirmed: number;
}

/** Whose handshakes are counted: those of servers, or of who connects to them. */
export type Side = 'destination' | 'source';

const MAX_ADDRESSES = 16_384;

/**
 * Counts what passes through: SYNs, SYN-ACKs on the way back, and handshakes that the server itself has confirmed, by sending something other
 * than a SYN or RST on that connection. A bare ACK of a stranger proves nothing.
 */
export async function installHandshakeCounters(side: Side): Promise<void> {
  const [request, reply] = side === 'destination' ? ['daddr', 'saddr'] : ['saddr', 'daddr'];
  const sets = ['bytes', 'syns', 'synacks', 'confirmed']
    .map((name) => `  set ${name} { type ipv4_addr; flags dynamic; size ${MAX_ADDRESSES}; counter; }`)
    .join('\n');
  await nft(`table ip muster_handshakes {
${sets}
  set served { type ipv4_addr . inet_service . ipv4_addr . inet_service; flags dynamic, timeout; timeout 60s; size 65536; }
  set blocked { type ipv4_addr; flags timeout; size 65536; }
  chain through {
    type filter hook forward priority filter;
    ip saddr @blocked counter drop
    meta l4proto != tcp accept
    tcp flags & (syn | ack) == syn update @syns { ip ${request} }
    tcp flags & (syn | ack) == (syn | ack) update @synacks { ip ${reply} } accept
    ct direction original update @bytes { ip ${request} }
    ct direction original accept
    tcp flags & (syn | rst) != 0x0 accept
    ip saddr . tcp sport . ip daddr . tcp dport @served accept
    add @served { ip saddr . tcp sport . ip daddr . tcp dport }
    update @confirmed { ip ${reply} }
  }
}
`);
}

const CountedSchema = z.object({
  nftables: z.array(
    z.object({
      set: z
        .object({
          name: z.string(),
          elem: z
            .array(
              z.object({
                elem: z.object({
                  val: z.string(),
                  counter: z.object({ packets: z.number(), bytes: z.number() }),
                }),
              }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** Reads them all; those that nobody has sent a SYN for are left out. */
export async function readHandshakeCounters(): Promise<readonly HandshakeCount[]> {
  const lists = await Promise.all(
    (['bytes', 'syns', 'synacks', 'confirmed'] as const).map(async (name) => {
      const text = await callTool(['nft', '-j', 'list', 'set', 'ip', 'muster_handshakes', name]);
      const set = CountedSchema.parse(JSON.parse(text)).nftables.find((each) => each.set !== undefined)?.set;
      return new Map((set?.elem ?? []).map(({ elem }) => [elem.val, elem.counter]));
    }),
  );
  const [bytes, syns, synAcks, confirmed] = lists;
  return [...(syns ?? [])].map(([address, opening]) => {
    const rest = bytes?.get(address);
    return {
      address,
      bytes: opening.bytes + (rest?.bytes ?? 0),
      packets: opening.packets + (rest?.packets ?? 0),
      syns: opening.packets,
      synAcks: synAcks?.get(address)?.packets ?? 0,
      confirmed: confirmed?.get(address)?.packets ?? 0,
    };
  });
}
