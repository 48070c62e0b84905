import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildC, hasCompiler } from '../../../test/programs/build-c.ts';
import type { Store } from '../../ports/store.ts';
import { openLevelStore } from './level-store.ts';
import { killRounds } from './testing/kill-rounds.ts';

/** `KILLS=100` for the long run (`make soak-services`). */
const ROUNDS = Number(process.env['KILLS'] ?? 6);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-level-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

async function put(store: Store, values: Readonly<Record<string, string>>): Promise<void> {
  await store.update(async () => ({
    changes: Object.entries(values).map(([key, value]) => ({ kind: 'put', key, value: bytes(value) })),
    answer: undefined,
  }));
}

async function fill(format = 1): Promise<void> {
  const store = await openLevelStore(directory, { format });
  for (let n = 0; n < 20; n++) await put(store, { [`key-${n}`]: `value ${n} `.repeat(50) });
  await store.close();
}

test('who opens it while another has it is told so', async () => {
  const store = await openLevelStore(directory, { format: 1 });
  try {
    await expect(openLevelStore(directory, { format: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
  } finally {
    await store.close();
  }
});

test('changes that come at once go to disk together, each whole', async () => {
  const store = await openLevelStore(directory, { format: 1 });
  try {
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => put(store, { [`a/${n}`]: 'x', [`b/${n}`]: 'y' })),
    );
    expect((await store.view()).keys('')).toHaveLength(400);
  } finally {
    await store.close();
  }
});

describe('damage is said, and nothing is guessed', () => {
  test('a byte that is another', async () => {
    await fill();
    const [log = ''] = readdirSync(directory).filter((file) => file.endsWith('.log'));
    const path = join(directory, log);
    const content = readFileSync(path);
    // In the middle of the first values: LevelDB alone would leave that record out, and say nothing.
    content[Math.floor(content.length / 4)] = (content[Math.floor(content.length / 4)] ?? 0) ^ 0xff;
    writeFileSync(path, content);
    await expect(openLevelStore(directory, { format: 1 })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  test('a file that is gone', async () => {
    await fill();
    for (const file of readdirSync(directory).filter((each) => each.startsWith('MANIFEST')))
      rmSync(join(directory, file));
    await expect(openLevelStore(directory, { format: 1 })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  test('a CURRENT that is empty', async () => {
    await fill();
    truncateSync(join(directory, 'CURRENT'));
    await expect(openLevelStore(directory, { format: 1 })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });
});

describe('format', () => {
  test('of an earlier version is brought to that of now, step by step', async () => {
    await fill();
    const store = await openLevelStore(directory, {
      format: 3,
      migrations: {
        1: (values) => [{ kind: 'put', key: 'count', value: bytes(String(values.size)) }],
        2: (values) => [
          { kind: 'put', key: 'doubled', value: bytes(`${new TextDecoder().decode(values.get('count'))}x2`) },
          { kind: 'delete', key: 'count' },
        ],
      },
    });
    const view = await store.view();
    expect(new TextDecoder().decode(await view.get('doubled'))).toBe('20x2');
    expect(view.keys('count')).toEqual([]);
    await store.close();
    await (await openLevelStore(directory, { format: 3 })).close();
  });

  test('of a later version is refused, and so is one that nothing leads on from', async () => {
    await fill(2);
    await expect(openLevelStore(directory, { format: 1 })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await expect(openLevelStore(directory, { format: 3 })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await (await openLevelStore(directory, { format: 2 })).close();
  });
});

describe('kill -9', () => {
  test(
    'at any moment: nothing that was acknowledged is lost',
    async () => {
      const { lost, acknowledged } = await killRounds(directory, {
        rounds: ROUNDS / 2,
        powerLoss: undefined,
      });
      expect(lost).toEqual([]);
      expect(acknowledged).toBeGreaterThan(10);
    },
    30_000 + ROUNDS * 5000,
  );

  test.skipIf(!hasCompiler())(
    'between write and sync, with what was not synced taken away (needs gcc): nothing that was acknowledged is lost',
    async () => {
      const powerLoss = buildC('power-loss.c', join(directory, 'power-loss.so'), [
        '-shared',
        '-fPIC',
        '-ldl',
      ]);
      const { lost, betweenWriteAndSync } = await killRounds(join(directory, 'store'), {
        rounds: ROUNDS,
        powerLoss,
      });
      expect(lost).toEqual([]);
      expect(betweenWriteAndSync).toBe(ROUNDS);
    },
    60_000 + ROUNDS * 5000,
  );
});
