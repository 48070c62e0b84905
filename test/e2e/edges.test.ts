import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// What the command line does where things go wrong around it: full disks, hostile texts, two runs at once.

const bin = new URL('../../bin/muster', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'muster-edges-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function muster(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(bin, args, {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const runDemo = ['scenario', 'run', 'demo', '--plane', 'twin', '--out', 'runs/demo'] as const;

beforeAll(() => {
  expect(muster([...runDemo, '--quiet']).status).toBe(0);
}, 60_000);

describe('examples of the help fit the run that the demo makes', () => {
  test.each([
    '',
    'why',
    'why-not',
    'replay',
    'agent list',
    'agent describe',
    'auction list',
    'auction describe',
  ])(
    'muster %s --help',
    (command) => {
      const { stdout } = muster([...command.split(' ').filter((word) => word !== ''), '--help']);
      const examples = [...stdout.matchAll(/^ {2}\$ bin\/muster (.*)$/gm)].map((match) => match[1] ?? '');
      expect(examples.length).toBeGreaterThan(0);
      for (const each of examples.filter((line) => !line.startsWith('scenario run'))) {
        const answer = muster(each.split(' '));
        expect(answer, each).toMatchObject({ status: 0, stderr: '' });
        expect(answer.stdout.length, each).toBeGreaterThan(30);
      }
    },
    60_000,
  );
});

describe('questions about what is not there', () => {
  test.each<[string, readonly string[], number, RegExp]>([
    [
      'something unknown',
      ['why-not', 'functionPlacd'],
      1,
      /is called functionPlacd; did you mean functionPlaced\?/,
    ],
    [
      'a time before the run',
      ['agent', 'describe', 'a1', '--at', '-99'],
      64,
      /it goes from -13 to 45[.\d]* s/,
    ],
    [
      'a time after the run',
      ['agent', 'describe', 'a1', '--at', '45.1'],
      64,
      /it goes from -13 to 45[.\d]* s/,
    ],
    ['no time', ['replay', '--at', ''], 64, /--at takes seconds/],
    ['a run without a name', ['agent', 'list', '--run', ''], 64, /the name of the run is empty/],
    ['a directory without a name', ['scenario', 'run', 'demo', '--out', ''], 64, /directory is empty/],
  ])('%s', (_, args, code, told) => {
    const { status, stdout, stderr } = muster(args);
    expect(stderr).toMatch(told);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  });

  test('what is known and was never rejected is no error', () => {
    const { status, stdout } = muster(['why-not', 'apache']);
    expect(stdout).toBe('Nothing about "apache" was rejected in this run.\n');
    expect(status).toBe(0);
  });
});

test('the version is that of the package', () => {
  const file = new URL('../../package.json', import.meta.url);
  expect(muster(['--version']).stdout.trim()).toBe(JSON.parse(readFileSync(file, 'utf8')).version);
});

test.each(['0', 'false', 'no', ''])('MUSTER_QUIET=%s is off', (value) => {
  const args = ['scenario', 'run', 'demo', '--plane', 'twin', '--out', 'runs/loud'];
  expect(muster(args, { MUSTER_QUIET: value }).stderr).toContain('building the network');
});

test.runIf(process.platform === 'linux')('lost output is an error; a reader that has gone is none', () => {
  const shell = (line: string) =>
    spawnSync('bash', ['-c', line], { cwd: dir, encoding: 'utf8', env: { ...process.env, BIN: bin } });
  const full = shell('"$BIN" scenario list > /dev/full');
  expect(full.status).toBe(1);
  expect(full.stderr).toContain('the output is lost: no space is left');
  expect(shell('"$BIN" scenario schema | head -c 1 > /dev/null; exit $PIPESTATUS').status).toBe(0);
});

test.runIf(process.platform === 'linux')('a directory that cannot be made is refused at once', () => {
  const { status, stderr } = muster(['scenario', 'run', 'demo', '--plane', 'twin', '--out', '/proc/foo']);
  expect(stderr).toContain('cannot write /proc/foo');
  expect(stderr).not.toContain('building the network');
  expect(status).toBe(1);
});

test('of two runs at once into one directory the second is refused before it starts', async () => {
  const first = spawn(bin, ['scenario', 'run', 'long-attack', '--plane', 'twin', '--out', 'runs/twice'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(first, 'exit');
  try {
    // Its first words come once the directory is its own.
    await once(first.stderr, 'data');
    first.kill('SIGSTOP');
    const second = muster([...runDemo.slice(0, -1), 'runs/twice']);
    expect(second.stderr).toMatch(/^muster: process \d+ is recording a run into runs\/twice\n/);
    expect(second.status).toBe(64);
  } finally {
    first.stderr.resume();
    first.kill('SIGTERM');
    first.kill('SIGCONT');
  }
  await ended;
  expect(readdirSync(join(dir, 'runs'))).not.toContain('twice');
}, 60_000);

test('nothing in a scenario steers the terminal, whatever prints it', () => {
  const source = readFileSync(new URL('../../scenarios/demo.yaml', import.meta.url), 'utf8');
  const hostile = '"x\\e[31mRED\\x9b2Jy\\a"';
  writeFileSync(join(dir, 'hostile.yaml'), source.replace(/^title: .*$/m, `title: ${hostile}`));
  const raw = /(?!\n)\p{Cc}/u;
  const outputs = [
    muster(['scenario', 'run', 'hostile.yaml', '--plane', 'twin', '--out', 'runs/hostile']),
    ...['table', 'json', 'yaml'].map((format) =>
      muster(['scenario', 'describe', 'hostile.yaml', '-o', format]),
    ),
    muster(['why', '--run', 'runs/hostile']),
    muster(['agent', 'list', '--run', 'a\u001b[31m\u009b']),
  ];
  for (const { stdout, stderr } of outputs) {
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toMatch(raw);
  }
  const [, , asJson] = outputs;
  expect(JSON.parse(asJson?.stdout ?? '').title).toBe('x\u001b[31mRED\u009b2Jy\u0007');
}, 60_000);

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('what a killed run has left', () => {
  // No process has a pid as high as that.
  const left = 'muster-4194305-1-left';
  const living = `muster-${process.pid}-${startOf(process.pid)}-living`;
  const ip = (...args: readonly string[]) => spawnSync('ip', ['netns', ...args], { encoding: 'utf8' });
  afterAll(() => {
    for (const name of [left, living]) ip('del', name);
  });

  test('is told by doctor, and removed when it is asked to; what is alive stays', () => {
    for (const name of [left, living]) expect(ip('add', name).status).toBe(0);
    const told = JSON.parse(muster(['doctor', '-o', 'json']).stdout).find(
      (each: { name: string }) => each.name === 'linux: clean',
    );
    expect(told).toMatchObject({ available: false, mend: 'as root: bin/muster doctor --clean' });
    const { status, stderr } = muster(['doctor', '--clean']);
    expect(stderr).toContain(left);
    expect(status).toBe(0);
    expect(ip('list').stdout).not.toContain(left);
    expect(ip('list').stdout).toContain(living);
  }, 60_000);
});

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
