import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { agentId } from '../../protocol/ids.ts';
import type { PeerSite, SiteAddress } from '../../protocol/peer-site.ts';
import { PeerSites } from './peer-sites.ts';
import { siteLink } from './site-link.ts';

const A1 = agentId('a1');
const FRAME = new TextEncoder().encode('sealed by an agent');

let directory: string;
const closes: (() => void)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
});
afterEach(() => {
  for (const close of closes.splice(0)) close();
  rmSync(directory, { recursive: true, force: true });
});

/** A site's daemon as far as others see it, with what it has heard. */
interface End {
  readonly site: string;
  readonly key: SigningKey;
  readonly address: SiteAddress;
  readonly peers: PeerSites;
  readonly frames: string[];
  readonly strangers: string[];
}

/** Nothing happens by itself within a test, unless it is about that. */
const NEVER_MS = 600_000;

async function open(site: string, key = newSigningKey(), aliveEveryMs = NEVER_MS): Promise<End> {
  const frames: string[] = [];
  const strangers: string[] = [];
  const address = { path: join(directory, `${site}.sock`) };
  const peers = new PeerSites({
    site,
    key,
    onFrame: (to, frame) => frames.push(`${to}: ${new TextDecoder().decode(frame)}`),
    onStranger: (_from, reason) => strangers.push(reason),
    aliveEveryMs,
  });
  closes.push(() => peers.close());
  await peers.listen(address);
  return { site, key, address, peers, frames, strangers };
}

function known(...ends: readonly End[]): Record<string, PeerSite> {
  return Object.fromEntries(
    ends.map(({ site, address, key }) => [site, { address, linkKey: key.publicKey }]),
  );
}

/** West and east, who know each other; neither has called yet. */
async function two(aliveEveryMs?: number): Promise<readonly [End, End]> {
  const ends = [
    await open('west', undefined, aliveEveryMs),
    await open('east', undefined, aliveEveryMs),
  ] as const;
  for (const { peers } of ends) peers.know(known(...ends));
  return ends;
}

/** Between the two, for who calls east: takes the place of its socket. */
function listenAt(address: SiteAddress, onCall: (socket: Socket) => void): Promise<Server> {
  if (!('path' in address)) throw new Error('tests speak over local sockets');
  rmSync(address.path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onCall(socket);
  });
  closes.push(() => server.close());
  return new Promise((resolve) => server.listen(address.path, () => resolve(server)));
}

describe('daemons of two sites', () => {
  it('carry frames to each other once each has proven which site it is', async () => {
    const [west, east] = await two();
    expect(await west.peers.reach()).toBe(1);
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => east.frames).toEqual(['a1: sealed by an agent']);
    // What is said before a link stands waits for it.
    east.peers.send('west', A1, FRAME);
    await expect.poll(() => west.frames).toEqual(['a1: sealed by an agent']);
    expect([...west.strangers, ...east.strangers]).toEqual([]);
  });

  it('reach each other although one comes later', async () => {
    const west = await open('west');
    const key = newSigningKey();
    const address = { path: join(directory, 'east.sock') };
    west.peers.know({ ...known(west), east: { address, linkKey: key.publicKey } });
    const reached = west.peers.reach();
    const east = await open('east', key);
    east.peers.know(known(west, east));
    expect(await reached).toBe(1);
  });

  it('go on after one has been started again with another key, as soon as that is told', async () => {
    const [west, east] = await two();
    await west.peers.reach();
    east.peers.close();
    const again = await open('east');
    for (const { peers } of [west, again]) peers.know(known(west, again));
    expect(await west.peers.reach()).toBe(1);
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => again.frames).toHaveLength(1);
  });
});

