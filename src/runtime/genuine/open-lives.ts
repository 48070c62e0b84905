import { join } from 'node:path';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import { AgentImages } from './agent-images.ts';
import { AgentLives } from './agent-lives.ts';
import { describeAgent } from './describe-agent.ts';
import type { LiveSites } from './live-sites.ts';
import type { Materials } from './materials.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { Placer } from './placer.ts';
import type { RegistryOffice } from './registry-office.ts';
import type { Roster } from './roster.ts';
import { MOST_ADDED } from './roster.ts';
import { Upgrades } from './upgrades.ts';

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

/** What follows the agents of a pipeline; `release` once none runs any more. */
export interface OpenedLives {
  readonly lives: AgentLives;
  readonly images: AgentImages;
  readonly upgrades: Upgrades;
  release(): void;
}

/** Puts together who starts agents, from what, where they are registered, and who follows them. */
export function openLives(among: LivesAmong): OpenedLives {
  const { options, roster, trust, sites, office, image, pipeline, collector } = among;
  const known = (agent: AgentId) => trust.state.agents.get(agentKeyOf(agent));
  const images = new AgentImages({
    image,
    native: options.native ?? new Map(),
    digestOf: (agent) => known(agent)?.imageDigest,
  });
  const placer = new Placer({
    agents: roster.specs.length + MOST_ADDED,
    images,
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
  const upgrades = new Upgrades({
    images,
    agents: () => roster.specs.map(({ name }) => name).filter((name) => images.native(name) === undefined),
    isWell: (agent) => lives.isWell(agent),
    versionOf: (agent) => known(agent)?.version ?? 0,
    bear: (agent, newer) => lives.bear(agent, newer),
    nowMs: monotonicMs,
    onStep: (text, durationMs) => options.onUpgrade?.(text, durationMs),
    onStopped: (agent, reason) => onFault('upgrade-stopped', agent, reason),
  });
  return { lives, images, upgrades, release: () => placer.close() };
}
