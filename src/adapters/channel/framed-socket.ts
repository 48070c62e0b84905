import type { Duplex } from 'node:stream';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';

/** What a peer that does not read may leave lying before it is cut off, bytes. */
const MOST_UNSENT_BYTES = 16 * 1024 * 1024;

export interface FramedSocket {
  /** False: the other side is gone, or does not read; or the message is longer than it would take. */
  send(message: unknown): boolean;
  /** What the other side has not read yet, bytes. */
  unsentBytes(): number;
  /** From now on a message may be that long: of who has said who it is, more is taken. */
  setMaxBytes(maxBytes: number): void;
  close(): void;
}

export interface FramedSocketOptions {
  readonly maxBytes: number;
  /** A whole message, decoded; what it means is for the receiver to check. */
  onMessage(message: unknown): void;
  /** Once, with the reason when the other side broke the rules. */
  onClose(reason: string | undefined): void;
}

/** Messages in deterministic CBOR over a stream socket, each after its length in 4 bytes, most significant first. */
export function framed(socket: Duplex, options: FramedSocketOptions): FramedSocket {
  const { onMessage, onClose } = options;
  let { maxBytes } = options;
  let chunks: Buffer[] = [];
  let have = 0;
  let broken: string | undefined;
  const cut = (reason: string) => {
    broken ??= reason;
    socket.destroy();
  };
  const take = (length: number): Buffer => {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks = all.length > length ? [all.subarray(length)] : [];
    have -= length;
    return all.subarray(0, length);
  };
  let wanted: number | undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    have += chunk.length;
    // What lies behind the message that made the receiver close is not for it any more.
    while (!socket.destroyed) {
      if (wanted === undefined) {
        if (have < 4) return;
        wanted = take(4).readUInt32BE(0);
        if (wanted === 0 || wanted > maxBytes) return cut(`a message of ${wanted} bytes`);
      }
      if (have < wanted) return;
      const message = decodeCbor(new Uint8Array(take(wanted)), maxBytes);
      wanted = undefined;
      if (message === undefined) return cut('not deterministic CBOR');
      onMessage(message);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => onClose(broken));
  // It has said so before anybody listened: one that was handed over, and whose other side has gone meanwhile.
  if (socket.closed) queueMicrotask(() => onClose(broken));
  return {
    send: (message) => {
      if (socket.destroyed || !socket.writable) return false;
      const body = encodeCbor(message);
      if (body.length > maxBytes) return false;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length, 0);
      socket.cork();
      socket.write(length);
      socket.write(body);
      socket.uncork();
      if (socket.writableLength > MOST_UNSENT_BYTES) cut('it does not read');
      return !socket.destroyed;
    },
    unsentBytes: () => socket.writableLength,
    setMaxBytes: (bytes) => {
      maxBytes = bytes;
    },
    close: () => {
      socket.destroy();
    },
  };
}
