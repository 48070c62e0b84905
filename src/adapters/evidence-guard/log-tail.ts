import type { Readable } from 'node:stream';

const KEPT_BYTES = 64 << 10;

/** Reads a stream for ever and keeps its last 64 KiB: an agent cannot fill its guard's memory, nor wait for a reader. */
export function keepTail(stream: Readable): () => string {
  let kept: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES);
  });
  stream.on('error', () => {});
  return () => kept.toString('utf8');
}
