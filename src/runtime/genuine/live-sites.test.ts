import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { LiveSites } from './live-sites.ts';
import { localSockets } from './site-network.ts';

const [FIRST, SECOND] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`];
const [KEY, OTHER] = [`0x${'3'.repeat(64)}`, `0x${'4'.repeat(64)}`];
const dir = mkdtempSync(join(tmpdir(), 'muster-live-sites-'));
let sites: LiveSites | undefined;

afterEach(async () => {
  await sites?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A program that says these, and nothing after them. */
function program(name: string, messages: readonly object[]): string {
  const path = join(dir, `${name}.mjs`);
  const said = messages.map((each) => `process.send(${JSON.stringify(each)});`);
  writeFileSync(path, [...said, 'process.on("message", () => {});'].join('\n'));
  return path;
}

it('a guard or a daemon that says again that it is there sets nothing off, and is told of once', async () => {
  const hello = (account: string) => ({ kind: 'guard', account, pid: 1, sha256: '' });
  const holder = (kemKey: string) => ({ kind: 'holder', pid: 1, kemKey, linkKey: KEY });
  const last = { kind: 'log', who: 'it', text: 'that was all' };
  const guard = program('guard', [hello(FIRST), hello(FIRST), hello(SECOND), hello(SECOND), last]);
  const siteDaemon = program('daemon', [holder(KEY), holder(OTHER), holder(OTHER), last]);
  const [onGuard, onHolder, onFault, onMessage] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  sites = new LiveSites({
    siteOf: new Map(),
    specs: () => [],
    dir,
    network: localSockets(dir, 'a test needs no more'),
    programs: { guard, siteDaemon },
    operatorKey: '',
    onMessage,
    onGuard,
    onHolder,
    onFault,
  });
  sites.add('west');
  await vi.waitFor(() => expect(onMessage).toHaveBeenCalledTimes(2), 20_000);
  expect(onGuard.mock.calls).toEqual([['west', hello(FIRST), undefined]]);
  expect(sites.accountOf('west')).toBe(FIRST);
  expect(onHolder.mock.calls).toEqual([['west', KEY]]);
  const told = onFault.mock.calls.map(([fault, site]) => `${fault} ${site}`);
  expect(told).toEqual(['second-hello west', 'second-hello west']);
});
