import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveNetwork } from './live-network.ts';
import { allAttested, isAlive, startLiveNetwork } from './live-network.ts';
import { patchAndRestore } from './patch-and-restore.ts';

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('an agent that is tampered with', () => {
  let network: LiveNetwork;
  beforeAll(async () => {
    network = await startLiveNetwork();
  }, 180_000);
  afterAll(async () => {
    await network.stop();
  }, 180_000);

  it('is killed, revoked on the ledger and shut out of the group; a successor is attested in its place', async () => {
    const before = network.status();
    expect(allAttested(before)).toBe(true);
    const limiter = before.agents.find((each) => each.roles.includes('rate-limiter'));
    if (limiter?.pid == null) throw new Error('nobody is the rate limiter');
    const { name, pid } = limiter;
    const seen = network.journal.length;
    patchAndRestore(pid);
    const killedMs = await network.until('its process is gone', 5000, () => !isAlive(pid));
    const revoked = () =>
      network.journal
        .slice(seen)
        .some((each) => each.kind === 'ledger' && each.event === 'Revoked' && each.subject === name);
    const revokedMs = killedMs + (await network.until('it is revoked', 5000, revoked));
    const rotatedMs =
      revokedMs + (await network.until('the key is rotated', 6000, ({ epoch }) => epoch > before.epoch));
    const backMs = rotatedMs + (await network.until('a successor is attested', 30_000, allAttested));
    process.stderr.write(
      `killed ${killedMs.toFixed(0)} ms, revoked ${revokedMs.toFixed(0)} ms, new key ${rotatedMs.toFixed(0)} ms, successor attested ${backMs.toFixed(0)} ms after the tampering\n`,
    );
    expect(revokedMs).toBeLessThan(5000);
    const after = network.status().agents;
    expect(after.find((each) => each.name === name)?.incarnation).toBe(2);
    for (const each of after) if (each.name !== name) expect(each.incarnation).toBe(1);
    const reason = network.journal.find((each) => each.kind === 'ledger' && each.event === 'Revoked')?.reason;
    expect(reason).toMatch(/text of .* written to/);
    const moved = (roles: readonly string[]) => roles.includes('rate-limiter');
    await network.until('somebody is the rate limiter again', 10_000, ({ agents }) =>
      agents.some((each) => moved(each.roles)),
    );
  }, 180_000);
});
