import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The last bytes of a file that a unit may have put there: no link is followed, nothing but a regular file is read, and nobody is waited
 * for. Empty when there is none.
 */
export function readUnitFile(dir: string, name: string, maxBytes: number): string {
  let file: number;
  try {
    file = openSync(join(dir, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return '';
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return '';
    const length = Math.min(stat.size, maxBytes);
    const buffer = Buffer.alloc(length);
    const read = readSync(file, buffer, 0, length, stat.size - length);
    return buffer.subarray(0, read).toString('utf8');
  } finally {
    closeSync(file);
  }
}

/** The last lines of a unit's log, at most `maxBytes`; a line that does not fit is left out as a whole. */
export function tailOfLog(dir: string, maxBytes: number): string {
  const current = readUnitFile(dir, 'log', maxBytes + 1);
  const missing = maxBytes + 1 - Buffer.byteLength(current);
  const text = missing > 0 ? readUnitFile(dir, 'log.1', missing) + current : current;
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const cut = Buffer.from(text).subarray(-maxBytes).toString('utf8');
  return cut.slice(cut.indexOf('\n') + 1);
}

/** Why a unit has ended, as far as it could say. */
export function endOf(dir: string): string {
  const reason = readUnitFile(dir, 'reason', 1000).trim();
  if (reason !== '') return reason;
  const code = readUnitFile(dir, 'ended', 20).trim();
  const lines = tailOfLog(dir, 4000).trim().split('\n');
  // Of a stack trace the line that names the error, else the last one.
  const last = (
    lines.findLast((each) => /^(\w*Error|error|fatal)\b/i.test(each)) ??
    lines.at(-1) ??
    ''
  ).slice(0, 300);
  const said = last === '' ? '' : `; it said last: ${last}`;
  return code === '' ? `it was killed${said}` : `its program ended with ${code}${said}`;
}
