import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { encode } from 'cborg';
import { passes } from './wait.ts';

/** A message as the sites' sockets want it: its length in 4 bytes, most significant first, then CBOR. */
export function framedBytes(message: unknown): Buffer {
  return withLength(encode(message));
}

export function withLength(body: Uint8Array, length = body.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length, 0);
  return Buffer.concat([head, body]);
}

export interface Knocking {
  /** All that the daemon has said. */
  said(): Buffer;
  isOpen(): boolean;
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Connects; resolves when the daemon has taken it or turned it away. */
export async function knock(path: string): Promise<Knocking> {
  const parts: Buffer[] = [];
  let open = false;
  const socket: Socket = connect(path);
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', () => {
      open = true;
      resolve();
    });
    socket.once('close', () => resolve());
  });
  await passes(50);
  return {
    said: () => Buffer.concat(parts),
    isOpen: () => open,
    send: (bytes) => void socket.write(bytes),
    close: () => socket.destroy(),
  };
}
