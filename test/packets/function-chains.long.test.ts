import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinuxInfrastructure } from '../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { partOf, shareFlows } from '../../src/core/chaining/share-flows.ts';
import type { Stamper } from './support/local-sites.ts';
import {
  chainThrough,
  freshKey,
  orderOf,
  probe,
  SERVER,
  SERVICE,
  sitesOfTest,
  stampedOrders,
  stampList,
  startAll,
} from './support/local-sites.ts';

// Chains over four sites: every function stamps a fresh nonce with a key of its own, on the way there and back.

const sites = sitesOfTest('chains');
let infrastructure: LinuxInfrastructure;
const stamper = (name: string, image: string, host: string, parameters = {}): Stamper => ({
  name,
  image,
  host,
  key: freshKey(),
  parameters,
});
const wall = stamper('wall', 'firewall', 'host-a', { rules: 'accept tcp port 80' });
const limiter = stamper('limiter', 'rate-limiter', 'host-b', { 'rate-kbit': '20000' });
const spare = stamper('spare', 'stamper', 'host-c');
const web = stamper('web', 'web-server', 'host-c');
const all = stampList([wall, limiter, web]);

beforeAll(async () => {
  infrastructure = await sites.open();
  await startAll(infrastructure, [
    ...stampedOrders([wall, limiter], web),
    ...stampedOrders([spare], web).slice(0, 1),
    orderOf('client', 'client', { host: 'host-d' }),
  ]);
});
afterAll(async () => {
  await infrastructure?.destroy();
  expect(sites.left()).toEqual([]);
  sites.forget();
});

const counted = async () => {
  const all = ['wall', 'spare'].map(
    async (unit) => [unit, (await infrastructure.usage(unit)).receivedBytes] as const,
  );
  return new Map(await Promise.all(all));
};

describe('a chain', () => {
  test('that is not there yet: who is bypassed is missing', async () => {
    expect(await probe(infrastructure, all)).toContain('the stamp of wall is missing');
  });

  test('leads through all functions in order, and replies back through them in reverse', async () => {
    await infrastructure.setChain(chainThrough(['wall', 'limiter', 'web']));
    expect(await probe(infrastructure, all)).toMatch(/^verified in /);
  });

  test('shares flows out among the units of a step as the twin does, each on both ways through its own', async () => {
    await infrastructure.setChain({
      ...chainThrough(['wall', 'limiter', 'web']),
      hops: [
        { unit: 'wall', beside: ['spare'], ingress: 'eth0', egress: 'eth0' },
        { unit: 'web', ingress: 'eth0', egress: 'eth0' },
      ],
    });
    const source = (await infrastructure.list()).find(({ id }) => id === 'client')?.addresses['eth0'] ?? '';
    const shares = shareFlows(['wall', 'spare']);
    const carriers = new Set<string>();
    for (let port = 41_000; port < 41_012; port += 1) {
      const flow = {
        source: source.split('/')[0] ?? '',
        destination: SERVER,
        ports: { source: port, destination: 80 },
      };
      const carrier = shares[partOf(flow)] ?? '';
      carriers.add(carrier);
      const before = await counted();
      const curl = ['curl', '--silent', '--max-time', '3', '--local-port', String(port), `http://${SERVER}/`];
      await infrastructure.exec('client', curl, 5000);
      const after = await counted();
      const passed = ['wall', 'spare'].filter(
        (unit) => (after.get(unit) ?? 0) - (before.get(unit) ?? 0) > 300,
      );
      expect(passed, `from port ${port}`).toEqual([carrier]);
    }
    expect(carriers.size).toBe(2);
    await infrastructure.setChain(chainThrough(['wall', 'limiter', 'web']));
  });

  test('with two functions exchanged, or one replaced, is found out', async () => {
    await infrastructure.setChain(chainThrough(['limiter', 'wall', 'web']));
    expect(await probe(infrastructure, all)).toContain('stamp 1 is by limiter, not by wall');
    await infrastructure.setChain(chainThrough(['wall', 'spare', 'web']));
    expect(await probe(infrastructure, all)).toContain('stamp 2 is by spare, not by limiter');
    await infrastructure.setChain(chainThrough(['wall', 'web']));
    expect(await probe(infrastructure, all)).toContain('the stamp of limiter is missing');
    await infrastructure.setChain(chainThrough(['wall', 'limiter', 'web']));
    expect(await probe(infrastructure, all)).toMatch(/^verified in /);
  });

  test('never lets packets past a hop that is gone: it waits for it', async () => {
    await infrastructure.stop('limiter');
    const command = ['probe', `server=${SERVER}:80`, `stamp-verify=${all}`, 'timeout-ms=500'];
    const { exitCode } = await infrastructure.exec('client', command, 5000);
    expect(exitCode).not.toBe(0);
    // Back at another site, under the same name: the chain finds it again by itself.
    const order = stampedOrders([wall, limiter], web).find(({ id }) => id === 'limiter');
    if (order === undefined) throw new Error('no order');
    await startAll(infrastructure, [{ ...order, host: 'host-a' }]);
    expect(await probe(infrastructure, all, 'probe-until')).toMatch(/^verified after /);
  });

  test('taken away leaves nothing: requests go straight to the server', async () => {
    await infrastructure.removeChain('requests');
    expect(await probe(infrastructure, all)).toContain('the stamp of wall is missing');
  });
});

