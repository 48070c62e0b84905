import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { decode, encode } from 'cborg';
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

/** All whole messages in what a site has said. */
export function messagesIn(said: Buffer): readonly Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  for (let at = 0; at + 4 <= said.length; ) {
    const end = at + 4 + said.readUInt32BE(at);
    if (end > said.length) break;
    const message: unknown = decode(said.subarray(at + 4, end));
    if (typeof message === 'object' && message !== null) messages.push({ ...message });
    at = end;
  }
  return messages;
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
