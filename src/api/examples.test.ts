import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTar } from '../adapters/package-source/testing/make-tar.ts';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB, WHOM } from './testing/api-bench.ts';

// The scripts of docs/examples as they are, with curl, over loopback: the real services, on the twin.

let bench: ApiBench;
let address: string;
let directory: string;
beforeEach(async () => {
  bench = await apiBench({ output: 'painted' });
  address = await bench.api.listen({ host: '127.0.0.1', port: 0 });
  directory = mkdtempSync(join(tmpdir(), 'muster-examples-'));
  writeFileSync(join(directory, 'shop_nsd.yaml'), SHOP);
  writeFileSync(join(directory, 'web_vnfd.yaml'), WEB);
  const wall = makeTar([
    { name: 'wall/', type: '5' },
    { name: 'wall/wall_vnfd.yaml', content: WALL },
  ]);
  writeFileSync(join(directory, 'wall.tar.gz'), gzipSync(wall));
});
afterEach(async () => {
  bench.api.server.closeAllConnections();
  await bench.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a script while virtual time passes; it is ended when it takes too long. */
async function run(script: string, args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const path = new URL(`../../docs/examples/${script}`, import.meta.url).pathname;
  const child = spawn('bash', [path, ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over) await bench.bench.pass(10);
  return { code: await ended, said };
}

async function nothingIsLeft(): Promise<void> {
  expect(await bench.bench.twin.list()).toEqual([]);
  expect(await bench.bench.manager.list()).toEqual([]);
  expect((await bench.bench.packages.view()).keys('')).toEqual([]);
  expect(bench.trouble).toEqual([]);
}

const FILES = ['shop_nsd.yaml', 'wall.tar.gz', 'web_vnfd.yaml'];
const ACTION = JSON.stringify({
  member_vnf_index: 'web',
  primitive: 'paint',
  primitive_params: { colour: 'blue' },
});

test('docs/examples/sol005.sh: packages, instantiate, scale, heal, action, terminate, delete', async () => {
  const { code, said } = await run('sol005.sh', ['shop', ...FILES], {
    MUSTER_API: address,
    MUSTER_TOKEN: await bench.token('alice', 'operator'),
    INSTANTIATE: JSON.stringify({ additionalParamsForVnf: [WHOM] }),
    SCALE: 'web',
    HEAL: 'web',
    ACTION,
  });
  expect(said).toContain('shop is gone, and its packages with it');
  expect(code).toBe(0);
  const begun = ['instantiate', 'scale', 'heal', 'action', 'terminate'];
  expect([...said.matchAll(/\/(\w+): COMPLETED/g)].map((each) => each[1])).toEqual(begun);
  expect(bench.requests.every(({ caller }) => caller === 'alice')).toBe(true);
  await nothingIsLeft();
});

test('docs/examples/osm.sh: the same by the paths of Open Source MANO', async () => {
  const { code, said } = await run('osm.sh', ['shop', ...FILES], {
    OSM: `${address}/osm`,
    OSM_USER: 'alice',
    OSM_PASSWORD: await bench.token('alice', 'operator'),
    VIM: 'south',
    PARAMS: JSON.stringify([{ 'member-vnf-index': 'web', additionalParams: { whom: 'world' } }]),
    SCALE: 'web by-load',
    HEAL: 'web',
    ACTION,
  });
  expect(said).toContain('shop is gone, and its packages with it');
  expect(code).toBe(0);
  const begun = ['instantiate', 'scale', 'heal', 'action', 'terminate'];
  expect([...said.matchAll(/^(\w+): COMPLETED/gm)].map((each) => each[1])).toEqual(begun);
  await nothingIsLeft();
});

test('a wrong call ends a script with the words of the problem, and what it has made is removed', async () => {
  const env = { MUSTER_API: address, MUSTER_TOKEN: UP_TOKEN };
  const { code, said } = await run('sol005.sh', ['shop', 'shop_nsd.yaml'], env);
  expect(code).toBe(1);
  expect(said).toContain('409');
  expect(said).toContain('"hint"');
  await nothingIsLeft();
});

test.for(['sol005.sh', 'osm.sh'])('%s: what fails in the middle leaves nothing running', async (script) => {
  const token = await bench.token('alice', 'operator');
  const { code, said } = await run(script, ['shop', ...FILES], {
    ...{
      MUSTER_API: address,
      MUSTER_TOKEN: token,
      OSM: `${address}/osm`,
      OSM_USER: 'alice',
      OSM_PASSWORD: token,
    },
    INSTANTIATE: JSON.stringify({ additionalParamsForVnf: [WHOM] }),
    PARAMS: JSON.stringify([{ 'member-vnf-index': 'web', additionalParams: { whom: 'world' } }]),
    ACTION: ACTION.replace('paint', 'polish'),
  });
  expect(code).toBe(1);
  expect(said).toContain('web has no primitive polish');
  expect(said).toContain('removing what was made');
  expect(said).not.toContain('still there');
  await nothingIsLeft();
});
