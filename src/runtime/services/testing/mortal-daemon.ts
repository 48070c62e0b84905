import { randomUUID } from 'node:crypto';
import { createRealClock } from '../../../adapters/clock-real/real-clock.ts';
import { openDirectoryStore } from '../../../adapters/store-directory/directory-store.ts';
import { isOver } from '../../../core/lifecycle/operation-machine.ts';
import { LifeKeeper } from '../life-keeper.ts';
import { openServiceStore } from '../open-service-store.ts';
import type { Placer } from '../placer.ts';
import { ServiceManager } from '../service-manager.ts';
import { packagesIn } from '../service-packages.ts';
import { connectDistant } from './distant-infrastructure.ts';

// A daemon of services that works without end, and tells its parent what it has acknowledged: to be killed. Its units and books are the
// parent's, so that they outlive it. `rest`: it goes on with what is not over, says how that came out, and ends.

const [home = '', packages = '', mode = 'work'] = process.argv.slice(2);
const distant = connectDistant();
const placer: Placer = {
  place: async (request) => (await distant.call('placer', 'place', [request])) as never,
  offer: async (request) => (await distant.call('placer', 'offer', [request])) as never,
  release: async (...args) => (await distant.call('placer', 'release', args)) as never,
  lower: async (...args) => (await distant.call('placer', 'lower', args)) as never,
  adopt: async (...args) => (await distant.call('placer', 'adopt', args)) as never,
};
const store = await openServiceStore(home);
const deps = {
  store,
  packages: packagesIn(await openDirectoryStore(packages)),
  imageFor: (image: string) => ({ catalogue: image }),
  infrastructure: distant.infrastructure,
  placer,
  clock: createRealClock({ startAtMs: 0 }),
  startWithinMs: 5000,
  wallMs: () => Date.now(),
  newId: randomUUID,
  onTrouble: (text: string) => process.stderr.write(`${text}\n`),
};
const manager = new ServiceManager(deps);
const keeper = new LifeKeeper({ ...deps, manager, everyMs: 50 });

const say = (acknowledged: object) => process.send?.({ acknowledged });
manager.listen((event) => {
  if (event.kind === 'operation' && isOver(event.operation.state)) {
    say({ operation: event.operation.id, service: event.operation.service, state: event.operation.state });
  }
});
await manager.start();
keeper.start();

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
const settled = async () => {
  while ((await manager.list()).some(({ operation }) => operation !== null)) await pause();
};

if (mode === 'rest') {
  await settled();
  const services = await manager.list();
  await keeper.stop();
  await manager.close();
  await store.close();
  process.send?.({ rested: services, operations: [] }, () => process.exit(0));
} else {
  for (let n = 0; ; n++) {
    // Three services, each on its own way through its life.
    const name = `shop-${n % 3}`;
    const found = (await manager.list()).find((each) => each.name === name);
    try {
      if (found?.operation != null) await pause();
      else if (found === undefined || n % 7 !== 0) {
        const colour = String(Math.floor(n / 5));
        const { service, operation } = await manager.apply({
          service: { name, nsd: 'shop-ns', members: { web: { parameters: { colour } } } },
        });
        say({ service: service?.id ?? '', name, operation: operation?.id ?? '' });
      } else {
        const { id } = await manager.terminate(name, { remove: true });
        say({ service: found.id, name, operation: id });
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'CONFLICT')) throw error;
    }
    await pause();
  }
}
