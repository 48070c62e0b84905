import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import { processStatus, startTimeOf } from './process-status.ts';
import { spawnAgent } from './spawn-agent.ts';
import { agentsOfTest } from './testing/agents-of-test.ts';
import { sampleAgent } from './testing/sample-agent.ts';

const asRoot = process.getuid?.() === 0;
const agents = agentsOfTest('');
afterEach(() => agents.end());

/** A sample whose module is this text. */
function agentOf(source: string, changes: Partial<AgentSpec> = {}): AgentSpec {
  const spec = sampleAgent(changes);
  if (spec.program.kind !== 'node') throw new Error('the sample is a Node agent');
  return { ...spec, program: { ...spec.program, bundle: Buffer.from(source) } };
}

const SAYS_WHAT_IT_SEES = `
  import { readFileSync, writeSync } from 'node:fs';
  import { Socket } from 'node:net';
  const denied = [];
  for (const file of ['/etc/passwd', '/proc/self/mem']) try { readFileSync(file) } catch (error) { denied.push(error.code) }
  const { argv, env } = process;
  const control = new Socket({ fd: 3 });
  const say = (line) => control.write(JSON.stringify(line) + '\\n');
  say({ kind: 'hello' });
  say({ kind: 'seen', argv, env, denied });
`;

it('gives an agent its arguments and environment, and nothing else', async () => {
  const spec = agentOf(SAYS_WHAT_IT_SEES, { arguments: ['--name', 'a1'], environment: { SITE: 'north' } });
  const agent = await agents.start(spec);
  expect(await agent.next()).toEqual({
    kind: 'seen',
    argv: [process.execPath, '-', '--name', 'a1'],
    env: { SITE: 'north' },
    denied: ['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'],
  });
  const sent = createHash('sha256').update(SAYS_WHAT_IT_SEES).digest('hex');
  expect(agent.bundleSha256).toBe(sent);
  expect(agent.startTime).toBe(startTimeOf(agent.pid));
});

it.runIf(asRoot)(
  'runs it under its own user, without groups, capabilities or ways to get any (root)',
  async () => {
    const agent = await agents.start(sampleAgent({ user: { uid: 64_011, gid: 64_012 } }));
    const status = processStatus(agent.pid);
    expect(status.uids).toEqual([64_011, 64_011, 64_011, 64_011]);
    expect(status.gids).toEqual([64_012, 64_012, 64_012, 64_012]);
    expect(status.groups).toEqual([]);
    expect(status.capable).toBe(false);
    expect(status.noNewPrivileges).toBe(true);
  },
);

it('kills an agent that says what is no line of JSON, or a line without end', async () => {
  for (const said of [`'not JSON\\n'`, `'{"kind":"' + 'x'.repeat(1 << 20) + '"}'`]) {
    const source = `
      import { Socket } from 'node:net';
      const control = new Socket({ fd: 3 });
      control.on('error', () => {});
      setInterval(() => {}, 1000);
      control.write('{"kind":"hello"}\\n');
      control.write(${said});
    `;
    const agent = await agents.start(agentOf(source));
    const end = await agent.ended;
    expect(end.signal).toBe('SIGKILL');
    expect(end.reason).toContain('a line');
  }
});

it('says what an agent said that ended before its first line', async () => {
  const failing = agentOf(`throw new Error('no configuration')`);
  await expect(spawnAgent(failing, '', () => {})).rejects.toThrow(/ended with 1: .*no configuration/s);
  const missing = sampleAgent({ program: { kind: 'native', executable: '/no/such/program' } });
  await expect(spawnAgent(missing, '', () => {})).rejects.toThrow(/no such file/);
});

it('keeps the last 64 KiB of its log', async () => {
  const source = `
    import { writeSync } from 'node:fs';
    for (let i = 0; i < 300; i++) writeSync(1, String(i).padEnd(1000));
    writeSync(3, '{"kind":"hello"}\\n');
  `;
  const agent = await agents.start(agentOf(source));
  expect((await agent.ended).code).toBe(0);
  await vi.waitFor(() => expect(agent.logs().stdout).toMatch(/299 *$/));
  expect(agent.logs().stdout.length).toBe(65_536);
});

it('ends an agent with its guard, however the guard ends and whatever the agent does', async () => {
  const guard = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), new URL('testing/guard-main.ts', import.meta.url).pathname],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let left: number | undefined;
  try {
    const [said] = await once(guard.stdout, 'data');
    const [pid = 0, startTime] = String(said).trim().split(' ').map(Number);
    expect(startTimeOf(pid)).toBe(startTime);
    left = pid;
    guard.kill('SIGKILL');
    await once(guard, 'exit');
    await vi.waitFor(() => expect(() => startTimeOf(pid)).toThrow(), { timeout: 5000, interval: 20 });
    left = undefined;
  } finally {
    guard.kill('SIGKILL');
    if (left !== undefined) process.kill(left, 'SIGKILL');
  }
});
