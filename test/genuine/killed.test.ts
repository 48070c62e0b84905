import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import type { AgentStatus } from '../../src/protocol/up-status.ts';
import type { LiveNetwork } from './live-network.ts';
import { allAttested, isAlive, startLiveNetwork } from './live-network.ts';

/** How often something is killed; `KILLS=20` for the long run. */
const KILLS = Number(process.env['KILLS'] ?? 4);
const BACK_WITHIN_MS = 45_000;

describe('what is killed without notice', () => {
  let network: LiveNetwork;
  const seen = new Set<number>();
  const look = () => {
    for (const pid of network.processes().values()) seen.add(pid);
  };
  beforeAll(async () => {
    network = await startLiveNetwork();
    look();
  }, 180_000);
  afterAll(() => network.stop(), 30_000);

  it(
    'comes back: ledger, guard, daemon or agent; whoever lost its process is attested anew, nobody is left over',
    async () => {
      const random = createSeededRandom(Number(process.env['SEED'] ?? 1));
      const kinds = ['ledger', 'guard', 'daemon', 'a'];
      for (let kill = 0; kill < KILLS; kill++) {
        const wanted = kinds[kill % kinds.length] ?? 'a';
        const victims = [...network.processes()].filter(([what]) => what.startsWith(wanted));
        const [what, pid] = victims[random.below(victims.length)] ?? ['nothing', 0];
        expect(pid).toBeGreaterThan(0);
        const site = what.replace(/^\S+ /, '');
        const hit = (each: AgentStatus) =>
          each.name === what || ((wanted === 'guard' || wanted === 'daemon') && each.site === site);
        const before = new Map(network.status().agents.map((each) => [each.name, each.incarnation]));
        const affected = network
          .status()
          .agents.filter(hit)
          .map((each) => each.name);
        const block = network.status().ledger?.block ?? 0;
        process.kill(pid, 'SIGKILL');
        await network.until(`${what} is gone`, 3000, () => !isAlive(pid));
        const back = await network.until(`all is well after ${what} was killed`, BACK_WITHIN_MS, (status) => {
          look();
          const other = network.processes().get(what);
          const anew = status.agents.every(
            ({ name, incarnation }) => !affected.includes(name) || incarnation > (before.get(name) ?? 0),
          );
          return other !== undefined && other !== pid && isAlive(other) && anew && allAttested(status);
        });
        process.stderr.write(`${what} killed: all attested again after ${(back / 1000).toFixed(1)} s\n`);
        expect(network.status().ledger?.block).toBeGreaterThanOrEqual(block);
      }
    },
    (KILLS + 1) * (BACK_WITHIN_MS + 5000),
  );

  it('leaves no process behind when all is stopped', async () => {
    look();
    await network.stop();
    const left = [...seen].filter(isAlive);
    expect(left).toEqual([]);
  }, 180_000);
});
