/** C0 and C1 controls, and what reorders text or breaks lines: U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069. */
function isUnsafe(code: number): boolean {
  if (code < 0x7f) return code < 0x20;
  if (code <= 0x9f) return true;
  if (code === 0x61c || code === 0x200e || code === 0x200f) return true;
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/** The text without characters that could steer a terminal or reorder text (each becomes U+FFFD): a hostile name stays a name. */
export function plainText(text: string): string {
  let safe = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isUnsafe(text.charCodeAt(at))) continue;
    safe += `${text.slice(from, at)}\ufffd`;
    from = at + 1;
  }
  return from === 0 ? text : safe + text.slice(from);
}

/** At most three significant digits, without an exponent: 0.3127 is "0.313", 12345 is "12345". */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return String(Number(value.toPrecision(size < 0.001 ? 2 : 3)));
}

/** A span of time: "840 ms", "2.91 s", "45.0 s". */
export function span(ms: number): string {
  const size = Math.abs(ms);
  if (size < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(size < 9995 ? 2 : 1)} s`;
}

/** A moment of the run, s from the scenario's start: "5.842 s". */
export function moment(tMs: number): string {
  return `${(tMs / 1000).toFixed(3)} s`;
}

/** A rate in decimal units: "640 B/s", "985 KB/s", "12.3 MB/s". */
export function rate(bytesPerSec: number): string {
  const size = Math.abs(bytesPerSec);
  if (size < 999.5) return `${Math.round(bytesPerSec)} B/s`;
  if (size < 999_500) return `${figure(bytesPerSec / 1e3)} KB/s`;
  if (size < 999_500_000) return `${figure(bytesPerSec / 1e6)} MB/s`;
  return `${figure(bytesPerSec / 1e9)} GB/s`;
}

/** A ratio as a percentage: 0.974 is "97 %"; one decimal below 10 %. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${Math.abs(value) < 9.95 && value !== 0 ? value.toFixed(1) : Math.round(value)} %`;
}

/** A number with its noun: "1 message", "12,345 messages". */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? noun : plural}`;
}

/** "a", "a and b", "a, b and c"; past `most` names the rest is counted: "a, b and 8 more". */
export function list(names: readonly string[], most = 12): string {
  const shown =
    names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  if (shown.length < 2) return shown[0] ?? 'nobody';
  return `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}`;
}
