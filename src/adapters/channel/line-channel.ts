import type { Duplex } from 'node:stream';

/** What a peer that does not read may leave lying before it is cut off, bytes. */
const MOST_UNSENT_BYTES = 16 * 1024 * 1024;

export interface LineChannel {
  /** False: the other side is gone, or does not read. */
  send(message: unknown): boolean;
  close(): void;
}

export interface LineChannelOptions {
  readonly maxChars: number;
  /** A line that is JSON, parsed; anything else ends the channel. */
  onMessage(message: unknown): void;
  onClose(reason: string | undefined): void;
}

/** JSON, one value a line, over a stream: plain enough for an agent in any language. */
export function lines(stream: Duplex, options: LineChannelOptions): LineChannel {
  const { maxChars, onMessage, onClose } = options;
  /** Of the line that has not ended yet. */
  let pieces: string[] = [];
  let length = 0;
  let broken: string | undefined;
  const cut = (reason: string): void => {
    broken ??= reason;
    pieces = [];
    stream.destroy();
  };
  const add = (piece: string): void => {
    pieces.push(piece);
    length += piece.length;
    if (length > maxChars) cut(`a line over ${maxChars} characters`);
  };
  const end = (): void => {
    const line = pieces.join('');
    pieces = [];
    length = 0;
    if (line === '') return;
    const message = parse(line);
    if (message === undefined) cut('a line that is not JSON');
    else onMessage(message);
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    let from = 0;
    // What lies behind the line that made the receiver close is not for it any more.
    while (!stream.destroyed) {
      const to = chunk.indexOf('\n', from);
      add(chunk.slice(from, to === -1 ? undefined : to));
      if (to === -1) return;
      if (!stream.destroyed) end();
      from = to + 1;
    }
  });
  stream.on('error', () => {});
  stream.on('close', () => onClose(broken));
  return {
    send: (message) => {
      if (!stream.writable) return false;
      stream.write(`${JSON.stringify(message)}\n`);
      if (stream.writableLength > MOST_UNSENT_BYTES) cut('it does not read');
      return !stream.destroyed;
    },
    close: () => {
      stream.destroy();
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
