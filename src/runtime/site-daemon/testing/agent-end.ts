import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { FramedSocket } from '../../../adapters/channel/framed-socket.ts';
import { framed } from '../../../adapters/channel/framed-socket.ts';
import type { SigningKey } from '../../../adapters/keys/signing-key.ts';
import type { AgentId } from '../../../protocol/ids.ts';
import type { FromDaemon, ToDaemon } from '../../../protocol/site-link.ts';
import { FromDaemonSchema, MAX_SITE_MESSAGE_BYTES } from '../../../protocol/site-link.ts';
import { helloBytes } from '../hello.ts';

const WITHIN_MS = 10_000;

/** An agent's end of its connection to a site daemon, as a test drives it. */
export class AgentEnd {
  readonly socket: Socket;
  readonly messages: FromDaemon[] = [];
  /** Given each message as it comes. */
  onMessage: (message: FromDaemon) => void = () => {};
  /** Why the other side was found to break the rules; undefined: it has simply gone. */
  readonly closed: Promise<string | undefined>;
  readonly #connection: FramedSocket;
  #changed: () => void = () => {};

  constructor(path: string) {
    this.socket = connect(path);
    let close: (reason: string | undefined) => void = () => {};
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.#connection = framed(this.socket, {
      maxBytes: MAX_SITE_MESSAGE_BYTES,
      onMessage: (input) => {
        const message = FromDaemonSchema.parse(input);
        this.messages.push(message);
        this.onMessage(message);
        this.#changed();
      },
      onClose: (reason) => {
        close(reason);
        this.#changed();
      },
    });
  }

  send(message: unknown): boolean {
    return this.#connection.send(message);
  }

  close(): void {
    this.#connection.close();
  }

  /** The next message of that kind that has not been asked for. Rejects when the connection ends before. */
  async next<K extends FromDaemon['kind']>(kind: K): Promise<Extract<FromDaemon, { kind: K }>> {
    const found = await this.until(() => {
      const at = this.messages.findIndex((each) => each.kind === kind);
      return at === -1 ? undefined : this.messages.splice(at, 1)[0];
    }, kind);
    return found as Extract<FromDaemon, { kind: K }>;
  }

  /** Answers the nonce as an agent with that key does. */
  async hello(pipeline: string, agent: AgentId, incarnation: number, key: SigningKey): Promise<void> {
    const { nonce } = await this.next('nonce');
    const signature = key.sign(helloBytes(pipeline, agent, incarnation, nonce));
    this.send({ kind: 'hello', agent, incarnation, signature } satisfies ToDaemon);
  }

  /** Resolves once `look` gives something; looked at after each message. */
  until<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${WITHIN_MS} ms: ${what}`)), WITHIN_MS);
      const check = (): void => {
        const found = look();
        if (found === undefined && !this.socket.destroyed) return;
        clearTimeout(timer);
        this.#changed = () => {};
        if (found === undefined) reject(new Error(`the connection has ended before: ${what}`));
        else resolve(found);
      };
      this.#changed = check;
      check();
    });
  }
}
