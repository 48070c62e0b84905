import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createRealClock } from '../../../adapters/clock-real/real-clock.ts';
import { createTwinInfrastructure } from '../../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { openDirectoryStore } from '../../../adapters/store-directory/directory-store.ts';
import { openLevelStore } from '../../../adapters/store-level/level-store.ts';
import { isOver } from '../../../core/lifecycle/operation-machine.ts';
import { nodeName } from '../../../protocol/ids.ts';
import { onboardPackages } from '../../packages/onboard-packages.ts';
import { bare } from '../../packages/testing/sample-files.ts';
import { readOperations, readServices } from '../service-records.ts';
import type { DistantCall } from './distant-infrastructure.ts';
import { createFirstFitPlacer } from './first-fit-placer.ts';
import { functionVnfd, shopNsd } from './shop-packages.ts';

export interface DaemonKills {
  readonly rounds: number;
  /** Library that takes away what is not synced at the moment of the kill, for the rounds in which it is loaded. */
  readonly powerLoss: string | undefined;
  onRound?(round: number, tally: DaemonTally): void;
}

export interface DaemonTally {
  kills: number;
  /** Kills with an operation under way, by what the records say. */
  insideOperation: number;
  /** Kills between a write of the store and its sync. */
  betweenWriteAndSync: number;
  acknowledged: number;
  /** What is not as it was acknowledged, or stands around; empty: nothing is lost and nothing is left. */
  readonly wrong: string[];
}

interface Said {
  readonly acknowledged?: { readonly operation: string; readonly state?: string; readonly service?: string };
}

/** The last that was acknowledged of an operation. */
export interface Acknowledged {
  readonly service: string;
  /** How it ended; undefined: that it was begun. */
  readonly state: string | undefined;
}

/** Operations of a service that are kept: the newest. */
const KEPT = 50;

