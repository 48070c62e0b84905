import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUpInfrastructure } from '../../src/adapters/infrastructure-linux/clean-up.ts';
import { enterArguments } from '../../src/adapters/infrastructure-linux/exec-in-unit.ts';
import type { LinuxInfrastructure } from '../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { unitKey } from '../../src/adapters/infrastructure-linux/names.ts';
import type { RunningUnit } from '../../src/ports/infrastructure.ts';
import type { ImageTarget } from '../../src/protocol/site-config.ts';
import { spkiOf } from '../../src/runtime/image/operator-key.ts';
import { signProgram } from '../../src/runtime/image/sign-program.ts';
import { orderOf, sitesOfTest, startAll } from './support/local-sites.ts';

// A unit is a process of this machine, and has nothing but what is its own.

const sites = sitesOfTest('functions');
const operator = generateKeyPairSync('ed25519');
let infrastructure: LinuxInfrastructure;
const program = (script: string, health: 'process' | number = 'process'): ImageTarget => ({
  program: {
    command: ['/bin/sh', '-c', script],
    health: typeof health === 'number' ? { kind: 'tcp', port: health } : { kind: 'process' },
  },
});
const inside = async (unit: string, script: string) => {
  const { stdout, stderr } = await infrastructure.exec(unit, ['sh', '-c', script], 5000);
  return (stdout + stderr).trim();
};
/** The next news of a unit, at most 5 s from now. */
const newsOf = (id: string) =>
  new Promise<RunningUnit>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no news of ${id}`)), 5000);
    const stop = infrastructure.onChange((unit) => {
      if (unit.id !== id) return;
      clearTimeout(timer);
      stop();
      resolve(unit);
    });
  });

beforeAll(async () => {
  infrastructure = await sites.open({ healthPeriodMs: 100, operatorKey: spkiOf(operator.publicKey) });
});
afterAll(async () => {
  await infrastructure?.destroy();
  expect(sites.left()).toEqual([]);
  sites.forget();
});

test('a signed program runs as it was signed, and not as another', async () => {
  const folder = mkdtempSync('/var/tmp/muster-signed-');
  chmodSync(folder, 0o755);
  try {
    const file = join(folder, 'server.sh');
    writeFileSync(file, 'exec sleep 1000\n', { mode: 0o644 });
    const command = ['/bin/sh', file];
    const { signature } = await signProgram(command, operator.privateKey);
    const image = { program: { command, health: { kind: 'process' as const }, signature } };
    expect((await infrastructure.start(orderOf('signed', image))).state).toBe('running');
    await infrastructure.stop('signed');
    writeFileSync(file, 'exec sleep 2000\n');
    const refused = await infrastructure.start(orderOf('signed', image));
    expect(refused).toMatchObject({ state: 'failed', reason: expect.stringContaining('muster image sign') });
    await infrastructure.stop('signed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a shell is where exec is: in the namespaces and limits of its unit, and nobody outside', async () => {
  await startAll(infrastructure, [orderOf('entered', program('exec sleep 1000'))]);
  const entry = await infrastructure.entry?.('entered');
  if (entry === undefined) throw new Error('no entry');
  const script =
    'id -u; hostname; ls /proc/self/ns -l | grep -o "[a-z_]*:.[0-9]*." | sort -u; cat /proc/self/uid_map';
  const args = enterArguments(entry, ['/bin/sh']);
  const { stdout } = spawnSync('/bin/sh', [...args], { input: script, encoding: 'utf8' });
  expect(stdout.trim()).toBe(await inside('entered', script));
  expect(stdout).toMatch(/^0\nentered\n/);
  await infrastructure.stop('entered');
  await expect(infrastructure.entry?.('entered')).rejects.toThrow('there is no unit entered');
});

describe('a unit', () => {
  test('has namespaces, a user and a /tmp of its own, no privileges, and sees nobody else', async () => {
    await startAll(infrastructure, [orderOf('alone', program('exec sleep 1000'))]);
    expect(
      await inside(
        'alone',
        'cat /proc/$(pgrep sleep)/status | grep -E "^(CapEff|CapBnd|NoNewPrivs)" | tr -d "\\t\\n"',
      ),
    ).toBe('CapEff:0000000000000000CapBnd:0000000000000000NoNewPrivs:1');
    expect(await inside('alone', 'ls /tmp; ls /root; hostname; cat /proc/1/comm')).toBe('alone\nsh');
    expect(await inside('alone', 'ls /sys/class/net | tr "\\n" " "')).toBe('eth0 lo');
    expect(await inside('alone', `touch ${sites.stateDir}/units/x`)).toContain('Permission denied');
    expect(await inside('alone', 'touch /etc/muster-was-here')).toContain('Permission denied');
  });

  test('that is ordered again while it runs is the same one', async () => {
    const before = await inside('alone', 'pgrep sleep; stat -c %Y /proc/1');
    expect(await infrastructure.start(orderOf('alone', program('exec sleep 1000')))).toMatchObject({
      state: 'running',
    });
    expect(await inside('alone', 'pgrep sleep; stat -c %Y /proc/1')).toBe(before);
  });

  test('is held to its memory and its processor', async () => {
    const hungry = program('exec node -e "const a=[];for(;;)a.push(Buffer.alloc(1e7,1))"');
    await infrastructure.start(orderOf('hungry', hungry));
    const told = await newsOf('hungry').catch(() => undefined);
    // It may have ended before anybody listened: then the order itself said so.
    const list = await infrastructure.list();
    expect(told?.state ?? list.find(({ id }) => id === 'hungry')?.state ?? 'failed').toBe('failed');
    await infrastructure.stop('hungry');
    await startAll(infrastructure, [orderOf('busy', program('while :; do :; done'), { vcpus: 0.2 })]);
    const [from, at] = [await infrastructure.usage('busy'), performance.now()];
    await inside('alone', 'sleep 1');
    const seconds = (performance.now() - at) / 1000;
    const used = (await infrastructure.usage('busy')).cpuSeconds - from.cpuSeconds;
    expect(used / seconds).toBeLessThan(0.3);
    expect(used).toBeGreaterThan(0.05);
    await infrastructure.stop('busy');
  });

  test('that ends is told of, with what it said last', async () => {
    await startAll(infrastructure, [
      orderOf('brief', program('read -r _ </dev/zero & sleep 0.3; echo "out of luck"; exit 3')),
    ]);
    expect(await newsOf('brief')).toMatchObject({
      state: 'failed',
      reason: 'its program ended with 3; it said last: out of luck',
    });
    await infrastructure.stop('brief');
    expect((await infrastructure.list()).map(({ id }) => id)).not.toContain('brief');
    await infrastructure.stop('brief');
  });

  test('that does not become healthy is not said to run', async () => {
    const refused = await infrastructure.start(orderOf('nothing', { catalogue: 'nothing' }));
    expect(refused).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the catalogue has no nothing'),
    });
    const wrong = await infrastructure.start(
      orderOf('wall', 'firewall', { parameters: { rules: 'allow all' } }),
    );
    expect(wrong).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('begins with accept or drop'),
    });
    // Both are told of until somebody takes note of it; nothing else is left of them.
    const told = (await infrastructure.list()).filter(({ state }) => state === 'failed');
    expect(told.map(({ id }) => id)).toEqual(['nothing', 'wall']);
    expect(await infrastructure.logs('wall', 1000)).toContain('begins with accept or drop');
    for (const { id } of told) await infrastructure.stop(id);
    expect(await infrastructure.list()).toHaveLength(1);
  });

  test('is asked whether it is well: a port that nobody answers at any more is told', async () => {
    const listen = "require('net').createServer((s)=>s.destroy()).listen(8080)";
    await startAll(infrastructure, [
      orderOf('server', program(`node -e "${listen}" & while :; do sleep 1; done`, 8080)),
    ]);
    const news = newsOf('server');
    await inside('server', 'kill -KILL $(pgrep node)');
    expect(await news).toMatchObject({ state: 'failed', reason: 'nothing answers at port 8080' });
    await infrastructure.stop('server');
  });

  test('takes files, commands and the host name of cloud-init, and says what it leaves', async () => {
    const cloudInit = `#cloud-config
