import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildC, hasCompiler } from '../../../test/programs/build-c.ts';
import { type Acknowledged, daemonKills, lostOf } from './testing/daemon-kills.ts';

const NO_COMPILER =
  'there is no gcc: no daemon was killed between a write and its sync, and that nothing is lost then was not tested';

/** `KILLS=100` for the long run (`make soak-services`). */
const rounds = Number(process.env['KILLS'] ?? 5);

test(
  `a daemon of services is killed ${rounds} times: nothing acknowledged is lost, nothing is left over`,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'muster-kills-'));
    try {
      const powerLoss = hasCompiler()
        ? buildC('power-loss.c', join(directory, 'power-loss.so'), ['-shared', '-fPIC', '-ldl'])
        : undefined;
      const tally = await daemonKills(directory, { rounds, powerLoss });
      if (rounds > 5) process.stderr.write(`${JSON.stringify(tally)}\n`);
      if (powerLoss === undefined) process.stderr.write(`${NO_COMPILER}\n`);
      expect(tally.wrong).toEqual([]);
      expect(tally.kills).toBe(rounds);
      expect(tally.insideOperation).toBeGreaterThan(rounds / 3);
      if (powerLoss !== undefined) expect(tally.betweenWriteAndSync).toBeGreaterThanOrEqual(rounds / 5);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000 + rounds * 5000,
);

describe('what is lost', () => {
  const id = (service: string, n: number) => `${service}-${n}`;
  const acknowledged = (service: string, count: number) =>
    Array.from({ length: count }, (_, n): [string, Acknowledged] => [
      id(service, n),
      { service, state: 'COMPLETED' },
    ]);
  const stored = (service: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({ id: id(service, from + n), service, state: 'COMPLETED' }));

  test('is told of each service, however many operations others have', () => {
    const known = new Map([...acknowledged('a', 60), ...acknowledged('b', 10)]);
    expect(lostOf(known, [...stored('a', 10, 60), ...stored('b', 0, 10)])).toEqual([]);
    expect(lostOf(known, [...stored('a', 10, 60), ...stored('b', 1, 10)])).toEqual([
      'the operation b-0 of b is gone',
    ]);
    // Of `a` the newest 50 are kept: none among them may be gone.
    expect(lostOf(known, [...stored('a', 10, 40), ...stored('a', 41, 60), ...stored('b', 0, 10)])).toContain(
      'the operation a-40 of a is gone',
    );
  });

  test('counts those of which nobody was told as newer, and tells of other states', () => {
    const known = new Map(acknowledged('a', 10));
    expect(lostOf(known, [...stored('a', 5, 10), ...stored('a', 100, 145)])).toEqual([]);
    expect(lostOf(known, [...stored('a', 1, 10), { id: 'a-0', service: 'a', state: 'FAILED' }])).toEqual([
      'a-0 was acknowledged as COMPLETED and is FAILED',
    ]);
  });
});