/** Kills a daemon of services again and again, over units and books that outlive it, and looks after each life at what is left. */
export async function daemonKills(directory: string, options: DaemonKills): Promise<DaemonTally> {
  const home = join(directory, 'home');
  const packages = join(directory, 'packages');
  await onboard(packages);
  const clock = createRealClock({ startAtMs: 0 });
  const twin = createTwinInfrastructure(clock, { startDelayMs: 15 });
  const hosts = ['north', 'south'].map((site) => ({
    name: nodeName(`${site}-1`),
    site: nodeName(site),
    vcpus: 64,
    memoryMib: 1e6,
    storageGb: 1e4,
    energyPrice: 0,
  }));
  const placer = createFirstFitPlacer(hosts);
  const tally: DaemonTally = {
    kills: 0,
    insideOperation: 0,
    betweenWriteAndSync: 0,
    acknowledged: 0,
    wrong: [],
  };
  const known = new Map<string, Acknowledged>();

  const live = async (
    mode: 'work' | 'rest',
    env: NodeJS.ProcessEnv,
    killAfter: number,
  ): Promise<NodeJS.Signals | null> => {
    const child = fork(new URL('mortal-daemon.ts', import.meta.url).pathname, [home, packages, mode], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit');
    const unlisten = twin.onChange((change) => child.connected && child.send({ change }, () => {}));
    let seen = 0;
    child.on('message', (message: DistantCall | Said) => {
      if ('method' in message) {
        const target: Record<string, unknown> = Object(message.what === 'placer' ? placer : twin);
        const method = target[message.method];
        const reply = (answer: object) =>
          child.connected && child.send({ id: message.id, ...answer }, () => {});
        const value =
          typeof method === 'function'
            ? Promise.resolve(method(...message.args))
            : Promise.reject(new Error('no such call'));
        value.then(
          (found: unknown) => reply({ value: found }),
          (error: unknown) => reply({ error: String(error) }),
        );
        return;
      }
      const { acknowledged } = message;
      if (acknowledged === undefined) return;
      seen += 1;
      tally.acknowledged += 1;
      const { operation, service = '', state } = acknowledged;
      if (operation !== '') known.set(operation, { service, state: state ?? known.get(operation)?.state });
      if (seen >= killAfter) child.kill('SIGKILL');
    });
    // A life in which nothing is acknowledged any more is a daemon that stands still.
    const late = setTimeout(() => {
      tally.wrong.push(`a life in mode ${mode} did not end`);
      child.kill('SIGKILL');
    }, 30_000);
    try {
      const [, signal] = await ended;
      return signal;
    } finally {
      clearTimeout(late);
      unlisten();
      child.kill('SIGKILL');
    }
  };

  try {
    for (let round = 0; round < options.rounds; round++) {
      const losesPower = options.powerLoss !== undefined && round % 3 === 0;
      const env = losesPower
        ? { ...process.env, LD_PRELOAD: options.powerLoss, POWER_LOSS_AT: String(8 + ((round * 5) % 40)) }
        : process.env;
      const signal = await live('work', env, losesPower ? Number.POSITIVE_INFINITY : 1 + ((round * 3) % 11));
      if (signal !== 'SIGKILL') tally.wrong.push(`round ${round}: the daemon ended by itself`);
      tally.kills += 1;
      if (losesPower && signal === 'SIGKILL') tally.betweenWriteAndSync += 1;
      const found = await lookAtRecords(home, known);
      tally.wrong.push(...found.wrong.map((each) => `round ${round}: ${each}`));
      if (found.insideOperation) tally.insideOperation += 1;
      options.onRound?.(round, tally);
    }
    if ((await live('rest', process.env, Number.POSITIVE_INFINITY)) !== null)
      tally.wrong.push('the last life was killed');
    await lookAtWhatIsLeft(home, twin, placer, tally);
  } finally {
    clock.close();
  }
  return tally;
}

async function onboard(directory: string): Promise<void> {
  const opened = [functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web')].map((text, n) =>
    bare(text, `${n}.yaml`),
  );
  const site = { images: {}, webhooks: { allowHosts: [] } };
  await onboardPackages(await openDirectoryStore(directory), opened, { site, update: false, nowMs: 0 });
}

async function lookAtRecords(
  home: string,
  known: ReadonlyMap<string, Acknowledged>,
): Promise<{ readonly wrong: readonly string[]; readonly insideOperation: boolean }> {
  const store = await openLevelStore(join(home, 'services'), { format: 1 });
  try {
    const view = await store.view();
    const operations = await readOperations(view);
    const ids = new Set(operations.map(({ id }) => id));
    const nameless = (await readServices(view)).filter(
      ({ operation }) => operation !== null && !ids.has(operation),
    );
    return {
      wrong: [...lostOf(known, operations), ...nameless.map(({ name }) => `${name} names no operation`)],
      insideOperation: operations.some(({ state }) => !isOver(state)),
    };
  } finally {
    await store.close();
  }
}

/**
 * What was acknowledged, in this order, and does not stand in the records so. An operation that is not there has to have as many newer ones
 * of its service beside it as are kept; those of which nobody was told count as newer.
 */
export function lostOf(
  known: ReadonlyMap<string, Acknowledged>,
  stored: readonly { readonly id: string; readonly service: string; readonly state: string }[],
): readonly string[] {
  const byId = new Map(stored.map((each) => [each.id, each]));
  const newer = new Map<string, number>();
  const count = (service: string) => newer.set(service, (newer.get(service) ?? 0) + 1);
  for (const { id, service } of stored) if (!known.has(id)) count(service);
  return [...known].toReversed().flatMap(([id, { service, state }]) => {
    const found = byId.get(id);
    if (found === undefined)
      return (newer.get(service) ?? 0) < KEPT ? [`the operation ${id} of ${service} is gone`] : [];
    count(service);
    return state === undefined || found.state === state
      ? []
      : [`${id} was acknowledged as ${state} and is ${found.state}`];
  });
}

/** What runs, what is booked, and which chains are set is what the records say: nothing less, nothing more. */
async function lookAtWhatIsLeft(
  home: string,
  twin: ReturnType<typeof createTwinInfrastructure>,
  placer: ReturnType<typeof createFirstFitPlacer>,
  tally: DaemonTally,
): Promise<void> {
  const store = await openLevelStore(join(home, 'services'), { format: 1 });
  try {
    const services = await readServices(await store.view());
    const differ = (what: string, there: readonly string[], recorded: readonly string[]) => {
      const [a, b] = [there, recorded].map((each) => each.toSorted().join(' '));
      if (a !== b) tally.wrong.push(`${what}: ${a} is there, ${b} is recorded`);
    };
    const units = services.flatMap(({ shape }) => shape.units);
    differ(
      'units',
      (await twin.list()).map(({ id }) => id),
      units.map(({ id }) => id),
    );
    differ(
      'bookings',
      Object.entries(placer.booked()).flatMap(([host, all]) => all.map((unit) => `${host}:${unit}`)),
      units.map(({ host, unit }) => `${host}:${unit.id}`),
    );
    differ(
      'chains',
      twin.chains().map(({ id }) => id),
      services.flatMap(({ shape }) => shape.chains.map(({ id }) => id)),
    );
  } finally {
    await store.close();
  }
}
