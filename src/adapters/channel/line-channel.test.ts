import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineChannel } from './line-channel.ts';
import { lines } from './line-channel.ts';

const MOST = 1000;

/** One end of a channel over a stream that the test feeds; what is written waits until `drain`. */
function open(onMessage: (message: unknown, channel: LineChannel) => void = () => {}) {
  const taken: unknown[] = [];
  const written: string[] = [];
  const stuck: (() => void)[] = [];
  let reads = true;
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString('utf8'));
      if (reads) done();
      else stuck.push(done);
    },
  });
  let close: (reason: string | undefined) => void = () => {};
  const closed = new Promise<string | undefined>((resolve) => {
    close = resolve;
  });
  const channel: LineChannel = lines(stream, {
    maxChars: MOST,
    onMessage: (message) => {
      taken.push(message);
      onMessage(message, channel);
    },
    onClose: close,
  });
  const give = (text: string): void => {
    stream.emit('data', text);
  };
  const stopReading = (): void => {
    reads = false;
  };
  return { stream, channel, taken, written, closed, give, stopReading };
}

describe('a line channel', () => {
  it('writes one value a line', () => {
    const { channel, written } = open();
    expect(channel.send({ kind: 'log', text: 'two\nlines' })).toBe(true);
    expect(written.join('')).toBe('{"kind":"log","text":"two\\nlines"}\n');
  });

  it('takes values however the stream is cut into chunks', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), cuts, (values, sizes) => {
        const said = values.map((value) => JSON.stringify(value)).filter((line) => line.length <= MOST);
        const text = said.map((line) => `${line}\n`).join('\n');
        const { give, taken, stream } = open();
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          give(text.slice(at, at + size));
          at += size;
        }
        stream.destroy();
        expect(taken).toEqual(said.map((line) => JSON.parse(line) as unknown));
      }),
      { numRuns: 200 },
    );
  });

  it('a character that two chunks share is one character', async () => {
    const { stream, taken, channel, closed } = open();
    const bytes = Buffer.from('"ü"\n', 'utf8');
    stream.push(bytes.subarray(0, 2));
    stream.push(bytes.subarray(2));
    stream.push('1\n');
    stream.push(null);
    stream.once('end', () => channel.close());
    await closed;
    expect(taken).toEqual(['ü', 1]);
  });

  it('takes a line as long as may be, and ends at one that is longer', async () => {
    const longest = JSON.stringify('x'.repeat(MOST - 2));
    const fits = open();
    fits.give(`${longest}\n`);
    expect(fits.taken).toHaveLength(1);
    fits.give(`${longest} \n1\n`);
    expect(await fits.closed).toBe(`a line over ${MOST} characters`);
    expect(fits.taken).toHaveLength(1);
  });

  it('ends at a line that has no end, before it has grown', async () => {
    const { give, closed, stream } = open();
    for (let i = 0; i < 50 && !stream.destroyed; i++) give('x'.repeat(100));
    expect(stream.destroyed).toBe(true);
    expect(await closed).toBe(`a line over ${MOST} characters`);
  });

  it('ends at what is not JSON, and takes nothing behind it', async () => {
    const { give, taken, closed } = open();
    give('1\n{"kind":\n2\n');
    give('3\n');
    expect(await closed).toBe('a line that is not JSON');
    expect(taken).toEqual([1]);
  });

  it('what lies behind the line at which the receiver closes is not taken', async () => {
    const { give, taken, closed } = open((_, channel) => channel.close());
    give('1\n2\n');
    expect(await closed).toBeUndefined();
    expect(taken).toEqual([1]);
  });

  it('cuts off a peer that does not read', async () => {
    const { channel, closed, stopReading } = open();
    stopReading();
    const text = 'x'.repeat(100_000);
    let sent = 0;
    while (channel.send({ kind: 'log', text }) && sent < 1000) sent++;
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThan(1000);
    expect(await closed).toBe('it does not read');
    expect(channel.send('more')).toBe(false);
  });

  it('10 000 random and mutated lines: no throw, no growth, each is taken or the end', () => {
    const good = JSON.stringify({ kind: 'evidence', request: 7, decisionHead: `0x${'12'.repeat(32)}` });
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, by]) => good.slice(0, at) + by + good.slice(at + 1));
    const noise = fc.string({ maxLength: 60 });
    let [taken, cut, empty] = [0, 0, 0];
    fc.assert(
      fc.property(fc.oneof(mutated, noise), (text) => {
        const line = text.replaceAll('\n', ' ');
        const one = open();
        one.give(`${line}\n`);
        if (one.stream.destroyed) cut++;
        else if (line === '') empty++;
        else taken++;
        expect(one.taken).toHaveLength(one.stream.destroyed || line === '' ? 0 : 1);
        one.stream.destroy();
      }),
      { numRuns: 10_000 },
    );
    expect(cut).toBeGreaterThan(1000);
    expect(taken).toBeGreaterThan(1000);
    expect(taken + cut + empty).toBeGreaterThanOrEqual(10_000);
  });
});
