/** Records of a pax extended header: lines of `length key=value`. Undefined: it is damaged. */
export function paxRecords(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 6) return undefined;
    const digits = decoder.decode(bytes.subarray(at, space));
    const length = /^\d{1,6}$/.test(digits) ? Number(digits) : 0;
    if (at + length > bytes.length || at + length <= space) return undefined;
    const line = decoder.decode(bytes.subarray(space + 1, at + length - 1));
    const equals = line.indexOf('=');
    if (equals < 1) return undefined;
    records.set(line.slice(0, equals), line.slice(equals + 1));
    at += length;
  }
  return records;
}