describe('the kernel', () => {
  const received = async (unit: string) => (await infrastructure.usage(unit)).receivedBytes;

  test('forwards other flows as before, and replies take the way back through every hop', async () => {
    await startAll(infrastructure, [
      orderOf('one', 'forwarder', { host: 'host-a' }),
      orderOf('two', 'link-monitor', { host: 'host-b' }),
      orderOf('video', 'video-streamer', {
        host: 'host-c',
        address: '10.20.0.20',
        parameters: { kbit: '1000' },
      }),
    ]);
    const match = { protocol: 6, destination: '10.20.0.20', destinationPort: 80 };
    const hops = ['one', 'two', 'video'].map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' }));
    await infrastructure.setChain({ id: 'video', service: SERVICE, match, hops });
    const before = { one: await received('one'), two: await received('two') };
    const fetch = `exec 3<>/dev/tcp/10.20.0.20/80; printf 'GET /segment-0.ts HTTP/1.0\\r\\n\\r\\n' >&3; wc -c <&3`;
    const { stdout, stderr } = await infrastructure.exec('client', ['bash', '-c', fetch], 5000);
    // A segment of two seconds at 1000 kbit/s.
    expect(Number(stdout), stderr).toBeGreaterThan(249_000);
    // What comes back is much more than what is asked: both saw it.
    expect((await received('one')) - before.one).toBeGreaterThan(249_000);
    expect((await received('two')) - before.two).toBeGreaterThan(249_000);
  });

  test('hops can be changed in the middle of a connection, and nothing is lost', async () => {
    const match = { protocol: 6, destination: '10.20.0.20', destinationPort: 80 };
    const hops = (...units: string[]) => units.map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' }));
    const fetch = `for i in 1 2 3 4 5 6 7 8; do exec 3<>/dev/tcp/10.20.0.20/80; printf 'GET /segment-0.ts HTTP/1.0\\r\\n\\r\\n' >&3; wc -c <&3; done`;
    const loading = infrastructure.exec('client', ['bash', '-c', fetch], 20_000);
    for (const order of [hops('two', 'one', 'video'), hops('one', 'video'), hops('one', 'two', 'video')]) {
      await infrastructure.setChain({ id: 'video', service: SERVICE, match, hops: order });
    }
    const { stdout, stderr } = await loading;
    const sizes = stdout.trim().split('\n').map(Number);
    expect(sizes, stderr).toHaveLength(8);
    expect(new Set(sizes).size).toBe(1);
  });

  test('leads through functions between two virtual links', async () => {
    await startAll(infrastructure, [
      orderOf('visitor', 'client', {
        host: 'host-d',
        interfaces: [{ name: 'eth0', link: 'outside', address: '10.30.1.2' }],
      }),
      orderOf('gate', 'firewall', {
        host: 'host-a',
        parameters: { rules: 'accept tcp port 80' },
        interfaces: [
          { name: 'out', link: 'outside', address: '10.30.1.1' },
          { name: 'in', link: 'inside', address: '10.30.2.1' },
        ],
      }),
      orderOf('shop', 'web-server', {
        host: 'host-b',
        parameters: { text: 'welcome', port: '80' },
        interfaces: [{ name: 'eth0', link: 'inside', address: '10.30.2.10' }],
      }),
    ]);
    const ask = (port: number) =>
      infrastructure.exec(
        'visitor',
        [
          'bash',
          '-c',
          `exec 3<>/dev/tcp/10.30.2.10/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -1 <&3`,
        ],
        1500,
      );
    expect((await ask(80)).exitCode).not.toBe(0);
    const match = { protocol: 6, destination: '10.30.2.10' };
    const hops = [{ unit: 'gate', ingress: 'out', egress: 'in' }];
    await infrastructure.setChain({ id: 'shop', service: SERVICE, match, hops });
    expect(await ask(80)).toMatchObject({ exitCode: 0, stdout: 'welcome' });
    await infrastructure.exec('gate', ['add-rule', 'rule=drop tcp port 80'], 3000);
    expect((await ask(80)).exitCode).toBe(124);
    await infrastructure.exec('gate', ['remove-rule', 'rule=drop tcp port 80'], 3000);
    expect(await ask(80)).toMatchObject({ exitCode: 0 });
    await infrastructure.removeChain('shop');
    expect((await ask(80)).exitCode).not.toBe(0);
  });

  test('keeps services apart, whatever their links and addresses are called', async () => {
    await startAll(infrastructure, [
      orderOf('stranger', 'client', { host: 'host-c', service: 'other', address: '10.20.0.99' }),
    ]);
    const knock = ['bash', '-c', `exec 3<>/dev/tcp/${SERVER}/80`];
    expect((await infrastructure.exec('stranger', knock, 1500)).exitCode).not.toBe(0);
    expect((await infrastructure.exec('client', knock, 1500)).exitCode).toBe(0);
  });

  test('carries whole frames between sites, and none that are too long', async () => {
    const size = ['cat', '/sys/class/net/eth0/mtu'];
    expect((await infrastructure.exec('client', size, 2000)).stdout.trim()).toBe('1450');
  });

  test('refuses a chain that cannot be, in words', async () => {
    await expect(
      infrastructure.setChain({ ...chainThrough(['wall']), match: { protocol: 6 } }),
    ).rejects.toThrow('its two directions cannot be told apart');
    await expect(infrastructure.setChain(chainThrough(['nobody']))).rejects.toThrow('has no unit nobody');
    await expect(infrastructure.setChain(chainThrough(['wall', 'shop']))).rejects.toThrow(
      'not on one virtual link',
    );
  });
});

test('a circuit between two sites carries what it has room for, and no more', async () => {
  const narrow = sitesOfTest('circuit');
  const other = await narrow.open({ circuits: [{ ends: ['site-a', 'site-b'], bytesPerSec: 125_000 }] });
  try {
    await startAll(other, [
      orderOf('video', 'video-streamer', {
        host: 'host-a',
        address: '10.20.0.20',
        parameters: { kbit: '1000' },
      }),
      orderOf('near', 'client', { host: 'host-c' }),
      orderOf('far', 'client', { host: 'host-b' }),
    ]);
    const fetch = `exec 3<>/dev/tcp/10.20.0.20/80; printf 'GET /segment-0.ts HTTP/1.0\\r\\n\\r\\n' >&3; wc -c <&3`;
    const took = async (unit: string) => {
      const from = performance.now();
      expect((await other.exec(unit, ['bash', '-c', fetch], 10_000)).exitCode).toBe(0);
      return performance.now() - from;
    };
    expect(await took('near')).toBeLessThan(1000);
    // 250 kB, of which the burst and the queue take little.
    expect(await took('far')).toBeGreaterThan(1500);
  } finally {
    await other.destroy();
  }
  expect(narrow.left()).toEqual([]);
  narrow.forget();
});