describe('a stranger', () => {
  it('who calls in the name of a site without its key is refused, and what it sends reaches nobody', async () => {
    const [west, east] = await two();
    const stranger = await open('stranger');
    const posing = new PeerSites({
      site: 'west',
      key: stranger.key,
      onFrame: () => {},
      onStranger: () => {},
      aliveEveryMs: NEVER_MS,
    });
    closes.push(() => posing.close());
    posing.know(known(west, east));
    posing.send('east', A1, FRAME);
    await expect.poll(() => east.strangers).toEqual(['it says that it is west, and has not its key']);
    expect(east.frames).toEqual([]);
  });

  it('who names a site that there is not, or the one that it calls, is refused', async () => {
    const [, east] = await two();
    for (const name of ['north', 'east']) {
      const stranger = await open(`${name}-posing`);
      const posing = new PeerSites({
        site: name,
        key: stranger.key,
        onFrame: () => {},
        onStranger: () => {},
        aliveEveryMs: NEVER_MS,
      });
      closes.push(() => posing.close());
      // It would not call its own name: it calls the other by one that it has made up.
      posing.know({ there: { address: east.address, linkKey: east.key.publicKey } });
      posing.send('there', A1, FRAME);
    }
    await expect
      .poll(() => [...east.strangers].sort())
      .toEqual(['there is no site east that would call', 'there is no site north that would call']);
    expect(east.frames).toEqual([]);
  });

  it('who answers in the place of a site is told nothing', async () => {
    const [west, east] = await two();
    east.peers.close();
    const impostor = await open('east');
    impostor.peers.know({
      ...known(west),
      east: { address: impostor.address, linkKey: impostor.key.publicKey },
    });
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => west.strangers).toEqual(['what answers for east has not its key']);
    expect(impostor.frames).toEqual([]);
  });

  it('who passes on between two, and changes or repeats a byte once they know each other, is cut off', async () => {
    const [west, east] = await two();
    const real = `${(east.address as { path: string }).path}.real`;
    const elsewhere = { path: real };
    const moved = new PeerSites({
      site: 'east',
      key: east.key,
      onFrame: (to) => east.frames.push(to),
      onStranger: (_from, reason) => east.strangers.push(reason),
      aliveEveryMs: NEVER_MS,
    });
    closes.push(() => moved.close());
    await moved.listen(elsewhere);
    moved.know(known(west, east));
    east.peers.close();
    let meddle: (chunk: Buffer) => readonly Buffer[] = (chunk) => [chunk];
    let calls = 0;
    await listenAt(east.address, (socket) => {
      calls++;
      const on = connect(real);
      on.on('error', () => {});
      closes.push(() => on.destroy());
      on.pipe(socket);
      socket.on('data', (chunk: Buffer) => {
        for (const each of meddle(chunk)) on.write(each);
      });
      socket.on('close', () => on.destroy());
    });
    expect(await west.peers.reach()).toBe(1);
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => east.frames).toEqual(['a1']);
    meddle = (chunk) => [chunk, chunk];
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => east.strangers).toHaveLength(1);
    expect(east.strangers).toEqual(['west says what it has not sealed, or what is no message']);
    // The first of the two was right; the second was not taken.
    expect(east.frames).toEqual(['a1', 'a1']);

    meddle = (chunk) => [chunk];
    // That it was cut off, west hears a moment later: until then it holds the old link for open.
    const called = async () => {
      await west.peers.reach();
      return calls;
    };
    await expect.poll(called).toBe(2);
    meddle = (chunk) => [Buffer.from(chunk.map((byte, at) => (at === chunk.length - 1 ? byte ^ 1 : byte)))];
    west.peers.send('east', A1, FRAME);
    await expect.poll(() => east.strangers).toHaveLength(2);
    expect(east.frames).toEqual(['a1', 'a1']);
  });

  it('who only connects makes room for others, and a long first word is not waited for', async () => {
    const [west, east] = await two();
    const path = (east.address as { path: string }).path;
    const silent = Array.from({ length: 80 }, () => connect(path));
    for (const each of silent) {
      each.on('error', () => {});
      closes.push(() => each.destroy());
    }
    expect(await west.peers.reach()).toBe(1);
    const long = connect(path);
    closes.push(() => long.destroy());
    const ended = new Promise((resolve) => long.once('close', resolve));
    const body = encodeCbor({ kind: 'link-hello', site: 'x'.repeat(4000) });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length, 0);
    long.write(Buffer.concat([length, body]));
    await ended;
    expect(east.strangers).toContain(`a message of ${body.length} bytes`);
  });
});

