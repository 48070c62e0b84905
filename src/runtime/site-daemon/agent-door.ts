import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { FramedSocket } from '../../adapters/channel/framed-socket.ts';
import { framed } from '../../adapters/channel/framed-socket.ts';
import { verifySignature } from '../../adapters/keys/signing-key.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { FromDaemon, ToDaemon } from '../../protocol/site-link.ts';
import { MAX_SITE_MESSAGE_BYTES, ToDaemonSchema } from '../../protocol/site-link.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { helloBytes } from './hello.ts';

/** Connections that have not said who they are; more are turned away. */
const MOST_UNKNOWN = 64;
/** Frames beyond that are lost, bytes; far below what a connection is cut at, so that its own percepts still fit. */
const MOST_UNREAD_FRAME_BYTES = 4 * 1024 * 1024;
const HELLO_WITHIN_MS = 60_000;
const MOST_EARLY = 64;

type Recognised =
  | { readonly ok: true; readonly key: AgentKey }
  | { readonly ok: false; readonly later: boolean; readonly reason: string };

export interface AgentDoorOptions {
  readonly trust: TrustView;
  /** Undefined as long as the pipeline is not known: nobody is let in. */
  pipeline(): string | undefined;
  onMessage(
    agent: AgentId,
    key: AgentKey,
    message: Exclude<ToDaemon, { kind: 'hello' }>,
    incarnation: number,
  ): void;
  /** An agent has been taken in. */
  onWelcome(agent: AgentId, incarnation: number, key: AgentKey): void;
  onRefused(agent: string, reason: string): void;
}

/** Where the agents of a site come in: each says who it is with the key that the ledger names for its attested incarnation. */
export class AgentDoor {
  readonly #options: AgentDoorOptions;
  readonly #server: Server;
  readonly #agents = new Map<AgentId, { readonly incarnation: number; readonly connection: FramedSocket }>();
  readonly #open = new Set<Socket>();
  /** Those who have said who they are before the ledger did; tried again with each block. */
  readonly #waiting = new Map<FramedSocket, () => void>();
  /** What agents are told before they are here. */
  readonly #early = new Map<AgentId, FromDaemon[]>();
  #unknown = 0;

  constructor(options: AgentDoorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#enter(socket));
  }

  /** The guard connects for its agents, before they are other users: nobody else on the machine may hold the door's places. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // One that was killed has left its socket.
      rmSync(path, { force: true });
      this.#server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  /** False: no such agent is here, or it does not keep up with what its peers say. */
  send(agent: AgentId, message: FromDaemon): boolean {
    const connection = this.#agents.get(agent)?.connection;
    if (connection === undefined) return false;
    // Lost, as on a network: nobody may cut an agent off by talking to it.
    if (message.kind === 'frame' && connection.unsentBytes() > MOST_UNREAD_FRAME_BYTES) return false;
    return connection.send(message);
  }

  /** The same for what an agent of this site is told by the site itself: kept for a moment until it is here. */
  tell(agent: AgentId, message: FromDaemon): void {
    if (this.send(agent, message)) return;
    const early = this.#early.get(agent) ?? [];
    if (early.length < MOST_EARLY) early.push(message);
    this.#early.set(agent, early);
  }

  /** Takes in who is attested by now, and cuts off whoever is not any more. */
  sweep(): void {
    for (const tryAgain of [...this.#waiting.values()]) tryAgain();
    for (const [agent, { incarnation, connection }] of this.#agents) {
      const key = this.#options.trust.keyOf(agent);
      const attested = key === undefined ? undefined : this.#options.trust.attested(key);
      if (attested?.incarnation === incarnation) continue;
      this.#options.onRefused(agent, 'it is not attested any more: cut off');
      connection.close();
    }
  }

  #enter(socket: Socket): void {
    if (this.#unknown >= MOST_UNKNOWN) {
      socket.destroy();
      return;
    }
    this.#unknown++;
    this.#open.add(socket);
    const nonce = new Uint8Array(randomBytes(32));
    let known: { readonly agent: AgentId; readonly key: AgentKey; readonly incarnation: number } | undefined;
    const timer = setTimeout(() => socket.destroy(), HELLO_WITHIN_MS);
    const turnAway = (reason: string): void => {
      this.#options.onRefused(known?.agent ?? 'somebody', reason);
      connection.close();
    };
    const connection = framed(socket, {
      maxBytes: MAX_SITE_MESSAGE_BYTES,
      onMessage: (input) => {
        const parsed = ToDaemonSchema.safeParse(input);
        if (!parsed.success) {
          turnAway('a message that is none');
          return;
        }
        const message = parsed.data;
        if (message.kind !== 'hello') {
          if (known !== undefined)
            this.#options.onMessage(known.agent, known.key, message, known.incarnation);
          else turnAway('it has not said who it is');
          return;
        }
        if (known !== undefined || this.#waiting.has(connection)) {
          turnAway('it has said who it is already');
          return;
        }
        this.#waiting.set(connection, () => {
          const taken = this.#recognise(message, nonce);
          // Its guard may have seen the block first: it waits for ours.
          if (!taken.ok && taken.later) return;
          this.#waiting.delete(connection);
          if (!taken.ok) {
            this.#options.onRefused(message.agent, taken.reason);
            connection.send({ kind: 'refused', reason: taken.reason } satisfies FromDaemon);
            connection.close();
            return;
          }
          clearTimeout(timer);
          this.#unknown--;
          const { incarnation } = message;
          known = { agent: message.agent, key: taken.key, incarnation };
          this.#agents.get(message.agent)?.connection.close();
          this.#agents.set(message.agent, { incarnation, connection });
          connection.send({ kind: 'welcome' } satisfies FromDaemon);
          this.#options.onWelcome(message.agent, incarnation, taken.key);
          for (const early of this.#early.get(message.agent) ?? []) connection.send(early);
          this.#early.delete(message.agent);
        });
        this.#waiting.get(connection)?.();
      },
      onClose: (reason) => {
        if (reason !== undefined) this.#options.onRefused(known?.agent ?? 'somebody', reason);
        clearTimeout(timer);
        this.#open.delete(socket);
        this.#waiting.delete(connection);
        if (known === undefined) this.#unknown--;
        else if (this.#agents.get(known.agent)?.connection === connection) this.#agents.delete(known.agent);
      },
    });
    connection.send({ kind: 'nonce', nonce } satisfies FromDaemon);
  }

  #recognise(hello: Extract<ToDaemon, { kind: 'hello' }>, nonce: Uint8Array): Recognised {
    const { trust, pipeline } = this.#options;
    const key = trust.keyOf(hello.agent);
    const agent = key === undefined ? undefined : trust.attested(key);
    const name = pipeline();
    if (key === undefined || agent === undefined || name === undefined)
      return { ok: false, later: true, reason: 'it is not attested' };
    if (agent.incarnation !== hello.incarnation) {
      const later = agent.incarnation < hello.incarnation;
      return { ok: false, later, reason: `incarnation ${agent.incarnation} is attested` };
    }
    const signed = helloBytes(name, hello.agent, hello.incarnation, nonce);
    if (!verifySignature(agent.frameKey, signed, hello.signature)) {
      return { ok: false, later: false, reason: 'its signature is not by the attested key' };
    }
    return { ok: true, key };
  }
}
