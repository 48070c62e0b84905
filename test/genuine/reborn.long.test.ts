import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveNetwork } from './live-network.ts';
import { allAttested, isAlive, startLiveNetwork } from './live-network.ts';

/** Each of the eight agents comes to its rebirth this often, ms. */
const EVERY_MS = 40_000;
const WITHIN_MS = 75_000;
/** Between the last moment of the old and the first of the new: one message from the guard to the agent. */
const MOST_GAP_MS = 500;

describe('agents that are reborn while the service runs', () => {
  let network: LiveNetwork;
  beforeAll(async () => {
    network = await startLiveNetwork(undefined, EVERY_MS);
  }, 180_000);
  afterAll(() => network.stop(), 30_000);

  const faults = (fault: string) =>
    network.journal.flatMap((entry) => (entry.kind === 'fault' && entry.fault === fault ? [entry] : []));

  it(
    'a successor is attested beside each, and takes over; none is ever without attestation, and the old process ends',
    async () => {
      const before = network.status().agents;
      const costs: string[] = [];
      let unattested = 0;
      let seen = 0;
      await network.until('every agent is reborn', WITHIN_MS, (status) => {
        if (status.agents.some((each) => each.status !== 'attested')) unattested++;
        for (const { subject, reason } of faults('agent-reborn').slice(seen)) {
          seen++;
          const pid = status.agents.find(({ name }) => name === subject)?.pid ?? 0;
          costs.push(`${subject}: ${reason}; ${costOf(pid)}`);
        }
        return new Set(faults('agent-reborn').map(({ subject }) => subject)).size === before.length;
      });
      process.stderr.write(`${costs.join('\n')}\n`);
      expect(unattested).toBe(0);
      for (const { reason } of faults('agent-reborn')) {
        const gapMs = Number(/for (\d+) ms/.exec(reason)?.[1]);
        expect(gapMs).toBeLessThan(MOST_GAP_MS);
      }
      await network.until('the group has a key', 10_000, allAttested);
      for (const old of before) {
        const now = network.status().agents.find(({ name }) => name === old.name);
        expect(now?.incarnation).toBeGreaterThan(old.incarnation);
        expect(now?.pid).not.toBe(old.pid);
        await network.until(`the old process of ${old.name} is gone`, 5000, () => !isAlive(old.pid ?? 0));
      }
      expect(faults('agent-ended')).toEqual([]);
      expect(faults('successor-ended')).toEqual([]);
    },
    WITHIN_MS + 30_000,
  );
});

/** What a process has taken until now. */
function costOf(pid: number): string {
  try {
    const peakKb = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .split(' ')
      .slice(13, 15)
      .map(Number);
    return `${((user + system) / 100).toFixed(2)} s of CPU, at most ${Math.round(Number(peakKb) / 1024)} MB`;
  } catch {
    return 'it has ended since';
  }
}
