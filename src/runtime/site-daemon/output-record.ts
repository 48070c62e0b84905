import type { OutputRegister } from '../../core/attestation/output-register.ts';
import { EMPTY_REGISTER, extend } from '../../core/attestation/output-register.ts';
import { decodeCbor } from '../../protocol/cbor.ts';
import { decodeFrame } from '../../protocol/frame.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import type { ToDaemon } from '../../protocol/site-link.ts';
import { MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';
import { commandOutput, messageOutput, strangeOutput } from '../decisions/outputs.ts';
import { textHash } from '../decisions/state-hash.ts';

/** Incarnations of one agent that are known at a time: one, its successor, and whom that has succeeded. */
const MOST_INCARNATIONS = 3;
/** Heads that one of them may yet be asked about. */
const MOST_HEADS = 16;

/** An agent may hear of its attestation so much later than its daemon, ms. */
const MAY_BE_BEHIND_MS = 30_000;

export type Output = Extract<ToDaemon, { kind: 'frame' | 'command' | 'unsent' }>;

interface Incarnation {
  register: OutputRegister;
  readonly heads: Map<Hex, OutputRegister>;
}

/**
 * What comes out of each agent of a site, whether it is carried out or not, as one register for each incarnation; and what that was
 * when the agent stated a head of its decisions. So little is kept that nobody can fill it.
 */
export class OutputRecord {
  readonly #agents = new Map<AgentKey, Map<number, Incarnation>>();

  /** An incarnation has been taken in: nothing has come out of it before. */
  begin(agent: AgentKey, incarnation: number): void {
    const known = this.#agents.get(agent) ?? new Map<number, Incarnation>();
    if (!known.has(incarnation)) known.set(incarnation, { register: EMPTY_REGISTER, heads: new Map() });
    forget(known, MOST_INCARNATIONS);
    this.#agents.set(agent, known);
  }

  add(agent: AgentKey, incarnation: number, output: Hex): void {
    const known = this.#agents.get(agent)?.get(incarnation);
    if (known !== undefined) known.register = extend(known.register, output, textHash);
  }

  /** It has stated a head; one that it has stated before stays what it was. */
  mark(agent: AgentKey, incarnation: number, head: Hex): void {
    const known = this.#agents.get(agent)?.get(incarnation);
    if (known === undefined || known.heads.has(head)) return;
    known.heads.set(head, known.register);
    forget(known.heads, MOST_HEADS);
  }

  /** Undefined: it has not stated that head, as far as is known here. Whom nobody has taken in yet has put out nothing. */
  at(agent: AgentKey, incarnation: number, head: Hex): OutputRegister | undefined {
    const known = this.#agents.get(agent);
    const newest = Math.max(0, ...(known?.keys() ?? []));
    if (incarnation > newest) return EMPTY_REGISTER;
    return known?.get(incarnation)?.heads.get(head);
  }
}

/** Whether an agent can be without keys that is attested for so long yet, as its daemon knows; 0: it is not. */
export function mayLackKeys(validForMs: number): boolean {
  return validForMs < MAY_BE_BEHIND_MS;
}

/** What goes into the register for what an agent has said: the same that its decisions give, where it is what they say. */
export function outputOf(agent: AgentId, incarnation: number, message: Output): Hex {
  switch (message.kind) {
    case 'unsent':
      return messageOutput(message.decision, message.to, message.said);
    case 'frame': {
      const header = decodeFrame(message.frame)?.header;
      const own =
        header?.from === agent && header.to === message.to && header.incarnation === incarnation
          ? header
          : undefined;
      return own === undefined ? strangeOutput(message.frame) : messageOutput(own.decision, own.to, own.said);
    }
    case 'command': {
      const body = decodeCbor(message.body, MAX_SITE_MESSAGE_BYTES);
      const said = typeof body === 'object' && body !== null && 'decision' in body && 'what' in body;
      const number = said ? body.decision : undefined;
      return said && typeof number === 'number'
        ? commandOutput(number, body.what)
        : strangeOutput(message.body);
    }
    default:
      return message satisfies never;
  }
}

/** The oldest go first. */
function forget(map: Map<unknown, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