hostname: edge-7
write_files:
- { path: /root/greeting, content: hello, permissions: '0640' }
- { path: /tmp/deep/er, content: there }
- { path: /etc/hostname, content: edge-7 }
runcmd:
- cat /root/greeting /tmp/deep/er /etc/hostname >/tmp/all
bootcmd: [reboot]
`;
    await startAll(infrastructure, [orderOf('cloud', program('exec sleep 1000'), { cloudInit })]);
    expect(await inside('cloud', 'cat /tmp/all; echo; hostname; stat -c %a /root/greeting')).toBe(
      'hellothereedge-7\nedge-7\n640',
    );
    expect(await infrastructure.logs('cloud', 1000)).toContain('`bootcmd` is not carried out');
    const failing = orderOf('failing', program('exec sleep 1000'), {
      cloudInit: '#cloud-config\nruncmd: [exit 4]\n',
    });
    expect(await infrastructure.start(failing)).toMatchObject({
      reason: 'cloud-init: command 001 ended with 4',
    });
    await infrastructure.stop('cloud');
  });

  test('has a log that ends somewhere', async () => {
    await startAll(infrastructure, [
      orderOf(
        'talker',
        program(
          'i=0; while [ $i -lt 30000 ]; do echo "line $i of many"; i=$((i+1)); done; echo over; exec sleep 1000',
        ),
      ),
    ]);
    const command = [
      'sh',
      '-c',
      'until tail -1 log | grep -q over; do sleep 0.05; done; cat log log.1 | wc -c',
    ];
    const { stdout } = await infrastructure.exec('talker', command, 20_000);
    expect(Number(stdout)).toBeLessThanOrEqual(2 * 131_072);
    const tail = await infrastructure.logs('talker', 100);
    expect(tail.endsWith('over\n')).toBe(true);
    expect(tail.length).toBeLessThanOrEqual(100);
    await infrastructure.stop('talker');
  });

  test('that does not listen to SIGTERM is ended all the same, with all that it has started', async () => {
    await startAll(infrastructure, [
      orderOf('deaf', program(`trap '' TERM; sleep 1001 & setsid sleep 1002 & while :; do sleep 1; done`)),
    ]);
    await infrastructure.stop('deaf');
    expect(processesNamed('sleep 1002')).toEqual([]);
  });

  test('is left by a command that takes too long, with exit code 124', async () => {
    const { exitCode } = await infrastructure.exec('alone', ['sleep', '60'], 200);
    expect(exitCode).toBe(124);
    await expect(infrastructure.exec('nobody', ['true'], 1000)).rejects.toThrow('there is no unit nobody');
  });
});

describe('an owner that is killed', () => {
  const other = sitesOfTest('killed');
  const killedOwner = async () => {
    const path = new URL('./programs/own-infrastructure.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', path, other.stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the owner ended by itself');
    });
    await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => {});
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  afterAll(() => other.forget());

  test('leaves its units running; the next one takes them over and ends what was half made', async () => {
    await killedOwner();
    const next = await other.open();
    try {
      const listed = await next.list();
      expect(listed.find(({ id }) => id === 'web')).toMatchObject({
        state: 'running',
        addresses: { eth0: '10.20.0.10' },
      });
      expect(listed.filter(({ state }) => state !== 'running')).toEqual([]);
      const fetch = `exec 3<>/dev/tcp/10.20.0.10/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -1 <&3`;
      expect(await next.exec('client', ['bash', '-c', fetch], 5000)).toMatchObject({ stdout: 'here' });
      // And what they are ends is seen too.
      const news = new Promise<RunningUnit>((resolve) => next.onChange(resolve));
      await next.exec('web', ['sh', '-c', 'kill -KILL $(cat started)'], 2000);
      expect(await news).toMatchObject({ id: 'web', state: 'failed' });
    } finally {
      await next.destroy();
    }
    expect(other.left()).toEqual([]);
  });

  test('what was half made is ended, whatever the order in which it is found, and its neighbours keep their link', async () => {
    const before = await other.open();
    const half = Array.from({ length: 20 }, (_, n) => `half-${n}`).find((id) => unitKey(id) < unitKey('web'));
    if (half === undefined) throw new Error('no name comes before');
    await startAll(before, [
      orderOf('web', 'web-server', { parameters: { text: 'here' }, address: '10.20.0.10' }),
      orderOf('client', 'client', { host: 'host-b' }),
      orderOf(half, 'forwarder'),
    ]);
    await before.close();
    const file = join(other.stateDir, 'units', `${unitKey(half)}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"ready":true', '"ready":false'));
    const next = await other.open();
    try {
      expect((await next.list()).map(({ id }) => id).toSorted()).toEqual(['client', 'web']);
      const fetch = `exec 3<>/dev/tcp/10.20.0.10/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -1 <&3`;
      expect(await next.exec('client', ['timeout', '2', 'bash', '-c', fetch], 5000)).toMatchObject({
        stdout: 'here',
      });
      expect(await next.start(orderOf(half, 'forwarder'))).toMatchObject({ state: 'running' });
    } finally {
      await next.destroy();
    }
    expect(other.left()).toEqual([]);
  });

  test('leaves nothing after a clean-up by its mark alone', async () => {
    await killedOwner();
    expect(other.left()).not.toEqual([]);
    await cleanUpInfrastructure(other.stateDir);
    expect(other.left()).toEqual([]);
  });
});

function processesNamed(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === text
      );
    } catch {
      return false;
    }
  });
}
