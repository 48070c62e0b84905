import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

/** Writes a byte of a process's own program and puts it back at once: the text is clean again, the page is not. */
export function patchAndRestore(pid: number): void {
  const line = readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .find((each) => / r-xp /.test(each) && each.includes(process.execPath));
  if (line === undefined) throw new Error(`process ${pid} does not run ${process.execPath}`);
  const start = Number.parseInt(line.split('-')[0] ?? '', 16) + 0x10_0000;
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(memory, byte, 0, 1, start);
    writeSync(memory, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, start);
    writeSync(memory, byte, 0, 1, start);
  } finally {
    closeSync(memory);
  }
}
