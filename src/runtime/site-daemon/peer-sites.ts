import { rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { PeerSite, SiteAddress } from '../../protocol/peer-site.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { SiteLink } from './site-link.ts';
import { siteLink } from './site-link.ts';

/** Frames to a site that does not read are lost beyond that, bytes: the connection and what it holds stay. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
/** Connections that have not proven yet whose they are: the oldest makes room. */
const MOST_UNPROVEN = 64;
const AGAIN_AFTER_MS = 20;
/** A site that could not be reached is not called for every frame to it, ms. */
const NOT_AGAIN_WITHIN_MS = 100;
const ALIVE_EVERY_MS = 1000;
/** So many times that without a word, and a link is given up: it may be cut without either end being told. */
const SILENT_TIMES = 5;

export interface PeerSitesOptions {
  /** The site of this daemon, and what it is known by. */
  readonly site: string;
  readonly key: SigningKey;
  onFrame(to: AgentId, frame: Uint8Array): void;
  /** Somebody who has not proven to be a daemon of this pipeline has called, or has answered for `site`. */
  onStranger(site: string | undefined, reason: string): void;
  /** How often each end of a link says that it is there, ms. Absent: once a second. */
  readonly aliveEveryMs?: number;
}

interface Link {
  readonly link: SiteLink;
  heardMs: number;
}

interface Call extends Link {
  readonly peer: PeerSite;
  /** Resolves once it stands, or does not. */
  readonly settled: Promise<void>;
}

/**
 * Carries sealed frames to and from the daemons of other sites, over links on which both ends have proven who they are; what is for one
 * that is away is lost, as on a network.
 */
export class PeerSites {
  readonly #options: PeerSitesOptions;
  readonly #server: Server;
  /** Undefined: not told yet; until then nobody is taken in. */
  #peers: Readonly<Record<string, PeerSite>> | undefined;
  readonly #calls = new Map<string, Call>();
  readonly #calledMs = new Map<string, number>();
  readonly #taken = new Map<string, Link>();
  readonly #unproven = new Set<SiteLink>();
  readonly #timer: NodeJS.Timeout;
  readonly #aliveEveryMs: number;
  #lookedMs = monotonicMs();
  #closed = false;

  constructor(options: PeerSitesOptions) {
    this.#options = options;
    this.#aliveEveryMs = options.aliveEveryMs ?? ALIVE_EVERY_MS;
    this.#server = createServer((socket) => this.#take(socket));
    this.#timer = setInterval(() => this.#look(), this.#aliveEveryMs);
  }

  listen(address: SiteAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // One that was killed has left its socket.
      if ('path' in address) rmSync(address.path, { force: true });
      this.#server.listen(address, resolve);
    });
  }

  /** Where all sites are, and what their daemons are known by now; links to one that is known by another key are over. */
  know(peers: Readonly<Record<string, PeerSite>>): void {
    for (const [site, before] of Object.entries(this.#peers ?? {})) {
      if (peers[site]?.linkKey === before.linkKey) continue;
      this.#calls.get(site)?.link.close();
      this.#calls.delete(site);
      this.#taken.get(site)?.link.close();
    }
    this.#peers = peers;
  }

  /** Resolves with how many there are once each of the other sites is reached. */
  async reach(): Promise<number> {
    for (;;) {
      const others = Object.entries(this.#peers ?? {}).filter(([site]) => site !== this.#options.site);
      const away = others.filter(([site]) => this.#calls.get(site)?.link.isOpen() !== true);
      if (this.#closed || away.length === 0) return others.length;
      await Promise.all(
        away.map(([site, peer]) => (this.#calls.get(site) ?? this.#call(site, peer)).settled),
      );
      // Some may not be up yet, or gone again.
      await pause(AGAIN_AFTER_MS);
    }
  }

  /** The sites whose daemons have called and are there. */
  taken(): readonly string[] {
    return [...this.#taken.keys()];
  }

  send(site: string, to: AgentId, frame: Uint8Array): void {
    const peer = this.#peers?.[site];
    if (peer === undefined || this.#closed) return;
    let call = this.#calls.get(site);
    if (call === undefined) {
      if (monotonicMs() - (this.#calledMs.get(site) ?? 0) < NOT_AGAIN_WITHIN_MS) return;
      call = this.#call(site, peer);
    }
    if (call.link.unsentBytes() <= MOST_UNREAD_BYTES) call.link.send({ kind: 'frame', to, frame });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#server.close();
    for (const { link } of [...this.#calls.values(), ...this.#taken.values()]) link.close();
    for (const link of this.#unproven) link.close();
  }

  #call(site: string, peer: PeerSite): Call {
    this.#calledMs.set(site, monotonicMs());
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const { site: self, key, onStranger } = this.#options;
    const link = siteLink(connect(peer.address), {
      self,
      key,
      called: site,
      keyOf: (each) => (each === site ? peer.linkKey : undefined),
      onOpen: () => {
        call.heardMs = monotonicMs();
        settle();
      },
      onMessage: () => {
        call.heardMs = monotonicMs();
      },
      onClose: (refused) => {
        if (this.#calls.get(site) === call) this.#calls.delete(site);
        if (refused !== undefined && !this.#closed) onStranger(site, refused);
        settle();
      },
    });
    const call: Call = { link, peer, settled, heardMs: monotonicMs() };
    this.#calls.set(site, call);
    return call;
  }

  #take(socket: Socket): void {
    const peers = this.#peers;
    if (peers === undefined || this.#closed) {
      socket.destroy();
      return;
    }
    const { site: self, key, onFrame, onStranger } = this.#options;
    let from: string | undefined;
    const link = siteLink(socket, {
      self,
      key,
      keyOf: (site) => this.#peers?.[site]?.linkKey,
      onOpen: (peer) => {
        this.#unproven.delete(link);
        // It calls again only when its own end is gone.
        this.#taken.get(peer)?.link.close();
        taken.heardMs = monotonicMs();
        this.#taken.set(peer, taken);
        from = peer;
      },
      onMessage: (message) => {
        taken.heardMs = monotonicMs();
        if (message.kind === 'frame') onFrame(message.to, message.frame);
        else link.send({ kind: 'alive' });
      },
      onClose: (refused) => {
        this.#unproven.delete(link);
        if (from !== undefined && this.#taken.get(from) === taken) this.#taken.delete(from);
        if (refused !== undefined && !this.#closed) onStranger(from, refused);
      },
    });
    const taken: Link = { link, heardMs: monotonicMs() };
    const [oldest] = this.#unproven;
    if (this.#unproven.size >= MOST_UNPROVEN) oldest?.close();
    this.#unproven.add(link);
  }

  #look(): void {
    const nowMs = monotonicMs();
    // Whoever was held up itself has not listened meanwhile.
    const heldUp = nowMs - this.#lookedMs > 2 * this.#aliveEveryMs;
    this.#lookedMs = nowMs;
    for (const each of [...this.#calls.values(), ...this.#taken.values()]) {
      if (heldUp) each.heardMs = nowMs;
      else if (nowMs - each.heardMs > SILENT_TIMES * this.#aliveEveryMs) each.link.close();
    }
    for (const { link } of this.#calls.values()) {
      if (link.isOpen() && link.unsentBytes() <= MOST_UNREAD_BYTES) link.send({ kind: 'alive' });
    }
    // Whoever was cut off is called until it is back, so that the first frame to it is not the one that is lost.
    for (const [site, peer] of Object.entries(this.#peers ?? {})) {
      if (site !== this.#options.site && !this.#calls.has(site)) this.#call(site, peer);
    }
  }
}
