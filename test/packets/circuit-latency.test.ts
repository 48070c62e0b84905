import { expect, test } from 'vitest';
import { canDelay } from '../../src/adapters/infrastructure-linux/circuits.ts';
import type { LinuxInfrastructure } from '../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { fabricNamespace, instanceOf } from '../../src/adapters/infrastructure-linux/names.ts';
import { orderOf, sitesOfTest, startAll } from './support/local-sites.ts';

const LATENCY_MS = 60;
const WEB = '10.20.0.20';

/** There and back: a handshake. The first one also asks who has the address. */
const HANDSHAKES = `
for each in 1 2 3; do
  from=$EPOCHREALTIME; exec 3<>/dev/tcp/${WEB}/80; to=$EPOCHREALTIME; exec 3>&-
done
echo $(( \${to/./} - \${from/./} ))`;

async function roundTripMs(infrastructure: LinuxInfrastructure, unit: string): Promise<number> {
  const { stdout, exitCode } = await infrastructure.exec(unit, ['bash', '-c', HANDSHAKES], 10_000);
  expect(exitCode).toBe(0);
  return Number(stdout.trim()) / 1000;
}

test('units at two sites are as far apart as their circuit; a kernel that cannot delay says so once, and they talk', async () => {
  const sites = sitesOfTest('latency');
  const notices: string[] = [];
  const infrastructure = await sites.open({
    circuits: [
      { ends: ['site-a', 'site-b'], bytesPerSec: 12_500_000, latencyMs: LATENCY_MS },
      { ends: ['site-a', 'site-d'], latencyMs: 2 * LATENCY_MS },
    ],
    onNotice: (notice) => notices.push(notice),
  });
  try {
    await startAll(infrastructure, [
      orderOf('web', 'video-streamer', { host: 'host-a', address: WEB, parameters: { kbit: '1000' } }),
      orderOf('near', 'client', { host: 'host-a' }),
      orderOf('far', 'client', { host: 'host-b' }),
      orderOf('farther', 'client', { host: 'host-d' }),
    ]);
    const near = await roundTripMs(infrastructure, 'near');
    const far = await roundTripMs(infrastructure, 'far');
    const farther = await roundTripMs(infrastructure, 'farther');
    if (await canDelay(fabricNamespace(instanceOf(sites.stateDir)))) {
      expect(notices).toEqual([]);
      expect(near).toBeLessThan(2 * LATENCY_MS);
      expect(far).toBeGreaterThanOrEqual(2 * LATENCY_MS);
      expect(farther).toBeGreaterThanOrEqual(4 * LATENCY_MS);
    } else {
      expect(notices).toEqual([expect.stringContaining('no netem')]);
    }
  } finally {
    await infrastructure.destroy();
  }
  expect(sites.left()).toEqual([]);
  sites.forget();
});
