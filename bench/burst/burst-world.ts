import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPacedClock } from '../../src/adapters/clock-paced/paced-clock.ts';
import { createTwinInfrastructure } from '../../src/adapters/infrastructure-twin/twin-infrastructure.ts';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import type { HostingDesk } from '../../src/capabilities/hosting/hosting-desk.ts';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import { imageTargetOf } from '../../src/protocol/catalogue.ts';
import { NO_SITE_CONFIG } from '../../src/protocol/site-config.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { openPackage } from '../../src/runtime/packages/examine-package.ts';
import { onboardPackages } from '../../src/runtime/packages/onboard-packages.ts';
import { openPackageStore } from '../../src/runtime/packages/open-package-store.ts';
import { createAgentPlacer } from '../../src/runtime/placement/agent-placer.ts';
import { createPlacingAgents } from '../../src/runtime/placement/placing-agents.ts';
import { openServiceStore } from '../../src/runtime/services/open-service-store.ts';
import { type RunningServices, startServices } from '../../src/runtime/services/start-services.ts';
import { createLossyBus } from '../placement/lossy-bus.ts';

export interface WorldOptions {
  readonly substrate: Substrate;
  readonly seed: number;
  /** Part of the messages between agents that is lost; they take 1 to 2 ms then, and 2 % of them come twice. */
  readonly loss: number;
}

/** A moment by the clock of the wall, and by what processor time this process had had by then: others on the machine do not count. */
export interface Moment {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export function now(): Moment {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

/** All that an operator has on one machine, but for its API: stores on disk, units as models, an agent a site that bargains. */
export interface BurstWorld {
  readonly services: RunningServices['operations'];
  /** When a service's placement was answered, by its id. */
  readonly answeredAt: ReadonlyMap<string, Moment>;
  /** The books of the sites. */
  desks(): readonly HostingDesk[];
  /** Names of the units that run. */
  running(): Promise<readonly string[]>;
  /** Things that went wrong unseen. */
  readonly trouble: readonly string[];
  /** Lets time pass until it is so. Throws after `withinMs` of the wall. */
  until(what: () => boolean | Promise<boolean>, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Agents that place services, in turn. */
const ORCHESTRATORS = 4;
const STEP_MS = 5;
const CATALOGUE = new URL('../../catalogue/', import.meta.url).pathname;

export async function openWorld({ substrate, seed, loss }: WorldOptions): Promise<BurstWorld> {
  const home = mkdtempSync(join(tmpdir(), 'muster-burst-'));
  const clock = createPacedClock({ startAtMs: 0 });
  const twin = createTwinInfrastructure(clock, { startDelayMs: 20 });
  const bus = createLossyBus({
    clock,
    random: createSeededRandom(seed).fork('network'),
    loss,
    duplicates: loss > 0 ? 0.02 : 0,
    delayMs: loss > 0 ? 1 : 0,
    countBytes: false,
  });
  const agents = createPlacingAgents({
    substrate,
    clock,
    bus,
    terms: CHAIN_TERMS,
    orchestrators: ORCHESTRATORS,
  });
  const answeredAt = new Map<string, Moment>();
  const trouble: string[] = [];
  const packages = await openPackageStore(home);
  await onboardCatalogue(packages);
  const store = await openServiceStore(home);
  const services = await startServices({
    store,
    packages,
    infrastructure: twin,
    placer: createAgentPlacer(
      {
        apply: (graph, answered, wishes) =>
          agents.apply(
            graph,
            (answer) => {
              answeredAt.set(graph.service, now());
              answered(answer);
            },
            wishes,
          ),
        withdraw: agents.withdraw,
        improve: agents.improve,
      },
      substrate,
    ),
    substrate,
    clock,
    imageFor: (image) => imageTargetOf(NO_SITE_CONFIG, image),
    onTrouble: (text) => trouble.push(text),
  });
  return {
    services: services.operations,
    answeredAt,
    desks: () => agents.desks(),
    running: async () => (await twin.list()).map(({ id }) => id),
    trouble,
    until: async (what, withinMs) => {
      const untilMs = performance.now() + withinMs;
      while (!(await what())) {
        if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms; ${trouble.join('; ')}`);
        await clock.passUntil(clock.nowMs() + STEP_MS);
      }
    },
    close: async () => {
      agents.stop();
      await services.close();
      await store.close();
      clock.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function onboardCatalogue(packages: Parameters<typeof onboardPackages>[0]): Promise<void> {
  const opened = await Promise.all(readdirSync(CATALOGUE).map((name) => openPackage(`${CATALOGUE}${name}`)));
  const options = { site: NO_SITE_CONFIG, update: false, nowMs: Date.now() };
  const results = await onboardPackages(packages, opened, options);
  const refused = results.filter(({ outcome }) => outcome !== 'onboarded');
  if (refused.length > 0)
    throw new Error(`not onboarded: ${JSON.stringify(refused.flatMap((each) => each.problems))}`);
}
