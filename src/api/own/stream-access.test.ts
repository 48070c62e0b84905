import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { revokeToken } from '../../runtime/tokens/tokens.ts';
import { type ConsoleAccess, createConsoleAccess } from '../console/console-access.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';

const WITHIN_MS = 5000;

let bench: ApiBench;
let access: ConsoleAccess;
beforeEach(async () => {
  bench = await apiBench({
    console: (tokens, nowMs) => {
      access = createConsoleAccess({ tokens, nowMs });
      return { access, pages: import.meta.dirname };
    },
  });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.close();
});

/** An open stream of the journal: whether it has ended once the time has come to find that out. */
async function streamFor(headers: Record<string, string>) {
  const { stream } = await ask(headers);
  const closed = new Promise<boolean>((resolve) =>
    stream()
      .on('close', () => resolve(true))
      .resume(),
  );
  return {
    hasEnded: async () => {
      await vi.advanceTimersByTimeAsync(WITHIN_MS);
      return Promise.race([closed, stillOpen()]);
    },
  };
}

const ask = (headers: Record<string, string>) =>
  bench.api.inject({ url: '/v1/journal', headers, payloadAsStream: true });

/** After everything that is under way, such as a look into the store. */
async function stillOpen(): Promise<false> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  return false;
}

describe('an open stream of the journal', () => {
  test('ends when the token is revoked that it was opened with, and not before', async () => {
    const stream = await streamFor({ authorization: `Bearer ${await bench.token('eve', 'viewer')}` });
    expect(await stream.hasEnded()).toBe(false);
    await revokeToken(bench.tokens, 'eve');
    expect(await stream.hasEnded()).toBe(true);
  });

  test('ends when the token expires', async () => {
    const untilMs = bench.bench.clock.nowMs() + 60_000;
    const stream = await streamFor({
      authorization: `Bearer ${await bench.token('eve', 'viewer', untilMs)}`,
    });
    expect(await stream.hasEnded()).toBe(false);
    bench.bench.clock.runUntil(untilMs);
    expect(await stream.hasEnded()).toBe(true);
  });

  test('of a browser ends when its session is left, its token revoked, or its time over', async () => {
    const endings: readonly ((cookie: string, name: string) => unknown)[] = [
      (cookie) => access.close(cookie),
      (_, name) => revokeToken(bench.tokens, name),
      () => bench.bench.clock.runUntil(bench.bench.clock.nowMs() + 13 * 3_600_000),
    ];
    for (const [at, end] of endings.entries()) {
      const name = `eve${at}`;
      const opened = await access.open(await bench.token(name, 'viewer'));
      const cookie = opened?.cookie ?? '';
      const stream = await streamFor({ cookie: `muster-session-80=${cookie}` });
      expect([name, await stream.hasEnded()]).toEqual([name, false]);
      await end(cookie, name);
      expect([name, await stream.hasEnded()]).toEqual([name, true]);
    }
  });
});
