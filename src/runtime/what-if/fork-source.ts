import { setTimeout as pause } from 'node:timers/promises';
import type { Infrastructure, UnitUsage } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';
import type { WhatIfChange } from '../../protocol/what-if.ts';
import { readServices } from '../services/service-records.ts';
import type { UpServices } from '../up/up-services.ts';
import { servicesOf } from './change-sites.ts';
import type { ScenarioFork } from './fork.ts';
import { changedScenario } from './run-scenario-fork.ts';
import { type Forkable, ratesBetween, takeFork } from './take-fork.ts';
import type { ForkSource } from './what-if-desk.ts';

/** Between two readings of what units use. */
const MEASURED_MS = 1000;

export interface UpToFork {
  readonly scenario: Scenario;
  /** Undefined: nobody manages services here. */
  readonly services: UpServices | undefined;
  /** @throws USAGE before it is up. */
  group(): PipelineView;
  nowMs(): number;
}

/** What is up, as it can be forked: sites with services in their present state, or else the scenario as it is declared. */
export function createForkSource(up: UpToFork): ForkSource {
  const sites = up.services === undefined ? undefined : forkable(up.services, () => specsOf(up.group()));
  /** Sites, unless only the scenario knows what is to be changed. */
  const of = async (change: WhatIfChange) => {
    if (sites === undefined) return undefined;
    const { users, functions } = up.scenario;
    const named =
      change.kind === 'lose-site' ? undefined : change.kind === 'attack' ? change.target : change.of;
    const services = await readServices(await sites.services.view());
    const isService = services.some(({ id, name }) => id === named || name === named);
    const isOfScenario =
      functions.some(({ name }) => name === named) || users.some(({ name }) => name === named);
    return isOfScenario && !isService ? undefined : { sites, services };
  };
  return {
    check: async (change) => {
      up.group();
      const found = await of(change);
      if (found === undefined) {
        changedScenario(up.scenario, change);
        return;
      }
      const { substrate } = found.sites;
      if (change.kind === 'lose-site') {
        if (substrate.sites.some((site) => site === change.site)) return;
        throw new MusterError('NOT_FOUND', `there is no site ${change.site}`, {
          hint: `there are ${substrate.sites.slice(0, 20).join(', ')}`,
        });
      }
      const changed = servicesOf(found.services, change.kind === 'attack' ? change.target : change.of);
      if (changed.some(({ state }) => state === 'INSTANTIATED')) return;
      throw new MusterError('CONFLICT', 'nothing runs of it', { hint: 'muster service list' });
    },
    take: async (change) => {
      const found = await of(change);
      return found === undefined ? scenarioFork(up) : takeFork(found.sites, up.nowMs());
    },
  };
}

function forkable(services: UpServices, agents: () => readonly AgentSpec[]): Forkable {
  const { substrate, site } = services.options;
  return {
    substrate,
    site,
    services: services.store,
    packages: services.packages,
    agents,
    lost: () => services.lost(),
    rates: async () => {
      const { infrastructure } = services;
      if (infrastructure === undefined) return [];
      const before = await usageOf(infrastructure);
      const fromMs = performance.now();
      await pause(MEASURED_MS);
      return ratesBetween(before, await usageOf(infrastructure), performance.now() - fromMs);
    },
  };
}

async function usageOf(infrastructure: Infrastructure): Promise<readonly UnitUsage[]> {
  const running = await infrastructure.list().catch(() => []);
  const read = await Promise.all(
    // One that has just ended is not measured.
    running.map(({ id }) => infrastructure.usage(id).catch(() => undefined)),
  );
  return read.flatMap((each) => each ?? []);
}

/** Who may act now. */
function specsOf({ agents }: PipelineView): readonly AgentSpec[] {
  return agents
    .filter(({ attested }) => attested)
    .map(({ name, host, capabilities, service }) => ({
      name,
      host,
      capabilities,
      bid: { mode: 'headroom', costWeight: 0.5 },
      ...(service === undefined ? {} : { service }),
    }));
}

function scenarioFork({ scenario, group }: UpToFork): ScenarioFork {
  const agents = specsOf(group()).filter(({ service }) => service === undefined);
  return {
    kind: 'scenario',
    scenario: { ...scenario, agents: agents.length === 0 ? scenario.agents : [...agents] },
    taken: [
      `the scenario ${scenario.name}: its topology, functions and users as they are declared`,
      `${agents.length} agents that are attested now, with what each can do`,
    ],
    assumed: [
      'where functions run, which rules are in force and what agents believe is not taken: functions are placed by auction anew, from seed',
      'traffic is what the users of the scenario make in the twin, also where packets are real',
      'attacks and faults of the scenario itself are left out',
    ],
  };
}
