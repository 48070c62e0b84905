import { join } from 'node:path';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import { AgentLives } from './agent-lives.ts';
import { describeAgent } from './describe-agent.ts';
import type { LiveSites } from './live-sites.ts';
import type { Materials } from './materials.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { Placer } from './placer.ts';
import type { RegistryOffice } from './registry-office.ts';
import type { Roster } from './roster.ts';
import { MOST_ADDED } from './roster.ts';

/** What the agents of a pipeline live among. */
export interface LivesAmong {
  readonly options: PipelineOptions;
  readonly roster: Roster;
  readonly trust: TrustView;
  readonly sites: Pick<LiveSites, 'guardOf' | 'orderFor'>;
  readonly office: Pick<RegistryOffice, 'registry'>;
  readonly image: Materials['image'];
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  readonly pipeline: string;
  /** What telemetry is sealed to. */
  readonly collector: Hex;
}

/** Puts together who starts agents, where they are registered, and who follows them; `release` once none runs any more. */
export function openLives(among: LivesAmong): { readonly lives: AgentLives; release(): void } {
  const { options, roster, trust, sites, office, image, pipeline, collector } = among;
  const placer = new Placer({
    agents: roster.specs.length + MOST_ADDED,
    image,
    native: options.native ?? new Map(),
    programs: join(options.dir, 'programs'),
    describe: (agent, incarnation) => {
      const surroundings = { specs: roster.specs, pipeline, collector };
      return describeAgent(agent, incarnation, surroundings, options);
    },
    guardOf: (agent) => sites.guardOf(agent),
    order: (agent, order) => sites.orderFor(agent, { kind: 'spawn', order }),
    lastIncarnation: (agent) => {
      const { agents } = trust.state;
      const key = agentKeyOf(agent);
      return Math.max(agents.get(key)?.incarnation ?? 0, agents.get(seatBeside(key))?.incarnation ?? 0);
    },
  });
  const { rebirthEveryMs, isWanted, onTakeover, onReborn, onFault } = options;
  const lives = new AgentLives({
    roster,
    trust,
    placer,
    registrar: () => {
      const { registry } = office;
      return (
        registry && {
          register: (order) => placer.register(order, registry),
          giveUp: (seat, reason) => registry.giveUp(seat, reason),
        }
      );
    },
    kill: (agent, incarnation, reason) => sites.orderFor(agent, { kind: 'kill', agent, incarnation, reason }),
    ...(rebirthEveryMs === undefined ? {} : { rebirthEveryMs }),
    nowMs: monotonicMs,
    isWanted,
    onTakeover,
    onReborn,
    onFault,
  });
  return { lives, release: () => placer.close() };
}
