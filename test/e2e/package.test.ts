import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

// Packages on the command line: a process, its output, its exit code.

const bin = new URL('../../bin/muster', import.meta.url).pathname;
const sample = (name: string) => new URL(`../data/descriptors/${name}`, import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'muster-package-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const VNFD = sample('sol006/hackfest_3charmed_vnfd.yaml');
const NSD = sample('sol006/hackfest_3charmed_nsd.yaml');

function musterIn(home: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(bin, ['package', ...args], {
    cwd: dir,
    encoding: 'utf8',
    input: '',
    env: { ...process.env, MUSTER_HOME: join(dir, home) },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test('a package from validation to its end', () => {
  const muster = (...args: readonly string[]) => musterIn('life', ...args);
  const alone = muster('onboard', NSD);
  expect(alone.status).toBe(1);
  expect(alone.stderr).toContain(`${NSD}:13:9: error: the VNFD \`hackfest3charmed-vnf\` is not onboarded`);
  expect(alone.stderr).toContain('try:');
  expect(muster('list', '-o', 'name').stdout).toBe('');

  const both = muster('onboard', NSD, VNFD, '-o', 'json');
  expect(both.status).toBe(0);
  expect(both.stderr).toBe('');
  expect(JSON.parse(both.stdout)).toMatchObject([
    { kind: 'nsd', id: 'hackfest3charmed-ns', outcome: 'onboarded', status: 200, errors: 0 },
    { kind: 'vnfd', id: 'hackfest3charmed-vnf', outcome: 'onboarded', warnings: 7 },
  ]);

  const described = muster('describe', 'hackfest3charmed-ns');
  expect(described.stdout).toContain('needs at first   8 vCPU, 8 GiB, 80 GB');
  expect(described.stdout).toContain('hackfest3-mgmt: not mapped on this site');
  const vnf = muster('describe', 'vnfd/hackfest').stdout;
  for (const part of [
    ...['mgmtVM: 2 vCPU, 2 GiB, 20 GB', 'internal: mgmtVM, dataVM', 'scaling scale_dataVM: up to level 9'],
    ...[
      'primitive touch(filename) of hackfest3charmed-vnf, on-demand: FAILED',
      'named by         nsd/hackfest3charmed-ns',
    ],
  ]) {
    expect(vnf).toContain(part);
  }
  expect(JSON.parse(muster('describe', 'nsd/hackfest3charmed-ns', '-o', 'json').stdout)).toMatchObject({
    demand: { vcpus: 8, memoryMib: 8192, storageGb: 80 },
    images: [{ image: 'hackfest3-mgmt', target: null }],
    descriptor: { kind: 'nsd', links: [{ id: 'mgmt', management: true }, { id: 'datanet' }] },
  });
  const rows = JSON.parse(muster('list', '-o', 'json').stdout);
  expect(Object.keys(rows[0])).toEqual([
    ...[
      'id',
      'kind',
      'name',
      'version',
      'revision',
      'usage',
      'usedBy',
      'neededBy',
      'needs',
      'files',
      'bytes',
    ],
    ...['digest', 'onboardedAt', 'updatedAt'],
  ]);
  expect(parse(muster('list', '-o', 'yaml').stdout)).toEqual(rows);

  expect(muster('describe', 'hackfest3charmed-nsx').stderr).toContain('did you mean hackfest3charmed-ns?');
  const needed = muster('delete', 'hackfest3charmed-vnf', '--yes');
  expect(needed.status).toBe(1);
  expect(needed.stderr).toContain('named by the NSD hackfest3charmed-ns');
  const unasked = muster('delete', 'hackfest3charmed-ns');
  expect(unasked.status).toBe(64);
  expect(unasked.stderr).toContain('--yes');
  expect(muster('delete', 'hackfest3charmed-ns', '--yes').status).toBe(0);
  expect(muster('delete', 'hackfest3charmed-vnf', '--yes').stdout).toBe(
    'vnfd/hackfest3charmed-vnf is removed\n',
  );
  expect(JSON.parse(muster('list', '-o', 'json').stdout)).toEqual([]);
}, 120_000);

describe('what is wrong ends with 64', () => {
  test('all errors at once, as a compiler tells them, and as data', () => {
    const broken = sample('sol006/cirros_vnffg_nsd.yaml');
    const { status, stderr, stdout } = musterIn('wrong', 'validate', broken);
    expect(status).toBe(64);
    for (const place of [
      ':12:9: error',
      ':21:13: error',
      ':31:54: error',
      ':57:22: warning',
      ':65:22: error',
    ]) {
      expect(stderr).toContain(`${broken}${place}`);
    }
    expect(stderr).toContain('did you mean `cirros_vnffg-vnf`?');
    expect(stdout).toContain('refused');
    const json = musterIn('wrong', 'validate', broken, '-o', 'json');
    expect(json.status).toBe(64);
    const [result] = JSON.parse(json.stdout);
    expect(result).toMatchObject({ status: 422, outcome: 'refused' });
    expect(result.problems[0]).toMatchObject({
      ...{ line: 12, column: 9, path: 'nsd.nsd[0].vnfd-id[0]', severity: 'error', status: 409 },
      ...{ code: 'vnfd-absent', file: broken },
    });
  });

  test('the older format, in words of OSM', () => {
    const { status, stderr } = musterIn('wrong', 'validate', sample('legacy/cirros_vnf.tar.gz'));
    expect(status).toBe(64);
    expect(stderr).toContain('ERROR: Unsupported descriptor format. Please, use an ETSI SOL006 descriptor.');
  });

  test('a bomb, a link, a file that is not there', () => {
    const bomb = join(dir, 'bomb.tar.gz');
    writeFileSync(bomb, gzipSync(Buffer.alloc(32 * 1024 * 1024)));
    const linked = join(dir, 'linked');
    mkdirSync(linked);
    symlinkSync('/etc/passwd', join(linked, 'x_vnfd.yaml'));
    const { status, stderr } = musterIn('wrong', 'onboard', bomb, linked, 'nothing.yaml');
    expect(status).toBe(64);
    expect(stderr).toContain('bomb.tar.gz:1: error: it unpacks to more than 100 times its size');
    expect(stderr).toContain('linked/x_vnfd.yaml:1: error: a symbolic link');
    expect(stderr).toContain('nothing.yaml:1: error: there is no such file or folder');
  });

  test('a configuration of the site, each mistake at its place', () => {
    const file = join(dir, 'bad-site.yaml');
    writeFileSync(file, 'imagess: {}\nwebhooks:\n  allowHosts: x\n');
    const { status, stderr } = musterIn('wrong', 'validate', VNFD, '--image-map', file);
    expect(status).toBe(64);
    expect(stderr).toContain('bad-site.yaml:1:1: error');
    expect(stderr).toContain('did you mean `images`?');
    expect(stderr).toContain('bad-site.yaml:3:15: error');
  });
});

test('an image that is mapped is said to be', () => {
  const file = join(dir, 'site.yaml');
  const program = '{ program: { command: [/usr/bin/node, server.js], health: { kind: tcp, port: 8080 } } }';
  writeFileSync(file, `images:\n  hackfest3-mgmt: ${program}\nwebhooks:\n  allowHosts: [webhook.site]\n`);
  expect(musterIn('mapped', 'onboard', VNFD, '--image-map', file).stdout).toContain('onboarded  0       5');
  const described = musterIn('mapped', 'describe', 'hackfest3charmed-vnf', '--image-map', file).stdout;
  expect(described).toContain('hackfest3-mgmt: /usr/bin/node server.js (health: tcp, not signed)');
});

test('every command has an example in its help', () => {
  for (const verb of ['validate', 'onboard', 'list', 'describe', 'delete']) {
    const { status, stdout } = musterIn('help', verb, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n {2}\\$ bin/muster package ${verb}`));
  }
}, 60_000);
