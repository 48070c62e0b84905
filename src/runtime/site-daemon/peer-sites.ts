import { rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FramedSocket } from '../../adapters/channel/framed-socket.ts';
import { framed } from '../../adapters/channel/framed-socket.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Carried } from '../../protocol/site-link.ts';
import { CarriedSchema, MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';

/** Frames to a site that does not read are lost beyond that, bytes: the connection and what it holds stay. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

const AGAIN_AFTER_MS = 20;

export interface PeerSitesOptions {
  /** Socket of every site's daemon, in a directory that only daemons can reach. */
  readonly sockets: Readonly<Record<string, string>>;
  onFrame(to: AgentId, frame: Uint8Array): void;
}

/** Carries sealed frames to and from the daemons of other sites; what is for one that is away is lost, as on a network. */
export class PeerSites {
  readonly #options: PeerSitesOptions;
  readonly #server: Server;
  readonly #out = new Map<string, FramedSocket>();
  readonly #open = new Set<Socket>();
  #closed = false;

  constructor(options: PeerSitesOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      const connection = framed(socket, {
        maxBytes: MAX_SITE_MESSAGE_BYTES,
        onMessage: (input) => {
          const parsed = CarriedSchema.safeParse(input);
          if (parsed.success) options.onFrame(parsed.data.to, parsed.data.frame);
          else connection.close();
        },
        onClose: () => this.#open.delete(socket),
      });
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // One that was killed has left its socket.
      rmSync(path, { force: true });
      this.#server.listen(path, resolve);
    });
  }

  /** Resolves once each of these sites has been reached. */
  async reach(sites: readonly string[]): Promise<void> {
    await Promise.all(sites.map((site) => this.#reach(site)));
  }

  send(site: string, to: AgentId, frame: Uint8Array): void {
    const path = this.#options.sockets[site];
    if (path === undefined || this.#closed) return;
    const connection = this.#out.get(site) ?? this.#dial(site, path).connection;
    if (connection.unsentBytes() > MOST_UNREAD_BYTES) return;
    const message: Carried = { kind: 'frame', to, frame };
    connection.send(message);
  }

  async #reach(site: string): Promise<void> {
    const path = this.#options.sockets[site];
    while (path !== undefined && !this.#closed && !this.#out.has(site)) {
      const { socket } = this.#dial(site, path);
      const reached = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('close', () => resolve(false));
      });
      // It is not up yet.
      if (!reached) await pause(AGAIN_AFTER_MS);
    }
  }

  #dial(site: string, path: string): { readonly socket: Socket; readonly connection: FramedSocket } {
    const socket = connect(path);
    this.#open.add(socket);
    const connection = framed(socket, {
      maxBytes: MAX_SITE_MESSAGE_BYTES,
      onMessage: () => {},
      onClose: () => {
        this.#open.delete(socket);
        this.#out.delete(site);
      },
    });
    this.#out.set(site, connection);
    return { socket, connection };
  }

  close(): void {
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}
