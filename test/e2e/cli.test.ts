import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

// The command line as a user has it: a process, its output, its exit code.

const bin = new URL('../../bin/muster', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'muster-cli-'));
const run = join(dir, 'run');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function muster(...args: readonly string[]) {
  return musterWith({}, ...args);
}

function musterWith(env: Record<string, string>, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(bin, args, {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const keys = (value: unknown) => Object.keys(Object(value)).sort();

beforeAll(() => {
  const { status, stdout } = muster(
    'scenario',
    'run',
    'demo',
    '--plane',
    'twin',
    '--seed',
    '4',
    '--out',
    run,
  );
  expect(status).toBe(0);
  expect(stdout).toContain('All 10 attackers were blocked');
}, 60_000);

describe('data formats', () => {
  test('the report that -o json prints is the one in the run, with the fields that are promised', () => {
    const { status, stdout, stderr } = musterWith(
      { MUSTER_PLANE: 'twin', MUSTER_QUIET: '1' },
      ...['scenario', 'run', 'demo', '-o', 'json', '--out', join(dir, 'second')],
    );
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const report = JSON.parse(stdout);
    expect(report).toEqual(JSON.parse(readFileSync(join(dir, 'second', 'report.json'), 'utf8')));
    expect(report).toMatchObject({
      scenario: 'demo',
      plane: 'twin',
      seed: 1,
      defence: 'on',
      durationMs: 45_000,
    });
    expect(keys(report)).toEqual(
      [
        ...[
          'scenario',
          'plane',
          'seed',
          'defence',
          'durationMs',
          'traceHash',
          'recorded',
          'messages',
          'auctions',
          'attack',
        ],
        ...['mitigation', 'legitimate', 'traffic', 'actions', 'agents', 'expectations'],
      ].sort(),
    );
    expect(keys(report.attack)).toEqual(['endMs', 'sources', 'startMs', 'targets']);
    expect(keys(report.mitigation)).toEqual([
      'allSourcesBlockedMs',
      'blockedSources',
      'detectedMs',
      'falseNegatives',
      'falsePositives',
      'firstLinkLimitMs',
      'firstTargetLimitMs',
    ]);
    expect(keys(report.legitimate)).toEqual([
      'goodputAfter',
      'goodputBefore',
      'goodputDuring',
      'goodputLimited',
      'requestsInTime',
      'requestsLate',
      'users',
    ]);
    expect(keys(report.traffic.series[0])).toEqual([
      'attackDelivered',
      'attackOffered',
      'goodput',
      'legitimate',
      'link',
      'tMs',
      'total',
    ]);
    expect(keys(report.actions[0])).toEqual(['agent', 'id', 'kind', 'reason', 'tMs', 'target']);
  });

  test.each([
    ['scenario list', ['attackers', 'name', 'seconds', 'title', 'users']],
    ['agent list', ['agent', 'received', 'roles', 'sent']],
    [
      'auction list',
      [
        ...[
          'asked',
          'auction',
          'auctioneer',

          'bids',
          'closedMs',
          'entryIds',
          'goal',
          'openedMs',
          'reason',
        ],
        ...['reserve', 'status', 'winner'],
      ],
    ],
    ['doctor', ['available', 'detail', 'name']],
  ])('%s -o json has its fields', (command, fields) => {
    const ofRun = command.startsWith('agent') || command.startsWith('auction') ? ['--run', run] : [];
    const { status, stdout } = muster(...command.split(' '), '-o', 'json', ...ofRun);
    expect(status).toBe(0);
    const [first] = JSON.parse(stdout);
    expect(keys(first)).toEqual(expect.arrayContaining(fields));
  });

  test('jsonl, yaml and name say the same as json', () => {
    const list = (format: string) => muster('agent', 'list', '--run', run, '-o', format).stdout;
    const rows = JSON.parse(list('json'));
    expect(
      list('jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    expect(parse(list('yaml'))).toEqual(rows);
    expect(list('name').trim().split('\n')).toEqual(rows.map((row: { agent: string }) => row.agent));
  });
});

describe('questions', () => {
  test('why leads from a block through auctions with the losing bids to what was measured; why-not tells of them', () => {
    const report = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'));
    const block = report.actions.find((each: { kind: string }) => each.kind === 'block-source');
    const why = muster('why', block.id, '--run', run);
    expect(why.status).toBe(0);
    for (const part of [block.target, 'SYN/s', 'awarded', 'the others: ', 'measured'])
      expect(why.stdout).toContain(part);
    const asJson = muster('why', block.id, '--run', run, '-o', 'json');
    expect(JSON.parse(asJson.stdout)).toBeTypeOf('object');
    const user = muster('why-not', 'functionPlaced', '--run', run);
    expect(user.stdout).toMatch(/lost|refused/);
  });

  test('a mind can be looked into, by the beginning of a name if that is enough', () => {
    expect(muster('agent', 'describe', 'a2', '--at', '5.6', '--run', run).stdout).toContain('active:');
    const unclear = muster('agent', 'describe', 'a', '--run', run);
    expect(unclear.status).toBe(64);
    expect(unclear.stderr).toContain('could be any of 8: a1, a2');
    const [auction = ''] = muster('auction', 'list', '--run', run, '-o', 'name').stdout.split('\n');
    expect(muster('auction', 'describe', auction, '--run', run).stdout).toContain('opened by');
  });

  test('a replay is equal, and a falsified recording is not', () => {
    expect(muster('replay', run).stdout).toMatch(/^equal: \d+ entries/);
    const copy = join(dir, 'copy');
    mkdirSync(copy);
    for (const file of ['scenario.json', 'journal.jsonl', 'inputs.jsonl']) {
      writeFileSync(join(copy, file), readFileSync(join(run, file)));
    }
    const report = readFileSync(join(run, 'report.json'), 'utf8');
    writeFileSync(join(copy, 'report.json'), report.replace(/"traceHash": "./, '"traceHash": "x'));
    const { status, stderr } = muster('replay', copy);
    expect(status).toBe(1);
    expect(stderr).toContain('try:');
  });
});

describe('bad input', () => {
  test.each<[string, readonly string[], string]>([
    ['a misspelt scenario', ['scenario', 'run', 'dos'], 'did you mean ddos?'],
    ['a file that is not there', ['scenario', 'describe', 'nothing-like-it.yaml'], 'scenario list'],
    ['a misspelt command', ['scenari', 'run'], '--help'],
    ['no argument', ['scenario', 'run'], 'bin/muster scenario run --help'],
    ['a data plane that there is not', ['scenario', 'run', 'demo', '--plane', 'ether'], 'twin, linux, auto'],
    ['a seed that is no number', ['scenario', 'run', 'demo', '--seed', 'x'], 'whole number'],
    ['an output format that there is not', ['scenario', 'list', '-o', 'xml'], 'table, wide, json'],
    ['an unknown agent', ['agent', 'describe', 'b7', '--run', run], 'agent list'],
    ['an unknown entry', ['why', 'nobody:1', '--run', run], 'try:'],
    ['a time that is none', ['agent', 'describe', 'a1', '--at', 'noon', '--run', run], '--at takes seconds'],
    ['a directory of somebody else', ['scenario', 'run', 'demo', '--out', '/etc'], 'left alone'],
  ])('%s is refused with 64 and what to try next', (_, args, told) => {
    const { status, stdout, stderr } = muster(...args);
    expect(stderr).toContain(told);
    expect(stderr).toMatch(/try: /);
    expect(status).toBe(64);
    expect(stdout).toBe('');
  });

  test('every problem of a scenario file is told at once, with its place', () => {
    const file = join(dir, 'bad.yaml');
    writeFileSync(file, 'name: bad\ntitle: x\ndurationMs: -1\nfunctoins: []\n');
    const { status, stderr } = muster('scenario', 'run', file);
    expect(status).toBe(64);
    for (const part of ['3:', '4:', 'durationMs', 'functoins', 'functions']) expect(stderr).toContain(part);
  });

  test('a run that is not there is named, with the command that makes one', () => {
    const { status, stderr } = muster('agent', 'list', '--run', join(dir, 'none'));
    expect(status).toBe(1);
    expect(stderr).toContain('bin/muster scenario run');
  });
});

describe('help and completion', () => {
  test('every command has an example in its help', () => {
    const commands = [
      ...[
        'scenario run',
        'scenario list',
        'scenario describe',
        'scenario schema',
        'agent list',
        'agent describe',
      ],
      ...['auction list', 'auction describe', 'why', 'why-not', 'replay', 'doctor', 'completion'],
    ];
    for (const command of commands) {
      const { status, stdout } = muster(...command.split(' '), '--help');
      expect(status).toBe(0);
      expect(stdout, command).toMatch(new RegExp(`Examples?:\\n {2}\\$ bin/muster ${command}`));
    }
  }, 60_000);

  test('bash completes nouns, verbs and flags', () => {
    const script = muster('completion', 'bash').stdout;
    const complete = (...words: readonly string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          `${script}\nCOMP_WORDS=(muster ${words.join(' ')} "")\nCOMP_CWORD=${words.length + 1}\n_muster\necho "\${COMPREPLY[@]}"`,
        ],
        { encoding: 'utf8' },
      ).stdout;
    expect(complete()).toContain('scenario');
    expect(complete('scenario')).toContain('describe');
    expect(complete('scenario', 'run')).toContain('--seed');
    expect(muster('completion', 'zsh').stdout).toContain('bashcompinit');
    expect(muster('completion', 'fish').stdout).toContain('complete -c muster');
  });

  test('a scenario is described in words', () => {
    const { stdout } = muster('scenario', 'describe', 'ddos');
    for (const part of ['10 sources', 'Functions, placed by auction', 'Expected'])
      expect(stdout).toContain(part);
  });
});

test('the default directory names scenario, data plane and seed, and is the run that questions are about', () => {
  expect(muster('scenario', 'run', 'demo', '--plane', 'twin', '--seed', '9', '--quiet').status).toBe(0);
  expect(existsSync(join(dir, 'runs', 'demo-twin-9', 'report.html'))).toBe(true);
  expect(muster('agent', 'list').status).toBe(0);
});
