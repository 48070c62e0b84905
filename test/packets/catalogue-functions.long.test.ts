import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinuxInfrastructure } from '../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { orderOf, SERVICE, sitesOfTest, startAll } from './support/local-sites.ts';

// What the functions of the catalogue do to real packets.

const sites = sitesOfTest('catalogue');
let infrastructure: LinuxInfrastructure;
const VIDEO = '10.20.0.20';

beforeAll(async () => {
  infrastructure = await sites.open();
  await startAll(infrastructure, [
    orderOf('client', 'client', { host: 'host-d', address: '10.20.0.2' }),
    // 250 kB a segment.
    orderOf('video', 'video-streamer', { host: 'host-c', address: VIDEO, parameters: { kbit: '1000' } }),
  ]);
});
afterAll(async () => {
  await infrastructure?.destroy();
  expect(sites.left()).toEqual([]);
  sites.forget();
});

const chain = (destination: string, ...units: string[]) =>
  infrastructure.setChain({
    id: `to ${destination}`,
    service: SERVICE,
    match: { protocol: 6, destination, destinationPort: 80 },
    hops: units.map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' })),
  });
const get = async (address: string, path = '/', port = 80, unit = 'client') => {
  const script = `exec 3<>/dev/tcp/${address}/${port}; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`;
  const { stdout } = await infrastructure.exec(unit, ['bash', '-c', script], 5000);
  return stdout.slice(stdout.indexOf('\r\n\r\n') + 4);
};
/** A segment that is there now: about 250 kB. */
const segment = async () => (await get(VIDEO, '/live.m3u8')).match(/segment-\d+\.ts/g)?.at(-1) ?? '';
const call = async (unit: string, ...command: string[]) => {
  const { stdout, stderr } = await infrastructure.exec(unit, command, 5000);
  return (stdout + stderr).trim();
};
/** Asks again until it is so, at most 8 s. */
const until = async (isSo: () => Promise<boolean>) => {
  const deadline = performance.now() + 8000;
  while (!(await isSo())) if (performance.now() > deadline) throw new Error('it does not come about');
};

test('the rate limiter lets through as much as it is told, and more when it is told so', async () => {
  await startAll(infrastructure, [
    orderOf('limiter', 'rate-limiter', { parameters: { 'rate-kbit': '1000' } }),
  ]);
  await chain(VIDEO, 'limiter', 'video');
  const took = async () => {
    const path = await segment();
    const from = performance.now();
    const script = `exec 3<>/dev/tcp/${VIDEO}/80; printf 'GET /${path} HTTP/1.0\\r\\n\\r\\n' >&3; wc -c <&3`;
    const { stdout } = await infrastructure.exec('client', ['bash', '-c', script], 15_000);
    expect(Number(stdout)).toBeGreaterThan(249_000);
    return performance.now() - from;
  };
  expect(await took()).toBeGreaterThan(1500);
  expect(await call('limiter', 'set-rate', 'rate-kbit=50000')).toBe('50000 kbit/s');
  expect(await took()).toBeLessThan(1200);
  expect(await call('limiter', 'set-rate', 'rate-kbit=fast')).toContain('a whole number');
});

test('the load balancer takes turns, leaves out who does not answer, and takes new backends', async () => {
  await startAll(infrastructure, [
    orderOf('one', 'web-server', { host: 'host-a', address: '10.20.0.31', parameters: { text: 'one' } }),
    orderOf('two', 'web-server', { host: 'host-b', address: '10.20.0.32', parameters: { text: 'two' } }),
    orderOf('balancer', 'load-balancer', {
      host: 'host-c',
      address: '10.20.0.30',
      parameters: { backends: '10.20.0.31:80,10.20.0.32:80', 'check-ms': '100' },
    }),
  ]);
  // All three began at once: who came later is found by the next check.
  await until(async () => !(await call('balancer', 'list-backends')).includes('does not answer'));
  const answers = [];
  for (let index = 0; index < 4; index++) answers.push(await get('10.20.0.30'));
  expect(answers.toSorted()).toEqual(['one', 'one', 'two', 'two']);
  await infrastructure.stop('one');
  await until(async () =>
    (await call('balancer', 'list-backends')).includes('10.20.0.31:80 does not answer'),
  );
  expect([await get('10.20.0.30'), await get('10.20.0.30')]).toEqual(['two', 'two']);
  expect(await call('balancer', 'set-backends', 'backends=10.20.0.99:80')).toBe('0 of 1 answer');
  const refused = await infrastructure.exec('client', ['bash', '-c', 'exec 3<>/dev/tcp/10.20.0.30/80'], 5000);
  expect(refused.stderr).toContain('refused');
});

