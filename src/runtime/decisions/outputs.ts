import { createHash, createHmac } from 'node:crypto';
import { BLIND_BYTES, commitmentTo } from '../../adapters/keys/commitment.ts';
import type { Effect } from '../../core/bdi/event.ts';
import { MAX_MESSAGE_CHARS } from '../../protocol/acl.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { messageText } from '../../protocol/message-text.ts';
import type { Command } from '../../protocol/site-link.ts';
import { wordOf } from '../agent-process/award-word.ts';

/** One reasoning cycle, as what comes out of it is bound to it. */
export interface Decision {
  /** Counts up from 1 at the birth of the incarnation. */
  readonly number: number;
  /** `BLIND_BYTES` that hide from daemons what its messages are, see `commitmentTo`; drawn up when first asked for. */
  blind(): Uint8Array;
}

export function decisionOf(key: Uint8Array, number: number): Decision {
  let blind: Uint8Array | undefined;
  const draw = () =>
    new Uint8Array(createHmac('sha256', key).update(String(number)).digest().subarray(0, BLIND_BYTES));
  return {
    number,
    blind: () => {
      blind ??= draw();
      return blind;
    },
  };
}

/** Hash of one command as it goes into a register. */
export function commandOutput(decision: number, what: unknown): Hex {
  return hashOf(`command ${decision} `, encodeCbor(what));
}

/** The same of a message; `said`: what its frame commits to. */
export function messageOutput(decision: number, to: AgentId, said: Uint8Array): Hex {
  return hashOf(`message ${decision} ${to} `, said);
}

/** Of what is neither: no program of ours says it. */
export function strangeOutput(bytes: Uint8Array): Hex {
  return hashOf('strange ', bytes);
}

/** Hashes of all that effects make an agent say to the daemon of its site, in order. */
export function outputsOf(effects: readonly Effect[], decision: Decision): readonly Hex[] {
  const { number } = decision;
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [commandOutput(number, commandOf(effect))];
    const { message } = effect;
    const word = wordOf(message);
    const before = word === undefined ? [] : [commandOutput(number, word)];
    const text = messageText(message);
    // Too long to be sent.
    if (text.length > MAX_MESSAGE_CHARS) return before;
    const said = commitmentTo(decision.blind(), Buffer.from(text));
    return [...before, messageOutput(number, message.receiver, said)];
  });
}

/** What an effect makes an agent ask to be done on the network. */
export function commandOf(effect: Exclude<Effect, { kind: 'send' }>): Command['what'] {
  if (effect.kind === 'abort') return { kind: 'abort', token: effect.token };
  const { token, entry, reason, action } = effect;
  return { kind: 'act', token, entry, reason, action };
}

/** `what`: a text that no other kind of output begins with. */
function hashOf(what: string, bytes: Uint8Array): Hex {
  return `0x${createHash('sha256').update(what).update(bytes).digest('hex')}`;
}
