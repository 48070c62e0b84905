import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadScenario, MAX_SCENARIO_BYTES, readScenario } from './load-scenario.ts';
import { GOOD, problemsOf } from './testing/small-scenario.ts';

describe('a good scenario', () => {
  test('is read with its defaults filled in', () => {
    const loaded = readScenario(GOOD);
    expect(loaded.ok).toBe(true);
    if (!loaded.ok) return;
    expect(loaded.scenario.warmupMs).toBe(3000);
    expect(loaded.scenario.topology.hosts[1]?.queueBytes).toBe(32_768);
    expect(loaded.scenario.users[0]).toMatchObject({ thinkMs: 500, patienceMs: 2000 });
  });

  test('may share parts by a few aliases', () => {
    const text = GOOD.replace('cpu: 4, memoryGb: 4 }', 'cpu: &n 4, memoryGb: *n }');
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('files', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'muster-scenario-'));
  });
  afterAll(async () => {
    await rm(dir, { recursive: true });
  });

  test('a good file is read', async () => {
    const file = join(dir, 'good.yaml');
    await writeFile(file, `\ufeff${GOOD.replaceAll('\n', '\r\n')}`);
    expect((await loadScenario(file)).ok).toBe(true);
  });

  test('a file that is too large is refused without being read whole', async () => {
    const file = join(dir, 'large.yaml');
    await writeFile(file, '#'.repeat(MAX_SCENARIO_BYTES + 10));
    const loaded = await loadScenario(file);
    expect(loaded).toMatchObject({
      ok: false,
      problems: [{ line: 1, message: expect.stringContaining('larger than') }],
    });
  });

  test('bytes that are not UTF-8 are placed', async () => {
    const file = join(dir, 'latin1.yaml');
    await writeFile(file, Buffer.concat([Buffer.from('name: x\ntitle: caf'), Buffer.from([0xe9, 0x0a])]));
    expect(await loadScenario(file)).toMatchObject({ ok: false, problems: [{ line: 2, column: 11 }] });
  });

  test.each(['missing.yaml', '.'])('%s is refused with code BAD_FILE and a next step', async (name) => {
    await expect(loadScenario(join(dir, name))).rejects.toMatchObject({
      code: 'BAD_FILE',
      exitCode: 64,
      hint: expect.stringContaining('bin/muster scenario list'),
    });
  });

  test('a device that never ends is refused', async () => {
    await expect(loadScenario('/dev/zero')).rejects.toMatchObject({ code: 'BAD_FILE' });
  });
});
