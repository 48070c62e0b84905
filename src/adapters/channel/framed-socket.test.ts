import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { FramedSocket } from './framed-socket.ts';
import { framed } from './framed-socket.ts';

const MOST = 4096;

/** What one end has taken in, and how it ended. */
class End {
  readonly messages: unknown[] = [];
  readonly connection: FramedSocket;
  readonly closed: Promise<string | undefined>;
  #wanted: { readonly count: number; readonly resolve: () => void } | undefined;

  constructor(socket: Socket, onMessage: (message: unknown, connection: FramedSocket) => void = () => {}) {
    let close: (reason: string | undefined) => void = () => {};
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.connection = framed(socket, {
      maxBytes: MOST,
      onMessage: (message) => {
        this.messages.push(message);
        onMessage(message, this.connection);
        if (this.#wanted !== undefined && this.messages.length >= this.#wanted.count) this.#wanted.resolve();
      },
      onClose: close,
    });
  }

  has(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = { count, resolve };
      if (this.messages.length >= count) resolve();
    });
  }
}

let directory: string;
let server: Server;
const sockets: Socket[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  server = createServer();
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Two ends of a real Unix socket. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  if (!server.listening) {
    server.listen(join(directory, 's'));
    await once(server, 'listening');
  }
  const accepted = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  const near = connect(join(directory, 's'));
  const far = await accepted;
  sockets.push(near, far);
  return { near, far };
}

function packed(message: unknown): Buffer {
  const body = encodeCbor(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length, 0);
  return Buffer.concat([length, body]);
}

describe('a framed socket', () => {
  it('carries messages in order, both ways', async () => {
    const { near, far } = await pair();
    const [one, two] = [new End(near), new End(far)];
    for (let i = 0; i < 2000; i++) expect(one.connection.send({ i })).toBe(true);
    expect(two.connection.send('back')).toBe(true);
    await Promise.all([two.has(2000), one.has(1)]);
    expect(two.messages).toEqual(Array.from({ length: 2000 }, (_, i) => ({ i })));
    expect(one.messages).toEqual(['back']);
  });

  it('takes them however the stream is cut into chunks', async () => {
    const { near, far } = await pair();
    const end = new End(far);
    const messages = fc.array(fc.oneof(fc.string(), fc.integer(), fc.uint8Array({ maxLength: 500 })), {
      minLength: 1,
      maxLength: 6,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(messages, cuts, async (said, sizes) => {
        end.messages.length = 0;
        const stream = Buffer.concat(said.map(packed));
        // Chunks as the far end would be given them; a kernel joins and splits as it likes.
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          far.emit('data', stream.subarray(at, at + size));
          at += size;
        }
        expect(end.messages).toEqual(said);
      }),
      { numRuns: 100 },
    );
    near.write(packed('over the wire'));
    end.messages.length = 0;
    await end.has(1);
    expect(end.messages).toEqual(['over the wire']);
  });

  it.each([
    ['a length of nothing', Buffer.alloc(4), 'a message of 0 bytes'],
    ['a length beyond the bound', Buffer.from([0, 0, 0x10, 1]), 'a message of 4097 bytes'],
    ['a length beyond all bounds', Buffer.from([255, 255, 255, 255]), 'a message of 4294967295 bytes'],
    ['what is no CBOR', Buffer.from([0, 0, 0, 1, 0xff]), 'not deterministic CBOR'],
    ['CBOR in another form', Buffer.from([0, 0, 0, 2, 0x18, 0x01]), 'not deterministic CBOR'],
  ])('ends at %s', async (_, bytes, reason) => {
    const { near, far } = await pair();
    const end = new End(far);
    near.write(Buffer.concat([packed('first'), bytes, packed('never')]));
    expect(await end.closed).toBe(reason);
    expect(end.messages).toEqual(['first']);
  });

  it('takes the largest message and sends none that is larger', async () => {
    const { near, far } = await pair();
    const [one, two] = [new End(near), new End(far)];
    const largest = new Uint8Array(MOST - 3).fill(7);
    expect(one.connection.send(new Uint8Array(MOST - 2))).toBe(false);
    expect(one.connection.send(largest)).toBe(true);
    await two.has(1);
    expect(two.messages).toEqual([largest]);
  });

  it('what lies behind the message at which the receiver closes is not taken', async () => {
    const { near, far } = await pair();
    const end = new End(far, (message, connection) => {
      if (message === 'close') connection.close();
    });
    near.write(Buffer.concat([packed('close'), packed('after')]));
    expect(await end.closed).toBeUndefined();
    expect(end.messages).toEqual(['close']);
  });

  it('cuts off a peer that does not read, and says so to who sends', async () => {
    const { near, far } = await pair();
    far.pause();
    const end = new End(near);
    const message = new Uint8Array(MOST - 8);
    let sent = 0;
    while (end.connection.send(message) && sent < 100_000) sent++;
    expect(sent).toBeLessThan(100_000);
    expect(await end.closed).toBe('it does not read');
    expect(end.connection.send('more')).toBe(false);
    expect(end.connection.unsentBytes()).toBeLessThanOrEqual(17 * 1024 * 1024);
  });

  it('10 000 random messages and mutations of good ones: no throw, each is taken, waited for or the end', () => {
    const good = packed({ kind: 'frame', to: 'a1', frame: new Uint8Array(40) });
    const noise = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    const mutated = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
      const bytes = Buffer.from(good);
      bytes.writeUInt8(bytes.readUInt8(at) ^ by, at);
      return bytes;
    });
    let taken = 0;
    let cut = 0;
    let waiting = 0;
    fc.assert(
      fc.property(fc.oneof(noise, mutated), (bytes) => {
        const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
        const had = taken;
        framed(stream, { maxBytes: MOST, onMessage: () => taken++, onClose: () => {} });
        stream.emit('data', bytes);
        if (stream.destroyed) cut++;
        else if (taken === had) waiting++;
        stream.destroy();
      }),
      { numRuns: 10_000 },
    );
    expect(cut).toBeGreaterThan(3000);
    expect(waiting).toBeGreaterThan(0);
    expect(taken + cut + waiting).toBeGreaterThanOrEqual(10_000);
  });
});

it('says that it is closed where the other side had gone before it was there', async () => {
  const gone = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const closed = once(gone, 'close');
  gone.destroy();
  await closed;
  let told = 0;
  framed(gone, { maxBytes: MOST, onMessage: () => {}, onClose: () => told++ });
  await Promise.resolve();
  expect(told).toBe(1);
});
