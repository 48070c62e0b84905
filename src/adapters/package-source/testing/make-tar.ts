const BLOCK = 512;

export interface TarEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** `0` file, `5` folder, `1` and `2` links, ... */
  readonly type?: string;
  readonly linkName?: string;
  /** Written into the header in place of the real one. */
  readonly size?: string;
}

/** A tar archive byte by byte, so that also what no tool writes can be had. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '');
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(entry, content.length), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header({ name, type = '0', linkName = '', size }: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write(size ?? `${length.toString(8).padStart(11, '0')}\0`, 124);
  block.write(type, 156);
  block.write(linkName, 157, 100);
  block.write('ustar\u000000', 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A pax extended header for the next entry. */
export function paxEntry(records: Readonly<Record<string, string>>, type = 'x'): TarEntry {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const length = [1, 2, 3, 4]
        .map((digits) => digits + rest.length)
        .find((each, index) => String(each).length === index + 1);
      return `${length}${rest}`;
    })
    .join('');
  return { name: 'PaxHeaders/x', type, content };
}
