import { TextDecoder } from 'node:util';
import type { Bus } from '../../ports/bus.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { MAX_MESSAGE_CHARS, parseAclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { messageText } from '../../protocol/message-text.ts';
import { commitmentTo } from '../keys/commitment.ts';
import type { FrameCipher, FrameOrigin, Refusal } from '../keys/frame-cipher.ts';

export interface SiteBusOptions {
  readonly self: AgentId;
  readonly cipher: FrameCipher;
  /** Hands a sealed frame to the site daemon, which carries it to the receiver. */
  carry(to: AgentId, frame: Uint8Array): void;
  /** Which decision says what is sent now; absent: nobody keeps account of it. */
  origin?(): FrameOrigin | undefined;
  /** It has no key to seal a message with that a decision says; `said`: what a frame would have committed to. */
  onUnsent?(to: AgentId, decision: number, said: Uint8Array): void;
  /** A frame that was not taken, or a message that could not be sent. */
  onRefused?(
    refusal: Refusal | 'not-keyed' | 'too-long' | 'not-acl' | 'not-the-sender',
    from: AgentId | undefined,
  ): void;
}

/** The end of the bus at one agent: seals what it says for the receiver, and takes only what an attested peer has sealed. */
export interface SiteBus extends Bus {
  /** A frame has come from the site daemon. */
  receive(frame: Uint8Array): void;
}

export function createSiteBus(options: SiteBusOptions): SiteBus {
  const { self, cipher, carry, onRefused = () => {} } = options;
  let deliver: ((message: AclMessage) => void) | undefined;
  const text = new TextDecoder('utf-8', { fatal: true });
  return {
    attach: (agent, to) => {
      if (agent === self) deliver = to;
    },
    detach: (agent) => {
      if (agent === self) deliver = undefined;
    },
    send: (message) => {
      const said = messageText(message);
      // Its receiver would not take it: better known here than there.
      if (said.length > MAX_MESSAGE_CHARS) {
        onRefused('too-long', undefined);
        return;
      }
      const [plain, origin] = [new TextEncoder().encode(said), options.origin?.()];
      const frame = cipher.seal(message.receiver, plain, origin);
      if (frame !== undefined) {
        carry(message.receiver, frame);
        return;
      }
      onRefused('not-keyed', undefined);
      if (origin === undefined) return;
      options.onUnsent?.(message.receiver, origin.number, commitmentTo(origin.blind(), plain));
    },
    receive: (frame) => {
      const opened = cipher.open(frame);
      if (!opened.ok) {
        onRefused(opened.refusal, undefined);
        return;
      }
      const message = parse(opened.plain, text);
      if (message === undefined) onRefused('not-acl', opened.from);
      else if (message.sender !== opened.from || message.receiver !== self)
        onRefused('not-the-sender', opened.from);
      else deliver?.(message);
    },
  };
}

function parse(plain: Uint8Array, text: TextDecoder): AclMessage | undefined {
  if (plain.length > 4 * MAX_MESSAGE_CHARS) return undefined;
  try {
    const parsed = parseAclMessage(JSON.parse(text.decode(plain)));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}