test('the firewall lets through what its rules say, and rules can come and go', async () => {
  await startAll(infrastructure, [
    orderOf('wall', 'firewall', { host: 'host-b', parameters: { rules: 'accept tcp port 80' } }),
  ]);
  await chain(VIDEO, 'wall', 'video');
  expect(await get(VIDEO, '/live.m3u8')).toContain('#EXTM3U');
  expect(await call('wall', 'add-rule', 'rule=drop from 10.20.0.2')).toBe('drop from 10.20.0.2');
  expect(await call('wall', 'list-rules')).toBe('drop from 10.20.0.2\naccept tcp port 80\ndrop');
  const knock = ['bash', '-c', `exec 3<>/dev/tcp/${VIDEO}/80`];
  expect((await infrastructure.exec('client', knock, 500)).exitCode).toBe(124);
  await call('wall', 'remove-rule', 'rule=drop from 10.20.0.2');
  expect(await get(VIDEO, '/live.m3u8')).toContain('#EXTM3U');
  expect(await call('wall', 'remove-rule', 'rule=drop icmp')).toContain('it has no rule `drop icmp`');
  expect(await call('wall', 'add-rule', 'rule=drop to 10.0.0.1; flush ruleset')).toContain('not understood');
});

describe('monitors', () => {
  test('the link monitor tells rates, and when they are over the threshold', async () => {
    await startAll(infrastructure, [
      orderOf('monitor', 'link-monitor', {
        address: '10.20.0.40',
        parameters: { 'threshold-bytes': '100000' },
      }),
    ]);
    await chain(VIDEO, 'monitor', 'video');
    await get(VIDEO, `/${await segment()}`);
    await until(async () => (await infrastructure.logs('monitor', 4000)).includes('eth0:'));
    const metrics = await get('10.20.0.40', '/metrics', 9100);
    expect(metrics).toMatch(/^muster_link_received_bytes_total\{interface="eth0"\} 2\d{5}$/m);
    expect(await infrastructure.logs('monitor', 4000)).toMatch(/eth0: \d+ B\/s, over 100000/);
  });

  test('a flood is told of by the detector, and its source found and blocked by the classifier', async () => {
    await startAll(infrastructure, [
      orderOf('web', 'web-server', { host: 'host-c', address: '10.20.0.10', parameters: { text: 'served' } }),
      orderOf('classifier', 'classifier', {
        host: 'host-a',
        address: '10.20.0.41',
        parameters: { block: 'true' },
      }),
      orderOf('detector', 'anomaly-detector', { host: 'host-b', address: '10.20.0.42' }),
      orderOf('attacker', 'client', { host: 'host-b', address: '10.20.0.66' }),
    ]);
    await chain('10.20.0.10', 'detector', 'classifier', 'web');
    for (let index = 0; index < 3; index++) expect(await get('10.20.0.10')).toBe('served');
    const flood = infrastructure.exec(
      'attacker',
      ['hping3', '-q', '-n', '-S', '-p', '80', '-i', 'u2000', '-c', '2500', '10.20.0.10'],
      12_000,
    );
    await until(async () => (await infrastructure.logs('detector', 4000)).includes('attack: 10.20.0.10'));
    await until(async () => (await infrastructure.logs('classifier', 4000)).includes('10.20.0.66:'));
    await flood;
    expect(await infrastructure.logs('classifier', 4000)).not.toContain('10.20.0.2:');
    expect(await get('10.20.0.10')).toBe('served');
    const knock = ['bash', '-c', 'exec 3<>/dev/tcp/10.20.0.10/80'];
    expect((await infrastructure.exec('attacker', knock, 500)).exitCode).toBe(124);
    expect(await call('classifier', 'unblock', 'source=10.20.0.66')).toBe('10.20.0.66');
    expect((await infrastructure.exec('attacker', knock, 2000)).exitCode).toBe(0);
  });
});

test('nothing goes around a firewall that all is led through: neither another port nor another protocol', async () => {
  const web = '10.20.0.90';
  await startAll(infrastructure, [
    orderOf('guard', 'firewall', { parameters: { rules: 'accept tcp port 80' } }),
    orderOf('guarded', 'web-server', { host: 'host-c', address: web, parameters: { port: '8080' } }),
  ]);
  const reached = async () => (await get(web, '/', 8080).catch(() => '')) !== '';
  const hops = ['guard', 'guarded'].map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' }));
  const lead = (id: string, match: object) => infrastructure.setChain({ id, service: SERVICE, match, hops });
  await lead('web http', { protocol: 6, destination: web, destinationPort: 80 });
  expect(await reached()).toBe(true);
  await lead('web rest', { destination: web });
  expect(await reached()).toBe(false);
  const before = await infrastructure.usage('guard');
  await call('client', 'bash', '-c', `printf x >/dev/udp/${web}/5000`);
  expect((await infrastructure.usage('guard')).receivedPackets).toBeGreaterThan(before.receivedPackets);
  await call('guard', 'add-rule', 'rule=accept tcp port 8080');
  expect(await reached()).toBe(true);
}, 60_000);
