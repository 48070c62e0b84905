import type { Operation } from '../../src/protocol/operation-record.ts';
import type { ServiceFile } from '../../src/protocol/service-file.ts';
import { burstServices, burstSubstrate } from './burst-services.ts';
import { type BurstWorld, type Moment, now, openWorld } from './burst-world.ts';
import { wrongInBooks } from './check-books.ts';

export interface BurstOptions {
  readonly kind: 'room' | 'tight';
  readonly services: number;
  readonly seed: number;
  readonly loss: number;
  /** Services applied one at a time before, each terminated again: the first ones of them warm up and are not measured. */
  readonly alone: number;
  readonly warmUp: number;
}

export interface BurstOutcome {
  readonly placed: number;
  readonly refused: number;
  /** Without an answer, or with one that says nothing. */
  readonly unanswered: number;
  /** From apply to the last award: by the clock of the wall, and processor time of this process, ms. */
  readonly alone: readonly Moment[];
  readonly together: readonly Moment[];
  /** From the first apply until the last service ran or was refused. */
  readonly allOverMs: number;
  /** What is not as it has to be: while they run, and after all were terminated. */
  readonly wrong: readonly string[];
}

const WITHIN_MS = 240_000;
const OVER: readonly Operation['state'][] = ['COMPLETED', 'PARTIALLY_COMPLETED', 'ROLLED_BACK', 'FAILED'];

/** Applies services to the real manager, one at a time and then all at once, and counts again what the agents have booked. */
export async function runBurst(options: BurstOptions): Promise<BurstOutcome> {
  const { kind, seed, loss } = options;
  const substrate = burstSubstrate(kind);
  const world = await openWorld({ substrate, seed, loss });
  const wrong: string[] = [];
  try {
    const alone: Moment[] = [];
    const first = burstServices(options.warmUp + options.alone, seed + 1, 'alone');
    for (const [index, service] of first.entries()) {
      const [took] = await applied(world, [service]);
      if (index >= options.warmUp && took !== undefined) alone.push(took);
      await terminated(world, [service.name]);
    }
    const files = burstServices(options.services, seed);
    const beganMs = performance.now();
    const together = await applied(world, files);
    const allOverMs = performance.now() - beganMs;
    const operations = await world.services.operations();
    const last = files.map(({ name }) => operations.find(({ serviceName }) => serviceName === name));
    const placed = last.filter((each) => each?.state === 'COMPLETED');
    // A refusal that does not say what lacks is none.
    const refused = last.filter(
      (each) =>
        each?.state === 'ROLLED_BACK' &&
        each.errors.some(({ message }) => /nobody hosts|had gone/.test(message)),
    );
    const there = await world.services.list();
    wrong.push(...wrongInBooks(world.desks(), substrate, there));
    wrong.push(
      ...differences(
        await world.running(),
        there.flatMap(({ shape }) => shape.units.map(({ id }) => id)),
      ),
    );
    await terminated(
      world,
      there.filter(({ state }) => state === 'INSTANTIATED').map(({ name }) => name),
    );
    wrong.push(...wrongInBooks(world.desks(), substrate, []).map((each) => `after the end: ${each}`));
    wrong.push(...differences(await world.running(), []).map((each) => `after the end: ${each}`));
    wrong.push(...world.trouble);
    return {
      placed: placed.length,
      refused: refused.length,
      unanswered: files.length - placed.length - refused.length,
      alone,
      together,
      allOverMs,
      wrong,
    };
  } finally {
    await world.close();
  }
}

/** Applies all of them at the same time; answers how long each took to its award, once all operations are over. */
async function applied(world: BurstWorld, files: readonly ServiceFile[]): Promise<readonly Moment[]> {
  const began = files.map(async (service) => {
    const beganAt = now();
    const { service: made, operation } = await world.services.apply({ service });
    return { beganAt, id: made?.id ?? '', operation: operation?.id ?? '' };
  });
  const all = Promise.all(began);
  let over = false;
  const settled = all.then(async (accepted) => {
    for (const { operation } of accepted) await ended(world, operation);
  });
  // Rejections are told by awaiting it below.
  settled.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  await world.until(() => over, WITHIN_MS);
  await settled;
  return (await all).map(({ beganAt, id }) => {
    const { wallMs = Number.NaN, cpuMs = Number.NaN } = world.answeredAt.get(id) ?? {};
    return { wallMs: wallMs - beganAt.wallMs, cpuMs: cpuMs - beganAt.cpuMs };
  });
}

async function terminated(world: BurstWorld, names: readonly string[]): Promise<void> {
  let left = names.length;
  const wait = Promise.all(
    names.map(async (name) => {
      const { id } = await world.services.terminate(name, { remove: true });
      await ended(world, id);
    }),
  ).finally(() => {
    left = 0;
  });
  await Promise.all([wait, world.until(() => left === 0, WITHIN_MS)]);
}

/** Resolves when an operation is over. */
function ended(world: BurstWorld, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const unlisten = world.services.listen((event) => {
      if (event.kind !== 'operation' || event.operation.id !== id || !OVER.includes(event.operation.state))
        return;
      unlisten();
      resolve();
    });
    world.services.operation(id).then(
      ({ state }) => {
        if (!OVER.includes(state)) return;
        unlisten();
        resolve();
      },
      (error: unknown) => {
        // A service that is forgotten with its operations has ended.
        unlisten();
        if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND') resolve();
        else reject(error);
      },
    );
  });
}

function differences(there: readonly string[], wanted: readonly string[]): readonly string[] {
  const [has, needs] = [new Set(there), new Set(wanted)];
  return [
    ...there.filter((each) => !needs.has(each)).map((each) => `${each} runs, and no service knows of it`),
    ...wanted.filter((each) => !has.has(each)).map((each) => `${each} does not run`),
  ];
}
