import type { Ipv4, NodeName } from '../../protocol/ids.ts';
import type { WebServerSpec } from '../../protocol/scenario.ts';

/** A half-open connection is kept for a SYN-ACK and one repetition, as Linux with tcp_synack_retries=1: 1 s + 2 s. */
const HALF_OPEN_MS = 3000;
/** A source counts as confirmed for so long after its last confirmed handshake. */
export const CONFIRMED_FOR_MS = 30_000;

export interface PeerCounters {
  synAcks: number;
  confirmed: number;
  halfOpen: number;
  confirmedAtMs: number;
}

/** A server's TCP as a SYN flood meets it: the table of half-open connections, its bound, and SYN cookies. */
export class ServerModel {
  readonly spec: WebServerSpec;
  readonly host: NodeName;
  readonly address: Ipv4;
  readonly peers = new Map<Ipv4, PeerCounters>();
  synAcks = 0;
  confirmed = 0;
  cookies = 0;
  halfOpen = 0;
  #expiring: { source: Ipv4; count: number; atMs: number }[] = [];
  #head = 0;

  constructor(spec: WebServerSpec, host: NodeName, address: Ipv4) {
    this.spec = spec;
    this.host = host;
    this.address = address;
  }

  /** SYNs that will never be completed. */
  onFloodSyns(source: Ipv4, count: number, nowMs: number): void {
    if (count <= 0) return;
    const peer = this.#peer(source);
    const stored = Math.min(count, Math.max(0, this.spec.backlog - this.halfOpen));
    if (stored > 0) {
      this.halfOpen += stored;
      peer.halfOpen += stored;
      this.#expiring.push({ source, count: stored, atMs: nowMs + HALF_OPEN_MS });
    }
    const over = count - stored;
    const answered = this.spec.synCookies ? count : stored;
    if (this.spec.synCookies) this.cookies += over;
    peer.synAcks += answered;
    this.synAcks += answered;
  }

  /** The SYN of a client that means it; false: the table is full and there are no cookies. */
  onSyn(source: Ipv4): boolean {
    const full = this.halfOpen >= this.spec.backlog;
    if (full && !this.spec.synCookies) return false;
    if (full) this.cookies++;
    this.#peer(source).synAcks++;
    this.synAcks++;
    return true;
  }

  onHandshake(source: Ipv4, nowMs: number): void {
    const peer = this.#peer(source);
    peer.confirmed++;
    peer.confirmedAtMs = nowMs;
    this.confirmed++;
  }

  expire(nowMs: number): void {
    for (let next = this.#expiring[this.#head]; next !== undefined; next = this.#expiring[this.#head]) {
      if (next.atMs > nowMs) break;
      this.#head++;
      this.halfOpen -= next.count;
      const peer = this.peers.get(next.source);
      if (peer !== undefined) peer.halfOpen -= next.count;
    }
    if (this.#head > 4096) {
      this.#expiring = this.#expiring.slice(this.#head);
      this.#head = 0;
    }
  }

  #peer(source: Ipv4): PeerCounters {
    let peer = this.peers.get(source);
    if (peer === undefined) {
      peer = { synAcks: 0, confirmed: 0, halfOpen: 0, confirmedAtMs: Number.NEGATIVE_INFINITY };
      this.peers.set(source, peer);
    }
    return peer;
  }
}
