import type { Socket } from 'node:net';
import type { ControlLine } from '../../protocol/control-line.ts';
import { ControlLineSchema, MAX_CONTROL_LINE_BYTES } from '../../protocol/control-line.ts';

/** What an agent that does not read may leave unread, bytes. */
const MAX_UNREAD_BYTES = 4 << 20;
const NEWLINE = 10;

export interface ControlChannel {
  /** False when the other side does not read, or has gone. */
  send(line: ControlLine): boolean;
  close(): void;
}

/** Lines of JSON over a socket. `onBroken` is called once, with why, and nothing is read after. */
export function openControlChannel(
  socket: Socket,
  on: { line(line: ControlLine): void; broken(reason: string): void },
): ControlChannel {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let broken = false;
  const giveUp = (reason: string) => {
    if (broken) return;
    broken = true;
    socket.destroy();
    on.broken(reason);
  };
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && !broken; end = chunk.indexOf(NEWLINE, from)) {
      const text = Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      restBytes = 0;
      from = end + 1;
      const line = text.length > MAX_CONTROL_LINE_BYTES ? undefined : parseLine(text.toString('utf8'));
      if (line === undefined) giveUp('a line that is too long or not understood');
      else on.line(line);
    }
    rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    if (restBytes > MAX_CONTROL_LINE_BYTES) giveUp('a line that does not end');
  });
  socket.on('error', () => giveUp('the channel broke'));
  socket.on('end', () => giveUp('the channel was closed'));
  return {
    send: (line) => {
      if (broken || socket.destroyed || socket.writableLength > MAX_UNREAD_BYTES) return false;
      socket.write(`${JSON.stringify(line)}\n`);
      return true;
    },
    close: () => {
      broken = true;
      socket.destroy();
    },
  };
}

function parseLine(text: string): ControlLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return ControlLineSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}
