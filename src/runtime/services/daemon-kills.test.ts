import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildC, hasCompiler } from '../../../test/programs/build-c.ts';
import { daemonKills } from './testing/daemon-kills.ts';

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
      expect(tally.wrong).toEqual([]);
      expect(tally.kills).toBe(rounds);
      expect(tally.insideOperation).toBeGreaterThan(rounds / 3);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000 + rounds * 5000,
);
