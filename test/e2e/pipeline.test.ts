import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PipelineDocumentSchema } from '../../src/protocol/pipeline-descriptor.ts';

// Services and their control agents planned by the command line, with nothing up.

const root = new URL('../../', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'muster-planned-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const VIDEO = join(root, 'catalogue/watched-video_ns');
const SITES = join(root, 'examples/pipeline/sites.yaml');

function muster(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'bin/muster'), args, {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, MUSTER_HOME: join(home, 'muster') },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test('a service is planned from its NSD, with bars for its hosts and the optimum beside it', () => {
  const { status, stdout, stderr } = muster('plan', VIDEO, '--sites', SITES, '--exact');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toContain('found beside it: ');
  expect(stdout).toMatch(/video\/unit\/0 +\S+ at \S+/);
  expect(stdout).toMatch(/█+░* \d+\/\d+ vCPU {2}█+░* \d+\/\d+ MiB {2}\d units?/);
  expect(stdout).toMatch(/exactly: the optimum is/);
  const json = JSON.parse(muster('plan', VIDEO, '--sites', SITES, '-o', 'json').stdout);
  expect(json.placement.units).toHaveLength(5);
  expect(json.hosts.length).toBeGreaterThan(0);
}, 60_000);

test('what cannot be planned is said with what to do', () => {
  // What lies in the folders of other programs is none of it.
  const folder = join(home, 'lonely', 'deeper');
  mkdirSync(folder, { recursive: true });
  const lonely = join(folder, 'lonely_nsd.yaml');
  writeFileSync(lonely, readFileSync(join(VIDEO, 'watched-video_nsd.yaml')));
  const { status, stdout, stderr } = muster('plan', lonely, '--sites', SITES);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/lonely_nsd\.yaml:\d+:\d+: error: .*muster-client/);
  expect(stderr).toContain('try: ');
  expect(muster('plan', join(home, 'nothing.yaml')).status).toBe(64);
}, 60_000);

describe('the control agents of a service', () => {
  let text = '';
  const file = join(home, 'video.yaml');
  beforeAll(() => {
    const { status, stdout, stderr } = muster('pipeline', 'plan', VIDEO, '--sites', SITES);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/\d agents at \d sites, \d+ links/);
    expect(stderr).toContain('an agent of every kind at every site');
    text = stdout;
    writeFileSync(file, text);
  }, 60_000);

  test('are a file that is right, and says why each is there', () => {
    const { pipeline } = PipelineDocumentSchema.parse(parse(text));
    expect(pipeline).toMatchObject({ name: 'watched-video', service: 'watched-video' });
    expect(pipeline.agents.length).toBeGreaterThanOrEqual(2);
    for (const { duties = [] } of pipeline.agents) {
      expect(duties.length).toBeGreaterThan(0);
      for (const { because = '' } of duties) expect(because).not.toBe('');
    }
    expect(parse(text)).toEqual(
      parse(readFileSync(join(root, 'examples/pipeline/watched-video.yaml'), 'utf8')),
    );
    expect(muster('pipeline', 'validate', file)).toMatchObject({ status: 0, stderr: '' });
    const json = muster('pipeline', 'plan', VIDEO, '--sites', SITES, '-o', 'json').stdout;
    expect(JSON.parse(json)).toEqual(parse(text));
  }, 60_000);

  test('edited wrongly, all mistakes are told at once', () => {
    const wrong = join(home, 'wrong.yaml');
    writeFileSync(wrong, text.replace(/host: \S+/g, 'host: same-1').replace('link-monitor', 'link-moniter'));
    const { status, stdout, stderr } = muster('pipeline', 'validate', wrong);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('looks after same-1 already');
    expect(stderr).toContain('did you mean `link-monitor`?');
    expect(stderr).toMatch(/\d problems in /);
  }, 60_000);

  test('have nothing to be applied to, and that is said', () => {
    for (const verb of ['apply', 'diff']) {
      expect(muster('pipeline', verb, file)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('nothing is up'),
      });
    }
    expect(muster('pipeline', 'plan', VIDEO).stderr).toContain('--sites');
    expect(muster('pipeline', 'plan', 'no-such-service').stderr).toContain('nothing is up');
  }, 60_000);
});
