import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/protocol/up-status.ts';
import type { LiveNetwork } from './live-network.ts';
import { allAttested, isAlive, startLiveNetwork } from './live-network.ts';

/** Short, so that validity can be seen to run out. */
const TIMING = { commitWithin: 5, verdictWithin: 5, validity: 12, period: 3, stewardWithin: 3 };

describe('with short validity', () => {
  let network: LiveNetwork;
  let ledger = 0;
  beforeAll(async () => {
    network = await startLiveNetwork(TIMING);
  }, 180_000);
  afterAll(async () => {
    if (ledger > 0) process.kill(ledger, 'SIGCONT');
    await network.stop();
  }, 180_000);

  it('a process that is held still misses its rounds, is thrown out, and a successor takes its place', async () => {
    const held = network.status().agents.find((each) => each.name === 'a1');
    if (held?.pid == null) throw new Error('a1 does not run');
    process.kill(held.pid, 'SIGSTOP');
    const lost = await network.until('it has lost its trust', 40_000, ({ agents }) =>
      agents.some((each) => each.name === 'a1' && each.status !== 'attested'),
    );
    const back = await network.until(
      'a successor is attested',
      60_000,
      (status) =>
        allAttested(status) && status.agents.some((each) => each.name === 'a1' && each.incarnation > 1),
    );
    process.stderr.write(
      `held still: no trust after ${(lost / 1000).toFixed(1)} s, successor ${(back / 1000).toFixed(1)} s later\n`,
    );
    expect(isAlive(held.pid)).toBe(false);
  }, 120_000);

  it('while the ledger does not answer, trust lasts as long as it was granted and no longer; once it is back, agents are attested again', async () => {
    // The successor of the test before has to be let in first: who never was cannot be cut off.
    const isKeyed = (status: Status) => allAttested(status) && status.agents.every((each) => each.keyed);
    await network.until('all hold the key', 30_000, isKeyed);
    ledger = network.status().processes['ledger'] ?? 0;
    expect(ledger).toBeGreaterThan(0);
    const seen = network.journal.length;
    process.kill(ledger, 'SIGSTOP');
    const granted = Math.max(...network.status().agents.map((each) => each.validUntil));
    const expired = await network.until(
      'every attestation has run out',
      (TIMING.validity + 8) * 1000,
      ({ agents }) => agents.every((each) => each.status !== 'attested'),
    );
    // Nobody is trusted past what the last verdict granted.
    expect(Date.now() / 1000).toBeLessThan(granted + 3);
    const cutOff = () =>
      network.journal
        .slice(seen)
        .filter((each) => each.kind === 'fault' && each.reason.includes('not attested any more')).length;
    await network.until('the daemons have cut every agent off', 5000, () => cutOff() >= 8);
    process.kill(ledger, 'SIGCONT');
    const back = await network.until('all are attested again', 60_000, allAttested);
    process.stderr.write(
      `expired after ${(expired / 1000).toFixed(1)} s, attested again ${(back / 1000).toFixed(1)} s after the ledger came back\n`,
    );
  }, 150_000);
});