describe('a link that is cut without either end being told', () => {
  it('is given up, and the next frame goes over a new one', async () => {
    const [west, east] = await two(20);
    const path = (east.address as { path: string }).path;
    const real = `${path}.real`;
    const moved = new PeerSites({
      site: 'east',
      key: east.key,
      onFrame: (to) => east.frames.push(to),
      onStranger: () => {},
      aliveEveryMs: 20,
    });
    closes.push(() => moved.close());
    await moved.listen({ path: real });
    moved.know(known(west, east));
    east.peers.close();
    let cut = false;
    let calls = 0;
    await listenAt(east.address, (socket) => {
      calls++;
      const on = connect(real);
      on.on('error', () => {});
      closes.push(
        () => on.destroy(),
        () => socket.destroy(),
      );
      on.on('data', (chunk) => cut || socket.write(chunk));
      socket.on('data', (chunk) => cut || on.write(chunk));
    });
    expect(await west.peers.reach()).toBe(1);
    cut = true;
    west.peers.send('east', A1, FRAME);
    // Nothing closes: the silence has to be noticed. Then it is called again, at first in vain.
    const again = (): void => west.peers.send('east', A1, FRAME);
    await expect.poll(() => [again(), calls].at(-1)).toBeGreaterThan(1);
    expect(east.frames).toEqual([]);
    cut = false;
    await expect.poll(() => [again(), east.frames.length].at(-1)).toBeGreaterThan(0);
  }, 20_000);

  it('stands again by itself once who is called is back, without a frame to send', async () => {
    const [west, east] = await two(20);
    expect(await west.peers.reach()).toBe(1);
    east.peers.close();
    const again = await open('east', east.key, 20);
    again.peers.know(known(west, east));
    // West was told of nothing, and east does not call for it: its own end has to be called anew.
    await expect.poll(() => again.peers.taken()).toEqual(['west']);
  });

  it('is not opened with a key that is replaced while it is being proven', async () => {
    const [own, old, fresh] = [newSigningKey(), newSigningKey(), newSigningKey()];
    const at = { path: join(directory, 'replaced') };
    const peersWith = (west: SigningKey) => ({
      east: { address: at, linkKey: own.publicKey },
      west: { address: { path: join(directory, 'nowhere') }, linkKey: west.publicKey },
    });
    const strangers: string[] = [];
    const server = new PeerSites({
      site: 'east',
      key: own,
      onFrame: () => {},
      onStranger: (_site, reason) => strangers.push(reason),
    });
    closes.push(() => server.close());
    await server.listen(at);
    server.know(peersWith(old));
    const link = siteLink(connect(at.path), {
      self: 'west',
      key: old,
      called: 'east',
      // Between its hello and its proof another daemon takes its place.
      keyOf: () => {
        server.know(peersWith(fresh));
        return own.publicKey;
      },
      onOpen: () => {},
      onMessage: () => {},
      onClose: () => {},
    });
    closes.push(() => link.close());
    await expect.poll(() => strangers).toEqual([expect.stringMatching(/has been replaced/)]);
    expect(server.taken()).toEqual([]);
  });

  it('is refused when it says nothing for two seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    closes.push(() => vi.useRealTimers());
    const [, east] = await two();
    const silent = connect(east.address);
    silent.on('error', () => {});
    closes.push(() => silent.destroy());
    const cutOff = new Promise((resolve) => silent.once('close', resolve));
    // A connection is looked at from when it was taken in.
    for (; vi.getTimerCount() < 3; await new Promise((resolve) => setImmediate(resolve)));
    vi.advanceTimersByTime(1900);
    expect(east.strangers).toEqual([]);
    vi.advanceTimersByTime(100);
    await cutOff;
    await expect.poll(() => east.strangers).toEqual(['it has not proven who it is within 2000 ms']);
  });

  it('is nobody by reason of time that this process did not get itself', async () => {
    const [west, east] = await two();
    const opened = new Promise<string>((resolve, reject) => {
      const link = siteLink(connect(east.address), {
        self: 'west',
        key: west.key,
        called: 'east',
        keyOf: () => {
          // Longer than both ends have for their proof.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
          return east.key.publicKey;
        },
        onOpen: resolve,
        onMessage: () => {},
        onClose: (refused) => reject(new Error(refused)),
      });
      closes.push(() => link.close());
    });
    expect(await opened).toBe('east');
    await expect.poll(() => [...east.peers.taken(), ...east.strangers]).toEqual(['west']);
  });
});
