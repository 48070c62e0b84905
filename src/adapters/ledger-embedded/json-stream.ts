const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** Cuts a stream of bytes into JSON objects and arrays that follow one another without anything between them. */
export function createJsonSplitter(onText: (text: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let depth = 0;
  let quoted = false;
  let escaped = false;
  return (chunk) => {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) quoted = false;
      } else if (byte === QUOTE) {
        quoted = true;
      } else if (OPENING.has(byte)) {
        if (depth++ === 0) start = index;
      } else if (CLOSING.has(byte) && --depth === 0) {
        onText(Buffer.concat([...parts, chunk.subarray(start, index + 1)]).toString('utf8'));
        parts = [];
        start = index + 1;
      }
    }
    if (depth > 0) parts.push(chunk.subarray(start));
  };
}
