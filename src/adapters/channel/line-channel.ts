import type { Duplex } from 'node:stream';

export interface LineChannel {
  send(message: unknown): void;
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
  let rest = '';
  let broken: string | undefined;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of [...parts, ...(rest.length > maxChars ? [rest] : [])]) {
      if (broken !== undefined || line === '') continue;
      const message = line.length > maxChars ? undefined : parse(line);
      if (message === undefined) {
        broken = line.length > maxChars ? `a line over ${maxChars} characters` : 'a line that is not JSON';
        stream.destroy();
      } else onMessage(message);
    }
  });
  stream.on('error', () => {});
  stream.on('close', () => onClose(broken));
  return {
    send: (message) => {
      if (stream.writable) stream.write(`${JSON.stringify(message)}\n`);
    },
    close: () => stream.destroy(),
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
