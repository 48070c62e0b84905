import type { Socket } from 'node:net';
import type { FramedSocket } from '../../adapters/channel/framed-socket.ts';
import { framed } from '../../adapters/channel/framed-socket.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Command, FromDaemon, ToDaemon } from '../../protocol/site-link.ts';
import { FromDaemonSchema, MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';
import { helloBytes } from '../site-daemon/hello.ts';

/** Heads of which the last may still be asked for. */
const MOST_EARLY = 8;

export interface DaemonLinkOptions {
  readonly config: AgentConfig;
  /** Connected by the guard before the agent began: the agent itself opens none. */
  readonly socket: Socket;
  readonly signingKey: SigningKey;
  onMessage(message: FromDaemon): void;
  /** The daemon has taken this agent for the one that the ledger names. */
  onWelcome(): void;
  onRefused(reason: string): void;
}

/** An agent's connection to the daemon of its site. Without it the agent is of no use: it ends. */
export class DaemonLink {
  readonly #options: DaemonLinkOptions;
  readonly #socket: FramedSocket;
  #nonce: Uint8Array | undefined;
  #mayGreet = false;
  #welcome = false;
  #commands = 0;
  /** Stated before the daemon has taken it in. */
  #early: Hex[] = [];

  constructor(options: DaemonLinkOptions) {
    this.#options = options;
    this.#socket = framed(options.socket, {
      maxBytes: MAX_SITE_MESSAGE_BYTES,
      onMessage: (message) => this.#take(message),
      onClose: () => process.exit(0),
    });
  }

  /** The guard says that this agent is attested: now the daemon will take it in. */
  greet(): void {
    this.#mayGreet = true;
    const { config, signingKey } = this.#options;
    if (this.#nonce === undefined || this.#welcome) return;
    const { name: agent, incarnation } = config;
    const signature = signingKey.sign(helloBytes(config.pipeline, agent, incarnation, this.#nonce));
    this.#nonce = undefined;
    this.#socket.send({ kind: 'hello', agent, incarnation, signature } satisfies ToDaemon);
  }

  /** False: there is no connection. */
  send(message: ToDaemon): boolean {
    return this.#welcome && this.#socket.send(message);
  }

  /** A head of its decisions has been stated: what the daemon has been told until now belongs to it. */
  mark(head: Hex): void {
    if (this.#welcome) this.send({ kind: 'head', head });
    else this.#early = [...this.#early, head].slice(-MOST_EARLY);
  }

  /** Signs a command and sends it; false: there is no connection. */
  command(epoch: number, decision: number, what: Command['what']): boolean {
    const { config, signingKey } = this.#options;
    const { pipeline, name: agent, incarnation } = config;
    const seq = ++this.#commands;
    const command: Command = { pipeline, agent, incarnation, epoch, seq, decision, what };
    const body = encodeCbor(command);
    return this.send({ kind: 'command', body, signature: signingKey.sign(body) });
  }

  #take(input: unknown): void {
    const parsed = FromDaemonSchema.safeParse(input);
    if (!parsed.success) {
      this.#socket.close();
      return;
    }
    const message = parsed.data;
    if (message.kind === 'nonce') {
      this.#nonce = message.nonce;
      if (this.#mayGreet) this.greet();
    } else if (message.kind === 'welcome') {
      this.#welcome = true;
      for (const head of this.#early) this.mark(head);
      this.#early = [];
      this.#options.onWelcome();
    } else if (message.kind === 'refused') this.#options.onRefused(message.reason);
    else if (this.#welcome) this.#options.onMessage(message);
  }
}
