import { z } from 'zod';
import { BLIND_BYTES } from '../../adapters/keys/commitment.ts';
import { fromHex } from '../../adapters/keys/hex.ts';
import type { SegmentHeader, Settled } from '../../core/attestation/decision-chain.ts';
import { extend, isSameRegister } from '../../core/attestation/output-register.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import { exactText, parseExact } from '../../core/bdi/exact-text.ts';
import type { AgentSnapshot } from '../../core/bdi/snapshot.ts';
import { takeSnapshot } from '../../core/bdi/snapshot.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { HexSchema } from '../../protocol/agent-control.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import { AgentSpecSchema } from '../../protocol/scenario.ts';
import type { BuiltAgent } from '../build-agent.ts';
import { agentBuilder } from '../build-agent.ts';
import { outputsOf } from './outputs.ts';
import { stateHash, textHash } from './state-hash.ts';

/** Hash of the state that the agent of a configuration begins with. */
export function initialState(config: AgentConfig): Hex {
  return stateHash(takeSnapshot(built(config, new Map()).agent));
}

/**
 * Executes the decisions of a segment again, with the agent that this program is. Answers why they are not what such an agent
 * would have decided, or why the text is not that of the header; undefined: each is the same, and so are the state after them and the
 * register of what they put out. `from`: how many decisions there were before, and the register over them.
 */
export function whyNotSo(
  config: AgentConfig,
  header: SegmentHeader,
  text: string,
  from: Omit<Settled, 'head'>,
): string | undefined {
  if (textHash(text) !== header.body) return 'its text is not the one that was committed to';
  try {
    return differing(config, header, segmentOf(parseExact(text)), from);
  } catch (error) {
    // An exception while appraising is a failure.
    return `it cannot be executed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
  }
}

const InputsSchema = z.object({
  nonces: z.map(z.string(), z.string()),
  agents: z.array(AgentSpecSchema).max(2000).nullable(),
  blinds: z.map(z.number(), HexSchema),
});

interface Segment {
  readonly nonces: ReadonlyMap<string, string>;
  readonly agents: readonly AgentSpec[] | null;
  /** Of the cycles that say anything, by their place. */
  readonly blinds: ReadonlyMap<number, Hex>;
  readonly before: AgentSnapshot;
  readonly cycles: readonly (readonly [tMs: number, events: readonly AgentEvent[], effects: unknown])[];
}

function differing(
  config: AgentConfig,
  header: SegmentHeader,
  segment: Segment,
  from: Omit<Settled, 'head'>,
): string | undefined {
  const { nonces, agents, blinds, before, cycles } = segment;
  let { register } = from;
  if (stateHash(before) !== header.before) return 'its state before is not the one that was committed to';
  if (cycles.length !== header.decisions) return 'it has another number of decisions than was committed to';
  const program = built(config, nonces);
  if (agents !== null) program.setAgents(agents);
  const agent = program.restore(before);
  for (const [index, [tMs, events, effects]] of cycles.entries()) {
    for (const event of events) {
      if (!agent.post(event)) return `decision ${index + 1}: an event that no agent takes`;
    }
    const found = agent.cycle(tMs);
    if (exactText(found, true) !== exactText(effects, true))
      return `decision ${index + 1} of ${cycles.length} is not what its program decides`;
    // Without one that is right its messages are not those that were said.
    const blind = fromHex(blinds.get(index) ?? '', BLIND_BYTES) ?? new Uint8Array(BLIND_BYTES);
    for (const output of outputsOf(found, { number: from.decisions + index + 1, blind: () => blind }))
      register = extend(register, output, textHash);
  }
  if (!isSameRegister(register, header.register)) return 'it accounts for other outputs than it has decided';
  return stateHash(takeSnapshot(agent)) === header.after ? undefined : 'its state after is another one';
}

function built(config: AgentConfig, nonces: ReadonlyMap<string, string>): BuiltAgent {
  const spec = config.agents.find((each) => each.name === config.name);
  if (spec === undefined) throw new RangeError(`the configuration does not describe ${config.name}`);
  const { startMs, incarnation: life } = config;
  // Entries of the trace are counted, and named in effects: there has to be somebody who takes them.
  const sinkOf = () => ({ push: () => {} });
  return agentBuilder(config, { startMs, sinkOf, secret: '', nonces, life })(spec);
}

/** Checks its frame; `restoreAgent` checks the state, and the agent its events. */
function segmentOf(value: unknown): Segment {
  if (typeof value !== 'object' || value === null) throw new RangeError('no segment');
  const { before, cycles }: { before?: unknown; cycles?: unknown } = value;
  if (!Array.isArray(cycles)) throw new RangeError('no segment');
  const { nonces, agents, blinds } = InputsSchema.parse(value);
  const parsed = cycles.map((each: unknown) => {
    if (!Array.isArray(each) || typeof each[0] !== 'number' || !Array.isArray(each[1]))
      throw new RangeError('no cycle');
    return [each[0], each[1], each[2]] as const;
  });
  // `restoreAgent` refuses what is no snapshot.
  return { nonces, agents, blinds, before: before as AgentSnapshot, cycles: parsed };
}
