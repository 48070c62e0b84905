import { verifySignature } from '../../adapters/keys/signing-key.ts';
import { decodeCbor } from '../../protocol/cbor.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Command } from '../../protocol/site-link.ts';
import { CommandSchema, MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { beyondReach } from './reach.ts';

/** For how long after a new epoch commands of the one before are taken: the key goes by the ledger, guard and agent, ms. */
export const NEW_EPOCH_WITHIN_MS = 5000;

/** So many epochs may be opened before we hear of the first of them. */
const MOST_EPOCHS_AHEAD = 3;

export type Fenced =
  | { readonly ok: true; readonly command: Command }
  /** `early`: refused for now; it may be right once we have seen the block that it goes by. */
  | { readonly ok: false; readonly reason: string; readonly early?: true };

export interface FenceOptions {
  readonly trust: TrustView;
  /** Names the pipeline: a command for another is not for us. */
  readonly pipeline: string;
  /** The service whose links an agent may touch; undefined: those of the network. */
  serviceOf(agent: AgentId): string | undefined;
}

/**
 * Where actions are fenced: a command passes only from an agent whose attestation is valid now, signed with the key of its
 * attested incarnation, under the current epoch, once, and about links that are its business. A key in somebody's hand does not stop a rule on the network; this does.
 */
export class Fence {
  readonly #options: FenceOptions;
  /** The last command of each agent; of incarnations before that one none is taken any more. */
  readonly #last = new Map<AgentId, { readonly incarnation: number; readonly seq: number }>();

  constructor(options: FenceOptions) {
    this.#options = options;
  }

  /** `sender`: whom the daemon has taken in on that connection. */
  check(sender: AgentId, key: AgentKey, body: Uint8Array, signature: Uint8Array): Fenced {
    const parsed = CommandSchema.safeParse(decodeCbor(body, MAX_SITE_MESSAGE_BYTES));
    if (!parsed.success) return refuse('it is not a command');
    const command = parsed.data;
    const { trust, pipeline, serviceOf } = this.#options;
    if (command.agent !== sender || command.pipeline !== pipeline)
      return refuse('it is for another agent or pipeline');
    const agent = trust.attested(key);
    if (agent === undefined) return refuse(whyNot(trust, key));
    if (agent.incarnation !== command.incarnation) {
      return refuse(`incarnation ${command.incarnation} is not the attested one, ${agent.incarnation}`);
    }
    // Nobody executes again what it decides.
    if (agent.kemKey === ZERO) return refuse('it takes no part in the group');
    if (agent.frameKey === ZERO || !verifySignature(agent.frameKey, body, signature)) {
      return refuse('its signature is not by the attested key');
    }
    const epoch = trust.epoch?.epoch;
    if (epoch === undefined || !isCurrent(command.epoch, key, trust)) {
      const refused = refuse(`it is of epoch ${command.epoch}, now is ${epoch ?? 'none'}`);
      const ahead = command.epoch - (epoch ?? 0);
      return ahead > 0 && ahead <= MOST_EPOCHS_AHEAD ? { ...refused, early: true } : refused;
    }
    const { incarnation, seq, what } = command;
    const last = this.#last.get(sender) ?? { incarnation, seq: 0 };
    const taken = incarnation > last.incarnation ? 0 : last.seq;
    if (incarnation < last.incarnation || seq <= taken) return refuse('it has been given before');
    const beyond = what.kind === 'act' ? beyondReach(sender, what.action, serviceOf) : undefined;
    if (beyond !== undefined) return refuse(beyond);
    this.#last.set(sender, { incarnation, seq });
    return { ok: true, command };
  }
}

/**
 * The epoch that is open, or the one before it while this agent is on its way to the new one: it has not said to hold it, and the
 * new one has been known for a moment only.
 */
function isCurrent(epoch: number, key: AgentKey, trust: TrustView): boolean {
  const open = trust.epoch;
  if (open === undefined) return false;
  if (epoch === open.epoch) return true;
  const mayBeLate = !open.acknowledged.includes(key) && trust.epochKnownForMs() < NEW_EPOCH_WITHIN_MS;
  return epoch > 0 && epoch === open.epoch - 1 && mayBeLate;
}

function whyNot(trust: TrustView, key: AgentKey): string {
  const agent = trust.state.agents.get(key);
  if (agent === undefined) return 'the ledger does not know this agent';
  if (trust.hasFallen(agent)) return 'its guard has ended it';
  const why = agent.reason === '' ? '' : `: ${agent.reason}`;
  return agent.status === 'attested' ? 'its attestation has run out' : `it is ${agent.status}${why}`;
}

function refuse(reason: string): Extract<Fenced, { ok: false }> {
  return { ok: false, reason };
}
